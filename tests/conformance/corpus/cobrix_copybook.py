"""What Cobrix alone writes in copybooks, in COBOL's words.

Several 01s of one copybook follow each other (COBOL: they share storage): they become groups of
one. COMP-9 is binary with the low byte first (COMP-5 of a little-endian machine), COMP-3U is COMP-6,
PIC X with a binary usage is plain PIC X. Usages that no COBOL has (binary of more than 18 digits
in as few bytes as hold it) become PIC X of the same size; their columns are not compared
(Language Reference, USAGE: a binary item has at most 18 digits).
"""

import re

from harness import temporary_file
from layout import key

ITEM = re.compile(
    r"^(?P<head>.{0,6}\s*\d{1,2}\s+(?P<name>[A-Za-z][\w:-]*)\s+PIC(?:TURE)?\s+(?:IS\s+)?)"
    r"(?P<picture>\S+?)(?P<middle>\s+(?:USAGE\s+)?(?:IS\s+)?)"
    r"(?P<usage>COMP(?:UTATIONAL)?(?:-\w+)?|BINARY)(?P<tail>.*)$", re.IGNORECASE)
# A SIGN clause makes the item signed there; here the picture has to say so.
UNSIGNED = re.compile(r"(\bPIC(?:TURE)?\s+)([9V][9V()\d]*\s+SIGN\b)", re.IGNORECASE)
BINARY_DIGITS_MAX = 18


class Rewritten:
    """The copybook, flags that go with it, and columns that cannot be compared."""

    def __init__(self, path, flags, columns):
        self.path = path
        self.flags = flags
        self.columns = columns


# Columns that text has in the reference format.
FIRST, LAST = 6, 72


def in_columns(path, options):
    """A copybook whose text stands in other columns, in the reference format."""
    if options.get("truncate_comments", "true").lower() == "false":
        first, last = 0, None
    elif {"comments_lbound", "comments_ubound"} & set(options):
        first = int(options.get("comments_lbound", FIRST))
        last = int(options.get("comments_ubound", LAST))
    else:
        return path
    made = []
    for line in path.read_text(encoding="utf-8", errors="surrogateescape").split("\n"):
        text = line.rstrip("\r")[first:last].strip()
        while len(text) > LAST - FIRST - 1 and " " in text[1:LAST - FIRST - 1]:
            end = text.rindex(" ", 1, LAST - FIRST - 1)
            made.append(" " * (FIRST + 1) + text[:end])
            text = text[end:].strip()
        made.append(" " * (FIRST if text.startswith("*") else FIRST + 1) + text)
    return temporary_file("\n".join(made).encode("utf-8", "surrogateescape"), ".cpy")


LEVEL = re.compile(r"^(?P<head>.{0,6}\s*)(?P<level>\d{1,2})(?P<tail>\s+\S.*)$")
ROOT = "ROOTS-OF-COPYBOOK"


def roots_of(path, left_out):
    """One copybook with several 01s: for Cobrix they follow each other. They become groups of one
    01, without those that are left out. The same file where there is one 01 or none."""
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    blocks, pending = [], []
    for line in lines:
        match = None if is_comment(line) else LEVEL.match(line)
        if match and int(match["level"]) == 1:
            blocks.append((match["tail"].split()[0].rstrip("."), pending + [line]))
            pending = []
        elif blocks:
            blocks[-1][1].append(line)
        else:
            pending.append(line)
    if len(blocks) < 2:
        return path
    kept = [block for name, block in blocks if key(name) not in left_out]
    text = [line for block in kept for line in block]
    if len(kept) > 1:
        text = [f"       01  {ROOT}."] + [one_deeper(line) for line in text]
    return temporary_file("\n".join(text).encode("utf-8", "surrogateescape"), ".cpy")


def with_fillers(path, before, after):
    """Bytes at every record's start and end that no item describes: FILLERs of the 01."""
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    levels = [(number, int(match["level"])) for number, line in enumerate(lines)
              if not is_comment(line) and (match := LEVEL.match(line))]
    below = levels[1][1]
    if before:
        lines.insert(levels[0][0] + 1, f"           {below:02} FILLER PIC X({before}).")
    if after:
        lines.append(f"           {below:02} FILLER PIC X({after}).")
    return temporary_file("\n".join(lines).encode("utf-8", "surrogateescape"), ".cpy")


def is_comment(line):
    return line.lstrip().startswith("*") or line[6:7] in ("*", "/")


def one_deeper(line):
    match = None if is_comment(line) else LEVEL.match(line)
    if not match or int(match["level"]) > 48:
        return line
    return f"{match['head']}{int(match['level']) + 1:02}{match['tail']}"


