"""Our objects in Cobrix's shape: names of FILLERs, roots, nulls, columns that it makes of bytes."""

import base64
import re

import cobrix_copybook
import compare
import layout as layouts
from cobrix_options import odo_of
from harness import Number


class Shaper:
    """Brings our objects to Cobrix's shape: names of FILLERs, roots, what it leaves out."""

    def __init__(self, root, translation):
        self.translation = translation
        self.has_plus = False
        self.names = {}
        self.members = {}
        values = groups = fillers = 0
        previous = ""
        for node in root.walk():
            name = node.name or "FILLER"
            self.members[id(node)] = name
            if node.is_filler:
                fillers += 1
                self.members[id(node)] = f"FILLER-{fillers}"
                if translation.filler_policy == "previous_field_name":
                    name = f"FILLER_AFTER_{previous}"
                elif node.children:
                    groups += 1
                    name = f"FILLER_{groups}"
                else:
                    values += 1
                    name = f"FILLER_P{values}"
            self.names[id(node)] = previous = layouts.key(name)

    def object(self, node, ours, raws):
        if not isinstance(ours, dict):
            return None
        return {name: value for name, value in self.shaped(node, ours, raws)}

    def shaped(self, node, ours, raws):
        for child in node.children:
            if child.is_filler and not self.keeps(child):
                continue
            member = self.members[id(child)]
            # Where FILLERs are dropped, what is in their groups is moved up.
            is_moved = child.is_filler and child.children and member not in ours
            value = ours if is_moved else ours.get(member)
            raw = raws.get(self.members[id(child)]) if raws else None
            one = self.object if child.children else self.null_of
            if isinstance(value, list):
                value = [one(child, element, part)
                         for element, part in zip(value, raw or [None] * len(value))]
            else:
                value = one(child, value, raw)
            yield self.names[id(child)], value

    def raws(self, node, record, ours, at):
        """The bytes of every item, in the shape of our object, and how many these are."""
        if not node.children:
            return record[at:at + node.size], node.size
        made, position, starts = {}, at, {}
        for child in node.children:
            begin = starts.get(child.redefines, position)
            starts[child.name] = begin
            member = self.members[id(child)]
            value = ours.get(member) if isinstance(ours, dict) else None
            if not child.is_table:
                made[member], size = self.raws(child, record, value, begin)
                end = begin + size
            else:
                made[member], end = [], begin
                for element in value if isinstance(value, list) else []:
                    part, size = self.raws(child, record, element, end)
                    made[member].append(part)
                    end += size
                if not child.depending_on or "fixed" in odo_of(self.translation):
                    end = begin + child.size * child.occurs_max
            position = max(position, end)
        return made, position - at

    def debug_columns(self, node, raws, form):
        """`NAME_debug` of every elementary item."""
        made = {}
        for child in node.children:
            if child.is_filler and not self.keeps(child):
                continue
            value = raws.get(self.members[id(child)])
            name = self.names[id(child)]
            if child.children:
                one = value if isinstance(value, list) else [value]
                inner = [self.debug_columns(child, element, form) for element in one]
                made[name] = inner if isinstance(value, list) else inner[0]
            else:
                made[name + "_DEBUG"] = [form(element) for element in value] \
                    if isinstance(value, list) else form(value)
        return made

    def keeps(self, filler):
        if filler.children:
            return self.translation.keep_group_fillers
        return self.translation.keep_fillers

    def null_of(self, node, value, raw):
        """What is null for Cobrix and a value here, and the reverse."""
        if isinstance(value, Number) and is_beyond_int(node, value):
            return None
        if isinstance(value, Number) and self.translation.is_strict and is_plus(node, raw):
            self.has_plus = True
        if isinstance(value, str) and raw and "\ufffd" in value and self.translation.is_ascii() \
                and not self.translation.keep_controls and any(one < 0x20 for one in raw):
            # There control characters are dropped before the text is decoded.
            return bytes(one for one in raw if one >= 0x20).decode("utf-8", "replace")
        if isinstance(value, str) and raw is None and "\ufffd" in value \
                and self.translation.is_ascii():
            return compare.Anything("broken UTF-8 among control characters, which are dropped "
                                    "first there: corpus README, Comparing (text)")
        if value is None and not self.translation.nulls_are_values and raw == b"" \
                and is_text_item(node):
            return ""  # behind the record's end
        if self.translation.nulls_are_values and not self.translation.keep_controls \
                and isinstance(value, str) and value \
                and not isinstance(value, Number) and value.strip("\0") == "":
            return None
        return value


