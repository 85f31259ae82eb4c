"""Cobrix: copybook, record file and options to rows; mistakes that must be refused.

Cobrix reads leniently: what does not fit is null, short and long records are taken as they are.
Those are options here (--on-bad-field null, --short-records accept, --long-records accept), which
every case of rows gets.
"""

import base64
import bz2
import re

import cobrix_copybook
import cobrix_tables
import compare
import layout as layouts
import mapping_file
from cobrix_options import MOVING_SIZES, UnknownRecord, has_jvm_class, is_text, translate
from compare import Rules, decimal
from harness import (Mismatch, Number, Waived, first_error, json_lines, records_of,
                     require_layout, source_format, temporary_file)

ACCEPTING = ["--on-bad-field", "null", "--short-records", "accept", "--long-records", "accept",
             "--odo-range", "from-zero"]
# How Cobrix reads numbers: blanks are left out, a sign may stand at either end, separate or
# overpunched, and an edited picture is any number. What is null there has to be null by the strict
# reading, the default.
LENIENT = "blanks,separate-sign,edited,text,overpunch,unsigned-minus"
# Columns that the tool makes itself.
OWN_COLUMNS = re.compile(r"File_Id|Record_Id|Record_Byte_Length|Seg_Id\d+")


def is_rows(case):
    return "origin" in case.about and case.has("expected.jsonl")


def is_mistake(case):
    return "expected_error" in case.about


# -- code pages

def code_page_of(tool, options, pages, is_strings=False):
    """The name of the code page, and the characters that the original's table has (None: all)."""
    if options.get("encoding") == "ascii" or is_text(options) or is_strings:
        return options.get("ascii_charset", "UTF-8"), None
    if "ebcdic_code_page_class" in options and "custom_test" in pages:
        # The one class whose table the corpus has.
        table = pages["custom_test"]
        characters = {chr(code) for code in table["byte_to_codepoint"]}
        return f"file:{cobrix_tables.table_file(table)}", characters
    if "ebcdic_code_page_class" in options:
        raise Waived("a code page class of the user's JVM (corpus README, Comparing)")
    page = options.get("ebcdic_code_page", "common")
    known = pages.get(page, {}).get("byte_to_codepoint")
    characters = {chr(code) for code in known if code >= 0} if known else None
    return cobrix_tables.page_of(tool, page, pages), characters


# -- rows

class CobrixRules(Rules):
    def __init__(self, translation, characters):
        self.translation = translation
        self.characters = characters
        self.used = set()

    def text(self, value):
        if not self.translation.keep_controls:
            # Its EBCDIC tables have blanks there; in ASCII control characters are dropped.
            filling = "" if self.translation.is_ascii() else " "
            value = "".join(filling if is_control(one) else one for one in value)
        if self.translation.is_ascii():
            # Broken UTF-8 is one replacement there, a byte that is no ASCII one each.
            is_ascii = "ascii" in self.translation.options.get("ascii_charset", "").lower()
            value = re.sub("\ufffd" if is_ascii else "\ufffd+", " ", value)
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
            return None
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
    """An unsigned zoned item with a plus sign: null for Cobrix, a value here (Programming Guide,
    NUMPROC(NOPFD): any valid sign is accepted, on unsigned items, too)."""
    is_zoned = node.usage == "display" and re.fullmatch(r"[9VP()\d]+", node.picture.upper())
    return bool(is_zoned and raw and any(one >> 4 in (0xA, 0xC, 0xE) or one in b"{ABCDEFGHI"
                                         for one in raw))


def is_beyond_int(node, value):
    """An unsigned fullword that Cobrix's signed integers cannot hold: null there. Here it is what
    its bytes say (Language Reference, USAGE; Programming Guide, TRUNC(BIN))."""
    picture = (node.picture or "").upper()
    return node.usage == "binary" and node.size == 4 and not re.search("[SVP]", picture) \
        and cobrix_copybook.digits_of(picture) < 9 and int(value) > 0x7FFFFFFF


def root_sizes(case, tool):
    """Bytes of every 01, by name."""
    made = {}
    for path in case.copybooks:
        flags, _ = source_format(tool, path)
        try:
            names = records_of(tool, path, flags)
        except Mismatch:
            return {}
        for name in names if len(names) > 1 else []:
            made[layouts.key(name)] = layouts.load(tool, path, flags + record_flag(name)).size
    return made


