#!/usr/bin/env python3
"""A record that kills the bridge, and records that do not.

decode     decoding it aborts the process: after a few starts it is the one dead letter, its
           neighbours are delivered
spool      the same behind a spool
beside     the same while another source of the bridge waits for an endpoint that is away
outage     a bridge that is killed again and again while its endpoint hangs: nothing is moved aside

usage: poison_test.py BINARY [CASE…]
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check  # noqa: E402
from driver_test import Endpoint, World  # noqa: E402

RECORDS = 600
POISON = 333
STARTS_MAX = 6


def run(world, poison=True):
    env = {**os.environ, "COPYBRIDGE_ABORT_ON": f'record_decoded:"NO":{POISON},'} if poison else None
    return Process(world.binary, "run", world.bridge, "--until-idle", "--give-up-after", "60",
                   env=env)


def run_until_through(world):
    """Starts the bridge again as often as it is killed, as a service manager would."""
    for started in range(1, STARTS_MAX + 1):
        bridge = run(world)
        code = bridge.end()
        if code != -signal.SIGABRT:
            check(started > 1, "nothing killed it")
            check(code == 2, f"it ended with {code}:\n" + "".join(bridge.lines[-20:]))
            return started
    raise SystemExit(f"FAILED: it is still killed at start {STARTS_MAX}")


def letters(world):
    listed = subprocess.run([world.binary, "dead-letters", "list", world.bridge, "--json"],
                            capture_output=True, text=True, timeout=LIMIT_S, check=True)
    return [json.loads(line) for line in listed.stdout.splitlines()]


def check_moved_aside(world, endpoint):
    found = letters(world)
    check([letter["id"] for letter in found] == [f"pays/1/{POISON}/-"], f"dead letters: {found}")
    check("while this record alone was under way" in str(found[0]), f"the reason: {found}")
    delivered = {identity for identity, _ in endpoint.taken}
    expected = {f"pays/1/{i}/pay" for i in range(1, RECORDS + 1) if i != POISON}
    check(delivered == expected, f"{len(delivered)} delivered, {len(expected)} expected")
    check(not list((world.directory / "state").glob("run-*")), "a run that ended left a marker")


def decode(binary, directory, more=""):
    endpoint = Endpoint()
    world = World(binary, directory, endpoint.url, RECORDS, more)
    starts = run_until_through(world)
    check_moved_aside(world, endpoint)
    # It is kept whole: replayed by a bridge that it does not kill any more, it is delivered.
    replayed = subprocess.run([binary, "dead-letters", "replay", world.bridge, "--all"], timeout=LIMIT_S,
                              capture_output=True, text=True)
    check(replayed.returncode == 0, f"replay: {replayed.stderr}")
    world.check_taken(endpoint)
    print(f"   {starts} starts, {len(endpoint.taken) - RECORDS} repeats")


def spool(binary, directory):
    decode(binary, directory, "spool: yes")


def beside(binary, directory):
    endpoint, away = Endpoint(), Endpoint(["unavailable"])
    world = World(binary, directory, endpoint.url, RECORDS, delivery="drain_limit_ms: 200")
    (directory / "in/other.dat").write_bytes((directory / "in/pay.dat").read_bytes()[:200 * 100])
    text = world.bridge.read_text()
    text = text.replace("publishers:\n", "  others: {kind: file, path: in/other.dat, recfm: F,"
                        " lrecl: 200, watch: no, settle_time_ms: 0}\npublishers:\n"
                        f"  off: {{kind: http, url: '{away.url}', mode: batch}}\n")
    world.bridge.write_text(text + "  - {from: others, mappings: [pay.yaml], to: [off]}\n")
    for _ in range(STARTS_MAX):
        env = {**os.environ, "COPYBRIDGE_ABORT_ON": f'record_decoded:"NO":{POISON},'}
        bridge = Process(binary, "run", world.bridge, env=env)
        taken = lambda it: len({identity for identity, _ in it.taken}) == RECORDS - 1  # noqa: E731
        with bridge.changed:  # Its summaries come ten times a second.
            bridge.changed.wait_for(lambda: taken(endpoint) or bridge.has_ended, LIMIT_S)
        if not bridge.has_ended:
            break
    bridge.end(signal.SIGTERM)
    check_moved_aside(world, endpoint)
    away.ways = ["accept"]
    check(run(world, poison=False).end() == 0, "the last run")
    check(len({identity for identity, _ in away.taken}) == 100, "the other source's records")


def outage(binary, directory):
    endpoint = Endpoint(["hang"])
    world = World(binary, directory, endpoint.url, RECORDS)
    for attempt in range(5):
        requests = endpoint.requests
        bridge = run(world, poison=False)
        # After an attempt that has failed the record is not under suspicion any more.
        endpoint.wait_until(lambda it, seen=requests: it.requests >= seen + 6)
        check(bridge.end(signal.SIGKILL) == -signal.SIGKILL, "it ended by itself")
    endpoint.ways = ["accept"]
    check(run(world, poison=False).end() == 0, "the last run")
    check(letters(world) == [], f"an outage made dead letters: {letters(world)}")
    world.check_taken(endpoint)


def main():
    cases = {"decode": decode, "spool": spool, "beside": beside, "outage": outage}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-poison-") as name:
            cases[case](sys.argv[1], pathlib.Path(name))
        print("ok:", case)


if __name__ == "__main__":
    main()
