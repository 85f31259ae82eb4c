#!/usr/bin/env python3
"""The real binary with a transactional id against a real Kafka broker: each record exactly once.

kills   the bridge is killed at every crash point around a transaction and at random, and started
        again until it gets through; a reader of committed messages sees every record once, in order
        per key, and something was taken back and something was known again, or the test would show
        nothing
claims  the same, where a body that is too large lies in a folder and its message names it: every record
        once, and the body of each that names one is there
broker  the broker is killed under the bridge and comes back
zombie  a bridge that was stopped while another one took over commits nothing more

usage: exactly_once_test.py BINARY [CASE…]
"""
import collections
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
import threading
import time
import urllib.parse

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from kafka_broker import KafkaBroker  # noqa: E402

RECORDS_OF_SAMPLE, EVENTS_OF_SAMPLE = 1000, 950
COPIES = 20
RUN_LIMIT_S = 120
RANDOM_KILLS = 6
# Of a message with its key and headers: some of the sample's are larger.
LIMIT, CLAIM_COPIES = 1066, 3
CLAIM_POINTS = ["file_body_named:3", "file_body_named:60", "transaction_produced:1",
                "transaction_committed:1", "before_checkpoint:2"]
POINTS = ["publish_started:2", "transaction_produced:1", "transaction_produced:3",
          "transaction_committed:1", "transaction_committed:2", "publish_confirmed:2",
          "before_checkpoint:2", "after_checkpoint:2"]

BRIDGE = """\
state: state
log: {{format: json, summary_interval_ms: 100}}
delivery: {{retry_initial_ms: 5, retry_max_ms: 200, refused_retry_ms: 500, window_batches: 4,
            drain_limit_ms: 1000}}
adapters:
  accounts: {{kind: file, path: in/account.dat, recfm: F, lrecl: 200, watch: no, settle_time_ms: 0,
              batch_records_max: 250}}
publishers:
  topic: {{kind: kafka, brokers: "{brokers}", topic: {topic}, transactional_id: {topic},
           delivery_timeout_ms: 5000{claims}}}
{more}
routes:
  - {{from: accounts, mappings: [{mapping}], to: [topic]}}
"""

EXPECTED = """\
state: expected-state
adapters:
  accounts: {{kind: file, path: again/account.dat, recfm: F, lrecl: 200, watch: no, settle_time_ms: 0}}
publishers:
  all: {{kind: file, path: expected.jsonl, format: cloudevents}}
routes:
  - {{from: accounts, mappings: [{mapping}], to: [all]}}
"""


def fail(message):
    sys.exit(f"FAILED: {message}")


