"""Makes the sample data of mappings/: see make-samples, which starts this."""

import argparse
import filecmp
import json
import os
import sys
import tempfile
import zlib

import account
import mainframe
import payment
import policy
from rendering import to_json, to_yaml_flow

HERE = os.path.dirname(os.path.abspath(__file__))
MAPPINGS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "mappings")
EXPECTED_RECORDS = 20
EXAMPLES_MARK = "# Everything below is written by tools/samples/make-samples.\n"
HEX_PER_LINE = 80
# The start of a packed number whose fourth nibble is no digit.
BAD_PACKED = b"\x00\x0b"


def _write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode("utf-8"))


def _json_lines(bodies):
    return "".join(to_json(body) + "\n" for body in bodies)


def _expectation(kind, values):
    """What one mapping makes of its records: the first events, and all of them as counts."""
    published = [kind.event(value) for value in values if kind.is_published(value)]
    counts = {
        "matched": len(values),
        "published": len(published),
        "filtered": len(values) - len(published),
        "crc32_of_events": format(zlib.crc32(_json_lines(published).encode("utf-8")), "08x"),
    }
    return _json_lines(published[:EXPECTED_RECORDS]), counts


def _counts_json(samples, records, mappings):
    lines = ",\n".join("    " + json.dumps(name) + ": " + json.dumps(counts)
                       for name, counts in mappings.items())
    return ('{\n  "samples": ' + json.dumps(samples) + ',\n  "records": ' + str(records)
            + ',\n  "mappings": {\n' + lines + "\n  }\n}\n")


def _hex_scalar(record):
    text = record.hex()
    lines = [text[start:start + HEX_PER_LINE] for start in range(0, len(text), HEX_PER_LINE)]
    return '"' + "\\\n      ".join(lines) + '"'


def _example(kind, value, record):
    text = "  - record_hex: " + _hex_scalar(record) + "\n"
    if not kind.is_published(value):
        return text + "    event: filtered\n"
    members = ",\n      ".join(name + ": " + to_yaml_flow(member)
                               for name, member in kind.event(value).items())
    return (text + "    event: {\n      " + members + "}\n"
            + '    key: "' + kind.key(value) + '"\n    subject: "' + kind.subject(value) + '"\n')


def _write_examples(out, folder, name, kind, pairs):
    """Puts the examples below the mark of a mapping file; what is above it stays."""
    with open(os.path.join(MAPPINGS, folder, name + ".yaml"), encoding="utf-8") as file:
        head = file.read().split(EXAMPLES_MARK)[0]
    examples = "".join(_example(kind, value, record) for value, record in pairs)
    _write(os.path.join(out, folder, name + ".yaml"),
           head + EXAMPLES_MARK + "examples:\n" + examples)


def _records(folder, kind, values, size=None):
    with tempfile.TemporaryDirectory() as work_dir:
        return mainframe.write_records(
            os.path.join(HERE, folder + ".cob"), os.path.join(MAPPINGS, folder),
            [kind.line(value) for value in values], kind.CODE_PAGE, work_dir, size)


def _choose(values, records, indexes):
    return [(values[index], records[index]) for index in indexes]


def make_account(out):
    """mappings/account: a fixed-length master, and a short file with one bad record in it."""
    values = account.values()
    records = _records("account", account, values, account.RECORD_SIZE)
    folder = os.path.join(out, "account")
    _write(os.path.join(folder, "sample", "account.dat"), b"".join(records))
    _write(os.path.join(folder, "sample", "account-bad.dat"), b"".join(_spoil(records[:10], 6)))
    expected, counts = _expectation(account, values)
    _write(os.path.join(folder, "expected.jsonl"), expected)
    _write(os.path.join(folder, "decoded.jsonl"),
           _json_lines(account.decoded(value) for value in values[:EXPECTED_RECORDS]))
    _write(os.path.join(folder, "expected.json"),
           _counts_json(["account.dat"], len(records), {"account": counts}))
    _write_examples(out, "account", "account", account, _choose(values, records, [0, 1, 4, 13]))


def _spoil(records, index):
    """The records, one of them with a nibble in ACCT-BALANCE that is no digit."""
    at = account.BALANCE_OFFSET
    record = records[index]
    return (records[:index] + [record[:at] + BAD_PACKED + record[at + 2:]] + records[index + 1:])


