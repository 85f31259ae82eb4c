#!/usr/bin/env python3
"""Exactly once between IBM MQ (the double of the queue manager) and a real Kafka broker.

to_kafka   a queue, open for the bridge alone, to a topic: the ids of a unit of work lie in the Kafka
           transaction, so that a message that comes again is committed and not published
to_queue   a topic to a queue: a message with the ids lies on the state queue, put in the unit of work
           of the events
standby    two bridges with one state queue: the second waits until the first is gone

The bridge is killed before, in and after every call that ends a unit of work or a transaction, its
commits fail with an outcome that nobody knows, and it is killed at random. Each record must be there
once.

usage: mq_exactly_once_test.py BINARY MQ_DOUBLE MQTOOL LIBRARY [CASE…]
"""
import collections
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from kafka_broker import KafkaBroker  # noqa: E402
from mq_queue_manager import QueueManager  # noqa: E402

RECORDS, BAD = 1500, 700
LIMIT_S = 120
RANDOM_KILLS = 6
QUEUES = ("{name: QM, queues: [{name: IN, backout_queue: BACK, backout_threshold: 3}, {name: BACK},"
          " {name: OUT}, {name: STATE}]}")
MAPPING = "name: note\ncopybook: note.cpy\ncodepage: ISO-8859-1\nevent: {type: note}\n"
TOP = """\
state: state-%s
log: {format: json, summary_interval_ms: 100}
delivery: {retry_initial_ms: 5, retry_max_ms: 100, drain_limit_ms: 2000}
adapters:
"""
TO_KAFKA = TOP + """\
  notes: {kind: ibm-mq, queue: IN, open: exclusive, library: %s, batch_records_max: 40}
publishers:
  out: {kind: kafka, brokers: "%s", topic: %s, transactional_id: %s, delivery_timeout_ms: 5000}
routes:
  - {from: notes, mappings: [note.yaml], to: [out]}
"""
TO_QUEUE = TOP + """\
  notes: {kind: kafka, brokers: "%s", topic: %s, group: %s, batch_records_max: 40,
          properties: {group.instance.id: one, session.timeout.ms: 6000}}
publishers:
  out: {kind: ibm-mq, queue: OUT, state_queue: STATE, library: %s, batch_events_max: 30}
routes:
  - {from: notes, mappings: [note.yaml], to: [out]}
"""


def kill_at(point):
    return {"COPYBRIDGE_CRASH_AT": point}


def faults(text):
    return {"COPYBRIDGE_MQ_FAULTS": text}


# What happens to one run after the other.
TO_KAFKA_RUNS = [
    kill_at("transaction_produced:1"), kill_at("transaction_committed:1"),
    kill_at("transaction_committed:3"), kill_at("publish_confirmed:2"), faults("MQCMIT:KILL:1"),
    faults("MQCMIT:KILL:2:after"), faults("MQGET:KILL:50:after"), faults("MQCMIT:2009:2"),
    faults("MQCMIT:2009:2:after"), faults("MQCMIT:2009:1,MQCMIT:KILL:3"),
    faults("MQCMIT:2003:2,MQCMIT:KILL:4:after"), faults("MQPUT:KILL:1"),
    faults("MQPUT:KILL:1:after"), faults("MQCMIT:2009:3:after,MQCMIT:KILL:5:after")]
TO_QUEUE_RUNS = [
    kill_at("publish_started:2"), kill_at("publish_confirmed:1"), kill_at("publish_confirmed:2"),
    faults("MQPUT:KILL:10"), faults("MQPUT:KILL:31"), faults("MQPUT:KILL:31:after"),
    faults("MQCMIT:KILL:1"), faults("MQCMIT:KILL:2:after"), faults("MQCMIT:KILL:3:after"),
    faults("MQCMIT:2009:2"), faults("MQCMIT:2009:2:after"), faults("MQCMIT:2003:1"),
    faults("MQCMIT:2009:1:after,MQCMIT:KILL:3"), faults("MQPUT:2009:20"), faults("MQOPEN:2042:2")]


def fail(message):
    sys.exit(f"FAILED: {message}")


