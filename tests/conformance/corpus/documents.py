"""CobolToJson: copybook and bytes to one JSON document. What LegStar and Ballerina share with it."""

import collections
import re

import compare
import mapping_file
from compare import Rules
from harness import (Mismatch, first_error, json_lines, require_layout, source_format,
                     temporary_file)
from layout import key


class DocumentRules(Rules):
    blank_is_absent = True
    empty_table_is_absent = True

    def text(self, value):
        return value.rstrip(" \0")


def code_page_of(about):
    """The first word names the page; ICU knows it, or its CCSID."""
    page = re.split(r"[ (,;]", about.get("code_page", "cp037").strip())[0]
    if page.upper() in ("ASCII", "US-ASCII"):
        return "ISO-8859-1"
    number = re.fullmatch(r"(?:cp|IBM|CCSID)-?0*(\d+)", page, re.IGNORECASE)
    return number.group(1).rjust(3, "0") if number else page


def framing_of(about):
    form = about.get("record_format", "")
    if "text" in form or "line" in form:
        return ["--recfm", "line", "--short-records", "accept"]
    if "concatenated variable-size" in form:
        return ["--recfm", "copybook"]
    if re.match(r"VB?\b|variable", form):
        return ["--recfm", "VB" if form.startswith("VB") else "V"]
    return ["--recfm", "F"]


def dialect_of(about):
    """The compiler that wrote the files, where it is not IBM's or one with its sizes."""
    name = about.get("dialect", "").lower()
    if "-std=mf" in name or "micro focus" in name or "microfocus" in name:
        return ["--dialect", "micro-focus"]
    if "gnu" not in name and "open" not in name:
        return []
    # -std=ibm, mvs and bs2000: IBM's sizes, but GnuCOBOL's alignment.
    is_default = "-std=" not in name or "-std=default" in name
    return ["--dialect", "gnucobol" if is_default else "gnucobol-ibm"]


def decode(tool, copybook, data, flags):
    code, out, error = tool.run(["decode", "-c", copybook, *flags, data])
    if code != 0:
        raise Mismatch(f"decode ends with {code}: {first_error(error)}")
    return json_lines(out)


def setup(case, tool):
    copybook = case.copybooks[0]
    text = copybook.read_bytes()
    if b'\\"' in text:
        # The escapes of the Java text that it was taken from.
        copybook = temporary_file(text.replace(b'\\"', b'"'), ".cpy")
    dialect = dialect_of(case.about)
    flags, error = source_format(tool, copybook, dialect)
    require_layout(error)
    return copybook, flags + dialect


# -- CobolToJson

def is_table_of_records(case):
    return case.has("expected.json") and "json_shape" in case.about \
        and "redefines" not in case.about or case.has("expected.json") and "flatten" in case.about


def check_records(case, tool):
    about = case.about
    copybook, flags = setup(case, tool)
    copybook = with_records(copybook, about.get("record_selection", {}))
    document = case.json("expected.json")
    (title, expected), = document.items()
    flags = flags + ["--codepage", code_page_of(about), "--on-bad-field", "null",
                     "--list-errors", "--lenient", leniency_of(about), "--fillers", "keep",
                     *framing_of(about)]
    if "record_parent" in about:
        rows = hierarchy(case, tool, copybook, flags)
    elif "record_selection" in about:
        return check_selected(case, tool, copybook, flags, expected)
    else:
        rows = decode(tool, copybook, case.file("data.bin"), flags)
    require_adapted(about, title, expected, rows)


def with_records(copybook, names):
    """The groups of the highest level are records there, where there is no 01."""
    text = copybook.read_text(encoding="latin-1")
    if not names or re.search(r"^.{0,20}\b0?1\s+\w", text, re.MULTILINE):
        return copybook
    for name in names:
        text = re.sub(rf"^(.{{0,20}})\b\d\d(?=\s+{re.escape(name)}\b)", r"\g<1>01", text,
                      flags=re.MULTILINE | re.IGNORECASE)
    return temporary_file(text.encode("latin-1"), ".cpy")


def require_adapted(about, title, expected, rows):
    """FILLER groups are left out there in some files, and what they hold stands in their place in
    others."""
    try:
        compare.require_rows(expected, [adapted(about, title, row) for row in rows],
                             DocumentRules())
    except Mismatch:
        compare.require_rows(expected, [adapted(about, title, raised(row)) for row in rows],
                             DocumentRules())


