"""Cobrix's tables: single fields both ways, and its code pages.

Many cases go through one run of the program: each becomes an item of one generated copybook. Where
the program refuses the whole, each case is run alone.
"""

import functools
import re
from decimal import Decimal

import floats
from compare import decimal
from harness import (Mismatch, Number, Waived, json_lines, load_json, temporary_file)

KNOWN = "corpus README, Known mistakes in these sources"
NO_PAGE = ("ICU has no such code page, and the corpus no table of single bytes (corpus README, "
           "codepages.json: ours follow ICU)")
ITEMS_MAX = 400


class Entry:
    """One case of a table."""

    def __init__(self, source, name, about):
        self.source = source
        self.name = name
        self.about = about
        self.outcome = None  # None passed, else the exception


def is_decoding(about):
    return "pic" in about and "bytes_hex" in about and "expected" in about


def is_encoding(about):
    return about.get("direction") == "encode" and "bytes_hex" in about


# -- copybooks of single items

def description(about):
    """The clauses of an item."""
    about = dict(about)
    if is_comma_number(about):
        about["pic"] = about["pic"].replace(".", ",")
    usage = {"DISPLAY": "", "COMP-9": "COMP-5", "COMP-3U": "COMP-6"}.get(about["usage"],
                                                                         about["usage"])
    picture = f"PIC {about['pic']} " if about.get("pic") else ""
    national = " NATIONAL" if "N" in (about.get("pic") or "") else ""
    return picture + usage + national


def is_comma_number(about):
    """Either character is the decimal point there; here DECIMAL-POINT IS COMMA says which."""
    is_ascii = about.get("options", {}).get("encoding") == "ascii"
    data = bytes.fromhex(about["bytes_hex"])
    return "." in (about.get("pic") or "") and (b"," if is_ascii else b"\x6b") in data \
        and (b"." if is_ascii else b"\x4b") not in data


def copybook(descriptions):
    lines = ["01 R."]
    lines += [f"   05 F{number} {text}." for number, text in enumerate(descriptions)]
    return temporary_file("\n".join(lines) + "\n", ".cpy")


def float_flags(form):
    """The option floating_point_format."""
    if form.lower() == "ibm_little_endian":
        return ["--float", "ibm-little"]
    known = re.fullmatch(r"(ibm|ieee754)(_big_endian|_little_endian)?", form.lower())
    if not known:
        return ["--float", form]  # refused
    flags = ["--float", "ieee" if known.group(1) == "ieee754" else "ibm"]
    return flags + (["--endian", "little"] if known.group(2) == "_little_endian" else [])


def page_of(tool, name, pages):
    """The name of a code page; where ICU has none, the original's table as one of the user's own."""
    number = re.fullmatch(r"cp(\d+)(_extended)?", name)
    page = number.group(1) if number else "037"
    if name in pages and pages[name].get("kind") == "single-byte" and not is_known(tool, page):
        return f"file:{table_file(pages[name])}"
    return page


@functools.cache
def is_known(tool, page):
    code, _, error = tool.run(["decode", "-c", copybook(["PIC X"]), "--source-format", "free",
                               "--codepage", page])
    return code == 0 or "is not known" not in error


def decode_flags(tool, about, pages):
    """Flags that all cases of one run share."""
    options = about.get("options", {})
    page = "ISO-8859-1" if options.get("encoding") == "ascii" \
        else page_of(tool, options.get("ebcdic_code_page", "common"), pages)
    flags = ["--codepage", page, *float_flags(options.get("floating_point_format", "ibm"))]
    if is_comma_number(about):
        flags += ["--decimal-point-is-comma"]
    if options.get("is_utf16_big_endian") == "false":
        flags += ["--national", "little"]
    strict = options.get("strict_sign_overpunching", "true") == "true"
    if about["expected"] is not None:
        # Null is what the strict reading, the default, has to say, too.
        flags += ["--lenient", "blanks,separate-sign,edited,text,overpunch"
                  + ("" if strict else ",several-signs")
                  + (",blank-zero" if options.get("improved_null_detection") == "false" else "")]
    else:
        # There an unsigned item has no sign at all.
        flags += ["--numproc", "pfd"]
    if about["usage"] in ("COMP-9", "COMP-3U"):
        flags += ["--dialect", "gnucobol", "--endian",
                  "little" if about["usage"] == "COMP-9" else "big"]
    return tuple(flags)


