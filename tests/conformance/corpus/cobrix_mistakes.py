"""Cobrix: mistakes in options, copybook or data that must be refused."""

import layout as layouts
from cobrix import code_page_of, copybook_of, record_files, record_flag, root_sizes
from cobrix_options import UnknownRecord, translate
from harness import Mismatch, Waived, records_of, source_format


def is_mistake(case):
    return "expected_error" in case.about


def check_mistake(case, tool, pages):
    """A mistake in options or copybook: exit code 1; in the data: the record or the framing is
    refused (2, 3). Always with a message."""
    options = {name.lower(): value for name, value in case.about["options"].items()}
    expected = case.about["expected_error"]
    waive_mistake(expected["error"])
    copybook = copybook_of(case, tool, options)
    layout = None
    flags, error = source_format(tool, copybook)
    if not error:
        names = records_of(tool, copybook, flags)
        flags = flags + record_flag(names[0])
        layout = layouts.load(tool, copybook, flags)
    try:
        translation = translate(options, layout, root_sizes(case, tool))
        files, framing = record_files(case, options)
        arguments = [*flags, *pages_of(tool, translation, pages), *copybook_columns(options),
                     *translation.arguments(), *framing]
    except UnknownRecord as unknown:
        files, arguments = [], [*flags, "--record", str(unknown)]
    arguments += given_twice(expected["error"], copybook)
    code, _, error = tool.run(["decode", "-c", copybook, *arguments, *(files or ["-"])])
    wanted = (1,) if expected["when"] == "load" else (1, 2, 3)
    if code not in wanted or not error:
        raise Mismatch(f"exit code {code}, not {' or '.join(map(str, wanted))} with a message; "
                       f"expected: {expected['error']}")


def pages_of(tool, translation, pages):
    """One option says every code page here: the one that goes with the other encoding is one too
    many."""
    page, _ = code_page_of(tool, translation.options, pages)
    made = ["--codepage", page]
    other = "ebcdic_code_page" if translation.is_ascii() else "ascii_charset"
    encoding = translation.options.get("encoding")
    if encoding in ("ascii", "ebcdic"):
        if other in translation.options:
            made += ["--codepage", translation.options[other]]
    elif encoding is not None:
        made = ["--codepage", encoding]
    return made


def copybook_columns(options):
    """Text without columns to leave out is free text, other text has columns."""
    made = []
    if options.get("truncate_comments", "true").lower() == "false":
        made += ["--source-format", "free"]
    if {"comments_lbound", "comments_ubound"} & set(options):
        made += ["--source-format", "fixed"]
    return made


def given_twice(message, copybook):
    """The case does not hold where the copybook came from; its message does."""
    if message.count("'copybook") >= 2 and "same time" in message:
        return ["-c", copybook]
    return []


# Mistakes that only options without a counterpart can make: parts of the original's message.
TOOL_MISTAKES = (
    ("'strict_integral_precision' cannot be used together", "SQL types of columns"),
    ("'with_input_file_name_col'", "a column with the input file's name"),
    ("minimum_record_length' should be", "rows left out by their length"),
    ("maximum_record_length' should be", "rows left out by their length"),
    ("'minimum_record_length' (", "rows left out by their length"),
    ("rhp_additional_info", "an argument of the user's JVM class"),
    ("'generate_corrupt_fields=true' cannot be used with 'segment-children", "limits of Spark's "
     "columns; here both go together"),
    ("'generate_record_bytes=true' cannot be used with 'segment-children", "limits of Spark's "
     "columns; here both go together"),
    ("'segment-children:*' cannot be used with 'segment_id_level", "generated Seg_Id columns"),
    ("as a segment id can", "generated Seg_Id columns"),
    ("with text RDD reader", "Spark's readers"),
    ("'enable_index_cache' cannot be true", "caches of Spark's indexes"),
    ("cannot refer to the same record", "header and trailer are bytes to skip here"),
    ("for 'schema_retention_policy' option", "the root column of a Spark schema"),
    ("for 'debug' option", "columns with the bytes of other columns"),
    ("data_paths", "paths of Spark's readers"),
)


def waive_mistake(message):
    for part, what in TOOL_MISTAKES:
        if part in message:
            raise Waived(f"{what}: corpus README, Comparing: a feature that makes no sense outside "
                         "that tool")
