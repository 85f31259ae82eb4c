#!/usr/bin/env python3
"""A bridge that runs on and on: resident memory, open files and threads stay what they are.

Files come for as long as the test lasts, half of them by way of a spool; the endpoint answers 500 to
every fiftieth request and resets every seventieth, and bad records go to the dead letters. Four
phases of the same length: the largest figures of the last must not be above those of the second.

usage: soak_test.py BINARY SECONDS       with COPYBRIDGE_SOAK=yes 60 times as long
"""
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check, number  # noqa: E402

LRECL = 200
RECORDS = 2000
SOAK_FACTOR = 60
PHASES = 4
# What an allocator keeps more of by chance.
MEMORY_SLACK_KB = 4096


def write_world(directory, url):
    (directory / "pay.cpy").write_text("       01 PAY.\n          05 NO PIC 9(6).\n"
                                       f"          05 REST PIC X({LRECL - 6}).\n")
    (directory / "pay.yaml").write_text(
        "name: pay\ncopybook: pay.cpy\nevent: {type: com.example.pay, key: NO}\n")
    adapters = "".join(
        f"  {name}: {{kind: file, path: '{name}/*.dat', recfm: F, lrecl: {LRECL},"
        f" settle_time_ms: 0, after: delete, spool: {spool}}}\n"
        for name, spool in (("plain", "no"), ("spooled", "yes")))
    bridge = directory / "bridge.yaml"
    bridge.write_text(
        "state: state\nlog: {format: json, summary_interval_ms: 200}\n"
        "delivery: {retry_initial_ms: 2, retry_max_ms: 20}\n"
        f"adapters:\n{adapters}publishers:\n"
        f"  web: {{kind: http, url: '{url}', mode: batch, requests_in_flight: 4}}\n"
        "routes:\n  - {from: plain, mappings: [pay.yaml], to: [web]}\n"
        "  - {from: spooled, mappings: [pay.yaml], to: [web]}\n")
    return bridge


def feed(directory, fed):
    """Keeps a few files in each folder; every twentieth has a bad record."""
    data = bytearray(b"".join(number(i) + b"\xC1" * (LRECL - 6) for i in range(RECORDS)))
    for name in ("plain", "spooled"):
        while len(list((directory / name).glob("*.dat"))) < 3:
            fed[name] += 1
            data[0] = 0x40 if fed[name] % 20 == 0 else 0xF0
            # Files alike in name and size: what makes each one new is that it is another.
            part = directory / f"{name}.part"
            part.write_bytes(data)
            part.rename(directory / name / f"{fed[name]}.dat")


def figures(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    field = {line.split(":")[0]: line.split(":")[1].split() for line in status}
    return (int(field["VmRSS"][0]), len(os.listdir(f"/proc/{pid}/fd")), int(field["Threads"][0]))


def check_flat(samples):
    size = len(samples) // PHASES
    early, late = samples[size:2 * size], samples[-size:]
    for index, (what, slack) in enumerate((("kB resident", MEMORY_SLACK_KB), ("open files", 2),
                                           ("threads", 0))):
        before = [sample[index] for sample in early]
        after = [sample[index] for sample in late]
        print(f"   {what}: {max(before)} at most early on (median {statistics.median(before):.0f}),"
              f" {max(after)} at the end (median {statistics.median(after):.0f})")
        check(statistics.median(after) <= max(before) + slack, f"{what} grow: {before} to {after}")


def main():
    binary, seconds = sys.argv[1], float(sys.argv[2])
    if os.environ.get("COPYBRIDGE_SOAK") == "yes":
        seconds *= SOAK_FACTOR
    with tempfile.TemporaryDirectory(prefix="copybridge-soak-") as name:
        directory = pathlib.Path(name)
        for folder in ("plain", "spooled"):
            (directory / folder).mkdir()
        listener = Process(binary, "listen", "--port", "0", "--quiet", "--fail-every", "50",
                           "--reset-every", "70")
        url = listener.wait_for("listening on").split("listening on ")[1].split()[0].rstrip("/,")
        bridge = Process(binary, "run", write_world(
            directory, url if url.startswith("http") else f"http://{url}/"))
        samples, fed = [], {"plain": 0, "spooled": 0}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            feed(directory, fed)
            check(not bridge.has_ended, "the bridge ended:\n" + "".join(bridge.lines[-20:]))
            samples.append(figures(bridge.child.pid))
            with bridge.changed:  # Until it says something, ten times a second.
                bridge.changed.wait(LIMIT_S)
        code = bridge.end(signal.SIGTERM)
        listener.end(signal.SIGTERM)
        check(code in (0, 2), f"the bridge ended with {code}")
        last = bridge.events("stopped")
        check(all(line["read"] == line["delivered"] + line["dead_lettered"] + line["filtered"]
                  + line["handed_back"] + line["in_flight"] for line in last), f"{last}")
        check(len(samples) >= 10 * PHASES and min(fed.values()) > 3, f"too little happened: {fed}")
        print(f"   {sum(line['read'] for line in last)} records in {seconds:.0f} s,"
              f" {sum(line['retried'] for line in last)} retries,"
              f" {sum(line['dead_lettered'] for line in last)} dead letters, {fed} files")
        check_flat(samples)
        print("ok")


if __name__ == "__main__":
    main()
