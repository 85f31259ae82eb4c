#!/usr/bin/env python3
"""The real binary with a spool between a file and an endpoint that is away.

outage   the source is drained and done with while the endpoint is away; the bridge is killed; what
         lies in the spool is delivered afterwards, each record once, also the header as a header
full     a spool without room stops the reading of the source, and goes on by itself
damaged  a record of which bytes were changed on the disk is reported and put aside, its neighbours
         are delivered, the run does not end with 0
left     a bridge file that has lost its `spool: yes` does not strand records

usage: spool_test.py BINARY [CASE…]
"""
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check, number  # noqa: E402

LRECL = 2000


class World:
    """A file of records behind a header, a bridge with a spool, and an endpoint's address."""

    def __init__(self, binary, directory, records, spool="spool: yes"):
        self.binary, self.directory, self.records = binary, directory, records
        for folder in ("in", "done"):
            (directory / folder).mkdir()
        header = b"\xC8" * LRECL
        (directory / "in/pay.dat").write_bytes(
            header + b"".join(number(i) + b"\xC1" * (LRECL - 6) for i in range(1, records + 1)))
        (directory / "pay.cpy").write_text("       01 PAY.\n          05 NO PIC 9(6).\n"
                                           f"          05 REST PIC X({LRECL - 6}).\n")
        (directory / "head.cpy").write_text(f"       01 HEAD.\n          05 ALL-OF PIC X({LRECL}).\n")
        for name, more in (("pay", ""), ("head", "place: header\n")):
            (directory / f"{name}.yaml").write_text(
                f"name: {name}\ncopybook: {name}.cpy\n{more}event: {{type: com.example.{name}}}\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.bridge = self.write_bridge(spool)

    def write_bridge(self, spool):
        path = self.directory / "bridge.yaml"
        path.write_text(
            "state: state\n"
            "log: {format: json}\n"
            "delivery: {retry_initial_ms: 5, retry_max_ms: 50}\n"
            "adapters:\n"
            f"  pays: {{kind: file, path: in/pay.dat, recfm: F, lrecl: {LRECL}, watch: no,"
            f" settle_time_ms: 0, header_records: 1, after: move done, {spool}}}\n"
            "publishers:\n"
            f"  web: {{kind: http, url: 'http://127.0.0.1:{self.port}/', mode: batch}}\n"
            "routes:\n  - {from: pays, mappings: [pay.yaml, head.yaml], to: [web]}\n")
        return path

    def run(self, *more):
        return Process(self.binary, "run", self.bridge, *more)

    def start_endpoint(self):
        listener = Process(self.binary, "listen", "--port", str(self.port), "--quiet", "--output",
                           self.directory / "web.jsonl")
        listener.wait_for("listening on")
        return listener

    def state(self):
        """What `state show` says."""
        shown = subprocess.run([self.binary, "state", "show", str(self.bridge), "--json"],
                               capture_output=True, text=True, timeout=LIMIT_S)
        check(shown.returncode == 0, f"state show: {shown.stderr}")
        return [json.loads(line) for line in shown.stdout.splitlines()]

    def spool_files(self):
        return sorted((self.directory / "state/spool-pays").iterdir())

    def source_is_done(self):
        return (self.directory / "done/pay.dat").exists()

    def drain_into_spool(self):
        """Runs while the endpoint is away until the source is done with, then kills."""
        bridge = self.run()
        bridge.wait_for('"event":"file_ended"')
        check(bridge.end(signal.SIGKILL) == -signal.SIGKILL, "the bridge ended by itself")

    def deliver(self):
        listener = self.start_endpoint()
        bridge = self.run("--until-idle", "--give-up-after", "60")
        code = bridge.end()
        listener.end(signal.SIGTERM)
        return code, bridge

    def delivered(self):
        """Ids with their bodies; a record that came twice is a failure."""
        path = self.directory / "web.jsonl"
        events = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        by_id = {event["id"]: event["data"] for event in events}
        check(len(by_id) == len(events), f"{len(events) - len(by_id)} records came twice")
        return by_id

    def expected(self):
        ids = {f"pays/1/{i + 1}/pay": i for i in range(1, self.records + 1)}
        return {"pays/1/1/head": None, **ids}

    def check_delivered(self, without=()):
        delivered = self.delivered()
        expected = {key: value for key, value in self.expected().items() if key not in without}
        check(delivered.keys() == expected.keys(),
              f"{len(delivered)} delivered, {len(expected)} expected;"
              f" missing {sorted(expected.keys() - delivered.keys())[:3]},"
              f" invented {sorted(delivered.keys() - expected.keys())[:3]}")
        for identity, value in expected.items():
            if value is not None:
                check(delivered[identity] == {"NO": value, "REST": "A" * (LRECL - 6)},
                      f"{identity} is altered")


def outage(binary, directory):
    world = World(binary, directory, 500)
    world.drain_into_spool()
    rows = world.state()
    spool = next((row for row in rows if row["what"] == "spool"), {})
    check(spool.get("source") == "pays" and spool["bytes"] > 500 * LRECL, f"state show: {rows}")
    check(not any(row["what"] == "destinations" for row in rows), f"nothing was taken yet: {rows}")
    code, _ = world.deliver()
    check(code == 0, f"the run ended with {code}")
    world.check_delivered()
    proven = [row for row in world.state() if row["what"] == "destinations"]
    check([(row["source"], row["destination"], row["proven"]) for row in proven]
          == [("pays", "web", 1)], f"state show: {proven}")


def full(binary, directory):
    world = World(binary, directory, 20_000, "spool: yes, spool_bytes_max: 16777216")
    bridge = world.run()
    line = json.loads(bridge.wait_for('"event":"spool_full"'))
    check(line["bytes"] <= line["bytes_max"] == 16777216, f"the bounds: {line}")
    size = sum(path.stat().st_size for path in world.spool_files() if path.suffix != ".cursor")
    check(size <= 16777216 + 65536, f"{size} bytes lie in the spool")
    check(not world.source_is_done(), "the source was read on")
    listener = world.start_endpoint()
    bridge.wait_for('"event":"spool_recovered"')
    bridge.wait_for('"event":"file_ended"')
    code = bridge.end(signal.SIGTERM)
    listener.end(signal.SIGTERM)
    check(code == 0, f"the bridge ended with {code}")
    check(len(bridge.events("spool_full")) >= 1 and not bridge.events("spool_damaged"), "the log")
    if len(world.delivered()) <= world.records:  # The stop may have come before the rest.
        code, _ = world.deliver()
        check(code == 0, f"the second run ended with {code}")
    world.check_delivered()


def damaged(binary, directory):
    world = World(binary, directory, 500)
    world.drain_into_spool()
    hit = number(250)
    segment, at = next((path, path.read_bytes().find(hit)) for path in world.spool_files()
                       if hit in path.read_bytes())
    with segment.open("r+b") as file:
        file.seek(at + 100)
        file.write(b"\x00")
    code, bridge = world.deliver()
    reports = bridge.events("spool_damaged")
    check(len(reports) == 1 and reports[0]["records"] == 1, f"the reports: {reports}")
    aside = pathlib.Path(reports[0]["put_aside"])
    check(hit in aside.read_bytes(), f"{aside} does not hold the record")
    check(code == 4, f"a record is lost and the run ended with {code}")
    world.check_delivered(without={"pays/1/251/pay"})


def left(binary, directory):
    world = World(binary, directory, 10)
    world.drain_into_spool()
    world.write_bridge("spool: no")
    bridge = world.run("--until-idle")
    code = bridge.end()
    said = "".join(bridge.lines)
    check(code == 1 and re.search(r"holds 11 records of pays; keep 'spool: yes'", said),
          f"it ended with {code}: {said}")
    world.write_bridge("spool: yes")
    check(world.deliver()[0] == 0, "the records in the spool are not delivered")
    world.check_delivered()
    world.write_bridge("spool: no")
    check(world.run("--until-idle").end() == 0, "an empty spool is in the way")


def main():
    cases = {"outage": outage, "full": full, "damaged": damaged, "left": left}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-spool-") as name:
            cases[case](sys.argv[1], pathlib.Path(name))
        print("ok:", case)


if __name__ == "__main__":
    main()
