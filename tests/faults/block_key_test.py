#!/usr/bin/env python3
"""on_dead_letter: block-key, with the real binary.

drop     later events of the key of a dead letter wait, others go on; a SIGKILL changes nothing of
         that; `dead-letters drop` while the bridge runs lets them go on, in order
replay   the bridge is stopped, the letter replayed, the bridge started: the key's order holds
batch    a batch job ends with 2 and leaves at the source what waits
refused  an endpoint that refuses an event for itself blocks its key, too

usage: block_key_test.py BINARY [CASE...]
"""
import json
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check, number  # noqa: E402
from driver_test import Endpoint, Handler  # noqa: E402

BAD = b"\xC1\xC2\xC3"
GOOD = b"\x01\x23\x4C"
SECRET = "QZX"  # The key of what is blocked; in no line of the log.


def ebcdic(text):
    return text.ljust(3).encode("cp037")


class World:
    def __init__(self, binary, directory, endpoint):
        self.binary, self.directory, self.endpoint, self.files = binary, directory, endpoint, 0
        (directory / "in").mkdir()
        self.write_copybook("S9(3)V99 COMP-3")
        (directory / "pay.yaml").write_text(
            "name: pay\ncopybook: pay.cpy\nevent: {type: com.example.pay, key: WHO}\n")
        self.bridge = directory / "bridge.yaml"
        self.bridge.write_text(
            "state: state\nlog: {format: json, summary_interval_ms: 100}\n"
            "delivery: {retry_initial_ms: 5, retry_max_ms: 50, window_batches: 8}\n"
            "adapters:\n  pays: {kind: file, path: 'in/*.dat', recfm: F, lrecl: 12,"
            " settle_time_ms: 0, after: delete}\n"
            f"publishers:\n  web: {{kind: http, url: '{endpoint.url}', mode: batch}}\n"
            "routes:\n  - {from: pays, mappings: [pay.yaml], to: [web],"
            " on_dead_letter: block-key}\n")

    def write_copybook(self, picture):
        (self.directory / "pay.cpy").write_text(
            "       01 PAY.\n          05 NO PIC 9(6).\n          05 WHO PIC X(3).\n"
            f"          05 AMOUNT PIC {picture}.\n")

    def feed(self, *records):
        """A file of (number, key, amount)."""
        self.files += 1
        part = self.directory / "part"
        part.write_bytes(b"".join(number(n) + ebcdic(who) + amount for n, who, amount in records))
        part.rename(self.directory / f"in/{self.files}.dat")

    def run(self, *more):
        return Process(self.binary, "run", self.bridge, *more)

    def letters(self, verb, *more, expect=0):
        done = subprocess.run([self.binary, "dead-letters", verb, self.bridge, *more],
                              capture_output=True, text=True, timeout=LIMIT_S)
        check(done.returncode == expect, f"{verb} ended with {done.returncode}: {done.stderr}")
        return done

    def taken(self):
        """Numbers by key, in the order in which they first came."""
        by_key = {}
        for _, data in self.endpoint.taken:
            numbers = by_key.setdefault(data["WHO"], [])
            if data["NO"] not in numbers:
                numbers.append(data["NO"])
        return by_key

    def wait_for(self, expected):
        self.endpoint.wait_until(lambda _: self.taken() == expected)


def check_log(bridge, letter):
    blocked = bridge.events("key_blocked")
    check([line["id"] for line in blocked] == [letter], f"the letter is named once: {blocked}")
    check(SECRET not in "".join(bridge.lines), "the key is in the log")


FIRST = [(1, SECRET, GOOD), (2, SECRET, BAD), (3, "B", GOOD), (4, SECRET, GOOD), (5, "B", GOOD)]


def drop(binary, directory):
    world = World(binary, directory, Endpoint())
    world.feed(*FIRST)
    bridge = world.run()
    letter = json.loads(bridge.wait_for('"key_blocked"'))["id"]
    check(letter == "pays/1/2/pay", f"the letter: {letter}")
    world.wait_for({SECRET: [1], "B": [3, 5]})
    check_log(bridge, letter)
    bridge.end(signal.SIGKILL)
    world.feed((6, SECRET, GOOD), (7, "C", GOOD))
    bridge = world.run()
    world.wait_for({SECRET: [1], "B": [3, 5], "C": [7]})
    bridge.wait_for('"key_blocked"')
    listed = json.loads(world.letters("list", "--json").stdout)
    check(listed["id"] == letter and listed["blocks_key"], f"listed: {listed}")
    world.letters("drop", letter)
    released = json.loads(bridge.wait_for('"key_released"'))
    # The first record too, where the letter was stored before the kill.
    check(released["id"] == letter and released["waiting"] in (2, 3), f"released: {released}")
    world.wait_for({SECRET: [1, 4, 6], "B": [3, 5], "C": [7]})
    check_log(bridge, letter)
    check(bridge.end(signal.SIGTERM) in (0, 2), "the exit code")  # 2 where it stored the letter.
    check(list((directory / "in").iterdir()) == [], "the source has everything settled")


def replay(binary, directory):
    world = World(binary, directory, Endpoint())
    world.feed(*FIRST)
    bridge = world.run()
    letter = json.loads(bridge.wait_for('"key_blocked"'))["id"]
    world.wait_for({SECRET: [1], "B": [3, 5]})
    refused = world.letters("replay", letter, expect=4).stderr
    check("is in use by process" in refused, f"replay: {refused}")
    bridge.end(signal.SIGTERM)
    world.letters("replay", letter, expect=2)  # Still bad, still in the way.
    world.write_copybook("X(3)")
    world.letters("replay", letter)
    world.wait_for({SECRET: [1, 2], "B": [3, 5]})
    bridge = world.run()
    world.wait_for({SECRET: [1, 2, 4], "B": [3, 5]})
    bridge.end(signal.SIGTERM)


def batch(binary, directory):
    world = World(binary, directory, Endpoint())
    world.feed(*FIRST)
    for _ in range(2):
        bridge = world.run("--until-idle")
        check(bridge.end() == 2, "the exit code")
        check_log(bridge, "pays/1/2/pay")
        check(world.taken() == {SECRET: [1], "B": [3, 5]}, f"taken: {world.taken()}")
        last = bridge.events("stopped")[-1]
        check(last["handed_back"] >= 1, f"what waits stays at the source: {last}")
    check(len(list((directory / "in").iterdir())) == 1, "the file is still there")


class Refusing(Handler):
    """413 to whatever has number 2 in it."""

    def accept(self, body):
        if any(event["data"]["NO"] == 2 for event in json.loads(body)):
            return self.answer("413 Content Too Large")
        return super().accept(body)


def refused(binary, directory):
    endpoint = Endpoint()
    endpoint.RequestHandlerClass = Refusing
    world = World(binary, directory, endpoint)
    world.feed(*[(n, who, GOOD) for n, who, _ in FIRST])
    bridge = world.run()
    letter = json.loads(bridge.wait_for('"key_blocked"'))["id"]
    world.wait_for({SECRET: [1], "B": [3, 5]})
    check_log(bridge, letter)
    world.letters("drop", letter)
    world.wait_for({SECRET: [1, 4], "B": [3, 5]})
    check(bridge.end(signal.SIGTERM) == 2, "the exit code")


CASES = {"drop": drop, "replay": replay, "batch": batch, "refused": refused}


def main():
    for case in sys.argv[2:] or CASES:
        with tempfile.TemporaryDirectory(prefix="copybridge-block-") as name:
            CASES[case](sys.argv[1], pathlib.Path(name))
            print(f"ok: {case}")


if __name__ == "__main__":
    main()
