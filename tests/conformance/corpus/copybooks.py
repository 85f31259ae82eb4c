"""Layouts (cb2xml), copybooks without data, and the data files of real applications."""

import re
import xml.etree.ElementTree as xml

import compare
import layout as layouts
from compare import Rules
from documents import code_page_of, framing_of, setup
from harness import Mismatch, Waived, json_lines, records_of

GENERATED = ("expected.layout.2017.xml", "expected.layout.classic.xml")


def is_layout(case):
    return any(case.has(name) for name in GENERATED)


def text_of(data):
    """XML in whatever code page it was stored; its declaration is not to be believed."""
    for page in ("utf-8", "utf-16", "cp037"):
        text = data.decode(page, "replace").lstrip("\ufeff")
        if text.lstrip().startswith("<"):
            text = text.replace("\x85", "\n")
            return re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL)
    raise Mismatch("an expected layout that is no XML")


class Place:
    """What both sides say of an item."""

    def __init__(self, level, name, position, size, occurs):
        self.text = f"{level:02} {layouts.key(name or 'FILLER')} at {position} size {size} " \
                    f"occurs {occurs}"


def expected_places(case, name):
    data = case.file(name).read_bytes()
    root = xml.fromstring(text_of(data))
    return [Place(int(item.get("level")), item.get("name"), int(item.get("position")),
                  int(item.get("storage-length")), int(item.get("occurs", "1")))
            for item in root.iter("item")]


def check_layout(case, tool):
    """Level, name, position, size and occurrences of every item, in order."""
    copybook, flags = setup(case, tool)
    ours = []
    for name in records_of(tool, copybook, flags):
        root = layouts.load(tool, copybook, flags + (["--record", name] if name else []))
        ours += [node for node in root.walk() if not node.is_implied]
    made = [Place(node.level, node.name, node.offset + 1, node.size, node.occurs_max or 1)
            for node in ours if node.level not in (66, 88)]
    for name in GENERATED:
        if case.has(name):
            try:
                require_places(made, expected_places(case, name), name)
            except Mismatch as mismatch:
                raise known_mistake(ours) or missing_period(tool, copybook, flags) or mismatch \
                    from None


def missing_period(tool, copybook, flags):
    """An entry without its period ends where the next one begins; there it goes on."""
    _, _, error = tool.run(["layout", "-c", copybook, *flags])
    if "no period before this level number" in error:
        return Waived("an entry that ends without a period (Language Reference, Data description "
                      "entry: it ends with a separator period)")
    return None


def known_mistake(nodes):
    """Items whose size that project gets wrong, if the copybook has one."""
    for node in nodes:
        picture = (node.picture or "").upper()
        if "P" in picture:
            return Waived("storage for P, which takes none (Language Reference, PICTURE clause, "
                          "symbol P)")
        if node.usage == "index" or "U" in picture or (node.usage == "national"
                                                       and "9" in picture):
            return Waived("sizes of U, of national numbers and of INDEX: corpus README, Known "
                          "mistakes in these sources")
    return None


def require_places(ours, expected, name):
    expected = [place for place in expected]
    for left, right in zip(ours, expected):
        if left.text != right.text:
            raise Mismatch(f"{name}: {left.text}, not {right.text}")
    if len(ours) != len(expected):
        raise Mismatch(f"{name}: {len(ours)} items, not {len(expected)}")


# -- data of cb2xml

def is_xml_data(case):
    return case.has("expected.xml") and case.has("data.bin")


class XmlRules(Rules):
    blank_is_absent = True
    empty_table_is_absent = True

    def text(self, value):
        return value.rstrip(" ")

    def scalar_equal(self, expected, ours):
        if isinstance(ours, compare.Number):
            return compare.decimal(expected.strip() or "x") == compare.decimal(ours)
        return super().scalar_equal(expected, ours)


def check_xml_data(case, tool):
    copybook, flags = setup(case, tool)
    code, out, error = tool.run(["decode", "-c", copybook, *flags, "--recfm", "line", "--codepage",
                                 code_page_of(case.about), "--on-bad-field", "null",
                                 "--short-records", "accept", case.file("data.bin")])
    if code != 0:
        raise Mismatch(f"decode ends with {code}: {error}")
    root = xml.fromstring(case.file("expected.xml").read_bytes())
    # Empty lines are left out there.
    rows = [row for row in json_lines(out) if compare.prune(row, XmlRules())]
    compare.require_rows([members(record) for record in root], rows, XmlRules())


