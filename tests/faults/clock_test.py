#!/usr/bin/env python3
"""The real binary while the machine's clock jumps.

jumps     the time of day jumps by hours and years, to and fro, while files come, with and without a
          spool, to an endpoint that fails now and then: every record arrives
timers    a wait of minutes goes on while the time of day jumps over its end, and ends at once when
          the monotonic clock does: that is what timers go by

usage: clock_test.py BINARY SHIM [CASE...]
"""
import json
import mmap
import os
import pathlib
import random
import signal
import struct
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check, number  # noqa: E402
from driver_test import LRECL, Endpoint, World  # noqa: E402

HOUR_S = 3600
YEAR_S = 365 * 24 * HOUR_S


class Clock:
    """What a bridge's clocks are ahead by."""

    def __init__(self, directory, shim):
        self.shim, self.path = pathlib.Path(shim).resolve(), directory / "shifts"
        self.path.write_bytes(bytes(16))
        with self.path.open("r+b") as file:
            self.shifts = mmap.mmap(file.fileno(), 16)

    def environment(self):
        return {**os.environ, "LD_PRELOAD": str(self.shim),
                "COPYBRIDGE_CLOCK_SHIFTS": str(self.path)}

    def shift(self, day_s=0, monotonic_s=0):
        self.shifts[:] = struct.pack("<qq", day_s * 10**9, monotonic_s * 10**9)


def summaries(bridge, more):
    """Waits for so many summary lines from now on, ten a second by the monotonic clock."""
    with bridge.changed:
        count = lambda: sum('"summary"' in line for line in bridge.lines)  # noqa: E731
        until = count() + more
        bridge.changed.wait_for(lambda: bridge.has_ended or count() >= until, LIMIT_S)
        check(count() >= until, "no summary comes any more:\n" + "".join(bridge.lines[-5:]))


def write_both_ways(world, directory):
    """Two adapters that take what comes into their folders, one behind a spool."""
    text = world.bridge.read_text()
    start, end = text.index("  pays:"), text.index("publishers:")
    adapters = "".join(
        f"  {name}: {{kind: file, path: '{name}/*.dat', recfm: F, lrecl: {LRECL},"
        f" settle_time_ms: 30, after: delete, spool: {spool}}}\n"
        for name, spool in (("plain", "no"), ("spooled", "yes")))
    routes = "".join(f"  - {{from: {name}, mappings: [pay.yaml], to: [web]}}\n"
                     for name in ("plain", "spooled"))
    publishers = text[end:text.index("routes:")]
    world.bridge.write_text(text[:start] + adapters + publishers + "routes:\n" + routes)
    for name in ("plain", "spooled"):
        (directory / name).mkdir()


def jumps(binary, directory, shim):
    clock, draw = Clock(directory, shim), random.Random(20261127)
    endpoint = Endpoint(["accept", "accept", "unavailable", "accept", "throttle", "accept", "cut"])
    world = World(binary, directory, endpoint.url)
    write_both_ways(world, directory)
    bridge = Process(binary, "run", world.bridge, env=clock.environment())
    files, records = 20, 50
    for file in range(1, files + 1):
        clock.shift(day_s=draw.choice((-3, -1, 0, 1, 3)) * draw.choice((1, HOUR_S, YEAR_S)))
        for name in ("plain", "spooled"):
            part = directory / "part"
            part.write_bytes(b"".join(number(file * records + i) + b"\xC1" * (LRECL - 6)
                                      for i in range(records)))
            part.rename(directory / name / f"{file}.dat")
        summaries(bridge, 2)
    expected = {f"{name}/{file}/{i}/pay" for name in ("plain", "spooled")
                for file in range(1, files + 1) for i in range(1, records + 1)}
    endpoint.wait_until(lambda it: {identity for identity, _ in it.taken} == expected)
    summaries(bridge, 2)
    world.check_end(bridge, bridge.end(signal.SIGTERM))
    days = {json.loads(line)["time"][:4] for line in bridge.lines}
    check(len(days) >= 3, f"the time of day did not jump: {days}")
    check(not list((directory / "plain").iterdir()), "files are left over")
    print(f"   {len(expected)} records, {len(endpoint.taken) - len(expected)} repeats, years {days}")


def timers(binary, directory, shim):
    clock = Clock(directory, shim)
    endpoint = Endpoint(["forbid"])
    world = World(binary, directory, endpoint.url, 100,
                  delivery=f"refused_retry_ms: {HOUR_S * 1000}")
    bridge = Process(binary, "run", world.bridge, env=clock.environment())
    bridge.wait_for('"event":"endpoint_refused"')
    summaries(bridge, 3)  # What went out together is answered.
    before = endpoint.requests
    for day_s in (2 * HOUR_S, -2 * HOUR_S, YEAR_S, -YEAR_S):
        clock.shift(day_s=day_s)
        summaries(bridge, 5)
    check(endpoint.requests == before, "a jump of the time of day ended the wait")
    endpoint.ways = ["accept"]
    clock.shift(monotonic_s=2 * HOUR_S)
    endpoint.wait_until(lambda it: len({identity for identity, _ in it.taken}) == 100)
    world.check_end(bridge, bridge.end(signal.SIGTERM))
    world.check_taken(endpoint)


CASES = {"jumps": jumps, "timers": timers}


def main():
    for case in sys.argv[3:] or CASES:
        with tempfile.TemporaryDirectory(prefix="copybridge-clock-") as name:
            CASES[case](sys.argv[1], pathlib.Path(name), sys.argv[2])
            print(f"ok: {case}")


if __name__ == "__main__":
    main()