def copybook_of(case, tool, options):
    """The 01s of one copybook follow each other, but for those of the file's start and end; those
    of several copybooks share storage."""
    if len(case.copybooks) == 1:
        names = ("record_header_name", "record_trailer_name", "file_header_field",
                 "file_trailer_field")
        left_out = {layouts.key(options[name]) for name in names if name in options}
        return cobrix_copybook.roots_of(case.copybooks[0], left_out)
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
    book = cobrix_copybook.rewrite(case, copybook_of(case, tool, options))
    flags, error = source_format(tool, book.path, dialect_of(book.flags))
    require_layout(error)
    if cobrix_copybook.has_decimal_comma(book.path):
        flags = flags + ["--decimal-point-is-comma"]
    book.root_sizes = root_sizes(case, tool)
    names = records_of(tool, book.path, flags + dialect_of(book.flags))
    made = [Record(case, tool, book, flags, name, options) for name in names]
    # An RDD without an encoding is one of strings.
    is_strings = "record_lengths" in case.about and "encoding" not in options
    page, characters = code_page_of(tool, made[0].translation.options, pages, is_strings)
    rules = CobrixRules(made[0].translation, characters)
    ours = merged([record.rows(page, lenient(made[0].translation)) for record in made])
    left_out = book.columns | {layouts.key(name) for name in
                               case.about.get("known_wrong_columns", [])}
    left_out |= {name + "_DEBUG" for name in left_out}
    expected = expected_rows(case, made[0].translation, book.columns)
    waive_partial_lines(case, made[0])
    try:
        compare.require_rows(expected, [without_columns(row, left_out) for row in ours], rules)
    except Mismatch:
        strict = merged([record.rows(page, []) for record in made])
        ours = [nulls_of_strict(*rows) for rows in zip(pruned_rows(expected, rules),
                                                       pruned_rows(ours, rules),
                                                       pruned_rows(strict, rules))] \
            + ours[len(expected):]
        compare.require_rows(expected, [without_columns(row, left_out) for row in ours], rules)
    if rules.used:
        raise Waived("; ".join(sorted(rules.used)))


def pruned_rows(rows, rules):
    return [compare.prune(row, rules) or {} for row in rows]


def nulls_of_strict(expected, ours, strict):
    """Our row, but for what is null in the case: there the strict reading counts."""
    if isinstance(ours, dict):
        made = {}
        for name, value in ours.items():
            below = strict.get(name) if isinstance(strict, dict) else None
            if isinstance(expected, dict) and name in expected:
                made[name] = nulls_of_strict(expected[name], value, below)
            elif below is not None:
                made[name] = below
        return made
    if isinstance(ours, list) and isinstance(expected, list):
        return [element if at >= len(expected) else nulls_of_strict(
            expected[at], element, strict[at] if isinstance(strict, list) and at < len(strict)
            else None) for at, element in enumerate(ours)]
    return strict if expected == {} and not isinstance(ours, (dict, list)) else ours


