#!/usr/bin/env python3
"""The real binary, killed: at a named crash point, or at random moments.

A bridge from several input files, some behind a spool, to `copybridge listen` (500 on every tenth request, a reset on
every fiftieth) and to JSON Lines files is killed with SIGKILL and started again until it gets
through. Then every record must be at both ends, nothing invented or altered, repeats only with
the same id, and the conservation law must hold in the log. Of what is too large for the endpoint its
events name a body, which must lie in a folder, whole.

With `power` each kill is a power failure: what was written and not synced is gone, too.

usage: crash_test.py BINARY point NAME | random SEED KILLS | power SEED KILLS SHIM | clean
"""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import secret_hunt  # noqa: E402
from power import Power  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CORPUS = pathlib.Path(os.environ.get("COPYBRIDGE_CORPUS", SOURCE.parent / "shared" / "corpus"))
# Record lengths of the CardDemo files that hold valid data throughout.
CARDDEMO = {"ACCTDATA": 300, "CARDDATA": 150, "CARDXREF": 50, "CUSTDATA": 500, "DISCGRP": 50,
            "TRANTYPE": 60}
IS_SOAK = os.environ.get("COPYBRIDGE_SOAK") == "yes"
# A soak runs beside other work.
RUN_LIMIT_S = 900 if IS_SOAK else 120
KILLS_PER_WORLD = 30
# 5,000 kills for the 200 of CI.
SOAK_FACTOR = 25


def fail(message):
    print("FAILED:", message)
    sys.exit(1)