def make_policy(out):
    """mappings/policy: three record types of variable length, with blocks and without."""
    values = policy.values()
    records = _records("policy", policy, values)
    folder = os.path.join(out, "policy")
    _write(os.path.join(folder, "sample", "policy.vb"),
           mainframe.with_bdws(records, policy.BLOCK_SIZE))
    _write(os.path.join(folder, "sample", "policy.v"), mainframe.with_rdws(records))
    all_counts = {}
    for name, record_type in (("header", "10"), ("coverage", "20"), ("claim", "30")):
        chosen = [index for index, value in enumerate(values) if value["type"] == record_type]
        expected, counts = _expectation(policy, [values[index] for index in chosen])
        _write(os.path.join(folder, "expected-" + name + ".jsonl"), expected)
        all_counts["policy-" + name] = counts
        _write_examples(out, "policy", "policy-" + name, policy,
                        _choose(values, records, _policy_examples(values, chosen)))
    _write(os.path.join(folder, "expected.json"),
           _counts_json(["policy.vb", "policy.v"], len(records), all_counts))


def _policy_examples(values, chosen):
    """The first of each sort: kind of risk, empty and filled table, filtered claim."""
    sorts = {}
    for index in chosen:
        value = values[index]
        payments = min(len(value.get("payments", [])), 2)
        sorts.setdefault((value.get("kind"), payments, policy.is_published(value)), index)
    return sorted(sorts.values())


def make_payment(out):
    """mappings/payment: messages one after another, and a few as files of their own."""
    values = payment.values()
    records = _records("payment", payment, values, payment.MESSAGE_SIZE)
    folder = os.path.join(out, "payment")
    _write(os.path.join(folder, "sample", "payment.lp"), mainframe.with_lengths(records))
    for index in range(3):
        _write(os.path.join(folder, "sample", "message-{}.bin".format(index + 1)), records[index])
    expected, counts = _expectation(payment, values)
    _write(os.path.join(folder, "expected.jsonl"), expected)
    _write(os.path.join(folder, "expected.json"),
           _counts_json(["payment.lp"], len(records), {"payment": counts}))
    _write_examples(out, "payment", "payment", payment, _choose(values, records, [0, 1, 4]))


def make_all(out):
    """All sample data below a folder laid out like mappings/."""
    make_account(out)
    make_policy(out)
    make_payment(out)


def _generated_files(folder):
    for path, _, names in os.walk(folder):
        for name in names:
            yield os.path.relpath(os.path.join(path, name), folder)


def check():
    """Makes everything in a temporary folder and compares; the number of files that differ."""
    with tempfile.TemporaryDirectory() as out:
        make_all(out)
        names = sorted(_generated_files(out))
        differing = [name for name in names
                     if not os.path.exists(os.path.join(MAPPINGS, name))
                     or not filecmp.cmp(os.path.join(out, name), os.path.join(MAPPINGS, name),
                                        shallow=False)]
    for name in differing:
        print("samples: mappings/" + name + " differs from what make-samples writes")
    print("samples: {} files checked, {} differ".format(len(names), len(differing)))
    return len(differing)


def make_many(count, out, bad_every):
    """account.dat of any size: the sample over and over, every record under its own number."""
    values = account.values()
    base = _records("account", account, values, account.RECORD_SIZE)
    published = [account.is_published(value) for value in values]
    os.makedirs(out, exist_ok=True)
    filtered = bad = 0
    with open(os.path.join(out, "account.dat"), "wb", buffering=1 << 20) as file:
        for index in range(count):
            record = base[index % len(base)]
            number = str(index + 1).zfill(10).encode("cp037")
            record = record[:1] + number + record[11:]
            if bad_every and (index + 1) % bad_every == 0:
                record = _spoil([record], 0)[0]
                bad += 1
            elif not published[index % len(base)]:
                filtered += 1
            file.write(record)
    print("samples: {} records in {}, of them {} bad, {} filtered by account.yaml".format(
        count, os.path.join(out, "account.dat"), bad, filtered))


def _arguments():
    parser = argparse.ArgumentParser(prog="make-samples", description=__doc__)
    parser.add_argument("--check", action="store_true",
                        help="compare with the committed files instead of writing them")
    parser.add_argument("--records", type=int, metavar="N", help="write N records (with --out)")
    parser.add_argument("--bad-every", type=int, default=0, metavar="N",
                        help="with --records: every Nth record has a bad packed field")
    parser.add_argument("--out", metavar="DIR", help="folder for --records")
    parser.add_argument("kind", nargs="?", choices=["account"], help="what --records writes")
    arguments = parser.parse_args()
    if bool(arguments.records) != bool(arguments.out and arguments.kind):
        parser.error("--records N, --out DIR and the kind go together")
    return arguments


def main():
    """Exit code 0, or 1 where --check finds a difference."""
    arguments = _arguments()
    if arguments.check:
        return 1 if check() else 0
    if arguments.records:
        make_many(arguments.records, arguments.out, arguments.bad_every)
        return 0
    make_all(MAPPINGS)
    print("samples: written to " + MAPPINGS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
