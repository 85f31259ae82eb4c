"""JRecord: files that compilers wrote, which hold their own expected values, and a table of
encodings."""

from decimal import Decimal

import layout as layouts
from compare import decimal
from documents import setup
from harness import Mismatch, Number, Waived, json_lines, temporary_file


def is_self_checking(case):
    return str(case.about.get("oracle", "")).startswith("self-checking")


def dialect_of(case):
    """Flags for the compiler that wrote the file. All ran on little-endian machines: COMP-5."""
    return ["--endian", "little", "--dialect", dialect_name(case)]


def dialect_name(case):
    name = case.about["dialect"]
    if "-std=mf" in name:
        return "micro-focus"
    if "little-endian" in name or "default" in name:
        return "gnucobol"
    if "GNU COBOL" in name:
        # -std=mvs and -std=bs2000: IBM's sizes, but GnuCOBOL's alignment.
        return "gnucobol-ibm"
    if "Fujitsu" in name:
        return "ibm"
    raise Mismatch(f"dialect {name} is unknown to the runner")


def check_self(case, tool):
    """NumA, an edited picture, says what every Num<n> with room for it holds."""
    copybook, flags = setup(case, tool)
    dialect = dialect_of(case)
    code, out, error = tool.run(["decode", "-c", copybook, *flags, *dialect, "--codepage",
                                 "ISO-8859-1", case.file("data.bin")])
    if code != 0:
        raise Mismatch(f"decode ends with {code}: {error}")
    rows = json_lines(out)
    root = layouts.load(tool, copybook, flags + dialect[2:])
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


def check_encode_table(case, tool):
    raise Mismatch("encode tables: no encoder yet")
