"""Cobrix's options in the words of copybridge: the one table.

An option becomes flags, or it says how the rows are brought to one form before they are compared,
or it has no counterpart here: then a case that sets it is waived with the reason given, or, where
the option cannot change a row (Spark's partitions, caches), it is left out.
"""

import json
import re

import cobrix_tables
from cobrix_translation import Translation, cobol_condition, is_text
from harness import Mismatch, Waived
from layout import key as layouts_key

README = "corpus README, Comparing: a feature that makes no sense outside that tool"


class UnknownRecord(Mismatch):
    """A 01 that the copybook does not have; the text is its name."""


# Words of variable_size_occurs for records as long as their counters say.
MOVING_SIZES = ("true", "shift_record")


def ends_with_its_items(options):
    """A record ends where its tables' counters say."""
    return options.get("variable_size_occurs") in MOVING_SIZES and "record_length" not in options


def odo_of(translation):
    """Cobrix keeps full-size tables unless told otherwise."""
    sizes = translation.options.get("variable_size_occurs", "false")
    return ["--odo", "moving" if sizes in MOVING_SIZES + ("pad_record",) else "fixed"]


def yes(value):
    return value.lower() == "true"


# -- the options, each a function of the translation and the value

def record_format(t, value):
    value = value.upper()
    contradict(t, ("is_record_sequence", "is_xcom", "is_text"), value)
    if "record_length_field" in t.options and value in ("F", "V"):
        # A length field takes the place of descriptors.
        return t.add("--recfm", "F")
    if value in ("D", "D2", "T"):
        return t.add("--recfm", "line")
    if value == "F" and ends_with_its_items(t.options):
        return t.add("--recfm", "copybook")
    t.add("--recfm", value)
    if value == "FB":
        return fixed_blocks(t)
    if value in ("V", "VB"):
        descriptors(t, value)


def contradict(t, others, value):
    """Options that say the same thing again are one format too many, whatever they say."""
    for name in others:
        if name in t.options:
            t.flags.append(("--recfm", value))


def fixed_blocks(t):
    """Without a size of blocks each begins with a BDW, little-endian unless told otherwise."""
    if "block_length" not in t.options and "records_per_block" not in t.options:
        t.add("--bdw", "yes")
        block_descriptors(t)


def descriptors(t, value):
    """RDWs are little-endian and do not count themselves, where options do not say otherwise."""
    t.add("--bdw", "yes" if value == "VB" else "no")
    options = t.options
    t.add("--rdw-endian", "big" if yes(options.get("is_rdw_big_endian", "false")) else "little")
    itself = yes(options.get("is_rdw_part_of_record_length", "false"))
    t.add("--rdw-includes-itself", "yes" if itself else "no")
    if value == "VB":
        block_descriptors(t)


def block_descriptors(t):
    t.add("--bdw-endian",
          "big" if yes(t.options.get("is_bdw_big_endian", "false")) else "little")
    itself = yes(t.options.get("is_bdw_part_of_record_length", "false"))
    t.add("--bdw-includes-itself", "yes" if itself else "no")


def block_size(t, value):
    """Blocks without BDWs leave no trace in the data. A size that is none, and two of them, are
    the program's to refuse."""
    if int(value) <= 0 or {"block_length", "records_per_block"} <= set(t.options):
        t.add("--block-size", value)


def varying_length(attribute):
    """Records of one length are not left out by their length."""
    def apply(t, value):
        setattr(t, attribute, int(value))
        if "record_length" in t.options:
            t.add("--recfm", "V")
    return apply


def record_sequence(t, value):
    if yes(value):
        t.add("--recfm", "V")
        descriptors(t, "V")


def descriptor_order(flag):
    def apply(t, value):
        t.add(flag, "big" if yes(value) else "little")
    return apply


def descriptor_self(flag):
    def apply(t, value):
        t.add(flag, "yes" if yes(value) else "no")
    return apply


def plain(flag):
    def apply(t, value):
        t.add(flag, value)
    return apply


def record_length(t, value):
    t.add("--recfm", "FB" if t.options.get("record_format", "").upper() == "FB" else "F")
    t.add("--lrecl", value)


def record_length_field(t, value):
    names = re.sub(r"[A-Za-z][A-Za-z0-9_-]*", lambda match: t.item_name(match.group()), value)
    t.add("--recfm", "F")
    t.add("--length-field", names)
    node = t.layout.find(value.strip()) if t.layout else None
    is_text = node is not None and "X" in (node.picture or "").upper()
    if is_text and node.size <= 2 \
            and not {"record_length", "record_length_map"} & set(t.options):
        # Digits in a text item: each stands for itself.
        t.add("--length-map", ",".join(f"{number}={number}"
                                       for number in range(1, 10 ** node.size)))


