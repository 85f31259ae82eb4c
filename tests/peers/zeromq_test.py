#!/usr/bin/env python3
"""ZeroMQ between the real binary and pyzmq, and between two bridges that are killed.

plain      PUSH and PUB of pyzmq to the source, the publisher's to pyzmq's PULL and SUB
sender     an independent sender of the acknowledged protocol: repeats, gaps, garbage
receiver   an independent receiver, which drops records, forgets sessions, is started again
curve      only keys that are known get in
events     JSON events that go on as they are
two        a collector and a bridge in the DMZ, both killed again and again: nothing is missing,
           nothing is invented, what comes twice has one id

usage: zeromq_test.py BINARY CASE…        (brings itself into a Python with pyzmq first)
"""
import json
import os
import pathlib
import random
import signal
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "support"), str(SOURCE / "tests" / "faults")]
import pyzmq  # noqa: E402

if __name__ == "__main__":
    pyzmq.enter()
import zmq  # noqa: E402
from bridge_process import LIMIT_S, Process, check, fail, number  # noqa: E402
from zeromq_peer import Receiver, Sender  # noqa: E402

RECORDS = 400


def free_port():
    import socket
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until(holds, what):
    limit = time.monotonic() + LIMIT_S
    while not holds():
        if time.monotonic() > limit:
            fail(f"{what} within {LIMIT_S} s")
        time.sleep(0.01)


