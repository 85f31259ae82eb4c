#!/usr/bin/env python3
"""From topic to topic exactly once, with a real Kafka broker: offsets lie in the transactions.

Records, some of which fit no copybook and some that are filtered, lie in a topic of three
partitions. Whatever happens to the bridges, a reader of committed messages sees each of them once,
in order per key; no offset is committed beside the transactions, and the group ends at the topic's
end.

kills     one bridge (a static member of the group) is killed at every crash point around a
          transaction and at random, and started again
rebalance two bridges with transactional ids of their own share the topic while others join, leave
          and are killed
zombie    a bridge that was stopped until the group gave its partitions away commits nothing more
unanswered  the broker goes away with the request to commit, or with the answer to it: the bridge
          learns what became of the transaction when the broker is back; with the ledger, too, and
          when another bridge has come in between
cluster   a topic of another cluster is refused, and nothing of it is published

usage: kafka_to_kafka_test.py BINARY [CASE…]
"""
import collections
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from kafka_broker import KafkaBroker  # noqa: E402
from queue_broker import free_ports  # noqa: E402
from tcp_proxy import TcpProxy, hang_up  # noqa: E402

RECORDS, KEYS = 6000, 40
# What comes in each round of waiting, where bridges must find records whenever they come.
FED = 30
BAD_EVERY, FILTERED_EVERY = 1000, 10
LIMIT_S = 150
RANDOM_KILLS = 8
POINTS = ["batch_read:3", "publish_started:2", "transaction_produced:1", "transaction_produced:3",
          "transaction_committed:1", "transaction_committed:2", "publish_confirmed:2",
          "dead_letters_stored:1"]

COPYBOOK = """\
       01 NOTE.
          05 NOTE-KEY    PIC X(2).
          05 NOTE-NUMBER PIC 9(6).
          05 NOTE-KIND   PIC X.
"""
MAPPING = """\
name: note
copybook: note.cpy
codepage: ISO-8859-1
only_if: NOTE-KIND NOT = 'F'
event: {type: note, key: NOTE-KEY}
"""
BRIDGE = """\
state: state-{name}
log: {{format: json, summary_interval_ms: 100}}
delivery: {{retry_initial_ms: 5, retry_max_ms: 200, window_batches: 4, drain_limit_ms: 3000,
            bad_records_percent: 100}}
adapters:
  notes: {{kind: kafka, brokers: "{source}", topic: {topic}, group: {topic}, commit: {commit},
          batch_records_max: 40, properties: {{session.timeout.ms: {session_ms}{more}}}}}
publishers:
  out: {{kind: kafka, brokers: "{brokers}", topic: {topic}-out, transactional_id: {topic}-{name},
        delivery_timeout_ms: {timeout_ms}}}
routes:
  - {{from: notes, mappings: [note.yaml], to: [out]}}
"""


def fail(message):
    sys.exit(f"FAILED: {message}")


def kind_of(number):
    return "F" if number % FILTERED_EVERY == 5 else "N"


def is_bad(number):
    return number % BAD_EVERY == 7


class CommitProxy(TcpProxy):
    """Passes a broker's requests and answers on, and goes away when told to: with a request to
    commit (`request`), or with the answer to one (`answer`)."""

    END_TRANSACTION = 26  # Kafka protocol guide, API keys

    def __init__(self):
        super().__init__(0)
        self.goes_with, self.awaited, self.is_away = None, None, threading.Event()

    def go_away_with(self, what):
        self.goes_with = what

    def come_back(self):
        self.is_away.clear()

    def go_away(self):
        self.goes_with = self.awaited = None
        self.is_away.set()
        hang_up(*self.sockets)

    def pump(self, source, sink, limit, is_answer):
        passes = self.passes_answer if is_answer else self.passes_request
        try:
            with source.makefile("rb") as stream:
                while size := stream.read(4):
                    frame = stream.read(int.from_bytes(size, "big"))
                    if self.is_away.is_set() or not passes(frame):
                        break
                    sink.sendall(size + frame)
        except OSError:
            pass
        hang_up(source, sink)

    def passes_request(self, frame):
        key, version, number = struct.unpack_from(">hhi", frame)
        # Up to version 2 its last byte says whether it is to commit.
        if key != self.END_TRANSACTION or self.goes_with is None or frame[-1] != 1:
            return True
        if version > 2:
            fail(f"EndTxn has version {version}, of which the proxy does not know the end")
        if self.goes_with == "request":
            self.go_away()
            return False
        self.awaited = number
        return True

    def passes_answer(self, frame):
        if struct.unpack_from(">i", frame)[0] != self.awaited:
            return True
        self.go_away()
        return False


