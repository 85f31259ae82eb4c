"""Records of cobc as z/OS COBOL would have written them, and back: code page, byte order of
COMP-5, floats. Nothing here is the project's own code."""

import fractions
import struct

from items import CHARACTERS

CODE_PAGE = "cp037"


def to_hexadecimal_float(number, size):
    """A float in the format of System/360: sign, exponent of 16 with excess 64, fraction."""
    fraction_digits = 6 if size == 4 else 14
    value = fractions.Fraction(number)
    if value == 0:
        return bytes(size)
    sign, value, exponent = (0x80 if value < 0 else 0), abs(value), 64
    while value >= 1:
        value, exponent = value / 16, exponent + 1
    while value < fractions.Fraction(1, 16):
        value, exponent = value * 16, exponent - 1
    digits = int(value * 16**fraction_digits)
    return bytes([sign | exponent]) + digits.to_bytes(size - 1, "big")


def from_hexadecimal_float(data):
    sign = -1 if data[0] & 0x80 else 1
    fraction = fractions.Fraction(int.from_bytes(data[1:], "big"), 256 ** (len(data) - 1))
    return float(sign * fraction * fractions.Fraction(16) ** ((data[0] & 0x7F) - 64))


def to_zos(record, places):
    """`places`: (item, offset, size) of everything that holds a value."""
    result = bytearray(record)
    for item, offset, size in places:
        data = record[offset : offset + size]
        if item.kind in CHARACTERS:
            data = data.decode("latin-1").encode(CODE_PAGE)
        elif item.kind in ("comp5", "native"):
            data = data[::-1]
        elif item.kind in ("float", "double"):
            number = struct.unpack("<f" if size == 4 else "<d", data)[0]
            data = to_hexadecimal_float(number, size)
        result[offset : offset + size] = data
    return bytes(result)


def from_zos(record, places):
    result = bytearray(record)
    for item, offset, size in places:
        data = bytes(record[offset : offset + size])
        if item.kind in CHARACTERS:
            data = data.decode(CODE_PAGE).encode("latin-1")
        elif item.kind in ("comp5", "native"):
            data = data[::-1]
        elif item.kind in ("float", "double"):
            data = struct.pack("<f" if size == 4 else "<d", from_hexadecimal_float(data))
        result[offset : offset + size] = data
    return bytes(result)