def is_text_item(node):
    return node.usage == "display" and bool(re.search("[XA]", (node.picture or "").upper()))


def is_plus(node, raw):
    """An unsigned zoned item with a plus sign: null and corrupt for Cobrix, here only under
    NUMPROC(PFD), which refuses signed items without a sign, too."""
    is_zoned = node.usage == "display" and re.fullmatch(r"[9VP()\d]+", node.picture.upper())
    return bool(is_zoned and raw and any(one >> 4 in (0xA, 0xC, 0xE) or one in b"{ABCDEFGHI"
                                         for one in raw))


def is_beyond_int(node, value):
    """An unsigned fullword that Cobrix's signed integers cannot hold: null there. Here it is what
    its bytes say (Language Reference, USAGE; Programming Guide, TRUNC(BIN))."""
    picture = (node.picture or "").upper()
    return node.usage == "binary" and node.size == 4 and not re.search("[SVP]", picture) \
        and cobrix_copybook.digits_of(picture) < 9 and int(value) > 0x7FFFFFFF


def raw_of(row):
    raw = row.get("_raw", "")
    raw = raw.get("raw", "") if isinstance(raw, dict) else raw
    return bytes.fromhex(raw)


def finished(shaper, layout, translation, row):
    raw = raw_of(row)
    corrupt_fields = []
    if translation.corrupt_column:
        row = without_corrupt(row, "", corrupt_fields, translation.hexadecimal)
    raws, _ = shaper.raws(layout, raw, row, 0)
    shaper.has_plus = False
    made = shaper.object(layout, row, raws)
    if translation.debug:
        merge(made, shaper.debug_columns(layout, raws, DEBUG_FORMS[translation.debug]))
    if translation.corrupt_column:
        made["_corrupt_fields"] = corrupt_fields
        if shaper.has_plus:
            made["_corrupt_fields"] = compare.Anything(
                "a plus sign is valid on unsigned items, too (Programming Guide, NUMPROC(NOPFD))")
    if layout.is_implied or layout.name == cobrix_copybook.ROOT:
        roots = [child for child in layout.children if not child.is_filler]
        if not translation.keep_root and all(child.children for child in roots):
            made = collapsed(made)
    elif translation.keep_root:
        made = {shaper.names[id(layout)]: made}
    if translation.raw_column:
        made["Record_Bytes"] = raw.hex()
    return made


# How debug columns show bytes.
DEBUG_FORMS = {
    "hex": lambda data: data.hex().upper(),
    "string": lambda data: data.decode("latin-1"),
    "raw": lambda data: base64.b64encode(data).decode(),
    "binary": lambda data: base64.b64encode(data).decode(),
}


def merge(target, more):
    """Members of two objects of the same shape."""
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            merge(target[name], value)
        elif isinstance(value, list) and isinstance(target.get(name), list) \
                and all(isinstance(element, dict) for element in value):
            for left, right in zip(target[name], value):
                if isinstance(left, dict):
                    merge(left, right)
        else:
            target[name] = value


def without_corrupt(value, path, found, is_hexadecimal):
    """Fields that did not fit are null and listed, but for low-values: those are null anyway."""
    if isinstance(value, dict):
        if set(value) == {"raw"}:
            data = bytes.fromhex(value["raw"])
            if data.strip(b"\0\x40"):
                text = data.hex().upper() if is_hexadecimal else base64.b64encode(data).decode()
                found.append({"field_name": path, "raw_value": text})
            return None
        return {name: without_corrupt(member, f"{path}.{name}" if path else name, found,
                                      is_hexadecimal)
                for name, member in value.items() if name != "_raw"}
    if isinstance(value, list):
        return [without_corrupt(element, f"{path}[{number}]", found, is_hexadecimal)
                for number, element in enumerate(value)]
    return value


def collapsed(row):
    """Without 01s the groups of the highest level are the roots."""
    made = {}
    for name, value in row.items():
        if isinstance(value, dict):
            made.update(value)
        elif value is not None:
            made[name] = value
    return made
