#!/usr/bin/python3
"""What decode prints is valid by the schemas that `copybridge schema` prints with the same options,
and what a picture cannot hold is not: schema_test.py COPYBRIDGE. Ends with 77 (skipped) where the
validators are not installed."""

import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
from decimal import Decimal

try:
    import avro.io
    import avro.schema
    import jsonschema
    from avro_values import as_avro
except ImportError as missing:
    print(f"skipped: {missing}; tools/install-packages test installs it")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[3]
MAPPINGS = ROOT / "mappings"
COMMAND = sys.argv[1]
failures = []

# Every kind of item, with tables and alternatives; records as EBCDIC text, packed as hexadecimal.
ALL = """       01  ALL-KINDS.
           05  A PIC X(4).
               88 IS-AB VALUE 'ab'.
               88 IS-BLANK VALUE SPACES.
           05  B PIC S9(3)V99.
           05  C PIC S9(7)V99 COMP-3.
           05  D PIC S9(4) COMP.
               88 D-ONE VALUE 1.
               88 D-FEW VALUE 2 THRU 5.
           05  E PIC 9(3)PP.
           05  F COMP-2.
           05  G POINTER.
           05  H PIC N(2) NATIONAL.
           05  I PIC 9(18) COMP.
           05  FILLER.
               10  9K PIC X.
           05  L PIC 9.
           05  M OCCURS 0 TO 3 DEPENDING ON L.
               10  N PIC 9(2).
               10  O PIC X OCCURS 2.
           05  P PIC X(2).
           05  Q REDEFINES P PIC 9(2).
           05  R REDEFINES P.
               10  S PIC 9.
"""


def ebcdic(text):
    return text.encode("cp037")


GOOD = [
    ebcdic("ab  0012C") + bytes.fromhex("000012345C") + bytes.fromhex("4E20") + ebcdic("123")
    + bytes.fromhex("4019999999999999") + bytes.fromhex("DEADBEEF") + "h".encode("utf-16-be")
    + " ".encode("utf-16-be") + bytes.fromhex("FFFFFFFFFFFFFFFF") + ebcdic("k212ab34cd12"),
    ebcdic("    9999R") + bytes.fromhex("999999999D") + bytes.fromhex("8000") + ebcdic("000")
    + bytes.fromhex("C110000000000000") + bytes(4) + "中文".encode("utf-16-be") + bytes(8)
    + ebcdic(" 0xy"),
]
BAD = GOOD[0][:4] + ebcdic("abcde") + GOOD[0][9:]