def record_length_map(t, value):
    try:
        pairs = json.loads(value)
    except ValueError:
        return t.add("--length-map", value)
    t.add("--length-map", ",".join(f"{name}={length}" for name, length in pairs.items()))


def text_lines(t, value):
    if yes(value):
        t.add("--recfm", "line")


def partial_records(t, value):
    """Lines longer than a record go on as the next one."""
    if yes(value) and is_text(t.options):
        t.add("--lrecl", str(t.layout.size))
        t.add("--wrap-lines", "yes")


def float_format(t, value):
    flags = cobrix_tables.float_flags(value)
    for at in range(0, len(flags), 2):
        t.add(*flags[at:at + 2])


TRIMMING = ("none", "left", "right", "both", "keep_all")


def trimming(t, value):
    value = value.lower()
    if value not in TRIMMING:
        return t.add("--trim", value)
    t.trim = {"none": "none", "keep_all": "none"}.get(value, value)
    t.keep_controls = value == "keep_all"


def segment_map(t, value):
    item, arrow, ids = value.partition("=>")
    if not arrow:
        t.conditions.append(value)  # no condition: refused
        return
    ids = [one.strip() for one in ids.split(",")]
    t.segments[t.item_name(item)] = ids
    field = t.options.get("segment_field")
    if field:
        t.conditions.append(f"{t.item_name(item)} WHEN {t.equals(field, ids)}")


def segment_children(t, value):
    parent, _, children = value.partition("=>")
    t.children[t.item_name(parent)] = [t.item_name(name) for name in children.split(",")]


def segment_filter(t, value):
    field = t.options.get("segment_field", "")
    t.add("--where", t.equals(field, [one.strip() for one in value.split(",")]))


def redefine_rule(t, value):
    item, arrow, expression = value.partition("=>")
    if not arrow:
        t.conditions.append(value)
        return
    t.rules.append(layouts_key(t.item_name(item)))
    t.conditions.append(f"{t.item_name(item)} WHEN {cobol_condition(t, expression)}")


def field_code_page(page):
    def apply(t, value):
        names = [t.item_name(name) for name in value.split(",")]
        t.code_pages.append((page, names))
    return apply


def code_page(t, value):
    t.options["ebcdic_code_page"] = value.lower()


def metadata(_t, value):
    if value not in ("false", "basic", "extended"):
        raise Waived(f"metadata of a Spark schema: {README}")


def sets(attribute, convert=yes):
    def apply(t, value):
        setattr(t, attribute, convert(value))
    return apply


def ignored(_reason):
    def apply(_t, _value):
        return None
    return apply


def unsupported(reason):
    def apply(_t, _value):
        raise Waived(f"{reason}: {README}")
    return apply


def negated(value):
    return not yes(value)


def file_record(flag):
    """A 01 of the copybook that stands once, at the file's start or end."""
    def apply(t, value):
        if layouts_key(value) not in t.root_sizes:
            raise UnknownRecord(value)
        t.add(flag, str(t.root_sizes[layouts_key(value)]))
    return apply


JVM_CLASS = unsupported("a class of the user's JVM")
SPARK = ignored("how Spark splits and plans the work; no row changes")

