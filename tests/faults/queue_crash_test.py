#!/usr/bin/python3
"""The real binary between a queue of a real broker (rabbitmq or artemis), by AMQP 1.0 or STOMP, and
an HTTP endpoint, killed at every place where a message may be.

A bridge (or two beside each other, or instances of one) takes messages off a durable queue, one of which
fits no copybook, and is killed by SIGKILL before a message comes, between receive and publish, between
publish and accept and after it; or a TCP proxy cuts its connection while it accepts; or the broker is
killed. Then it runs undisturbed until the queue is empty: every record must have arrived, repeats only
with the same id, and the bad one must be on the queue's dead-letter queue once, where
the broker moves it.

usage: queue_crash_test.py BINARY amqp|stomp BROKER [CASE…]
"""
import collections
import json
import pathlib
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent / "support")]
import amqp_peer  # noqa: E402
from bridge_process import LIMIT_S, Process, check  # noqa: E402
from queue_broker import kinds  # noqa: E402
from tcp_proxy import TcpProxy  # noqa: E402

RECORDS = 300
BAD = b"BAD"
RUNS_PER_CASE = 3
DRAINS_MAX = 6
STUCK_S = 5

# Where each of the disturbed runs dies; {} is which of them it is, from 1.
KILLS = {
    "between_receive_and_decode": "batch_read:{}",
    "between_receive_and_publish": "batch_decoded:{}",
    "after_the_dead_letter": "dead_letters_stored:1",
    "while_publishing": "publish_started:{}",
    "between_publish_and_accept": "publish_confirmed:{}1",
    "before_accept": "PROTOCOL_before_settling:{}",
    "after_accept": "PROTOCOL_after_settling:{}",
}
# Bytes to the broker after which the proxy cuts: in the login, at the first accepts, later.
CUTS = {"amqp": [150, 560, 580, 600, 620, 640, 660, 680],
        "stomp": [60, 300, 330, 400, 600, 1000, 1500, 2000]}


