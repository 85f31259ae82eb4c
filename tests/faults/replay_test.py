#!/usr/bin/env python3
"""A record with a bad packed field, from the file to the dead letters and back.

The rest of the file is published, `run` ends with 2, `dead-letters show` names field, offset and
bytes; after the copybook is corrected, `replay` delivers it under its old id. A header goes back
to the mapping for headers.

usage: replay_test.py BINARY
"""
import json
import pathlib
import subprocess
import sys
import tempfile

COPYBOOK = """       01 PAYMENT.
          05 PAY-NO     PIC 9(4).
          05 PAY-AMOUNT PIC {}.
"""


def run(*arguments, expect):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != expect:
        sys.exit(f"FAILED: {arguments[1:]} ended with {done.returncode}, not {expect}\n"
                 f"{done.stdout}{done.stderr}")
    return done


def number(value):
    return bytes(0xF0 + int(digit) for digit in f"{value:04}")


def published(directory):
    events = []
    for path in sorted((directory / "out").glob("*.jsonl")):
        events += [json.loads(line) for line in path.read_text().splitlines()]
    return {event["id"]: event["data"] for event in events}


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def replay_a_header(binary, directory):
    """No record has a type: only the place says that the first one is no payment."""
    (directory / "pay.dat").write_bytes(b"\xC1" * 7 + number(1) + b"\x01\x23\x4C")
    (directory / "head.cpy").write_text("       01 HEAD.\n          05 DAY PIC 9(7).\n")
    (directory / "pay.cpy").write_text(COPYBOOK.format("S9(3)V99 COMP-3"))
    for name, copybook, more in [("pay", "pay.cpy", ""), ("head", "head.cpy", "place: header\n")]:
        (directory / f"{name}.yaml").write_text(
            f"name: {name}\ncopybook: {copybook}\n{more}event: {{type: com.example.{name}}}\n")
    bridge = directory / "bridge.yaml"
    bridge.write_text(
        "state: state\n"
        "adapters:\n  pays: {kind: file, path: pay.dat, lrecl: 7, header_records: 1, watch: no,"
        " settle_time_ms: 0}\n"
        "publishers:\n  out: {kind: file, path: 'out/{name}.jsonl', format: cloudevents}\n"
        "routes:\n  - {from: pays, mappings: [pay.yaml, head.yaml], to: [out]}\n")
    run(binary, "run", bridge, "--until-idle", expect=2)
    check(list(published(directory)) == ["pays/1/2/pay"], f"the payment: {published(directory)}")
    (directory / "head.cpy").write_text("       01 HEAD.\n          05 DAY PIC X(7).\n")
    run(binary, "dead-letters", "replay", bridge, "pays/1/1/head", expect=0)
    check(published(directory)["pays/1/1/head"] == {"DAY": "AAAAAAA"}, "the header")


def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        (pathlib.Path(name) / "out").mkdir()
        replay_a_header(binary, pathlib.Path(name))
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "out").mkdir()
        records = [number(i) + b"\x01\x23\x4C" for i in range(1, 11)]
        records[6] = number(7) + b"\xC1\xC2\xC3"
        (directory / "pay.dat").write_bytes(b"".join(records))
        (directory / "pay.cpy").write_text(COPYBOOK.format("S9(3)V99 COMP-3"))
        (directory / "pay.yaml").write_text(
            "name: pay\ncopybook: pay.cpy\nevent: {type: com.example.payment}\n")
        bridge = directory / "bridge.yaml"
        bridge.write_text(
            "state: state\n"
            "adapters:\n  pays: {kind: file, path: pay.dat, recfm: F, lrecl: 7, watch: no,"
            " settle_time_ms: 0}\n"
            "publishers:\n  out: {kind: file, path: 'out/{name}.jsonl', format: cloudevents}\n"
            "routes:\n  - {from: pays, mappings: [pay.yaml], to: [out]}\n")

        run(binary, "run", bridge, "--until-idle", expect=2)
        check(len(published(directory)) == 9, "the nine good records are published")
        identity = "pays/1/7/pay"
        listed = run(binary, "dead-letters", "list", bridge, expect=0).stdout
        check(identity in listed and listed.count("\n") == 1, f"one dead letter: {listed}")
        letter = json.loads(
            run(binary, "dead-letters", "show", bridge, identity, "--json", expect=0).stdout)
        check(letter["field"] == "PAY-AMOUNT" and letter["offset"] == 4, f"place: {letter}")
        check(letter["found"].startswith("C1C2C3"), f"found: {letter['found']}")
        check(letter["record_hex"] == "F0F0F0F7C1C2C3", f"bytes: {letter['record_hex']}")
        check(letter["expected"] and letter["copybook_hash"] and letter["mapping_hash"],
              f"reason: {letter}")

        run(binary, "dead-letters", "replay", bridge, "--all", expect=2)
        check(len(published(directory)) == 9, "still bad, nothing invented")
        (directory / "pay.cpy").write_text(COPYBOOK.format("X(3)"))
        run(binary, "dead-letters", "replay", bridge, identity, expect=0)
        events = published(directory)
        check(len(events) == 10 and events[identity]["PAY-AMOUNT"] == "ABC", f"replayed: {events}")
        left = run(binary, "dead-letters", "list", bridge, expect=0).stdout
        check(left == "", f"nothing is left: {left}")
        run(binary, "dead-letters", "drop", bridge, identity, expect=1)
    print("ok: dead letter, replay")


if __name__ == "__main__":
    main()
