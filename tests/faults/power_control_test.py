#!/usr/bin/env python3
"""Whether the power failures of these tests would show a sync that is missing.

Each part that must sync before it acknowledges has a power failure right after its
acknowledgement: once as it is, and nothing may be missing; once with its syncs ignored, and then
something must be.

file    a file publisher has reported its events, the source is settled
spool   a spool has settled the source, the endpoint has nothing yet
sqlite  dead letters are stored, the input file is deleted

usage: power_control_test.py BINARY SHIM
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check, number  # noqa: E402
from driver_test import Endpoint  # noqa: E402
from power import Power  # noqa: E402

RECORDS = 100
BAD = 10  # The last ones.
LRECL = 20


class World:
    def __init__(self, binary, directory, shim, adapter, publisher):
        self.binary, self.directory = binary, directory
        for folder in ("in", "out"):
            (directory / folder).mkdir()
        good = [number(i) + b"\xC1" * (LRECL - 6) for i in range(1, RECORDS - BAD + 1)]
        bad = [b"\xC1" * LRECL] * BAD
        (directory / "in/pay.dat").write_bytes(b"".join(good + bad))
        (directory / "pay.cpy").write_text("       01 PAY.\n          05 NO PIC 9(6).\n"
                                           f"          05 REST PIC X({LRECL - 6}).\n")
        (directory / "pay.yaml").write_text(
            "name: pay\ncopybook: pay.cpy\nevent: {type: com.example.pay}\n")
        self.bridge = directory / "bridge.yaml"
        self.bridge.write_text(
            "state: state\nlog: {format: json}\n"
            "delivery: {retry_initial_ms: 5, retry_max_ms: 50}\n"
            f"adapters:\n  pays: {{kind: file, path: in/pay.dat, recfm: F, lrecl: {LRECL}, watch: no,"
            f" settle_time_ms: 0, {adapter}}}\n"
            f"publishers:\n  end: {{{publisher}}}\n"
            "routes:\n  - {from: pays, mappings: [pay.yaml], to: [end]}\n")
        self.power = Power(shim, directory)

    def run(self, ignores, expected, **more):
        environment = {**os.environ, **self.power.environment(ignores), **more}
        bridge = Process(self.binary, "run", self.bridge, "--until-idle", "--give-up-after", "60",
                         env=environment)
        code = bridge.end()
        check(code in expected, f"it ended with {code}:\n" + "".join(bridge.lines[-20:]))

    def run_and_fail(self, ignores, expected, **more):
        """A run that ends, or is killed, and the power failure."""
        self.run(ignores, expected, **more)
        self.power.fail()

    def missing_letters(self):
        listed = subprocess.run([self.binary, "dead-letters", "list", self.bridge, "--json"],
                                capture_output=True, text=True, timeout=LIMIT_S, check=True)
        found = {json.loads(line)["id"] for line in listed.stdout.splitlines()}
        return {f"pays/1/{i}/pay" for i in range(RECORDS - BAD + 1, RECORDS + 1)} - found


def missing(found):
    return {f"pays/1/{i}/pay" for i in range(1, RECORDS - BAD + 1)} - set(found)


def file_publisher(binary, directory, shim, ignores):
    world = World(binary, directory, shim, "after: keep",
                  "kind: file, path: 'out/{name}.jsonl', format: cloudevents")
    world.run_and_fail(ignores, [-signal.SIGKILL], COPYBRIDGE_CRASH_AT="after_checkpoint:1")
    world.run(None, [0, 2])
    lines = [line for path in (directory / "out").glob("*.jsonl")
             for line in path.read_text().splitlines()]
    return missing(json.loads(line)["id"] for line in lines)


def spool(binary, directory, shim, ignores):
    endpoint = Endpoint(["unavailable"])
    world = World(binary, directory, shim, "after: keep, spool: yes",
                  f"kind: http, url: '{endpoint.url}', mode: batch")
    world.run_and_fail(ignores, [-signal.SIGKILL], COPYBRIDGE_CRASH_AT="after_checkpoint:1")
    check(not endpoint.taken, "the endpoint has something")
    endpoint.ways = ["accept"]
    world.run(None, [0, 2, 4])
    return missing(identity for identity, _ in endpoint.taken)


def sqlite(binary, directory, shim, ignores):
    endpoint = Endpoint()
    world = World(binary, directory, shim, "after: delete",
                  f"kind: http, url: '{endpoint.url}', mode: batch")
    world.run_and_fail(ignores, [2])
    world.run(None, [0, 2])
    return world.missing_letters()


CASES = {"file": (file_publisher, "/out"), "spool": (spool, "/spool-"),
         "sqlite": (sqlite, "/copybridge.db")}


def main():
    binary, shim = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    for name, (case, syncs) in CASES.items():
        for ignores in (None, syncs):
            with tempfile.TemporaryDirectory(prefix="copybridge-power-") as parent:
                directory = pathlib.Path(parent) / "world"
                directory.mkdir()
                lost = case(binary, directory, shim, ignores)
            if ignores is None:
                check(not lost, f"{name}: {len(lost)} are missing although it syncs")
            else:
                check(lost, f"{name}: nothing is missing although syncs of {syncs} are ignored")
            print(f"ok: {name}, syncs {'ignored' if ignores else 'as they are'}: {len(lost)} missing")


if __name__ == "__main__":
    main()