class World:
    """A folder with a file of account records and the bridge file for a topic of its own."""

    def __init__(self, binary, folder, broker, topic, has_claims=False, copies=COPIES):
        self.copies = copies
        claims = f', properties: {{message.max.bytes: "{LIMIT}"}}, claim_check: big' if has_claims else ""
        more = '  big: {kind: file, path: "kept/{name}/{id}.json"}' if has_claims else ""
        self.binary, self.folder, self.broker, self.topic = binary, folder, broker, topic
        (folder / "in").mkdir(parents=True)
        sample = (SOURCE / "mappings/account/sample/account.dat").read_bytes()
        (folder / "in/account.dat").write_bytes(sample * self.copies)
        self.bridge = folder / "bridge.yaml"
        self.bridge.write_text(BRIDGE.format(
            brokers=broker.address, topic=topic, claims=claims, more=more,
            mapping=SOURCE / "mappings/account/account.yaml"))
        self.log = folder / "bridge.log"

    def start(self, crash_at=None):
        environment = {**os.environ, **({"COPYBRIDGE_CRASH_AT": crash_at} if crash_at else {})}
        return subprocess.Popen(
            [self.binary, "run", str(self.bridge), "--until-idle", "--give-up-after", "60"],
            env=environment, stderr=self.log.open("a"))

    def end(self, process):
        try:
            return process.wait(timeout=RUN_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            fail("the bridge did not end:\n" + self.log.read_text()[-3000:])

    def finish(self):
        code = self.end(self.start())
        if code != 0:
            fail(f"the last run ended with {code}:\n" + self.log.read_text()[-3000:])

    def wait_for_log(self, pattern, begin=0):
        deadline = time.monotonic() + RUN_LIMIT_S
        while time.monotonic() < deadline:
            if re.search(pattern, self.log.read_text()[begin:]):
                return
            time.sleep(0.01)
        fail(f"no line with {pattern}:\n" + self.log.read_text()[-3000:])

    def check(self):
        """Every event once, and in source order per key; the number of messages taken back."""
        committed = self.broker.consume(self.topic)
        counts = collections.Counter(headers["ce_id"] for _, _, _, headers, _ in committed)
        repeats = [identity for identity, count in counts.items() if count > 1]
        if repeats:
            fail(f"{len(repeats)} of {len(counts)} records came more than once: {repeats[:3]}")
        if len(counts) != EVENTS_OF_SAMPLE * self.copies:
            fail(f"{len(counts)} records arrived, not {EVENTS_OF_SAMPLE * self.copies}")
        newest = {}
        for _, _, key, headers, _ in committed:
            number = int(headers["ce_id"].split("/")[2])
            if number <= newest.get(key, 0):
                fail(f"{headers['ce_id']} is out of order")
            newest[key] = number
        written = self.broker.consume(self.topic, isolation="read_uncommitted")
        return len(written) - len(committed)

    def check_bodies(self):
        """What messages hold or name is what the bridge makes of the file; the number of those that name."""
        expected = self.folder / "expected.yaml"
        expected.write_text(EXPECTED.format(mapping=SOURCE / "mappings/account/account.yaml"))
        (self.folder / "again").mkdir()
        sample = (SOURCE / "mappings/account/sample/account.dat").read_bytes()
        (self.folder / "again/account.dat").write_bytes(sample * self.copies)
        subprocess.run([self.binary, "run", str(expected), "--until-idle"], check=True,
                       stderr=subprocess.DEVNULL, timeout=RUN_LIMIT_S)
        lines = (self.folder / "expected.jsonl").read_text().splitlines()
        bodies = {event["id"]: event["data"] for event in map(json.loads, lines)}
        named = 0
        for _, _, _, headers, value in self.broker.consume(self.topic):
            reference = headers.get("ce_dataref")
            if reference:
                if value:
                    fail(f"{headers} has a value, too")
                named += 1
                value = pathlib.Path(urllib.parse.unquote(
                    reference.removeprefix("file://"))).read_text()
            if json.loads(value) != bodies[headers["ce_id"]]:
                fail(f"{headers} came with {value}")
        if not len(bodies) / 20 < named < len(bodies) * 0.95:
            fail(f"{named} of {len(bodies)} messages name their bodies")
        kept = sum(1 for _ in (self.folder / "kept").rglob("*.json"))
        if kept != named:
            fail(f"{kept} bodies are kept, {named} are named")
        return named

    def remembered(self):
        """How many transactions the ledger still holds."""
        messages = self.broker.consume(f"copybridge-ledger-{self.topic}-topic")
        newest = {key: value for _, _, key, _, value in messages}
        return sum(1 for value in newest.values() if value)


def kills(binary, folder, broker):
    world = World(binary, folder, broker, "kills")
    killed, taken_back = kill(world, POINTS)
    print(f"ok: {killed} kills, every record once, {taken_back} messages taken back, "
          f"{world.remembered()} transactions still remembered")


def claims(binary, folder, broker):
    world = World(binary, folder, broker, "claims", has_claims=True, copies=CLAIM_COPIES)
    # A message has room for the names of few events: so have transactions.
    killed, taken_back = kill(world, CLAIM_POINTS, remembered_max=40)
    named = world.check_bodies()
    print(f"ok: {killed} kills, every record once, {named} name their bodies, {taken_back} messages taken "
          "back")


def kill(world, points, remembered_max=2):
    """How often, and how many messages were taken back. So many transactions may be remembered for each."""
    draw = random.Random(20261127)
    killed = 0
    for point in points:
        code = world.end(world.start(point))
        if code != -signal.SIGKILL:
            fail(f"{point} was not reached, the run ended with {code}:\n"
                 + world.log.read_text()[-2000:])
        killed += 1
    for number in range(RANDOM_KILLS):
        before = len(world.log.read_text())
        process = world.start()
        # One that is killed again and again before it is past its first record takes that for the culprit.
        if number % 2 == 1:
            world.wait_for_log(r'"event":"(summary|stopped)".*"delivered":[1-9]', before)
        try:
            process.wait(timeout=draw.uniform(0.05, 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        world.end(process)
    world.finish()
    taken_back = world.check()
    if taken_back == 0:
        fail("no transaction was taken back: the test shows nothing")
    if killed < len(points) + 1:
        fail("no run lived long enough to be killed at random")
    remembered = world.remembered()
    if remembered > remembered_max * (killed + 1):
        fail(f"{remembered} transactions are still remembered")
    return killed, taken_back


def broker_killed(binary, folder, broker):
    world = World(binary, folder, broker, "away")
    process = world.start()
    world.wait_for_log(r'"event":"summary".*"delivered":[1-9]')
    broker.kill()
    threading.Timer(0.5, broker.restart).start()
    if world.end(process) != 0:
        fail("the bridge did not get over it:\n" + world.log.read_text()[-3000:])
    if '"endpoint_lost"' not in world.log.read_text():
        fail("the broker was not missed: the test shows nothing")
    print(f"ok: the broker was away, every record once, {world.check()} messages taken back")


def zombie(binary, folder, broker):
    world = World(binary, folder, broker, "zombie")
    process = world.start()
    world.wait_for_log(r'"event":"summary".*"delivered":[1-9]')
    process.send_signal(signal.SIGSTOP)
    # What a second machine finds that takes over: everything on the disk, as it is.
    shutil.copytree(folder / "state", folder / "taken-over")
    text = world.bridge.read_text()
    world.bridge.write_text(text.replace("state: state", "state: taken-over"))
    world.finish()
    process.send_signal(signal.SIGCONT)
    code = world.end(process)
    log = world.log.read_text()
    if code != 4 or "has taken over the transactional id" not in log:
        fail(f"the zombie ended with {code} and was not told:\n" + log[-3000:])
    print(f"ok: the zombie was fenced, every record once, {world.check()} messages taken back")


def main():
    cases = {"kills": kills, "claims": claims, "broker": broker_killed, "zombie": zombie}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-once-"))
    broker = KafkaBroker(folder / "broker").start()
    try:
        for case in sys.argv[2:] or cases:
            broker.create_topic({"kills": "kills", "claims": "claims", "broker": "away", "zombie": "zombie"}[case])
            cases[case](sys.argv[1], folder / case, broker)
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
