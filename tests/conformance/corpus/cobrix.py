"""Cobrix: copybook, record file and options to rows; mistakes that must be refused.

Cobrix reads leniently: what does not fit is null, short and long records are taken as they are.
Those are options here (--on-bad-field null, --short-records accept, --long-records accept), which
every case of rows gets.
"""

import base64
import bz2
import re

import cobrix_copybook
import compare
import layout as layouts
from cobrix_options import has_jvm_class, is_text, translate
from compare import Rules, decimal
from harness import (Mismatch, Number, Waived, first_error, json_lines, records_of,
                     source_format, temporary_file)

ACCEPTING = ["--on-bad-field", "null", "--short-records", "accept", "--long-records", "accept"]
# Columns that the tool makes itself.
OWN_COLUMNS = re.compile(r"File_Id|Record_Id|Record_Byte_Length|Seg_Id\d+")


def is_rows(case):
    return "origin" in case.about and case.has("expected.jsonl")


def is_mistake(case):
    return "expected_error" in case.about


# -- code pages

def code_page_of(options, pages):
    """The name of the code page, and the characters that the original's table has (None: all)."""
    if options.get("encoding") == "ascii" or is_text(options):
        return options.get("ascii_charset", "ISO-8859-1"), None
    if "ebcdic_code_page_class" in options:
        raise Waived("a code page class of the user's JVM (corpus README, Comparing)")
    page = options.get("ebcdic_code_page", "common")
    known = pages.get(page, {}).get("byte_to_codepoint")
    characters = {chr(code) for code in known if code >= 0} if known else None
    number = re.fullmatch(r"cp(\d+)(_extended)?", page)
    return (number.group(1) if number else "037"), characters


# -- rows

class CobrixRules(Rules):
    def __init__(self, translation, characters):
        self.translation = translation
        self.characters = characters

    def text(self, value):
        if not self.translation.keep_controls:
            # Its EBCDIC tables have blanks there; in ASCII control characters are dropped.
            filling = "" if self.translation.is_ascii() else " "
            value = "".join(filling if is_control(one) else one for one in value)
        if self.translation.is_ascii():
            value = value.replace("\ufffd", " ")
        if self.characters is not None:
            # What the original's table lacks is a blank there; it has no soft hyphen but a hyphen.
            value = value.replace("\u00ad", "-")
            value = "".join(one if one in self.characters else " " for one in value)
        return {"both": value.strip, "left": value.lstrip, "right": value.rstrip,
                "none": lambda _: value}[self.translation.trim](" ")

    def scalar_equal(self, expected, ours):
        if self.translation.numbers_as_text and isinstance(ours, Number):
            return decimal(expected.strip() or "x") == decimal(ours)
        return super().scalar_equal(expected, ours)


def is_control(one):
    code = ord(one)
    return code < 0x20 or 0x7F <= code < 0xA0


class Shaper:
    """Brings our objects to Cobrix's shape: names of FILLERs, roots, what it leaves out."""

    def __init__(self, root, translation):
        self.translation = translation
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

    def object(self, node, ours):
        if not isinstance(ours, dict):
            return None
        return {name: value for name, value in self.shaped(node, ours)}

    def shaped(self, node, ours):
        for child in node.children:
            if child.is_filler and not self.keeps(child):
                continue
            value = ours.get(self.members[id(child)])
            if child.children:
                one = value if isinstance(value, list) else [value]
                made = [self.object(child, element) for element in one]
                value = made if isinstance(value, list) else made[0]
            yield self.names[id(child)], self.null_of(child, value)

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

    def null_of(self, node, value):
        """Low-values are null for Cobrix, in text too."""
        if isinstance(value, list):
            return [self.null_of(node, element) for element in value]
        if isinstance(value, Number) and is_beyond_int(node, value):
            return None
        if self.translation.nulls_are_values and isinstance(value, str) and value \
                and not isinstance(value, Number) and value.strip("\0") == "":
            return None
        return value