class World:
    """A queue of the broker, an endpoint, mapping and bridge files in a folder of their own."""

    def __init__(self, binary, protocol, broker, case, directory):
        self.binary, self.protocol, self.broker = binary, protocol, broker
        self.directory, self.name = directory, f"notes-{case}"
        self.queue = broker.address(self.name)
        self.place = {"amqp": f"address: {self.queue}",
                      "stomp": f"destination: {broker.destination(self.name)}"}[protocol]
        self.broker_port = {"amqp": broker.port, "stomp": broker.stomp_port}[protocol]
        self.port = self.broker_port
        self.restarts = 0
        self.listener = Process(binary, "listen", "--port", "0", "--fail-every", "10",
                                "--fail-status", "500", "--output", directory / "web.jsonl",
                                "--quiet")
        self.url = "http://" + self.listener.wait_for("listening on").split()[2].rstrip(",;") + "/"
        (directory / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC X(6).\n")
        (directory / "note.yaml").write_text(
            "name: note\ncopybook: note.cpy\ncodepage: ISO-8859-1\nevent: {type: com.example.note}\n")
        bodies = [f"{number:06}".encode() for number in range(RECORDS)]
        self.records = {body.decode() for body in bodies}
        bodies.insert(RECORDS // 10, BAD)
        peer = amqp_peer.connect(broker.port)
        amqp_peer.send(peer, self.queue, bodies)
        peer.close()

    def run(self, name="one", crash_at=None, instances=1, idle=True, batch=20):
        path = self.directory / f"{name}.yaml"
        path.write_text(
            f"state: state-{name}\nlog: {{format: json, summary_interval_ms: 100}}\n"
            "delivery: {retry_initial_ms: 2, retry_max_ms: 20}\n"
            f"adapters:\n  notes: {{kind: {self.protocol},"
            f" servers: '{self.protocol}://127.0.0.1:{self.port}', {self.place},"
            f" batch_records_max: {batch}, instances: {instances}}}\n"
            f"publishers:\n  web: {{kind: http, url: '{self.url}', mode: structured}}\n"
            "routes:\n  - {from: notes, mappings: [note.yaml], to: [web]}\n")
        words = ["--until-idle", "--give-up-after", "60"] if idle else []
        crash_at = crash_at and crash_at.replace("PROTOCOL", self.protocol)
        return Process(self.binary, "run", path, *words,
                       env={"COPYBRIDGE_CRASH_AT": crash_at} if crash_at else {})

    def drain(self):
        """Undisturbed runs until one finds nothing: what a killed one had may be late to come back."""
        for _ in range(DRAINS_MAX):
            process = self.run()
            code = process.end()
            check(code in (0, 2), f"the last run ended with {code}:\n" + "".join(process.lines[-20:]))
            if process.events("stopped")[-1]["read"] > 0:
                continue
            if self.broker.depth(self.name) == 0:
                return
            # Artemis 2.40 may keep messages of a client that was killed in delivery, without any
            # consumer, until it is started again.
            self.broker.kill_server()
            self.broker.restart()
        check(False, f"{self.broker.depth(self.name)} messages are on the queue and do not come")

    def wait_until_empty(self):
        """Until the broker has no message any more that a bridge that runs has to accept."""
        depth, since = self.broker.depth(self.name), time.monotonic()
        while depth > 0:
            time.sleep(0.1)
            now = self.broker.depth(self.name)
            if now != depth:
                depth, since = now, time.monotonic()
            elif time.monotonic() - since > STUCK_S:
                # As above, of a connection that was cut.
                self.broker.kill_server()
                self.broker.restart()
                since = time.monotonic()
                self.restarts += 1
                check(self.restarts <= DRAINS_MAX, f"{depth} messages stay on the queue")

    def check_ends(self):
        """The number of repeats."""
        ids, count = collections.defaultdict(set), collections.Counter()
        for line in (self.directory / "web.jsonl").read_text().splitlines():
            event = json.loads(line)
            ids[event["data"]["NO"]].add(event["id"])
            count[event["data"]["NO"]] += 1
        peer = amqp_peer.connect(self.broker.port)
        left = amqp_peer.take(peer, self.queue, 0)
        check(ids.keys() == self.records,
              f"missing {sorted(self.records - ids.keys())[:5]},"
              f" invented {sorted(ids.keys() - self.records)[:5]}; {len(left)} left on the queue")
        unequal = [body for body, found in ids.items() if len(found) > 1]
        check(not unequal, f"the same record with several ids: {unequal[:5]}")
        check(not left, f"{len(left)} messages are left on the queue")
        is_moved = self.protocol == "amqp" or self.broker.nack_moves
        moved = list(map(amqp_peer.body_of,
                         amqp_peer.take(peer, self.broker.address("dead"), int(is_moved))))
        peer.close()
        check(moved == [BAD] * is_moved, f"on the dead-letter queue: {moved}")
        return sum(count.values()) - RECORDS

    def close(self):
        self.listener.end(signal.SIGKILL)


def killed(world, case):
    for run in range(1, RUNS_PER_CASE + 1):
        process = world.run(crash_at=KILLS[case].format(run))
        code = process.end()
        # The bad record's place is passed once only.
        is_reached = code == -signal.SIGKILL or (run > 1 and code in (0, 2))
        check(is_reached, f"run {run} ended with {code}:\n" + "".join(process.lines[-20:]))
    world.drain()
    return world.check_ends()


def before_receive(world, _case):
    """Connected, and killed before anything of the broker has come through."""
    for _ in range(RUNS_PER_CASE):
        proxy = TcpProxy(world.broker_port)
        proxy.holds.set()
        world.port = proxy.port
        process = world.run()
        check(proxy.wait_for_connections(1, LIMIT_S), "no connection")
        process.end(signal.SIGKILL)
        proxy.close()
    world.port = world.broker_port
    world.drain()
    repeats = world.check_ends()
    check(repeats == 0, f"{repeats} repeats though nothing had come")
    return repeats


def cut_while_accepting(world, _case):
    """The connection is cut again and again while the bridge lives: it reconnects, and what was
    delivered is not delivered again."""
    proxy = TcpProxy(world.broker_port, CUTS[world.protocol])
    world.port = proxy.port
    # So that there are many accepts to cut.
    process = world.run(batch=4, idle=False)
    world.wait_until_empty()
    code = process.end(signal.SIGTERM)
    check(code in (0, 2), f"it ended with {code}:\n" + "".join(process.lines[-20:]))
    check(proxy.cuts >= 3, f"{proxy.cuts} cuts")
    check(process.events("source_recovered"), "no recovery is in the log")
    proxy.close()
    world.port = world.broker_port
    world.drain()
    repeats = world.check_ends()
    check(repeats == 0, f"{repeats} repeats though the bridge lived")
    return repeats


def two_bridges(world, _case):
    """Two bridges on one queue, one of them killed again and again."""
    other = world.run("two")
    for place in ("batch_decoded:1", "publish_confirmed:5", "PROTOCOL_after_settling:1"):
        check(world.run(crash_at=place).end() in (-signal.SIGKILL, 0, 2), "bridge one")
    check(other.end() in (0, 2), "bridge two")
    world.drain()
    return world.check_ends()


def instances(world, _case):
    """Three connections of one bridge, killed with everything."""
    for place in ("batch_decoded:2", "publish_confirmed:21", "PROTOCOL_after_settling:2"):
        check(world.run(crash_at=place, instances=3).end() in (-signal.SIGKILL, 0, 2), "a run")
    process = world.run(instances=3)
    check(process.end() in (0, 2), "the last run:\n" + "".join(process.lines[-20:]))
    world.drain()
    return world.check_ends()


def broker_killed(world, _case):
    """The broker dies with messages here and there, and comes back with what it has on its disk."""
    process = world.run(idle=False)
    process.wait_for('"dead_letter"')
    world.broker.kill_server()
    process.wait_for('"source_lost"')
    world.broker.restart()
    process.wait_for('"source_recovered"')
    check(process.end(signal.SIGTERM) in (0, 2), "the end:\n" + "".join(process.lines[-20:]))
    world.drain()
    return world.check_ends()


CASES = {"before_receive": before_receive, **{case: killed for case in KILLS},
         "cut_while_accepting": cut_while_accepting, "two_bridges": two_bridges,
         "instances": instances, "broker_killed": broker_killed}


def main():
    binary, protocol, kind = sys.argv[1:4]
    with tempfile.TemporaryDirectory(prefix=f"copybridge-{protocol}-") as name:
        folder = pathlib.Path(name)
        broker = kinds()[kind](folder / "broker", durable=["dead", *(f"notes-{case}" for case in CASES)])
        try:
            broker.start()
            for case in sys.argv[4:] or CASES:
                (folder / case).mkdir()
                world = World(binary, protocol, broker, case, folder / case)
                try:
                    repeats = CASES[case](world, case)
                finally:
                    world.close()
                print(f"ok: {case}: {RECORDS} records, {repeats} repeats with equal ids", flush=True)
        finally:
            broker.kill()


if __name__ == "__main__":
    main()