def raised(value):
    """The members of FILLER groups beside these, as `--fillers drop` has them."""
    if isinstance(value, list):
        return [raised(element) for element in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, member in value.items():
        if re.fullmatch(r"FILLER-\d+", name) and isinstance(member, dict):
            made.update(raised(member))
        else:
            made[name] = raised(member)
    return made


def leniency_of(about):
    """JRecord reads numbers among blanks, and edited ones as they come. Fujitsu's overpunched plus
    is X'40' to X'49'."""
    return "blanks,separate-sign,edited" + (",zones" if "Fujitsu" in about.get("dialect", "") else "")


def adapted(about, title, row):
    """Our row in the case's shape."""
    row = plain_fillers({name: value for name, value in row.items() if name != "_errors"})
    if title and [key(name) for name in row] == [key(title)]:
        row, = row.values()  # the only group of a copybook without an 01
    if about.get("drop_copybook_name_prefix"):
        # The name of the copybook, which records' names begin with.
        row = without_prefix(row, key(title).split("_")[0] + "_")
    if about.get("flatten"):
        row = flattened(row)
    return row


def plain_fillers(value):
    """FILLERs are left out there with all that is in them, but for unnamed tables."""
    if isinstance(value, dict):
        made = {}
        for name, member in value.items():
            is_filler = re.fullmatch(r"FILLER-\d+", name)
            if not is_filler or isinstance(member, list):
                made["filler" if is_filler else name] = plain_fillers(member)
        return made
    if isinstance(value, list):
        return [plain_fillers(element) for element in value]
    return value


def without_prefix(value, prefix):
    if isinstance(value, dict):
        return {name[len(prefix):] if key(name).startswith(prefix) else name:
                without_prefix(member, prefix) for name, member in value.items()}
    if isinstance(value, list):
        return [without_prefix(element, prefix) for element in value]
    return value


def flattened(row, names=None):
    """Groups give way to their members, where no other item has a name of theirs."""
    names = names or collections.Counter(names_in(row))
    made = {}
    for name, value in row.items():
        if not isinstance(value, dict):
            made[name] = value
        elif any(names[member] > 1 for member in value):
            made[name] = flattened(value, names)
        else:
            made.update(flattened(value, names))
    return made


def names_in(row):
    for name, value in row.items():
        yield name
        if isinstance(value, dict):
            yield from names_in(value)


def condition_of(selection):
    field, _, value = selection.partition("=")
    if not value:
        return None
    return f"{field.strip()} = '{value.strip()}'"


def check_selected(case, tool, copybook, flags, expected):
    """Each 01 decodes the records that its condition selects; their rows stand in file order."""
    selection = case.about["record_selection"]
    for name, test in selection.items():
        wanted = [row for row in expected if key(next(iter(row))) == key(name)]
        wanted = [next(iter(row.values())) for row in wanted]
        extra = ["--record", name]
        condition = condition_of(test)
        extra += ["--long-records", "accept"] + (["--where", condition] if condition else [])
        rows = decode(tool, copybook, case.file("data.bin"), flags + extra)
        if condition is None:
            rows = by_position(test, rows)
        require_adapted(case.about, "", wanted, rows)
    others = {key(next(iter(row))) for row in expected} - {key(name) for name in selection}
    if others:
        raise Mismatch(f"expected rows of {others}, which nothing selects")


def by_position(test, rows):
    if test.startswith("first"):
        return rows[:1]
    if test.startswith("last"):
        return rows[-1:]
    if test.startswith("middle"):
        return rows[1:-1]
    raise Mismatch(f"record selection '{test}' is unknown to the runner")


def hierarchy(case, tool, copybook, flags):
    """Each 01 is a type of records; those that belong together are one document."""
    about = case.about
    at = flags.index("--codepage")
    shape = [*flags[:at], "--codepage", code_page_of(about), "--on-bad-field", "null",
             "--short-records", "accept", "--long-records", "accept",
             "--lenient", leniency_of(about), "--fillers", "keep"]
    root = about["root_record"]
    mapping = mapping_file.mapping_of(copybook, shape, children_of(about, root), record=root,
                                      match=condition_of(about["record_selection"][root]))
    return mapping_file.decode(tool, mapping, ["--recfm", "line"], [case.file("data.bin")])


def children_of(about, parent):
    made = []
    for name, above in about["record_parent"].items():
        if above != parent:
            continue
        entry = {"record": name, "as": name, "match": condition_of(about["record_selection"][name])}
        below = children_of(about, name)
        made.append({**entry, "children": below} if below else entry)
    return made