def is_beyond_int(node, value):
    """An unsigned fullword that Cobrix's signed integers cannot hold: null there. Here it is what
    its bytes say (Language Reference, USAGE; Programming Guide, TRUNC(BIN))."""
    return node.usage == "binary" and node.size == 4 and not node.picture.upper().startswith("S") \
        and "V" not in node.picture.upper() and int(value) > 0x7FFFFFFF


def copybook_of(case):
    """Several copybooks are one after the other."""
    if len(case.copybooks) == 1:
        return case.copybooks[0]
    texts = [path.read_bytes() for path in case.copybooks]
    return temporary_file(b"\n".join(texts), ".cpy")


def record_files(case, options):
    """The data; RDD cases get their records with length prefixes."""
    files = [uncompressed(case.file(name)) for name in case.about["data_files"]]
    lengths = case.about.get("record_lengths")
    if not lengths:
        return files, []
    data = b"".join(path.read_bytes() for path in files)
    made, at = b"", 0
    for length in lengths:
        made += length.to_bytes(4, "big") + data[at:at + length]
        at += length
    return [temporary_file(made)], ["--recfm", "length-prefixed"]


def uncompressed(path):
    # The program reads gzip itself; bzip2 is Hadoop's affair.
    if path.suffix == ".bz2":
        return temporary_file(bz2.decompress(path.read_bytes()))
    return path


def check_rows(case, tool, pages):
    options = dict(case.about["options"])
    if has_jvm_class({name.lower() for name in options}):
        translate(options, None)
    book = cobrix_copybook.rewrite(case, copybook_of(case))
    flags, error = source_format(tool, book.path, dialect_of(book.flags))
    if error:
        raise Mismatch("layout: " + error)
    names = records_of(tool, book.path, flags + dialect_of(book.flags))
    made = [Record(case, tool, book, flags, name, options) for name in names]
    page, characters = code_page_of(made[0].translation.options, pages)
    rules = CobrixRules(made[0].translation, characters)
    ours = merged([record.rows(page) for record in made])
    ours = [without_columns(row, book.columns | {name + "_DEBUG" for name in book.columns})
            for row in ours]
    compare.require_rows(expected_rows(case, made[0].translation, book.columns), ours, rules)


def dialect_of(flags):
    return flags[flags.index("--dialect"):flags.index("--dialect") + 2] \
        if "--dialect" in flags else []


def record_flag(name):
    return ["--record", name] if name else []


def merged(rows_by_record):
    """Several 01s share a record's bytes: their members stand side by side."""
    if len(rows_by_record) == 1:
        return rows_by_record[0]
    made = []
    for rows in zip(*rows_by_record):
        row = {}
        for one in rows:
            row.update(one)
        made.append(row)
    return made


class Record:
    """One 01 of the copybook, and how the case's records decode by it."""

    def __init__(self, case, tool, book, flags, name, options):
        self.case = case
        self.tool = tool
        self.copybook = book.path
        self.flags = flags + record_flag(name)
        self.more = book.flags
        self.layout = self.load()
        self.translation = translate(options, self.layout)
        if self.translation.non_terminals:
            nodes = [self.layout.find(group) for group in self.translation.non_terminals]
            groups = [(node.name, node.size) for node in nodes]
            self.copybook = cobrix_copybook.with_group_texts(self.copybook, groups)
            self.layout = self.load()

    def load(self):
        return layouts.load(self.tool, self.copybook, self.flags + dialect_of(self.more))

    def rows(self, page):
        translation = self.translation
        files, framing = record_files(self.case, translation.options)
        arguments = translation.arguments()
        if framing:
            arguments = without(arguments, "--recfm") + framing
        common = ["-c", self.copybook, *self.flags, "--codepage", page, "--trim", "none",
                  "--fillers", "keep", "--keep-raw", *odo_of(translation), *corrupt(translation),
                  *arguments, *self.more]
        code, out, error = self.tool.run(["decode", *common, *(files or ["-"])])
        if code != 0:
            raise Mismatch(f"decode ends with {code}: {first_error(error)}")
        shaper = Shaper(self.layout, translation)
        rows = [row for row in json_lines(out) if is_wanted(translation, row)]
        return [finished(shaper, self.layout, translation, row)
                for row in from_root(translation, self.layout, rows)]