def members(element):
    """Elements of the same name are a table."""
    if len(element) == 0:
        return element.text or ""
    made = {}
    for child in element:
        value = members(child)
        if child.tag in made:
            if not isinstance(made[child.tag], list):
                made[child.tag] = [made[child.tag]]
            made[child.tag].append(value)
        else:
            made[child.tag] = value
    return made


# -- EBCDIC files with ASCII twins, and files without

def is_twin(case):
    return case.has("expected.ascii.txt")


def check_twin(case, tool):
    """The EBCDIC file and the ASCII file are the same rows, but for the places that the notes
    name: there every record but that one is compared."""
    copybook, flags = setup(case, tool)
    require_length(case, tool, copybook, flags)
    ebcdic = rows_of(tool, copybook, flags + ["--codepage", code_page_of(case.about)],
                     case.file("data.bin"))
    ascii_rows = rows_of(tool, copybook, flags + ["--recfm", "line", "--codepage", "ISO-8859-1",
                                                  "--short-records", "accept"],
                         case.file("expected.ascii.txt"))
    if len(ebcdic) != case.about.get("records", len(ebcdic)) or len(ebcdic) != len(ascii_rows):
        raise Mismatch(f"{len(ebcdic)} and {len(ascii_rows)} rows, "
                       f"not {case.about.get('records')}")
    differing = [(number, found) for number, (left, right) in enumerate(zip(ebcdic, ascii_rows))
                 if (found := compare.difference(left, right, Rules()))]
    notes = case.about.get("notes", "")
    for number, found in differing:
        if f"record {number} differs" not in notes and f"record {number + 1} differs" not in notes:
            raise Mismatch(f"record {number + 1} and its twin: {found}")


def rows_of(tool, copybook, flags, data):
    code, out, error = tool.run(["decode", "-c", copybook, *flags, data])
    if code != 0:
        raise Mismatch(f"decode ends with {code}: {error}")
    return json_lines(out)


def require_length(case, tool, copybook, flags):
    lrecl = case.about.get("lrecl")
    root = layouts.load(tool, copybook, flags)
    if lrecl and root.size != int(lrecl):
        raise Mismatch(f"records of {root.size} bytes, not {lrecl}")


def check_copybook(case, tool):
    """No expected values: every record of the copybook has a layout, and every record of the data
    decodes; what does not fit is null and named."""
    copybook, flags = setup(case, tool)
    names = records_of(tool, copybook, flags)
    for name in names:
        root = layouts.load(tool, copybook, flags + (["--record", name] if name else []))
        require_sums(root)
    if not case.has("data.bin"):
        return
    record = ["--record", names[0]] if names[0] else []
    framing = framing_of(case.about)
    require_whole(case, tool, copybook, flags + record + framing)
    rows = rows_of(tool, copybook, flags + record + ["--codepage", code_page_of(case.about),
                                                     "--on-bad-field", "null", "--keep-raw",
                                                     *framing], case.file("data.bin"))
    if not rows or len(rows) != case.about.get("records", len(rows)):
        raise Mismatch(f"{len(rows)} records, not {case.about.get('records', 'at least one')}")


def require_whole(case, tool, copybook, flags):
    code, _, error = tool.run(["decode", "-c", copybook, *flags, "--codepage",
                               code_page_of(case.about), "--on-bad-field", "null",
                               case.file("data.bin")])
    if code == 3 and "the stream ends at" in error:
        raise Waived("data.bin ends within its last record, which is broken framing (DESIGN 6, "
                     "exit code 3)")


def require_sums(node):
    """A group is as long as what it holds."""
    end = node.offset
    for child in node.children:
        require_sums(child)
        end = max(end, child.offset + child.size * (child.occurs_max or 1))
    if node.children and end > node.offset + node.size:
        raise Mismatch(f"{node.name} ends at {node.offset + node.size}, its items at {end}")