OPTIONS = {
    # framing
    "record_format": record_format,
    "is_record_sequence": record_sequence,
    "is_xcom": record_sequence,
    "is_text": text_lines,
    "is_rdw_big_endian": descriptor_order("--rdw-endian"),
    "is_bdw_big_endian": descriptor_order("--bdw-endian"),
    "is_rdw_part_of_record_length": descriptor_self("--rdw-includes-itself"),
    "is_bdw_part_of_record_length": descriptor_self("--bdw-includes-itself"),
    "rdw_adjustment": plain("--rdw-adjust"),
    "bdw_adjustment": plain("--bdw-adjust"),
    "record_length": record_length,
    "record_length_field": record_length_field,
    "record_length_map": record_length_map,
    "minimum_record_length": varying_length("length_min"),
    "maximum_record_length": varying_length("length_max"),
    "file_start_offset": plain("--skip-header"),
    "file_end_offset": plain("--skip-trailer"),
    "record_start_offset": ignored("a FILLER of the copybook, see cobrix_copybook"),
    "record_end_offset": ignored("a FILLER of the copybook, see cobrix_copybook"),
    "block_length": block_size,
    "records_per_block": block_size,
    "allow_partial_records": partial_records,
    "record_header_name": file_record("--skip-header"),
    "record_trailer_name": file_record("--skip-trailer"),
    "record_header_parser": JVM_CLASS,
    "rhp_additional_info": ignored("an argument of the user's class"),
    "record_extractor": JVM_CLASS,
    "re_additional_info": ignored("an argument of the user's class"),
    # values
    "encoding": ignored("decides the code page, see code_page_of"),
    "ascii_charset": ignored("decides the code page, see code_page_of"),
    "ebcdic_code_page": code_page,
    "ebcdic_code_page_class": ignored("decides the code page, see code_page_of"),
    "floating_point_format": float_format,
    "is_utf16_big_endian": descriptor_order("--national"),
    "strict_sign_overpunching": ignored("decides --lenient, see lenient"),
    "improved_null_detection": sets("nulls_are_values"),
    "string_trimming_policy": trimming,
    "binary_as_hex": sets("hexadecimal"),
    "display_pic_always_string": sets("numbers_as_text"),
    "strict_integral_precision": ignored("the SQL type of a column, no value"),
    "variable_size_occurs": ignored("decides --odo, see odo_of"),
    "occurs_mappings": unsupported("tables whose counter is text that a map turns into numbers "
                                   "(Language Reference, OCCURS DEPENDING ON: an integer)"),
    # segments
    "segment_field": ignored("the field of the maps and filters"),
    "segment_filter": segment_filter,
    "segment_id_prefix": ignored("part of the generated Seg_Id columns"),
    "segment_id_root": ignored("a generated Seg_Id column"),
    # shape
    "schema_retention_policy": sets("keep_root", lambda value: value == "keep_original"),
    "drop_group_fillers": sets("keep_group_fillers", negated),
    "drop_value_fillers": sets("keep_fillers", negated),
    "filler_naming_policy": sets("filler_policy", str),
    "non_terminals": sets("non_terminals", lambda value: value.split(",")),
    "debug": sets("debug", lambda value: {"true": "hex", "false": None, "none": None}
                  .get(value, value)),
    "generate_record_id": ignored("columns File_Id, Record_Id, Record_Byte_Length, see shape"),
    "generate_record_bytes": sets("raw_column"),
    "generate_corrupt_fields": sets("corrupt_column"),
    "with_input_file_name_col": ignored("a column with a path, see shape"),
    "metadata": metadata,
    "strict_schema": ignored("nullable columns of a Spark schema"),
    "truncate_comments": ignored("columns of the copybook's text, see cobrix_copybook"),
    "comments_lbound": ignored("columns of the copybook's text, see cobrix_copybook"),
    "comments_ubound": ignored("columns of the copybook's text, see cobrix_copybook"),
    # the engine
    "pedantic": ignored("refuses unknown options, as copybridge always does"),
    "input_split_records": SPARK,
    "input_split_size_mb": SPARK,
    "input_split_size_compressed_mb": SPARK,
    "debug_layout_positions": ignored("prints a table beside the rows"),
    "enable_indexes": SPARK,
    "enable_index_cache": SPARK,
    "enable_self_checks": SPARK,
    "optimize_allocation": SPARK,
    "improve_locality": SPARK,
    "debug_ignore_file_size": ignored("the last record may be short, see decode"),
}
ALIASES = {
    "file_header_field": "record_header_name",
    "file_trailer_field": "record_trailer_name",
    "schema_policy": "schema_retention_policy",
}
# Options with a number or a name behind them.
FAMILIES = (
    (re.compile(r"redefine[-_]segment[-_]id[-_]map\b.*"), lambda name: segment_map),
    (re.compile(r"segment[-_]children\b.*"), lambda name: segment_children),
    (re.compile(r"redefine[-_]rule\b.*"), lambda name: redefine_rule),
    (re.compile(r"segment_id_level\d+"), lambda name: ignored("a generated Seg_Id column")),
    (re.compile(r"field_code_page:.*"), lambda name: field_code_page(name.split(":", 1)[1])),
)


def option_function(name):
    name = ALIASES.get(name, name)
    if name in OPTIONS:
        return OPTIONS[name]
    for pattern, make in FAMILIES:
        if pattern.fullmatch(name):
            return make(name)
    raise Mismatch(f"option {name} is not in the runner's table")


def translate(options, layout, root_sizes=None):
    """The case's options. Raises Waived where one has no counterpart."""
    translation = Translation(options, layout, root_sizes)
    for name, value in translation.options.items():
        option_function(name)(translation, value)
    if not any(flag == "--recfm" for flag, _ in translation.flags):
        record_format(translation, "F")
    return translation


def has_jvm_class(options):
    return any(option_function(name) is JVM_CLASS for name in options)