def from_root(translation, layout, rows):
    """With a root segment, what stands before the first one belongs to none."""
    root = translation.options.get("segment_id_root")
    field = layout.find(translation.options.get("segment_field", ""))
    if root is None or field is None:
        return rows
    ids = root.split(",")
    for number, row in enumerate(rows):
        if str(row.get(field.name)).strip() in ids:
            return rows[number:]
    return []


def without(arguments, flag):
    at = arguments.index(flag)
    return arguments[:at] + arguments[at + 2:]


def corrupt(translation):
    if translation.corrupt_column:
        return ["--on-bad-field", "raw"] + ACCEPTING[2:]
    return ACCEPTING


def odo_of(translation):
    """Cobrix keeps full-size tables unless told otherwise."""
    sizes = translation.options.get("variable_size_occurs", "false")
    return ["--odo", "moving" if sizes == "true" else "fixed"]


def is_wanted(translation, row):
    if is_text(translation.options) and row.get("_raw") == "":
        return False  # Cobrix leaves out empty lines
    length = len(raw_of(row))
    longest = translation.length_max
    return length >= translation.length_min and (longest is None or length <= longest)


def raw_of(row):
    raw = row.get("_raw", "")
    raw = raw.get("raw", "") if isinstance(raw, dict) else raw
    return bytes.fromhex(raw)


def finished(shaper, layout, translation, row):
    raw = raw_of(row)
    corrupt_fields = []
    if translation.corrupt_column:
        row = without_corrupt(row, "", corrupt_fields, translation.hexadecimal)
    made = shaper.object(layout, row)
    if translation.debug:
        raws, _ = shaper.raws(layout, raw, row, 0)
        merge(made, shaper.debug_columns(layout, raws, DEBUG_FORMS[translation.debug]))
    if translation.corrupt_column:
        made["_corrupt_fields"] = corrupt_fields
    if layout.is_implied:
        if not translation.keep_root:
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
            if data.strip(b"\0"):
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


def expected_rows(case, translation, columns):
    name = "expected_full.jsonl" if case.has("expected_full.jsonl") else "expected.jsonl"
    rows = json_lines(case.file(name).read_bytes())
    left_out = set(case.about.get("nonportable_columns", [])) | \
        set(case.about.get("known_wrong_columns", []))
    return [without_columns(expected_row(row, left_out), columns) for row in rows]


def without_columns(value, columns):
    """Columns of items that no COBOL has; ours are left out with them."""
    if isinstance(value, dict):
        return {name: without_columns(member, columns) for name, member in value.items()
                if name not in columns and name.removesuffix("_debug") not in columns}
    if isinstance(value, list):
        return [without_columns(element, columns) for element in value]
    return value


def expected_row(row, left_out):
    made = {}
    for name, value in row.items():
        if OWN_COLUMNS.fullmatch(name) or name in left_out:
            continue
        if name == "Record_Bytes":
            value = base64.b64decode(value).hex()
        made[name] = value
    return made


# -- mistakes

def check_mistake(case, tool, pages):
    """A mistake in options or copybook: exit code 1; in the data: the record or the framing is
    refused (2, 3). Always with a message."""
    options = dict(case.about["options"])
    copybook = case.copybooks[0]
    layout = None
    flags, error = source_format(tool, copybook)
    if not error:
        names = records_of(tool, copybook, flags)
        layout = layouts.load(tool, copybook, flags + record_flag(names[0]))
    translation = translate(options, layout)
    page, _ = code_page_of(translation.options, pages)
    files, framing = record_files(case, options)
    arguments = translation.arguments() + framing
    code, _, error = tool.run(["decode", "-c", copybook, *flags, "--codepage", page, *arguments,
                               *(files or ["-"])])
    wanted = (1,) if case.about["expected_error"]["when"] == "load" else (1, 2, 3)
    if code not in wanted or not error:
        raise Mismatch(f"exit code {code}, not {' or '.join(map(str, wanted))} with a message; "
                       f"expected: {case.about['expected_error']['error']}")
