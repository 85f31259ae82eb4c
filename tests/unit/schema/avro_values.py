"""Values of printed JSON as an Avro library has them; written after Avro's specification, without one."""
import struct
from decimal import Decimal


class NoField(Exception):
    """A member that the schema has no field for."""


def as_avro(value, schema):
    """Decimals as Decimal, floats as float, absent members as None."""
    if isinstance(schema, list):
        if value is None:
            return None
        branches = [one for one in schema if one != "null"]
        is_raw = isinstance(value, dict) and set(value) == {"raw"}
        for branch in branches:
            if is_raw == (isinstance(branch, dict) and branch.get("name", "").endswith("_raw")):
                return as_avro(value, branch)
        return value
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind == "record":
        known = {field.get("json_name", field["name"]): field for field in schema["fields"]}
        if not set(value) <= set(known):
            raise NoField(f"members without a field: {set(value) - set(known)}")
        return {field["name"]: as_avro(value[name], field["type"]) if name in value else None
                for name, field in known.items()}
    if kind == "array":
        return [as_avro(one, schema["items"]) for one in value]
    if kind == "double":
        return float(value)
    if kind == "float":
        return struct.unpack("<f", struct.pack("<f", float(value)))[0]
    if isinstance(schema, dict) and schema.get("logicalType") == "decimal":
        return Decimal(value).quantize(Decimal(1).scaleb(-schema["scale"]))
    if isinstance(schema, dict) and schema.get("logicalType") == "big-decimal":
        return big_decimal(value)
    return value


def big_decimal(value):
    """Avro 1.12: the digits as an Avro bytes value, behind it the scale as an int."""
    sign, digits, exponent = Decimal(value).as_tuple()
    unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
    bits = (unscaled if unscaled >= 0 else -unscaled - 1).bit_length()
    text = unscaled.to_bytes(bits // 8 + 1, "big", signed=True)
    return varint(len(text)) + text + varint(-exponent)


def varint(value):
    rest = 2 * value if value >= 0 else -2 * value - 1
    out = b""
    while rest > 0x7F:
        out += bytes([rest & 0x7F | 0x80])
        rest >>= 7
    return out + bytes([rest])