def check_decoding(tool, entries, pages):
    groups = {}
    for entry in entries:
        groups.setdefault(decode_flags(tool, entry.about, pages), []).append(entry)
    for flags, members in groups.items():
        for at in range(0, len(members), ITEMS_MAX):
            try:
                decode_group(tool, flags, members[at:at + ITEMS_MAX])
            except Mismatch as outcome:
                for entry in members[at:at + ITEMS_MAX]:
                    entry.outcome = outcome


def decode_group(tool, flags, entries):
    path = copybook([description(entry.about) for entry in entries])
    data = b"".join(bytes.fromhex(entry.about["bytes_hex"]) for entry in entries)
    code, out, error = tool.run(["decode", "-c", path, "--source-format", "free", "--trim", "none",
                                 "--on-bad-field", "null", *flags], data)
    rows = json_lines(out) if code == 0 else []
    if len(rows) == 1:
        for number, entry in enumerate(entries):
            judge(entry, rows[0].get(f"F{number}"))
    elif len(entries) > 1:
        for entry in entries:
            decode_group(tool, flags, [entry])
    else:
        entries[0].outcome = Mismatch(error.split("\n", 1)[0] or f"{len(rows)} records")
        if "code page: " in error and "is not known" in error:
            entries[0].outcome = Waived(NO_PAGE)
            return
        entries[0].outcome = decode_waiver(entries[0].about, None) or entries[0].outcome


def judge(entry, ours):
    about = entry.about
    expected = load_json(about["expected_json_literal"])
    right = re.search(r"true value (-?[\d.]+(?:[eE][-+]?\d+)?)", about.get("known_wrong") or "")
    if right:
        expected = Number(right.group(1))  # the case itself says what it should be
    if same_value(expected, ours, about):
        return
    entry.outcome = decode_waiver(about, ours) or Mismatch(
        f"{about['pic']} {about['usage']} {about['bytes_hex']} {about.get('options', '')}: "
        f"{ours!r}, not {expected!r} ({about['source']})")


def same_value(expected, ours, about):
    improved = about.get("options", {}).get("improved_null_detection") == "true"
    if improved and isinstance(ours, str) and not ours.strip("\0"):
        ours = None  # low-values are null there, in text too
    if expected is None or ours is None:
        return expected is None and ours is None
    if isinstance(expected, Number) or isinstance(ours, Number):
        left, right = decimal(expected), decimal(ours)
        if left is None or right is None:
            return False
        return left == right or about["usage"] in ("COMP-1", "COMP-2") and floats.same(
            left, right, about["usage"], bytes.fromhex(about["bytes_hex"]),
            about.get("options", {}).get("floating_point_format", "ibm"))
    return plain(expected, about) == plain(ours, about)


def plain(text, about):
    """Control characters are blanks in the original's tables; then its trimming."""
    options = about.get("options", {})
    text = "".join(" " if ord(one) < 0x20 or 0x7F <= ord(one) < 0xA0 else one for one in text)
    policy = options.get("string_trimming_policy", "both")
    return {"both": text.strip, "left": text.lstrip, "right": text.rstrip}.get(
        policy, lambda _: text)(" ")


def decode_waiver(about, ours):
    """Why a case does not bind; None where it does."""
    expected = about.get("expected")
    if expected is None and ours is not None and is_number_beyond_int(about):
        return Waived("a binary item holds what its bytes hold (Programming Guide, TRUNC(BIN))")
    if "P" in (about.get("pic") or "") and is_short_number(about):
        return Waived("a sign in place of a digit of a scaled picture: corpus README, Known "
                      "mistakes in these sources (digits closed up)")
    if about.get("known_wrong") and "true value" not in about["known_wrong"]:
        return Waived(f"the expected value is wrong: {KNOWN} (COMP-1 in IBM format)")
    return None


def is_number_beyond_int(about):
    return about["usage"] in ("COMP", "COMP-9") and "S" not in about["pic"] \
        and len(about["bytes_hex"]) == 8


def is_short_number(about):
    data = bytes.fromhex(about["bytes_hex"])
    return any(one in b"\x4e\x60+-" for one in (data[:1] + data[-1:]))


# -- encode

def check_encoding(tool, entries):
    for entry in entries:
        try:
            encode_one(tool, entry)
        except (Mismatch, Waived) as outcome:
            entry.outcome = outcome