def waive_partial_lines(case, record):
    """Cobrix does not split a line that is one byte too long."""
    if "--wrap-lines" not in record.translation.arguments():
        return
    size = record.layout.size
    for name in case.about["data_files"]:
        lines = case.file(name).read_bytes().replace(b"\r\n", b"\n").split(b"\n")
        if any(len(line) > size and len(line) % size == 1 for line in lines):
            raise Waived("a line that is one byte too long is not wrapped: corpus README, "
                         "Comparing: a feature that makes no sense outside that tool")


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
        self.translation = translate(options, self.layout, book.root_sizes)
        if self.translation.non_terminals:
            nodes = [self.layout.find(group) for group in self.translation.non_terminals]
            groups = [(node.name, node.size) for node in nodes]
            self.copybook = cobrix_copybook.with_group_texts(self.copybook, groups)
            self.layout = self.load()
        before, after = (int(options.get(name, 0)) for name in
                         ("record_start_offset", "record_end_offset"))
        if before or after:
            self.copybook = cobrix_copybook.with_fillers(self.copybook, before, after)
            self.layout = self.load()

    def load(self):
        return layouts.load(self.tool, self.copybook, self.flags + dialect_of(self.more))

    def rows(self, page, leniency):
        translation = self.translation
        files, framing = record_files(self.case, translation.options)
        arguments = translation.arguments()
        if framing:
            arguments = without(arguments, "--recfm") + framing
        if translation.code_pages:
            return self.mapped(page, arguments, files, leniency)
        if translation.children:
            return self.documents(page, arguments, files, leniency)
        common = ["-c", self.copybook, *self.flags, "--codepage", page, "--trim", "none",
                  "--fillers", "keep", "--keep-raw", *leniency, *odo_of(translation), *corrupt(translation),
                  *arguments, *self.more]
        # Cobrix leaves out what is no whole record at the end; here it is broken framing.
        leaves_out_end = translation.options.get("debug_ignore_file_size") == "true"
        if leaves_out_end:
            common = without(common, "--short-records")
        code, out, error = self.tool.run(["decode", *common, *(files or ["-"])])
        is_cut = code == 3 and leaves_out_end and "the stream ends at" in error
        if code == 3 and "the stream ends at" in error \
                and "record_length_field" in translation.options:
            raise Waived("the last record is longer than what is left of the file, which is broken "
                         "framing (DESIGN 6, exit code 3)")
        if code != 0 and not is_cut:
            raise Mismatch(f"decode ends with {code}: {first_error(error)}")
        shaper = Shaper(self.layout, translation)
        self.shaper = shaper
        rows = [row for row in json_lines(out) if is_wanted(translation, row)]
        return [finished(shaper, self.layout, translation, row)
                for row in from_root(translation, self.layout, rows)]


    def documents(self, page, arguments, files, leniency):
        """A root segment with the segments below it is one document (mapping.md)."""
        tree = Segments(self.translation, self.layout)
        shape = ["--codepage", page, "--trim", "none", "--fillers", "drop",
                 *leniency,
                 *odo_of(self.translation), *corrupt(self.translation)]
        framing, more = split_flags(without_repeated(arguments, "--redefines"))
        mapping = mapping_file.mapping_of(
            self.copybook, self.flags + shape + more + self.more, tree.children(tree.root),
            item=tree.root, match=tree.condition(tree.root))
        shaper = Shaper(self.layout, self.translation)
        rows = mapping_file.decode(self.tool, mapping, framing, files or ["-"])
        return [tree.row(shaper, row) for row in rows]


    def mapped(self, page, arguments, files, leniency):
        """Code pages of single items are a mapping file's to say."""
        shape = ["--codepage", page, "--trim", "none", "--fillers", "keep", "--keep-raw", "yes",
                 *leniency, *odo_of(self.translation), *corrupt(self.translation)]
        framing, more = split_flags(arguments)
        fields = {name: {"codepage": own.removeprefix("cp")}
                  for own, names in self.translation.code_pages for name in names}
        mapping = mapping_file.mapping_of(self.copybook, self.flags + shape + more + self.more, [],
                                          fields=fields)
        rows = mapping_file.decode(self.tool, mapping, framing, files or ["-"])
        self.shaper = Shaper(self.layout, self.translation)
        return [finished(self.shaper, self.layout, self.translation, row) for row in rows]


class Segments:
    """Which segments belong to which, as mapping files say it and as Cobrix prints it."""

    def __init__(self, translation, layout):
        self.translation = translation
        self.layout = layout
        below = {name for names in translation.children.values() for name in names}
        self.root = next(name for name in translation.children if name not in below)

    def condition(self, name):
        field = self.translation.options["segment_field"]
        return self.translation.equals(field, self.translation.segments[name])

    def children(self, name):
        made = []
        for child in self.translation.children.get(name, []):
            entry = {"item": child, "as": child, "match": self.condition(child)}
            if self.translation.children.get(child):
                entry["children"] = self.children(child)
            made.append(entry)
        return made

    def row(self, shaper, ours):
        """What all records have stands beside the root's segment, children within it."""
        segments = set(self.translation.segments)
        made = {name: value for name, value in shaper.shaped(self.layout, ours, {})
                if name not in {layouts.key(segment) for segment in segments}}
        made[layouts.key(self.root)] = self.segment(shaper, self.root, ours)
        if self.translation.keep_root and not self.layout.is_implied \
                and self.layout.name != cobrix_copybook.ROOT:
            made = {shaper.names[id(self.layout)]: made}
        return made

    def segment(self, shaper, name, ours):
        made = shaper.object(self.layout.find(name), ours, {})
        for child in self.translation.children.get(name, []):
            made[layouts.key(child)] = [self.segment(shaper, child, element)
                                        for element in ours.get(child) or []]
        return made


# Flags of the command line that mapping files have as keys.
MAPPING_FLAGS = ("--float", "--endian", "--dialect", "--national", "--lenient", "--newline")


def split_flags(arguments):
    """Flags of framing, and those that are the mapping's to say."""
    framing, more = [], []
    for at in range(0, len(arguments), 2):
        (more if arguments[at] in MAPPING_FLAGS else framing).extend(arguments[at:at + 2])
    return framing, more


def without_repeated(arguments, flag):
    made = []
    for at in range(0, len(arguments), 2):
        if arguments[at] != flag:
            made += arguments[at:at + 2]
    return made


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


def lenient(translation):
    return ["--lenient", LENIENT + ("" if translation.is_strict else ",several-signs")
            + ("" if translation.nulls_are_values else ",blank-zero")]


