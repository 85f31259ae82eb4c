"""JRecord: files that compilers wrote, which hold their own expected values, and a table of
encodings."""

import re
from decimal import Decimal

import layout as layouts
from compare import decimal
from documents import setup
from harness import Mismatch, Number, json_lines, temporary_file


def is_self_checking(case):
    return str(case.about.get("oracle", "")).startswith("self-checking")


def check_self(case, tool):
    """NumA, an edited picture, says what every Num<n> with room for it holds. All compilers ran on
    little-endian machines: COMP-5."""
    copybook, flags = setup(case, tool)
    code, out, error = tool.run(["decode", "-c", copybook, *flags, "--endian", "little",
                                 "--codepage", "ISO-8859-1", case.file("data.bin")])
    if code != 0:
        raise Mismatch(f"decode ends with {code}: {error}")
    rows = json_lines(out)
    root = layouts.load(tool, copybook, flags)
    if len(rows) * root.size != case.about["data_bytes"] or not rows:
        raise Mismatch(f"{len(rows)} rows of {root.size} bytes are not {case.about['data_bytes']}")
    checked = sum(check_row(number, row, "positive" in case.name.lower())
                  for number, row in enumerate(rows, 1))
    if checked < len(rows):
        raise Mismatch(f"only {checked} values could be compared")


def check_row(number, row, is_absolute):
    stated = row["NumA"]
    wanted = decimal(stated if isinstance(stated, Number) else stated.replace(",", "").strip())
    if wanted is None:
        raise Mismatch(f"row {number}: NumA is {stated!r}")
    wanted = abs(wanted) if is_absolute else wanted
    checked = 0
    for name, value in row.items():
        digits = name[3:]
        if not (name.startswith("Num") and digits.isdigit() and 2 <= int(digits) <= 16):
            continue
        if abs(wanted) >= Decimal(10) ** int(digits):
            continue
        checked += 1
        if decimal(value) != wanted:
            raise Mismatch(f"row {number}, {name}: {value}, not {wanted}")
    return checked


# -- the table of encodings

def is_encode_table(case):
    return case.about.get("kind") == "encode table"


# JRecord's types in COBOL's words, by number: the pictures to try, for a value that is not negative
# and for one that is; `w` stands for the digits before the decimal point. All are four characters.
TYPES = {
    0: (("X(4)",), ("X(4)",)),
    1: (("X(4) JUSTIFIED RIGHT",), ("X(4) JUSTIFIED RIGHT",)),
    5: (("X(4)",), ("X(4)",)),
    6: (("ZZZ9", "Z9.9"), ("---9", "-9.9")),
    7: (("9999", "99.9"), ("-999", "-9.9")),
    8: (("9999", "999V9"), ("-999", "-99V9")),
    9: (("S999 SIGN LEADING SEPARATE", "S99V9 SIGN LEADING SEPARATE"),) * 2,
    10: (("S999 SIGN TRAILING SEPARATE", "S99V9 SIGN TRAILING SEPARATE"),) * 2,
    19: (("ZZZ9", "Z9.9"), ("---9", "-9.9")),
    20: (("ZZZ9", "Z9.9"), ("---9", "-9.9")),
    22: (("9999", "999V9"), ("-999", "-99V9")),
    24: (("+999", "+9.9"), ("+999", "+9.9")),
    25: (("9999", "99.9"), ("-999", "-9.9")),
    26: (("9999", "99,9"), ("-999", "-9,9")),
    27: (("+999", "+9,9"), ("+999", "+9,9")),
    28: (("9999", "99,9"), ("-999", "-9,9")),
    29: (("+++9", "+9.9"), ("+++9", "+9.9")),
    32: (("S9999", "S999V9"),) * 2,
    42: (("ZZZ9", "Z9,9"), ("---9", "-9,9")),
    43: (("+++9", "+9,9"), ("+++9", "+9,9")),
    44: (("+999", "+9.9"), ("+999", "+9.9")),
    45: (("999+", "9.9+"), ("999+", "9.9+")),
    46: (("S9999", "S999V9"),) * 2,
}
# A sign that a number of four digits leaves out.
WIDE = {24: ("9999", "99.9"), 27: ("9999", "99,9"), 29: ("ZZZ9", "Z9.9"), 43: ("ZZZ9", "Z9,9")}
ZONED_DIALECT = {32: "ibm", 46: "gnucobol"}