class World:
    """A folder with a queue manager, a topic and bridge files."""

    def __init__(self, programs, folder, broker, topic):
        self.binary, double, self.tool, self.library = programs
        self.folder, self.broker, self.topic = folder, broker, topic
        self.queue_manager = QueueManager(double, folder / "qm", QUEUES)
        os.environ["COPYBRIDGE_MQ_LIBRARY"] = self.library
        (folder / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC 9(6).\n")
        (folder / "note.yaml").write_text(MAPPING)
        self.rows = "".join(f"{'BAD' if n == BAD else f'{n:06d}'}\n" for n in range(RECORDS))
        broker.create_topic(topic)
        self.processes = []

    def use_tool(self, *words, text=None):
        return subprocess.run([self.tool, *words], input=text, capture_output=True, text=True,
                              timeout=LIMIT_S, check=True).stdout

    def write(self, name, form, *values):
        (self.folder / f"{name}.yaml").write_text(form % (name, *values))

    def log(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def start(self, name, more=None):
        # Killed often in a row it would read units of one (faults.poison), slowly, and show no more.
        (self.folder / f"state-{name}/run-notes").unlink(missing_ok=True)
        with (self.folder / f"{name}.log").open("a") as log:
            process = subprocess.Popen(
                [self.binary, "run", str(self.folder / f"{name}.yaml"), "--until-idle",
                 "--give-up-after", "60"], stderr=log, env={**os.environ, **(more or {})})
        self.processes.append(process)
        return process

    def end(self, process, name):
        try:
            return process.wait(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            fail(f"{name} did not end:\n{self.log(name)[-3000:]}")

    def wait_for_log(self, name, text):
        deadline = time.monotonic() + LIMIT_S
        while text not in self.log(name):
            if time.monotonic() > deadline:
                fail(f"no {text} in the log:\n{self.log(name)[-3000:]}")
            time.sleep(0.01)

    def disturb(self, runs):
        """The runs that were killed; the other faults must be got over."""
        killed = 0
        for more in runs:
            code = self.end(self.start("one", more), "one")
            is_kill = any("KILL" in value or "CRASH" in name for name, value in more.items())
            if code not in ((-signal.SIGKILL, 0, 2) if is_kill else (0, 2)):
                fail(f"{more}: it ended with {code}:\n{self.log('one')[-3000:]}")
            killed += code == -signal.SIGKILL
            if code != -signal.SIGKILL:
                self.refill()
        draw = random.Random(20261127)
        for _ in range(RANDOM_KILLS):
            self.refill()
            process = self.start("one")
            try:
                process.wait(timeout=draw.uniform(0.1, 0.8))
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
            self.end(process, "one")
        code = self.end(self.start("one"), "one")
        if code not in (0, 2):
            fail(f"the last run ended with {code}:\n{self.log('one')[-3000:]}")
        if killed < len(runs) // 2:
            fail(f"{killed} kills: the test shows nothing")
        return killed

    def refill(self):
        """More to do for the next run."""
        start = self.rows.count("\n")
        more = "".join(f"{n:06d}\n" for n in range(start, start + RECORDS // 3))
        self.rows += more
        self.feed(more)

    def check(self, bodies):
        counts = collections.Counter(json.loads(body)["NO"] for body in bodies)
        repeats = sorted(number for number, count in counts.items() if count > 1)
        if repeats:
            fail(f"{len(repeats)} of {len(counts)} came more than once: {repeats[:5]}")
        wanted = set(range(self.rows.count("\n"))) - {BAD}
        if set(counts) != wanted:
            fail(f"missing {sorted(wanted - set(counts))[:5]}, "
                 f"invented {sorted(set(counts) - wanted)[:5]}")
        return len(counts)

    def close(self):
        for process in self.processes:
            process.kill()
        self.queue_manager.kill()


def to_kafka(world):
    world.write("one", TO_KAFKA, world.library, world.broker.address, world.topic, world.topic)
    world.feed = lambda rows: world.use_tool("put", "IN", text=rows)
    world.feed(world.rows)
    killed = world.disturb(TO_KAFKA_RUNS)
    count = world.check([value for *_, value in world.broker.consume(world.topic)])
    if world.use_tool("depth", "IN").strip() != "0":
        fail("messages are left on the queue")
    if world.use_tool("get", "BACK").splitlines() != ["BAD"]:
        fail("the bad one is not on the backout queue, once")
    taken_back = len(world.broker.consume(world.topic, "read_uncommitted")) - count
    if taken_back == 0:
        fail("no transaction was taken back: the test shows nothing")
    print(f"ok: from the queue: {killed} kills, {count} records once, {taken_back} taken back")


def feed_topic(world, rows):
    path = world.folder / "rows"
    path.write_text(rows)
    subprocess.run(["kcat", "-b", world.broker.address, "-t", world.topic, "-P", "-l", str(path)],
                   check=True)


def to_queue(world):
    world.write("one", TO_QUEUE, world.broker.address, world.topic, world.topic, world.library)
    world.feed = lambda rows: feed_topic(world, rows)
    world.feed(world.rows)
    killed = world.disturb(TO_QUEUE_RUNS)
    count = world.check(world.use_tool("get", "OUT").splitlines())
    remembered = int(world.use_tool("depth", "STATE"))
    if not 0 < remembered <= 4 * (killed + 2):
        fail(f"{remembered} messages are on the state queue")
    print(f"ok: to the queue: {killed} kills, {count} records once, {remembered} units remembered")


def standby(world):
    for name in ("one", "two"):
        world.write(name, TO_QUEUE.replace("group.instance.id: one, ", ""), world.broker.address,
                    world.topic, world.topic, world.library)
    world.feed = lambda rows: feed_topic(world, rows)
    world.feed(world.rows)
    for _ in range(18):
        world.refill()
    first = world.start("one")
    deadline = time.monotonic() + LIMIT_S
    while world.use_tool("depth", "OUT").strip() == "0" and time.monotonic() < deadline:
        pass
    first.send_signal(signal.SIGSTOP)
    if first.poll() is not None:
        fail("the first has ended: the test shows nothing")
    second = world.start("two")
    world.wait_for_log("two", "2042")
    first.kill()
    code = world.end(second, "two")
    if code not in (0, 2):
        fail(f"the second ended with {code}:\n{world.log('two')[-3000:]}")
    count = world.check(world.use_tool("get", "OUT").splitlines())
    print(f"ok: the second waited for the first, {count} records once")


def main():
    cases = {"to_kafka": to_kafka, "to_queue": to_queue, "standby": standby}
    programs, wanted = sys.argv[1:5], sys.argv[5:]
    with tempfile.TemporaryDirectory(prefix="copybridge-mq-once-") as name:
        folder = pathlib.Path(name)
        broker = KafkaBroker(folder / "broker").start()
        try:
            for case in wanted or cases:
                (folder / case).mkdir()
                world = World(programs, folder / case, broker, case)
                try:
                    cases[case](world)
                finally:
                    world.close()
        finally:
            broker.kill()


if __name__ == "__main__":
    main()