def has_decimal_comma(path):
    """A comma in a picture is a decimal point there, where no picture has a point."""
    text = path.read_text(encoding="utf-8", errors="replace")
    pictures = re.findall(r"\bPIC(?:TURE)?\s+(?:IS\s+)?(\S+)", text, re.IGNORECASE)
    pictures = [picture.rstrip(".") for picture in pictures]
    return any(re.fullmatch(r"[^,.]+,9(?:9|\(2\))?", picture) for picture in pictures) \
        and not any("." in picture for picture in pictures)


def digits_of(picture):
    expanded = re.sub(r"(.)\((\d+)\)", lambda m: m.group(1) * int(m.group(2)), picture)
    return sum(1 for one in expanded if one in "9Zz*")


def sizes_of(case):
    """Bytes of each item, by the case's own layout."""
    made = {}
    if case.has("layout.txt"):
        for line in case.file("layout.txt").read_text(encoding="utf-8").splitlines():
            match = re.match(r"\s*\d+\s+(\S+)\s.*?(\d+)\s*$", line)
            if match:
                made[key(match.group(1))] = int(match.group(2))
    return made


def rewrite(case, path):
    sizes = sizes_of(case)
    flags, columns, changed = [], set(), False
    lines = []
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    has_low_first = re.search(r"\bCOMP(UTATIONAL)?-9\b", text, re.IGNORECASE)
    for line in path.read_text(encoding="utf-8", errors="surrogateescape").split("\n"):
        signed = UNSIGNED.sub(r"\1S\2", line)
        changed, line = changed or signed != line, signed
        match = ITEM.match(line)
        if match and has_low_first and match["usage"].upper().endswith("-5"):
            # There the high byte comes first, whatever the machine.
            changed = True
            line = f"{match['head']}{match['picture']}{match['middle']}COMP{match['tail']}"
            match = ITEM.match(line)
        made = rewrite_item(match, sizes, flags, columns) if match else None
        changed = changed or made is not None
        lines.append(line if made is None else made)
    if not changed:
        return Rewritten(path, [], set())
    text = "\n".join(lines).encode("utf-8", "surrogateescape")
    return Rewritten(temporary_file(text, ".cpy"), flags, columns)


def rewrite_item(match, sizes, flags, columns):
    """The line as COBOL has it; None where it is already."""
    usage = match["usage"].upper().replace("COMPUTATIONAL", "COMP")
    head, picture, middle, tail = match["head"], match["picture"], match["middle"], match["tail"]
    is_text = "X" in picture.upper()
    if usage == "COMP-3U":
        if is_text:
            size = int(re.search(r"\((\d+)\)", picture).group(1))
            picture = f"9({2 * size})"
        add(flags, ["--dialect", "gnucobol"])
        return f"{head}{picture}{middle}COMP-6{tail}"
    if usage == "COMP-9":
        add(flags, ["--dialect", "gnucobol", "--endian", "little"])
        return f"{head}{picture}{middle}COMP-5{tail}"
    if is_text and usage in ("COMP", "BINARY", "COMP-4"):
        columns.add(key(match["name"]))
        return f"{head}{picture}{tail}"
    is_binary = usage in ("COMP", "COMP-0", "COMP-4", "COMP-5", "BINARY")
    if is_binary and digits_of(picture) > BINARY_DIGITS_MAX and key(match["name"]) in sizes:
        columns.add(key(match["name"]))
        return f"{head}X({sizes[key(match['name'])]}){tail}"
    if usage == "COMP-0":
        return f"{head}{picture}{middle}COMP{tail}"
    return None


def add(flags, more):
    for at in range(0, len(more), 2):
        if more[at] not in flags:
            flags += more[at:at + 2]


def with_group_texts(path, groups):
    """A group as text, too: REDEFINES as PIC X behind it. `groups`: name and size."""
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    for name, size in groups:
        at, level = next((number, int(match.group(1))) for number, line in enumerate(lines)
                         if (match := re.match(r"\s*(\d\d?)\s+" + re.escape(name) + r"\s*\.",
                                               line)))
        end = next((number for number in range(at + 1, len(lines))
                    if (match := re.match(r"\s*(\d\d?)\s", lines[number]))
                    and int(match.group(1)) <= level), len(lines))
        lines.insert(end, f"           {level:02} {name}-NT REDEFINES {name}\n"
                          f"              PIC X({size}).")
    return temporary_file("\n".join(lines).encode("utf-8", "surrogateescape"), ".cpy")