class World:
    """A folder with inputs, mappings and a bridge file, and the endpoint beside it."""

    def __init__(self, binary):
        self.binary = binary
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-crash-"))
        self.listener = None
        self.secrets = secret_hunt.Secrets()
        self.adapters = []
        self.routes = []
        self.limit = 0
        for folder in ("in", "done", "out", "reference"):
            (self.directory / folder).mkdir()
        self.add_samples()
        if CORPUS.is_dir():
            self.add_carddemo()
        elif "COPYBRIDGE_CORPUS" in os.environ:
            fail(f"COPYBRIDGE_CORPUS names {CORPUS}, which is not there")
        else:
            print(f"corpus not present at {CORPUS}: own samples only")

    def add_samples(self):
        samples = SOURCE / "mappings"
        shutil.copy(samples / "account/sample/account.dat", self.directory / "in/account.dat")
        shutil.copy(samples / "policy/sample/policy.vb", self.directory / "in/policy.vb")
        shutil.copy(samples / "account/sample/account-bad.dat", self.directory / "in/bad.dat")
        account = str(samples / "account/account.yaml")
        self.add("accounts", "account.dat", "spool: yes, recfm: F, lrecl: 200", [account])
        self.add("broken", "bad.dat", "recfm: F, lrecl: 200", [account])
        self.add("policies", "policy.vb", "recfm: VB",
                 [str(path) for path in sorted((samples / "policy").glob("*.yaml"))])

    def add_carddemo(self):
        for name, lrecl in CARDDEMO.items():
            shutil.copy(CORPUS / "carddemo" / name / "data.bin", self.directory / f"in/{name}.PS")
            mapping = self.directory / f"{name.lower()}.yaml"
            mapping.write_text(
                f"name: {name.lower()}\n"
                f"copybook: {CORPUS}/carddemo/{name}/copybook.cpy\n"
                "codepage: IBM-037\n"
                f"event: {{type: com.example.{name.lower()}}}\n")
            spool = "spool: yes, " if lrecl >= 300 else ""
            self.add(name.lower(), f"{name}.PS", f"{spool}recfm: FB, lrecl: {lrecl}",
                     [str(mapping)])

    def add(self, name, file, framing, mappings):
        self.adapters.append(
            f"  {name}: {{kind: file, path: in/{file}, {framing}, watch: no, settle_time_ms: 0,"
            " batch_records_max: 40, after: move done}")
        self.routes.append(f"  - {{from: {name}, mappings: {json.dumps(mappings)}, to: [TO]}}")

    def write_bridge(self, name, state, out, to, spool=True):
        adapters = self.adapters if spool else [a.replace("spool: yes, ", "") for a in self.adapters]
        text = "\n".join(
            [f"state: {state}", "log: {format: json, summary_interval_ms: 200}",
             "delivery: {retry_initial_ms: 2, retry_max_ms: 20, window_batches: 4}", "adapters:"]
            + adapters + ["publishers:"]
            + (['  web: {kind: http, url: "${env:WEB_URL}", mode: structured,'
                f" requests_in_flight: 4, event_bytes_max: {self.limit}, claim_check: kept}}",
                '  kept: {kind: file, path: "kept/{name}/{id}.json"}'] if "web" in to else [])
            + [f'  archive: {{kind: file, path: "{out}/{{name}}-{{sequence}}.jsonl",'
               " format: cloudevents, rotate_bytes: 30000}", "routes:"]
            + [route.replace("TO", ", ".join(to)) for route in self.routes])
        path = self.directory / name
        path.write_text(text + "\n")
        return path

    def start_endpoint(self, delay_ms):
        log = self.directory / "listen.log"
        self.listener = subprocess.Popen(
            [self.binary, "listen", "--port", "0", "--fail-every", "10", "--fail-status", "500",
             "--reset-every", "50", "--delay-ms", str(delay_ms), "--output", str(self.directory / "web.jsonl"), "--quiet"],
            stderr=log.open("w"))
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = re.search(r"listening on 127\.0\.0\.1:(\d+)", log.read_text())
            if found:
                token = os.urandom(12).hex()
                self.secrets.add("token in the URL", token)
                return f"http://127.0.0.1:{found.group(1)}/events/{token}"
            time.sleep(0.02)
        fail("the endpoint did not start")

    def run(self, bridge, environment=None, kill_after=None):
        """One run of the bridge: its exit code (-9: killed) and its log as objects."""
        process = subprocess.Popen(
            [self.binary, "run", str(bridge), "--until-idle", "--give-up-after", "60"],
            env={**os.environ, **(environment or {})}, stderr=subprocess.PIPE, text=True)
        try:
            if kill_after is not None:
                try:
                    _, log = process.communicate(timeout=kill_after)
                except subprocess.TimeoutExpired:
                    process.kill()
                    _, log = process.communicate()
            else:
                _, log = process.communicate(timeout=RUN_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            _, log = process.communicate()
            print(log[-4000:])
            fail(f"the bridge did not end within {RUN_LIMIT_S} s")
        self.hunt(log)
        lines = []
        for line in log.splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                if process.returncode != -signal.SIGKILL:
                    fail(f"not a log line: {line}")
        return process.returncode, lines

    def hunt(self, said):
        """The URL of the endpoint is a secret: nothing that the bridge says or writes may hold it."""
        if self.secrets.values:
            self.secrets.search(said.encode(), "the log")
            self.secrets.search_folder(self.directory)

    def close(self):
        if self.listener:
            self.listener.terminate()
            self.listener.wait(timeout=20)
        shutil.rmtree(self.directory, ignore_errors=True)

    def dead_letters(self, bridge):
        listed = subprocess.run([self.binary, "dead-letters", "list", str(bridge), "--json"],
                                capture_output=True, text=True, check=True,
                                env={**os.environ, "WEB_URL": "http://127.0.0.1:1/"})
        return {json.loads(line)["id"] for line in listed.stdout.splitlines()}


def body_of(event):
    """What an event holds, or names: that has to be there."""
    if "dataref" not in event:
        return event["data"]
    path = pathlib.Path(urllib.parse.unquote(event["dataref"].removeprefix("file://")))
    if "data" in event or not path.is_file():
        fail(f"{event} names a body that is not there, or holds it, too")
    return json.loads(path.read_bytes())


def read_events(paths):
    """All events of JSON Lines files as (id, body), in order; a torn line is a failure."""
    events = []
    for path in paths:
        text = path.read_text()
        if text and not text.endswith("\n"):
            fail(f"{path} ends in a torn line")
        for line in text.splitlines():
            event = json.loads(line)
            events.append((event["id"], json.dumps(body_of(event))))
    return events


def compare(end, events, expected):
    """Missing, invented, altered; returns the number of repeats."""
    seen = {}
    for identity, body in events:
        if identity not in expected:
            fail(f"{end}: {identity} is invented")
        if body != expected[identity]:
            fail(f"{end}: {identity} is altered")
        seen[identity] = seen.get(identity, 0) + 1
    missing = expected.keys() - seen.keys()
    if missing:
        fail(f"{end}: {len(missing)} records are missing, {sorted(missing)[:3]} among them")
    return sum(seen.values()) - len(seen)


def check_conservation(log):
    for line in log:
        if line["event"] in ("summary", "stopped"):
            parts = sum(line[name] for name in ("delivered", "filtered", "dead_lettered",
                                                "handed_back", "in_flight"))
            if line["read"] != parts:
                fail(f"the conservation law is broken: {line}")


def reference(world):
    """What must arrive: an undisturbed run of the same inputs into files."""
    keep = world.directory / "kept"
    shutil.copytree(world.directory / "in", keep)
    bridge = world.write_bridge("reference.yaml", "reference-state", "reference", ["archive"],
                                spool=False)
    code, log = world.run(bridge)
    if code != 2:  # The one bad record.
        print(*log[-10:], sep="\n")
        fail(f"the undisturbed run ended with {code}, not 2")
    check_conservation(log)
    expected = dict(read_events(sorted((world.directory / "reference").glob("*.jsonl"))))
    ended = {line["path"].rsplit("/", 1)[-1]: line for line in log if line["event"] == "file_ended"}
    total = sum(line["read"] for line in ended.values())
    published = sum(line["delivered"] for line in ended.values())
    if published != len(expected) or len(ended) != len(world.adapters):
        fail(f"{published} delivered, {len(expected)} in the files, {len(ended)} files ended")
    if (ended["account.dat"]["read"], ended["account.dat"]["filtered"]) != (1000, 50):
        fail(f"account.dat: {ended['account.dat']}")
    shutil.rmtree(world.directory / "in")
    keep.rename(world.directory / "in")
    # A quarter of the events, as they go to the endpoint, is too large for it.
    sizes = sorted(len(line.encode()) for path in (world.directory / "reference").glob("*.jsonl")
                   for line in path.read_text().splitlines())
    world.limit = sizes[len(sizes) * 3 // 4]
    print(f"{total} records in {len(ended)} files, {published} to publish")
    return expected, world.dead_letters(bridge)


def kills(kind, draw):
    """What to do in each run: an environment or a delay to kill after."""
    if kind not in ("random", "power"):
        return [({"COPYBRIDGE_CRASH_AT": f"{kind}:{nth}"}, None) for nth in (1, 2, 5)]
    return [({}, draw.uniform(0.005, 0.3)) for _ in range(KILLS_PER_WORLD)]


def check_ends(world, bridge, expected, expected_dead):
    """Repeats at the endpoint and in the files; everything else must be as it should."""
    if list((world.directory / "in").iterdir()):
        fail("input files are left over: " + str(list((world.directory / "in").iterdir())))
    web = compare("web", read_events([world.directory / "web.jsonl"]), expected)
    files = compare("archive", read_events(sorted((world.directory / "out").glob("*.jsonl"))),
                    expected)
    lines = (world.directory / "web.jsonl").read_text().splitlines()
    named = {event["dataref"] for event in map(json.loads, lines) if "dataref" in event}
    bodies = list((world.directory / "kept").rglob("*.json"))
    if len(named) < len(expected) / 10 or len(bodies) != len(named):
        fail(f"{len(named)} bodies are named, {len(bodies)} are kept, of {len(expected)} events")
    dead = world.dead_letters(bridge)
    if dead != expected_dead:
        fail(f"dead letters {dead}, expected {expected_dead}")
    return web, files


def trial(binary, kind, to_do, shim=None):
    """A world, killed as told and then left to finish: kills, and what a power failure undid."""
    world = World(binary)
    power = Power(shim, world.directory) if shim else None
    try:
        expected, expected_dead = reference(world)
        # A slow endpoint keeps the bridge alive long enough to be killed as often as it should.
        is_random = kind in ("random", "power")
        environment = {"WEB_URL": world.start_endpoint(8 if is_random else 0)}
        environment.update(power.environment() if power else {})
        bridge = world.write_bridge("bridge.yaml", "state", "out", ["web", "archive"])
        killed = 0
        for more, delay in to_do:
            code, log = world.run(bridge, {**environment, **more}, delay)
            check_conservation(log)
            if code not in (0, 2, -signal.SIGKILL):
                print(log[-5:])
                fail(f"a run ended with {code}")
            killed += 1 if code == -signal.SIGKILL else 0
            if power and code == -signal.SIGKILL:
                power.fail()
            if not is_random and killed == 0:
                fail(f"crash point {kind} was never reached")
        code, log = world.run(bridge, environment)
        check_conservation(log)
        if code not in (0, 2):
            print(log[-5:])
            fail(f"the last run ended with {code}")
        web, files = check_ends(world, bridge, expected, expected_dead)
        if to_do and web == 0:
            fail("the endpoint failed and nothing came twice: the test shows nothing")
        print(f"ok: {kind}: {killed} kills, {len(expected)} records at both ends, repeats {web}"
              f" at the endpoint and {files} in files, {len(expected_dead)} dead letters",
              flush=True)
        return killed, power.undone if power else {}
    finally:
        world.close()
        if power:
            power.close()


def main():
    binary, kind, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
    if kind in ("point", "clean"):
        trial(binary, *((arguments[0], kills(arguments[0], None)) if arguments else (kind, [])))
        return
    seed, wanted = int(arguments[0]), int(arguments[1])
    shim = pathlib.Path(arguments[2]).resolve() if kind == "power" else None
    if IS_SOAK:
        wanted *= SOAK_FACTOR
    draw = random.Random(seed)
    total, undone = 0, {}
    while total < wanted:
        killed, taken_back = trial(binary, kind, kills(kind, draw), shim)
        total += killed
        for what, count in taken_back.items():
            undone[what] = undone.get(what, 0) + count
        if killed == 0:
            fail("no run lived long enough to be killed")
    if shim and undone["W"] == 0:
        fail(f"nothing was taken back, the test shows nothing: {undone}")
    print(f"ok: {total} kills; taken back: {undone}")


if __name__ == "__main__":
    main()