def encode_one(tool, entry):
    about = entry.about
    clauses, little = encode_description(about)
    path = copybook([clauses])
    value = encode_value(about)
    # The original rounds.
    flags = ["--source-format", "free", "--codepage", "037", "--dialect", "gnucobol", "--rounding",
             "nearest", "--endian",
             "little" if little else "big"]
    code, out, error = tool.run(["encode", "-c", path, *flags], f'{{"F0":{value}}}\n'.encode())
    expected = bytes.fromhex(about["bytes_hex"])
    if is_refusal(about):
        if code == 0:
            raise Mismatch(f"{clauses}: {value} becomes {out.hex()} and is not refused")
        if not error:
            raise Mismatch(f"{clauses}: {value} is refused without a message")
        return
    if code != 0 or out != expected[len(expected) - len(out):] or not out:
        raise Mismatch(f"{clauses}: {value} becomes {out.hex()}, not {expected.hex()} "
                       f"({error.splitlines()[:1]}; {about['source']})")
    # The original pads on the left to the size asked for.
    padding = expected[:len(expected) - len(out)]
    if padding.strip(b"\xf0\0"):
        raise Mismatch(f"{clauses}: {out.hex()}, not {expected.hex()}")


def encode_value(about):
    if about["value"] is None:
        return "null"
    value = Decimal(about["value"])
    if len(about["value"]) > 25:
        # The original's test made this decimal from a double.
        value = Decimal(repr(float(value)))
    return format(value, "f")


def is_refusal(about):
    """The original writes zero bytes where it cannot encode."""
    value = about["value"]
    return value is None or (not about["bytes_hex"].strip("0") and Decimal(value) != 0)


def encode_description(about):
    """The clauses of the item that the arguments describe, and whether it is little-endian."""
    arguments = about["args"]
    usage = about["usage"]
    digits = int(arguments["precision"])
    decimals = int(arguments["scale"]) - int(arguments["scaleFactor"])
    if (int(arguments["scale"]) < 0 or digits == 0) and is_refusal(about):
        return f"PIC 9({digits})V9({arguments['scale']})", False  # no picture; it is refused
    if int(arguments["scale"]) < 0 or digits == 0:
        raise Waived("no PICTURE has a negative number of decimals or no digits "
                     "(Language Reference, PICTURE clause)")
    if usage in ("COMP", "COMP-9"):
        size = {"1": "2", "2": "4", "4": "9", "8": "18"}[arguments["outputSize"]]
        return f"PIC S9({size}) COMP-5", usage == "COMP-9"
    if usage in ("COMP-3", "COMP-3U"):
        packed = "COMP-3" if usage == "COMP-3" else "COMP-6"
        sign = "S" if arguments["signed"] == "true" and packed == "COMP-3" else ""
        return f"PIC {sign}{digits_picture(digits, decimals)} {packed}", False
    return display_description(about, digits, decimals)


def digits_picture(digits, decimals):
    if decimals <= 0:
        return f"9({digits})" + ("P" * -decimals)
    if decimals > digits:
        return f"V{'P' * (decimals - digits)}9({digits})"
    whole = f"9({digits - decimals})" if digits > decimals else ""
    return f"{whole}V9({decimals})"


def display_description(about, digits, decimals):
    arguments = about["args"]
    position = arguments["signPosition"]
    is_separate = about["usage"] == "DISPLAY SIGN SEPARATE"
    if arguments["explicitDecimalPoint"] == "true":
        return edited_description(about, digits), False
    if not is_refusal(about):
        # The size asked for says how many digits there are.
        digits = int(arguments["outputSize"]) - (position != "None" and is_separate)
    sign = "" if position == "None" else "S"
    clause = ""
    if position != "None" and is_separate:
        clause = " SIGN LEADING SEPARATE" if "Left" in position else " SIGN TRAILING SEPARATE"
    return f"PIC {sign}{digits_picture(digits, decimals)}{clause}", False


def edited_description(about, digits):
    arguments = about["args"]
    if int(arguments["scaleFactor"]) > 0 and is_refusal(about):
        return f"PIC 9({digits}).9P({arguments['scaleFactor']})"  # no picture; it is refused
    if int(arguments["scaleFactor"]) != 0:
        raise Waived("P and an explicit decimal point exclude each other "
                     "(Language Reference, PICTURE clause, symbol P)")
    position = arguments["signPosition"]
    is_separate = position != "None" and about["usage"] == "DISPLAY SIGN SEPARATE"
    decimals = int(arguments["scale"])
    whole = max(digits - decimals, 0)
    if not is_refusal(about):
        whole = int(arguments["outputSize"]) - decimals - (decimals > 0) - is_separate
    body = (f"9({whole})" if whole else "") + (f".9({decimals})" if decimals else "")
    if not is_separate:
        # Without a place of its own the sign is overpunched, which S beside a point says here.
        return f"PIC {body}" if position == "None" else f"PIC S{body}"
    return f"PIC +{body}" if "Left" in position else f"PIC {body}+"