class ProxiedBroker(KafkaBroker):
    """One that is reached directly and through a proxy: clients stay on the side that they are on."""

    def configure(self):
        super().configure()
        self.proxy = CommitProxy()
        behind, = free_ports(1)
        self.proxy.target = ("127.0.0.1", behind)
        properties = self.folder / "server.properties"
        text = properties.read_text()
        for name, more in (("listeners", f"PROXIED://127.0.0.1:{behind}"),
                           ("advertised.listeners", f"PROXIED://127.0.0.1:{self.proxy.port}"),
                           ("listener.security.protocol.map", "PROXIED:PLAINTEXT")):
            text = re.sub(rf"(?m)^{re.escape(name)}=.*$", lambda row: f"{row[0]},{more}", text)
        properties.write_text(text)


class World:
    """A topic of records, and bridges that read it."""

    commit, timeout_ms, session_ms = "transaction", 8000, 6000

    def __init__(self, binary, folder, broker, topic):
        self.binary, self.folder, self.broker, self.topic = binary, folder, broker, topic
        folder.mkdir(parents=True)
        (folder / "note.cpy").write_text(COPYBOOK)
        (folder / "note.yaml").write_text(MAPPING)
        broker.create_topic(topic)
        broker.create_topic(f"{topic}-out")
        self.processes, self.produced = [], 0

    def produce(self, count):
        numbers = range(self.produced, self.produced + count)
        self.produced += count
        rows = [f"{n % KEYS:02d}\t{n % KEYS:02d}{n:06d}{'' if is_bad(n) else kind_of(n)}\n"
                for n in numbers]
        (self.folder / "rows").write_text("".join(rows))
        subprocess.run(["kcat", "-b", self.broker.address, "-t", self.topic, "-P", "-K", "\t",
                        "-l", str(self.folder / "rows")], check=True)

    def log(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def start(self, name, crash_at=None, is_static=False, more_words=(), source=None,
              through=None):
        # Killed often in a row it would read units of one (faults.poison), slowly, and show no more.
        (self.folder / f"state-{name}/run-notes").unlink(missing_ok=True)
        more = f", group.instance.id: {name}" if is_static else ""
        path = self.folder / f"{name}.yaml"
        brokers = through or self.broker.address
        path.write_text(BRIDGE.format(name=name, topic=self.topic, brokers=brokers,
                                      source=source or brokers, more=more, commit=self.commit,
                                      timeout_ms=self.timeout_ms, session_ms=self.session_ms))
        environment = {**os.environ, **({"COPYBRIDGE_CRASH_AT": crash_at} if crash_at else {})}
        with (self.folder / f"{name}.log").open("a") as log:
            process = subprocess.Popen([self.binary, "run", str(path), *more_words],
                                       env=environment, stderr=log)
        self.processes.append(process)
        return process

    def start_until_idle(self, name, **options):
        return self.start(name, more_words=("--until-idle", "--give-up-after", "60"), **options)

    def end(self, process, name):
        try:
            return process.wait(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            fail(f"{name} did not end:\n{self.log(name)[-3000:]}")

    def stop(self, process, name):
        process.send_signal(signal.SIGTERM)
        self.end(process, name)

    def delivered(self, *names):
        """What the summaries of these bridges' last runs say."""
        found = [re.findall(r'"event":"summary".*?"delivered":(\d+)', self.log(name))
                 for name in names]
        return sum(int(numbers[-1]) for numbers in found if numbers)

    def wait_until(self, what, holds, fed=0):
        deadline = time.monotonic() + LIMIT_S
        while not holds():
            if time.monotonic() > deadline:
                fail(f"{what} did not happen")
            if fed:
                self.produce(fed)
            time.sleep(0.02)

    def finish(self, name, is_static=False):
        """Runs until everything is read; then another run finds nothing left to read."""
        code = self.end(self.start_until_idle(name, is_static=is_static), name)
        if code not in (0, 2):
            fail(f"the last run ended with {code}:\n" + self.log(name)[-3000:])
        if self.end(self.start_until_idle(name, is_static=is_static), name) != 0:
            fail("the run after the last failed:\n" + self.log(name)[-3000:])
        stopped = [line for line in self.log(name).splitlines() if '"event":"stopped"' in line]
        if json.loads(stopped[-1])["read"] != 0:
            fail(f"the group did not end at the topic's end: {stopped[-1]}")

    def check(self):
        """Each record once, in order per key; the number of messages taken back."""
        committed = self.broker.consume(f"{self.topic}-out")
        bodies = [json.loads(value) for _, _, _, _, value in committed]
        ids = collections.defaultdict(list)  # of the records that a number came in
        for body, (_, _, _, headers, _) in zip(bodies, committed):
            ids[body["NOTE-NUMBER"]].append(headers["ce_id"])
        counts = {number: len(came) for number, came in ids.items()}
        repeats = sorted(came for came in ids.values() if len(came) > 1)
        if repeats:
            fail(f"{len(repeats)} of {len(counts)} came more than once: {repeats[:5]}")
        wanted = {n for n in range(self.produced) if not is_bad(n) and kind_of(n) != "F"}
        if set(counts) != wanted:
            fail(f"missing {sorted(wanted - set(counts))[:5]}, "
                 f"invented {sorted(set(counts) - wanted)[:5]}")
        newest = {}
        for body in bodies:
            if body["NOTE-NUMBER"] <= newest.get(body["NOTE-KEY"], -1):
                fail(f"{body} is out of order")
            newest[body["NOTE-KEY"]] = body["NOTE-NUMBER"]
        return len(self.broker.consume(f"{self.topic}-out", "read_uncommitted")) - len(committed)

    def dead_letters(self, *names):
        found = set()
        for name in names:
            listed = subprocess.run([self.binary, "dead-letters", "list",
                                     str(self.folder / f"{name}.yaml"), "--json"],
                                    capture_output=True, text=True, check=True)
            found |= {json.loads(line)["id"] for line in listed.stdout.splitlines()}
        return found

    def check_dead_letters(self, *names):
        wanted = sum(is_bad(n) for n in range(self.produced))
        found = self.dead_letters(*names)
        if len(found) != wanted:
            fail(f"{len(found)} dead letters, not {wanted}: {sorted(found)}")

    def close(self):
        for process in self.processes:
            process.kill()


def kills(world):
    # The broker would end what a crash has left open after twice this, past every limit here.
    world.timeout_ms = LIMIT_S * 1000
    world.produce(RECORDS)
    draw = random.Random(20261127)
    killed = 0
    for point in POINTS:
        code = world.end(world.start_until_idle("one", crash_at=point, is_static=True), "one")
        if code != -signal.SIGKILL:
            fail(f"{point} was not reached, the run ended with {code}:\n" + world.log("one")[-2000:])
        killed += 1
    for _ in range(RANDOM_KILLS):
        process = world.start_until_idle("one", is_static=True)
        try:
            process.wait(timeout=draw.uniform(0.2, 1.5))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        world.end(process, "one")
    world.finish("one", is_static=True)
    taken_back = world.check()
    world.check_dead_letters("one")
    if taken_back == 0 or killed <= len(POINTS):
        fail(f"{killed} kills, {taken_back} messages taken back: the test shows nothing")
    print(f"ok: {killed} kills, each of {RECORDS} records once, {taken_back} messages taken back")


def rebalance(world):
    one, two = world.start("one"), world.start("two")
    world.wait_until("both's delivery", fed=FED, holds=lambda: min(
        world.delivered("one"), world.delivered("two")) > FED)
    three = world.start("three")
    world.wait_until("the third's delivery", lambda: world.delivered("three") > 0, FED)
    world.stop(three, "three")
    four = world.start("four")
    world.wait_until("the fourth's delivery", lambda: world.delivered("four") > 0, FED)
    four.kill()
    world.stop(one, "one")
    world.stop(two, "two")
    # The fourth's open transaction hides what lies behind it until the fourth is back.
    world.finish("four")
    taken_back = world.check()
    world.check_dead_letters("one", "two", "three", "four")
    print(f"ok: bridges came, went and were killed, each record once, {taken_back} messages "
          "taken back")


def zombie(world):
    process = world.start("one")
    world.wait_until("a delivery", lambda: world.delivered("one") > 10 * FED, FED)
    process.send_signal(signal.SIGSTOP)
    taken_over = world.start("two")
    world.wait_until("the takeover", lambda: world.delivered("two") > 10 * FED, FED)
    process.send_signal(signal.SIGCONT)
    done = world.delivered("two")
    world.wait_until("the delivery of the rest", lambda: world.delivered("two") > done, FED)
    world.stop(process, "one")
    world.stop(taken_over, "two")
    world.finish("two")
    taken_back = world.check()
    world.check_dead_letters("one", "two")
    print(f"ok: the zombie committed nothing, each record once, {taken_back} messages taken back")


def unanswered(world):
    broker = ProxiedBroker(world.folder / "proxied").start()
    through = f"127.0.0.1:{broker.proxy.port}"
    try:
        for commit in ("transaction", "group"):
            inner = World(world.binary, world.folder / commit, broker, f"unanswered-{commit}")
            inner.commit, inner.timeout_ms = commit, 1500
            try:
                taken_back = leave_unanswered(inner, broker.proxy, through)
                if commit == "transaction":
                    take_over_unanswered(inner, broker.proxy, through)
                    inner.check()
            finally:
                inner.close()
            print(f"ok: commit: {commit}: commits without an answer, each record once, "
                  f"{taken_back} messages taken back")
    finally:
        broker.kill()
        broker.proxy.close()


def lose(world, proxy, what):
    """The broker goes away with a commit, and stays away until no bridge waits for it any more."""
    proxy.go_away_with(what)
    world.wait_until("a commit", proxy.is_away.is_set, FED)
    time.sleep(world.timeout_ms / 1000 + 1)


def leave_unanswered(world, proxy, through):
    process = world.start("one", through=through)
    for what in ("answer", "request") * 3:
        done = world.delivered("one")
        world.wait_until("a delivery", lambda: world.delivered("one") > done, FED)
        lose(world, proxy, what)
        proxy.come_back()
    world.stop(process, "one")
    world.finish("one")
    return world.check()


def take_over_unanswered(world, proxy, through):
    """Meanwhile the group gives the partitions to another bridge."""
    process = world.start("two", through=through)
    world.wait_until("a delivery", lambda: world.delivered("two") > 0, FED)
    lose(world, proxy, "answer")
    other = world.start("three")
    time.sleep(world.session_ms / 1000 + 1)
    proxy.come_back()
    world.wait_until("the takeover", lambda: world.delivered("three") > FED, FED)
    done = world.delivered("two")
    world.wait_until("the return", lambda: world.delivered("two") > done, FED)
    world.stop(process, "two")
    world.stop(other, "three")
    world.finish("three")


def cluster(world):
    world.produce(RECORDS)
    other = KafkaBroker(world.folder / "other").start()
    try:
        world.broker, ours = other, world.broker
        other.create_topic(f"{world.topic}-out")
        process = world.start("one", source=ours.address)
        world.wait_until("the refusal", lambda: "is in another cluster" in world.log("one"))
        world.stop(process, "one")
        if other.consume(f"{world.topic}-out"):
            fail("something was published all the same")
    finally:
        world.broker = ours
        other.kill()
    print("ok: the other cluster was refused, nothing was published")


def main():
    cases = {"kills": kills, "rebalance": rebalance, "zombie": zombie, "unanswered": unanswered,
             "cluster": cluster}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-topics-"))
    broker = KafkaBroker(folder / "broker").start()
    try:
        for case in sys.argv[2:] or cases:
            world = World(sys.argv[1], folder / case, broker, case)
            try:
                cases[case](world)
            finally:
                world.close()
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