class World:
    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
        self.context = zmq.Context()
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        (directory / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC 9(6).\n")
        (directory / "note.yaml").write_text(
            "name: note\ncopybook: note.cpy\nevent: {type: com.example.note, subject: 'n/{NO}'}\n")
        (directory / "taken.yaml").write_text(
            "name: note\ncopybook: note.cpy\nevent: {type: com.example.note, key:"
            " '{@zeromq-client}', subject: '{@ce-id}{@zeromq-topic}'}\n")
        self.listener = Process(binary, "listen", "--port", "0", "--output", directory / "out.jsonl",
                                "--quiet")
        self.url = "http://" + self.listener.wait_for("listening on").split()[2].rstrip(",;") + "/"

    def close(self):
        self.context.destroy(0)
        self.listener.end(signal.SIGTERM)

    def run(self, name, adapter, publisher, route="", mapping="note.yaml", *more, **environment):
        folder = self.directory / name
        folder.mkdir(exist_ok=True)
        (folder / "bridge.yaml").write_text(
            f"state: state\ndelivery: {{retry_initial_ms: 5, retry_max_ms: 200}}\n"
            f"adapters:\n  notes: {adapter}\npublishers:\n  out: {publisher}\n"
            f"routes:\n  - {{from: notes, mappings: [../{mapping}], to: [out]{route}}}\n")
        return Process(self.binary, "run", folder / "bridge.yaml", *more,
                       env={**os.environ, **environment})

    def source(self, options, **environment):
        """A bridge from ZeroMQ to the listener."""
        bridge = self.run("source", f"{{kind: zeromq, {options}}}",
                          f"{{kind: http, url: '{self.url}', mode: structured}}", "", "taken.yaml", **environment)
        bridge.wait_for('"started"')
        return bridge

    def sink(self, options, count, name="sink", *more, **environment):
        """A bridge from a file of so many records to ZeroMQ."""
        folder = self.directory / name
        folder.mkdir(exist_ok=True)
        file = folder / "in.dat"
        if not file.exists():
            file.write_bytes(b"".join(number(i) for i in range(count)))
        return self.run(name, "{kind: file, path: in.dat, recfm: F, lrecl: 6, watch: no,"
                              " settle_time_ms: 0}", f"{{kind: zeromq, {options}}}", "", "note.yaml", *more,
                        **environment)

    def events(self):
        """Of whole lines: one may be under way."""
        file = self.directory / "out.jsonl"
        text = file.read_text() if file.exists() else ""
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def wait_for(self, wanted):
        """Every one of the numbers is there, and no other; how many came twice, each with one id."""
        wait_until(lambda: not set(wanted) - {event["data"]["NO"] for event in self.events()},
                   f"{len(wanted)} records are not all there")
        ids = {}
        for event in self.events():
            ids.setdefault(event["data"]["NO"], set()).add(event["id"])
        check(set(ids) == set(wanted), f"{sorted(set(ids) - set(wanted))} were never sent")
        check(all(len(known) == 1 for known in ids.values()), "a record has two ids")
        return len(self.events()) - len(ids)


def plain(world):
    """PUSH to pull, PUB to sub, push to PULL, pub to SUB."""
    for kind, options, first, frames in ((zmq.PUSH, "socket: pull", 0, []),
                                         (zmq.PUB, "socket: sub, topics: [notes]", 50, [b"notes/a"])):
        socket = world.context.socket(kind)
        socket.linger = 0
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        bridge = world.source(f"{options}, connect: 'tcp://127.0.0.1:{port}'")
        if kind == zmq.PUB:
            # Until the subscription is there what is published is lost: of these the last arrives.
            wait_until(lambda: socket.send_multipart([b"notes/a", number(first)]) or
                       any(event["data"]["NO"] == first for event in world.events()), "a subscription")
            socket.send_multipart([b"other", number(999)])
        for at in range(first, first + 50):
            socket.send_multipart([*frames, number(at)])
        known = range(first + 50)
        wait_until(lambda: set(known) <= {event["data"]["NO"] for event in world.events()}, "records")
        check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")
    check({event["data"]["NO"] for event in world.events()} == set(range(100)), "another topic came")
    check({event.get("subject") for event in world.events()} == {None, "notes/a"}, "the topic is not told")
    puller = world.context.socket(zmq.PULL)
    port = puller.bind_to_random_port("tcp://127.0.0.1")
    bridge = world.sink(f"socket: push, connect: 'tcp://127.0.0.1:{port}'", 50, "push", "--until-idle")
    check(bridge.end() == 0, "the bridge does not end well")
    check([json.loads(puller.recv())["NO"] for _ in range(50)] == list(range(50)), "what push sends")
    subscriber = world.context.socket(zmq.SUB)
    subscriber.subscribe(b"n")
    subscriber.connect(world.address)
    # Its source waits for a sender, which is there after the subscriber.
    feed = f"ipc://{world.directory}/feed"
    bridge = world.run("pub", f"{{kind: zeromq, socket: router, bind: '{feed}'}}",
                       f"{{kind: zeromq, socket: pub, bind: '{world.address}', topic: n/x,"
                       " format: cloudevents}")
    bridge.wait_for('"started"')
    at = 0
    while not subscriber.poll(100):
        Sender(world.context, feed, [({"id": f"{at}"}, number(at))]).run()
        at += 1
        check(at < 200, "nothing is published")
    topic, body = subscriber.recv_multipart()
    check(topic == b"n/x" and json.loads(body)["type"] == "com.example.note", "what pub sends")
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")


def sender(world):
    """Repeats are dropped, gaps are asked for, garbage harms nobody, a restart goes on."""
    options = f"socket: router, bind: '{world.address}', credit: 30, batch_records_max: 7"
    bridge = world.source(options)
    records = [({"id": f"r{at}", "source": "/test", "subject": f"s{at}"}, number(at))
               for at in range(RECORDS)]
    first = Sender(world.context, world.address, records[:100])
    check(first.run() == list(range(1, 101)), "what has credit is sent once")
    # Others of the same ids, in another session: none of them is handed on.
    Sender(world.context, world.address, records[50:100]).run()
    # A gap: what lies behind it is not taken, and is asked for.
    gap = Sender(world.context, world.address, records[100:120])
    gap.open()
    gap.hear()
    gap.send(1)
    gap.send(3)
    while not (gap.received == 1 and gap.misses):
        check(gap.hear() is not None, "a gap is not told")
    gap.run()
    garbage = world.context.socket(zmq.DEALER)
    garbage.linger = 0
    garbage.connect(world.address)
    chance = random.Random(3)
    for size in range(1, 200):
        garbage.send_multipart([b"CB\x01" * (size % 2) + chance.randbytes(size)] * (1 + size % 3))
    bridge.wait_for('"connections_broken"')
    # Killed while it takes the rest: the sender finds out by itself.
    rest = Sender(world.context, world.address, records[120:])
    rest.run(lambda: rest.received > 100)
    bridge.end(signal.SIGKILL)
    bridge = world.source(options)
    rest.run()
    repeats = world.wait_for(range(RECORDS))
    check({event["subject"] for event in world.events()} == {f"r{at}" for at in range(RECORDS)},
          "attributes are not those of the sender")
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")
    print(f"{repeats} records came twice, with the ids of before")


def receiver(world):
    """Lost records are sent again, forgotten sessions are opened again, all in order and complete."""
    chance = random.Random(5)
    peer = Receiver(world.context, world.address)
    bridge = world.sink(f"socket: dealer, connect: '{world.address}', batch_events_max: 40,"
                        " answer_timeout_ms: 60000", RECORDS, "sink", "--until-idle")
    lost = set()

    def drop(at):
        chosen = at not in lost and chance.random() < 0.05
        lost.update({at} if chosen else ())
        return chosen
    while len(peer.taken) < RECORDS // 2:
        peer.step(drop)
    check(lost, "nothing was lost: this has shown nothing")
    # Started again, it knows nothing.
    peer.socket.close()
    taken = peer.taken
    peer = Receiver(world.context, world.address)
    while len({named["id"] for named, _ in taken + peer.taken}) < RECORDS or bridge.child.poll() is None:
        try:
            peer.step()
        except TimeoutError:
            fail("the publisher does not get on")
        if len({named["id"] for named, _ in taken + peer.taken}) == RECORDS and \
                not peer.socket.poll(1500):
            break
    check(bridge.end() == 0, "the bridge does not end well")
    order = []
    for named, body in taken + peer.taken:
        check(named["datacontenttype"] == "application/json" and named["type"] == "com.example.note",
              f"attributes {named}")
        check(named["subject"] == f"n/{json.loads(body)['NO']:06}", f"subject {named['subject']}")
        if json.loads(body)["NO"] not in order:
            order.append(json.loads(body)["NO"])
    check(order == list(range(RECORDS)), "the order is another one")


def curve(world):
    """Only the client that is known, only the server that is known; the client's key is told."""
    (server, server_secret), (known, known_secret), (other, other_secret) = (
        [key.decode() for key in zmq.curve_keypair()] for _ in range(3))
    bridge = world.source(
        f"socket: router, bind: '{world.address}', events: pass, curve_secret_key: '${{env:SERVER}}',"
        f" curve_client_keys: ['{known}']", SERVER=server_secret)
    for secret, of_server, is_in in ((other_secret, server, False), (known_secret, other, False),
                                     (known_secret, server, True)):
        done = world.sink(
            f"socket: dealer, connect: '{world.address}', curve_secret_key: '${{env:CLIENT}}',"
            f" curve_server_key: '{of_server}', answer_timeout_ms: 1000", 20, "sink", CLIENT=secret)
        if is_in:
            world.wait_for(range(20))
        else:
            done.wait_for('"endpoint_lost"')
            check(not world.events(), "somebody is let in")
        done.end(signal.SIGTERM)
    mine = tuple(key.encode() for key in (known, known_secret, server))
    Sender(world.context, world.address, [({"id": "r"}, number(20))], curve=mine).run()
    world.wait_for(range(21))
    check({event.get("key") for event in world.events() if event["data"]["NO"] == 20} == {known},
          "the client's key is not told")
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")
    check(bridge.events("connections_refused"), "a refused key is not in the log")


def events(world):
    """JSON events go through two bridges as they are: type, subject, key; and ids that stay."""
    bridge = world.source(f"socket: router, bind: '{world.address}', events: pass")
    records = [({"id": f"r{at}", "source": "/test", "type": f"com.example.{at % 3}", "subject": f"s{at}",
                 "partitionkey": f"k{at % 7}", "datacontenttype": "application/json"},
                json.dumps({"NO": at, "amount": "1.10"}).encode()) for at in range(200)]
    records.append(({"id": "raw", "source": "/test", "type": "x", "datacontenttype":
                     "application/octet-stream"}, number(200)))
    records.append(({"id": "not", "source": "/test", "type": "x", "datacontenttype":
                     "application/json"}, number(201)))
    Sender(world.context, world.address, records).run()
    # The same again, from a sender that knows nothing of it.
    Sender(world.context, world.address, records).run()
    check(world.wait_for(range(202)) == 0, "what is known came twice")
    for event in world.events():
        at = event["data"]["NO"]
        if at < 200:
            check((event["type"], event["subject"], event["key"]) ==
                  (f"com.example.{at % 3}", f"s{at}", f"k{at % 7}"), f"another event: {event}")
            check(event["id"].endswith(f"/r{at}") and event["data"]["amount"] == "1.10", str(event))
    by_key = {}
    for event in world.events():
        by_key.setdefault(event["key"] if "key" in event else "", []).append(event["data"]["NO"])
    check(all(numbers == sorted(numbers) for key, numbers in by_key.items() if key),
          "a key's order is another one")
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")


def two(world):
    """The collector and the bridge in the DMZ are killed by turns."""
    chance, total = random.Random(11), 4000
    collector_in = world.directory / "collector"
    collector_in.mkdir()
    (collector_in / "in.jsonl").write_text("".join(f'{{"NO": {at}}}\n' for at in range(total)))

    def collector(**environment):
        return world.run(
            "collector", "{kind: file, path: in.jsonl, recfm: line, line_end: lf, watch: no,"
            " settle_time_ms: 0}", f"{{kind: zeromq, socket: dealer, connect: '{world.address}',"
            " batch_events_max: 50, answer_timeout_ms: 2000}", ", encode: yes", **environment)

    def bridge(**environment):
        return world.source(f"socket: router, bind: '{world.address}', batch_records_max: 20",
                            **environment)
    points = ["spool_written", "spool_synced", "spool_settled", "publish_started", "publish_confirmed"]
    outer, inner, kills = bridge(), collector(), 0
    for _ in range(8):
        if chance.random() < 0.5:
            outer.end(signal.SIGKILL)
            outer = bridge(COPYBRIDGE_CRASH_AT=f"{chance.choice(points)}:{chance.randint(1, 12)}")
        else:
            inner.end(signal.SIGKILL)
            inner = collector(COPYBRIDGE_CRASH_AT=f"{chance.choice(points[3:])}:{chance.randint(1, 30)}")
        kills += 1
        seen = len(world.events())
        wait_until(lambda: len(world.events()) > seen or outer.has_ended or inner.has_ended or
                   len({event["data"]["NO"] for event in world.events()}) == total, "no progress")
        if outer.has_ended:
            outer.end()
            outer, kills = bridge(), kills + 1
        if inner.has_ended:
            inner.end()
            inner, kills = collector(), kills + 1
    # The last ones are left alone.
    outer.end(signal.SIGKILL)
    inner.end(signal.SIGKILL)
    outer, inner = bridge(), collector()
    repeats = world.wait_for(range(total))
    inner.end(signal.SIGTERM)
    outer.end(signal.SIGTERM)
    print(f"{total} records, {kills} kills, {repeats} came twice with the same id")


CASES = {case.__name__: case for case in (plain, sender, receiver, curve, events, two)}


def main(binary, names):
    for name in names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            world = World(binary, pathlib.Path(folder))
            try:
                CASES[name](world)
            finally:
                world.close()
        print(f"{name}: {CASES[name].__doc__}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