class Line:
    """One line of the table."""

    def __init__(self, text):
        self.type = int(text[45:48])
        self.decimals = int(text[52:53])
        self.value = text[54:62].strip()
        self.expected = bytes.fromhex(text[72:].strip()[:8])

    def picture(self):
        value = Decimal(self.value)
        pictures = TYPES[self.type][1 if value < 0 else 0]
        if self.type in WIDE and value >= 10 ** (3 - 2 * (self.decimals > 0)):
            pictures = WIDE[self.type]
        return pictures[min(self.decimals, len(pictures) - 1)]

    def is_text(self):
        return self.picture().startswith("X")

    def json(self):
        return f'"{self.value}"' if self.is_text() else self.value


def check_encode_table(case, tool):
    """Every line's value becomes the bytes that it names, and they decode to the value."""
    match = re.search(r"for code page (\S+)", case.about["code_page"])
    page = match.group(1)
    is_ascii = page.upper() == "ASCII"
    page = "ISO-8859-1" if is_ascii else page.removeprefix("cp")
    text = case.file("data.bin").read_text(encoding="latin-1")
    lines = [Line(line) for line in text.splitlines() if line.strip()]
    known = [line for line in lines if line.type in TYPES and not is_other_machine(line, is_ascii)]
    if len(known) < len(lines) * 3 // 4:
        raise Mismatch(f"only {len(known)} of {len(lines)} lines have a COBOL item")
    groups = {}
    for line in known:
        is_comma = "," in line.picture()
        groups.setdefault((is_comma, ZONED_DIALECT.get(line.type, "ibm")), []).append(line)
    for (is_comma, dialect), members in groups.items():
        flags = ["--source-format", "free", "--codepage", page, "--dialect", dialect, "--trim",
                 "both"]
        check_lines(tool, flags + (["--decimal-point-is-comma"] if is_comma else []), members)


def is_other_machine(line, is_ascii):
    """GnuCOBOL's overpunch is of ASCII machines; negative ones of type 46 stand with X'50' to
    X'59', but cobc writes X'70' to X'79' (GnuCOBOL is the oracle, corpus README). Type 32 in ASCII
    is what a transfer makes of EBCDIC; compilers of ASCII machines write X'30' to X'39' for plus
    (IBM COBOL for AIX, Language Reference, SIGN clause)."""
    if line.type == 46:
        return not is_ascii or line.value.startswith("-")
    return line.type == 32 and is_ascii


def check_lines(tool, flags, lines):
    items = [f"   05 F{number} PIC {line.picture()}." for number, line in enumerate(lines)]
    copybook = temporary_file("\n".join(["01 R."] + items) + "\n", ".cpy")
    document = ",".join(f'"F{number}":{line.json()}' for number, line in enumerate(lines))
    code, out, error = tool.run(["encode", "-c", copybook, *flags], ("{" + document + "}").encode())
    if code != 0:
        raise Mismatch(f"encode ends with {code}: {error}")
    for number, line in enumerate(lines):
        found = out[4 * number:4 * number + 4]
        if found != line.expected:
            raise Mismatch(f"type {line.type}, PIC {line.picture()}: {line.value} becomes "
                           f"{found.hex()}, not {line.expected.hex()}")
    code, decoded, error = tool.run(["decode", "-c", copybook, *flags], out)
    if code != 0:
        raise Mismatch(f"decode ends with {code}: {error}")
    row = json_lines(decoded)[0]
    for number, line in enumerate(lines):
        if decimal(row[f"F{number}"]) != Decimal(line.value):
            raise Mismatch(f"type {line.type}, PIC {line.picture()}: {line.expected.hex()} is "
                           f"{row[f'F{number}']}, not {line.value}")