# -- code pages

def check_code_page(tool, name, page, page_flags):
    """Every graphic character of the original's table is ours. Control characters, and bytes that
    its table leaves blank, are not compared (corpus README: ours follow ICU)."""
    if page.get("kind") == "single-byte":
        table = {bytes([byte]): code for byte, code in enumerate(page["byte_to_codepoint"])}
    else:
        table = mixed_table(page)
    wanted = {key: code for key, code in table.items() if is_graphic(code)}
    ours = decoded(tool, list(wanted), page_flags)
    differing = [key for key, text in ours.items()
                 if not same_character(text, chr(wanted[key]))]
    wrong = [f"{key.hex()}: {ours[key]!r}, not {chr(wanted[key])!r}" for key in differing]
    # A few characters may differ where no third table says that ours are wrong.
    is_disputed = any(independent(name, key) not in (None, ours[key]) for key in differing)
    if wrong and len(wrong) <= len(wanted) // 20 and not is_disputed:
        raise Waived(f"{name}: {len(wrong)} of {len(wanted)} characters differ from ICU's table "
                     "(corpus README, codepages.json: ours follow ICU)")
    if wrong:
        raise Mismatch(f"{name}: {len(wrong)} of {len(wanted)} differ: " + "; ".join(wrong[:4]))
    if not wanted:
        raise Mismatch(f"{name}: no character to compare")


def independent(name, key):
    """What Python's own table of the page says: a second opinion where the original differs."""
    try:
        text = key.decode(name.removesuffix("_extended"))
        return None if text == "\x1a" else text  # SUB: no character there
    except (LookupError, UnicodeDecodeError):
        return None


def same_character(ours, expected):
    # common has a hyphen where 037 has a soft hyphen.
    return ours == expected or (ours == "\u00ad" and expected == "-")


def is_graphic(code):
    return code > 0x20 and not 0x7F <= code <= 0xA0 and code != 0xFFFD


def mixed_table(page):
    table = {}
    for byte, code in enumerate(page["single_byte_to_codepoint"]):
        table[bytes([byte])] = code
    for double, code in page.get("double_byte_to_codepoint", {}).items():
        table[bytes.fromhex(double)] = code
    return table


def decoded(tool, keys, page_flags):
    """What each byte, or pair of bytes between SO and SI, is for us."""
    fields = [key if len(key) == 1 else b"\x0e" + key + b"\x0f" for key in keys]
    made = {}
    for at in range(0, len(keys), ITEMS_MAX):
        part = fields[at:at + ITEMS_MAX]
        path = copybook([f"PIC X({len(field)})" for field in part])
        code, out, error = tool.run(["decode", "-c", path, "--source-format", "free", "--trim",
                                     "none", *page_flags], b"".join(part))
        if code == 1 and "is not known" in error:
            raise Waived(NO_PAGE)
        if code != 0:
            raise Mismatch(error.split("\n", 1)[0])
        row = json_lines(out)[0]
        for number, key in enumerate(keys[at:at + ITEMS_MAX]):
            made[key] = row[f"F{number}"]
    return made


def check_named_page(tool, name, page):
    """A page by the name that Cobrix gives it; one that ICU lacks as a table of the user's own."""
    number = re.fullmatch(r"cp(\d+)(_extended)?", name)
    if number and number.group(1) == "300":
        # CCSID 300 is the double-byte half of 939; its single bytes are not COBOL's.
        page = {**page, "single_byte_to_codepoint": [-1] * 256}
        return check_code_page(tool, name, page, ["--codepage", "939"])
    if number:
        return check_code_page(tool, name, page, ["--codepage", page_of(tool, name, {name: page})])
    if name.startswith("common"):
        return check_code_page(tool, name, page, ["--codepage", "037"])
    return check_code_page(tool, name, page, ["--codepage", f"file:{table_file(page)}"])


def table_file(page):
    """A code page table of the user's own."""
    lines = [f"U+{code:04X}" for code in page["byte_to_codepoint"]]
    return temporary_file("\n".join(lines) + "\n", ".table")