def run(*words, data=b""):
    done = subprocess.run([COMMAND, *map(str, words)], input=data, capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


def expect(truth, message):
    if not truth:
        failures.append(message)


def schema_of(kind, words):
    code, out, err = run("schema", "--as", kind, *words)
    if code != 0:
        sys.exit(f"schema {kind} {words}: {err}")
    return json.loads(out, parse_float=Decimal)


def decoded(words, data, format_words=()):
    code, out, err = run("decode", *words, *format_words, "-", data=data)
    lines = out.decode().splitlines()
    if not lines:
        sys.exit(f"decode {words}: {err}")
    return [json.loads(line, parse_float=Decimal) for line in lines]


def check(words, data, format_words=()):
    """Every line is valid by both schemas; returns lines and the JSON Schema."""
    lines = decoded(words, data, format_words)
    schema = schema_of("json-schema", words)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    avro_json = schema_of("avro", words)
    # The library's own reader takes text; decimals beyond it are the names' business alone.
    avro_schema = avro.schema.parse(json.dumps(avro_json, default=str))
    for line in lines:
        for error in itertools.islice(validator.iter_errors(line), 3):
            failures.append(f"{words}: {error.json_path}: {error.message}")
        expect(avro.io.validate(avro_schema, as_avro(line, avro_json)),
               f"{words}: avro: {line}")
    return lines, validator


def mappings():
    account = (MAPPINGS / "account/sample/account.dat").read_bytes()[: 200 * 100]
    lines = (MAPPINGS / "account/expected.jsonl").read_text().splitlines()
    for name in ("account/account", "policy/policy-header", "policy/policy-coverage",
                 "policy/policy-claim", "payment/payment"):
        folder, kind = name.split("/")
        suffix = kind.replace(folder, "")
        expected = MAPPINGS / folder / f"expected{suffix}.jsonl"
        words = ["--mapping", MAPPINGS / f"{name}.yaml"]
        schema = schema_of("json-schema", words)
        avro_json = schema_of("avro", words)
        avro_schema = avro.schema.parse(json.dumps(avro_json, default=str))
        for text in expected.read_text().splitlines():
            line = json.loads(text, parse_float=Decimal)
            for error in jsonschema.Draft202012Validator(schema).iter_errors(line):
                failures.append(f"{name}: {error.json_path}: {error.message}")
            expect(avro.io.validate(avro_schema, as_avro(line, avro_json)), f"{name}: avro: {line}")
    words = ["-c", MAPPINGS / "account/account.cpy", "--codepage", "IBM-1047"]
    checked, _ = check(words, account)
    expect(len(checked) == 100 and len(lines) == 20, "the account sample has 100 lines")


def shapes(folder):
    copybook = pathlib.Path(folder) / "all.cpy"
    copybook.write_text(ALL)
    recfm = ["--recfm", "V"]
    framed = b"".join((len(one) + 4).to_bytes(2, "big") + bytes(2) + one for one in GOOD)
    bad = (len(BAD) + 4).to_bytes(2, "big") + bytes(2) + BAD
    base = ["-c", copybook]
    lines, validator = check(base, framed, recfm)
    expect(len(lines) == 2, f"both records decode, not {lines}")
    for words in (["--names", "camel"], ["--names", "snake"], ["--numbers", "string"],
                  ["--numbers", "safe"], ["--trim", "none"], ["--trim", "both"],
                  ["--fillers", "keep"], ["--conditions"], ["--keep-raw", "--list-errors"],
                  ["--select", "A,M,R"], ["--multiple-of"], ["--short-records", "accept"]):
        shape = [word for word in words if word != "--multiple-of"]
        if "--multiple-of" in words:
            schema = schema_of("json-schema", base + words)
            for line in lines:
                jsonschema.Draft202012Validator(schema).validate(line)
            continue
        check(base + shape, framed, recfm)
    for words in (["--on-bad-field", "null"], ["--on-bad-field", "raw", "--list-errors"]):
        found, _ = check(base + words, framed + bad, recfm)
        expect(len(found) == 3, f"{words}: the bad record is printed too")
    short, _ = check(base + ["--short-records", "accept"], GOOD[0][:20], ["--recfm", "F", "--lrecl", "20"])
    expect(short[0]["F"] is None, "a field behind the end is null")
    limits(validator, lines[0], base)


def decimal_floats(folder):
    """Their decimals are the value's own, so that no fixed scale and no double holds them."""
    copybook = pathlib.Path(folder) / "floats.cpy"
    copybook.write_text("       01  R.\n           05  A USAGE FLOAT-DECIMAL-16.\n"
                        "           05  B USAGE FLOAT-DECIMAL-34.\n")
    base = ["-c", copybook, "--dialect", "gnucobol"]
    texts = ('{"A":1.10,"B":-1234567890123456789012345678901.5}', '{"A":-0.001,"B":7}')
    code, records, err = run("encode", *base, "-", data="\n".join(texts).encode())
    expect(code == 0 and len(records) == 48, f"decimal floats are encoded: {err}")
    lines, _ = check(base, records)
    expect(lines == [json.loads(text, parse_float=Decimal) for text in texts], f"not {lines}")
    wanted = {"type": "bytes", "logicalType": "big-decimal"}
    for words, avro_type in (([], wanted), (["--numbers", "string"], "string")):
        fields = schema_of("avro", base + words)["fields"]
        expect([field["type"] for field in fields] == [avro_type] * 2, f"{words}: {fields}")


def limits(validator, line, base):
    """What a picture cannot hold is refused."""
    for name, value in (("A", "abcde"), ("B", Decimal("1000")), ("B", "1"), ("D", 32768),
                        ("D", -32769), ("D", Decimal("1.5")), ("E", 12345), ("G", "XYZ"),
                        ("H", "abc"), ("I", -1), ("L", 10), ("M", [{"N": 1, "O": ["a", "b"]}] * 4),
                        ("M", [{"N": 1, "O": ["a"]}]), ("M", [{"N": 100, "O": ["a", "b"]}]),
                        ("R", {"S": 10}), ("Q", "12"), ("9K", None), ("new", 1)):
        changed = dict(line)
        changed[name] = value
        expect(not validator.is_valid(changed), f"{name}: {value} must not be valid")
    for name in ("A", "M", "R", "9K"):
        changed = dict(line)
        del changed[name]
        expect(not validator.is_valid(changed), f"without {name} it must not be valid")
    truncated = jsonschema.Draft202012Validator(schema_of("json-schema", base + ["--trunc", "std"]))
    expect(not truncated.is_valid(line), "20000 is beyond S9(4) under --trunc std")
    strict = jsonschema.Draft202012Validator(schema_of("json-schema", base + ["--level-88", "enum"]))
    changed = dict(line, A="zz")
    expect(strict.is_valid(line) and not strict.is_valid(changed), "--level-88 enum lists values")
    code, _, err = run("schema", *base)
    expect(code == 1 and "--as" in err, "--as is required")


TREE = """       01  CUSTOMER.
           05  C-TYPE    PIC X.
           05  C-ID      PIC 9(3).
       01  ACCOUNT.
           05  A-TYPE    PIC X.
           05  A-NO      PIC 9(2).
       01  PAYMENT.
           05  P-TYPE    PIC X.
           05  P-AMOUNT  PIC 9(2).
       01  ADDRESS-LINE.
           05  L-TYPE    PIC X.
           05  L-TEXT    PIC X(4).
"""
TREE_MAPPING = """name: customer
copybook: tree.cpy
codepage: IBM-037
record: CUSTOMER
match: C-TYPE = 'C'
keep_raw: yes
names: camel
children:
  - as: the accounts
    record: ACCOUNT
    match: A-TYPE = 'A'
    children:
      - {record: PAYMENT, match: P-TYPE = 'P'}
  - {record: ADDRESS-LINE, match: L-TYPE = 'L'}
  - {record: ADDRESS-LINE, as: notes, match: L-TYPE = 'N', drop: yes}
event: {type: t}
"""


def documents(folder):
    """Arrays of children are in the schema, as deep as they nest, and so is the order."""
    (pathlib.Path(folder) / "tree.cpy").write_text(TREE)
    mapping = pathlib.Path(folder) / "tree.yaml"
    mapping.write_text(TREE_MAPPING)
    records = ("C007", "L1 st", "A01", "P10", "P20", "A02", "Nnote", "C008", "C009", "A03", "L2 st")
    data = b"".join((len(one) + 4).to_bytes(2, "big") + bytes(2) + ebcdic(one) for one in records)
    words = ["--mapping", mapping]
    lines, validator = check(words, data, ["--recfm", "V"])
    expect(len(lines) == 3, f"three documents, not {lines}")
    expect(["_order" in line for line in lines] == [True, False, False], "the first has an order")
    expect(len(lines[0]["the accounts"][0]["payment"]) == 2, f"payments nest: {lines[0]}")
    for change in ({"the accounts": None}, {"the accounts": [{"aType": "A"}]}, {"notes": []},
                   {"addressLine": [1]}, {"_order": ["1"]}, {"payment": []}):
        expect(not validator.is_valid({**lines[0], **change}), f"{change} must not be valid")
    for name in ("the accounts", "addressLine"):
        changed = dict(lines[0])
        del changed[name]
        expect(not validator.is_valid(changed), f"without {name} it must not be valid")


def scaled_integers(folder):
    """Trailing P's are zeros of a whole number."""
    copybook = pathlib.Path(folder) / "scaled.cpy"
    copybook.write_text("       01  R.\n           05  A PIC 9(3)PP.\n           05  B PIC S9(9)P(3)."
                        "\n           05  C PIC 9(18)PP.\n           05  D PIC PP9.\n")
    lines, _ = check(["-c", copybook], ebcdic("123" + "000000001" + "9" * 18 + "5"))
    expect(lines[0]["A"] == 12300, f"not {lines}")
    fields = schema_of("avro", ["-c", copybook])["fields"]
    decimal = {"type": "bytes", "logicalType": "decimal"}
    expect([field["type"] for field in fields] == [
        "int", "long", {**decimal, "precision": 20, "scale": 0},
        {**decimal, "precision": 3, "scale": 3}], f"not {fields}")


def limited_items(folder):
    """What the bytes could hold beyond the picture is neither read nor valid, but by option."""
    copybook = pathlib.Path(folder) / "limited.cpy"
    copybook.write_text("       01  R.\n           05  A PIC S9(4) COMP-3.\n"
                        "           05  B PIC U(1).\n")
    record = bytes.fromhex("12345C") + b"abcd"
    base = ["-c", copybook]
    code, out, err = run("decode", *base, "-", data=record)
    expect(code == 2 and not out, f"it is bad data: {err}")
    loose = ["--lenient", "packed-pad"]
    lines, _ = check(base + loose, bytes.fromhex("12345C") + b"a   ")
    expect(lines == [{"A": 12345, "B": "a"}], f"not {lines}")
    strict = jsonschema.Draft202012Validator(schema_of("json-schema", base))
    expect(not strict.is_valid(lines[0]), "12345 is beyond S9(4)")
    expect(not strict.is_valid({"A": 1, "B": "ab"}), "U(1) has one character")
    expect(strict.is_valid({"A": 9999, "B": "é"}), "the picture's own values are valid")


with tempfile.TemporaryDirectory() as scratch:
    mappings()
    shapes(scratch)
    decimal_floats(scratch)
    documents(scratch)
    scaled_integers(scratch)
    limited_items(scratch)
for failure in failures[:20]:
    print(failure)
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