def odo_of(translation):
    """Cobrix keeps full-size tables unless told otherwise."""
    sizes = translation.options.get("variable_size_occurs", "false")
    return ["--odo", "moving" if sizes in MOVING_SIZES + ("pad_record",) else "fixed"]


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


def expected_rows(case, translation, columns):
    name = "expected_full.jsonl" if case.has("expected_full.jsonl") else "expected.jsonl"
    rows = [first_of_rules(row, translation) for row in
            json_lines(case.file(name).read_bytes())]
    left_out = set(case.about.get("nonportable_columns", [])) | \
        set(case.about.get("known_wrong_columns", []))
    rows = [without_columns(expected_row(row, left_out), columns) for row in rows]
    return [without_debug(row) for row in rows] if translation.children else rows


def without_columns(value, columns):
    """Columns of items that no COBOL has; ours are left out with them."""
    if isinstance(value, dict):
        return {name: without_columns(member, columns) for name, member in value.items()
                if name not in columns and name.removesuffix("_debug") not in columns}
    if isinstance(value, list):
        return [without_columns(element, columns) for element in value]
    return value


def first_of_rules(row, translation):
    """Redefine rules may hold side by side there; here the first one that holds decides (DESIGN 6:
    a mapping's conditions choose one)."""
    present = [name for name in translation.rules if name in row]
    return {name: value for name, value in row.items() if name not in present[1:]}


def expected_row(row, left_out):
    made = {}
    for name, value in row.items():
        if OWN_COLUMNS.fullmatch(name) or name in left_out:
            continue
        if name == "Record_Bytes":
            value = base64.b64decode(value).hex()
        made[name] = value
    return made


def without_debug(value):
    """Bytes of items: in documents of several records there is no one place for them."""
    if isinstance(value, dict):
        return {name: without_debug(member) for name, member in value.items()
                if not name.endswith("_debug")}
    if isinstance(value, list):
        return [without_debug(element) for element in value]
    return value


# -- mistakes

def check_mistake(case, tool, pages):
    """A mistake in options or copybook: exit code 1; in the data: the record or the framing is
    refused (2, 3). Always with a message."""
    options = {name.lower(): value for name, value in case.about["options"].items()}
    expected = case.about["expected_error"]
    waive_mistake(expected["error"])
    copybook = copybook_of(case, tool, options)
    layout, code = None, 1
    flags, error = source_format(tool, copybook)
    if not error:
        names = records_of(tool, copybook, flags)
        flags = flags + record_flag(names[0])
        layout = layouts.load(tool, copybook, flags)
    try:
        translation = translate(options, layout, root_sizes(case, tool))
        page, _ = code_page_of(tool, translation.options, pages)
        files, framing = record_files(case, options)
        arguments = [*flags, "--codepage", page, *translation.arguments(), *framing]
    except UnknownRecord as unknown:
        files, arguments = [], [*flags, "--record", str(unknown)]
    code, _, error = tool.run(["decode", "-c", copybook, *arguments, *(files or ["-"])])
    wanted = (1,) if expected["when"] == "load" else (1, 2, 3)
    if code not in wanted or not error:
        raise Mismatch(f"exit code {code}, not {' or '.join(map(str, wanted))} with a message; "
                       f"expected: {expected['error']}")


# Mistakes that only options without a counterpart can make: parts of the original's message.
TOOL_MISTAKES = (
    ("'ascii_charset' cannot be used when", "one option for all code pages"),
    ("'ebcdic_code_page' cannot be used when", "one option for all code pages"),
    ("'strict_integral_precision' cannot be used together", "SQL types of columns"),
    ("'with_input_file_name_col'", "a column with the input file's name"),
    ("'copybook_contents'", "copybook text as an option"),
    ("minimum_record_length", "rows left out by their length"),
    ("maximum_record_length", "rows left out by their length"),
    ("rhp_additional_info", "an argument of the user's JVM class"),
    ("'generate_corrupt_fields=true' cannot be used with 'segment-children", "limits of Spark's "
     "columns; here both go together"),
    ("'generate_record_bytes=true' cannot be used with 'segment-children", "limits of Spark's "
     "columns; here both go together"),
    ("with text RDD reader", "Spark's readers"),
    ("'enable_index_cache' cannot be true", "caches of Spark's indexes"),
    ("cannot refer to the same record", "header and trailer are bytes to skip here"),
)


def waive_mistake(message):
    for part, what in TOOL_MISTAKES:
        if part in message:
            raise Waived(f"{what}: corpus README, Comparing: a feature that makes no sense outside "
                         "that tool")
