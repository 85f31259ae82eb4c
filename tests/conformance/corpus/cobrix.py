"""Cobrix: copybook, record file and options to rows.

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
from cobrix_options import has_jvm_class, odo_of, translate
from cobrix_segments import Segments
from cobrix_shape import Shaper, finished, raw_of
from cobrix_translation import is_text
from compare import Rules, decimal
from harness import (Mismatch, Number, Waived, first_error, json_lines, records_of,
                     require_layout, source_format, temporary_file)

ACCEPTING = ["--on-bad-field", "null", "--short-records", "accept", "--long-records", "accept",
             "--odo-range", "from-zero"]
# How Cobrix reads numbers: blanks are left out, a sign may stand at either end, separate or
# overpunched, an edited picture is any number, and every nibble of a packed one but the last is a
# digit. What is null there has to be null by the strict
# reading, the default.
LENIENT = "blanks,separate-sign,edited,text,overpunch,unsigned-minus,packed-pad"
# There an unsigned item has no sign at all: a plus is null.
STRICT = ["--numproc", "pfd"]
# Columns that the tool makes itself.
OWN_COLUMNS = re.compile(r"File_Id|Record_Id|Record_Byte_Length|Seg_Id\d+")


def is_rows(case):
    return "origin" in case.about and case.has("expected.jsonl")


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
        path = cobrix_copybook.in_columns(case.copybooks[0], options)
        return cobrix_copybook.roots_of(path, left_out)
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
    options = {name.lower(): value for name, value in case.about["options"].items()}
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
        strict = merged([record.rows(page, STRICT) for record in made])
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
        if str(row.get(field.name)).strip(" \0") in ids:  # C strings end with low-values
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


def is_wanted(translation, row):
    if is_text(translation.options) and row.get("_raw") == "":
        return False  # Cobrix leaves out empty lines
    length = len(raw_of(row))
    longest = translation.length_max
    return length >= translation.length_min and (longest is None or length <= longest)


def expected_rows(case, translation, columns):
    name = "expected_full.jsonl" if case.has("expected_full.jsonl") else "expected.jsonl"
    rows = [first_of_rules(row, translation) for row in
            json_lines(case.file(name).read_bytes())]
    left_out = set(case.about.get("nonportable_columns", [])) | \
        set(case.about.get("known_wrong_columns", []))
    left_out.add(translation.options.get("with_input_file_name_col"))
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
