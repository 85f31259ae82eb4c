#!/usr/bin/env python3
"""Records over TCP to the real binary, by Python's own sockets: framings, TLS, limits, and kills of
either side.

What was acknowledged is delivered, also where the bridge is killed the moment after. What was not is
sent again by its sender, and with id_from content it is one id at the endpoint. Nothing is missing,
nothing is invented.

The publisher's records reach a server that hangs up, from a bridge that is killed, in their order.

usage: tcp_test.py BINARY [CASE…]
"""
import json
import os
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from bridge_process import LIMIT_S, Process, check, number  # noqa: E402
from certificates import Authority  # noqa: E402

RECORDS = 600
ACK = b"\x06"
PREFIXED = "recfm: length-prefixed, length_bytes: 2, acknowledgement_hex: '06'"


class World:
    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
        (directory / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC 9(6).\n")
        (directory / "note.yaml").write_text(
            "name: note\ncopybook: note.cpy\nevent: {type: com.example.note,"
            " subject: '{@tcp-address}'}\n")
        self.listener = Process(binary, "listen", "--port", "0", "--output", directory / "out.jsonl",
                                "--quiet")
        self.url = "http://" + self.listener.wait_for("listening on").split()[2].rstrip(",;") + "/"

    def start(self, options, *more, **environment):
        (self.directory / "bridge.yaml").write_text(
            f"state: state\nadapters:\n  notes: {{kind: tcp, {options}}}\n"
            f"publishers:\n  out: {{kind: http, url: '{self.url}', mode: structured}}\n"
            "routes:\n  - {from: notes, mappings: [note.yaml], to: [out]}\n")
        bridge = Process(self.binary, "run", self.directory / "bridge.yaml", *more,
                         env={**os.environ, **environment})
        if "listen:" in options:
            bridge.port = json.loads(bridge.wait_for('"listening"'))["port"]
        return bridge

    def events(self):
        file = self.directory / "out.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def wait_for(self, wanted):
        """Every one of the numbers is there, and no other."""
        limit = time.monotonic() + LIMIT_S
        while missing := set(wanted) - {event["data"]["NO"] for event in self.events()}:
            check(time.monotonic() < limit, f"{len(missing)} never come, {sorted(missing)[:5]} …")
            time.sleep(0.02)  # a look at a file of another process
        invented = {event["data"]["NO"] for event in self.events()} - set(wanted)
        check(not invented, f"{sorted(invented)} were never sent")

    def check_ids(self):
        """What came twice has one id; how many did."""
        ids, events = {}, self.events()
        for event in events:
            ids.setdefault(event["data"]["NO"], set()).add(event["id"])
        check(all(len(known) == 1 for known in ids.values()), "a record has two ids")
        return len(events) - len(ids)


def prefixed(record):
    return len(record).to_bytes(2, "big") + record


def received(connection):
    """All that comes until the other end has no more to say, or breaks."""
    answer = b""
    try:
        while piece := connection.recv(65536):
            answer += piece
    except OSError:
        pass
    return answer


def send(port, data, wrap=None):
    """Sends, says that this was all, and gives what was answered."""
    try:
        with socket.create_connection(("127.0.0.1", port), LIMIT_S) as plain:
            with (wrap(plain) if wrap else plain) as connection:
                connection.settimeout(LIMIT_S)
                connection.sendall(data)
                if wrap is None:
                    connection.shutdown(socket.SHUT_WR)
                    return received(connection)
                answer = b""
                while len(answer) < data.count(b"\0\6"):
                    piece = connection.recv(65536)
                    if not piece:
                        break
                    answer += piece
                return answer
    except OSError:
        return b""


FRAMINGS = {
    "F": ("recfm: F, lrecl: 6", lambda record: record),
    "RDW": ("recfm: V, bdw: no", lambda record: (len(record) + 4).to_bytes(2, "big") + b"\0\0" + record),
    "LLZZ": ("recfm: ims-llzz",
             lambda record: (len(record) + 4).to_bytes(2, "big") + b"\0\0" + record),
    "one byte": ("recfm: length-prefixed, length_bytes: 1",
                 lambda record: bytes([len(record)]) + record),
    "two bytes": ("recfm: length-prefixed, length_bytes: 2", prefixed),
    "four bytes": ("recfm: length-prefixed, length_bytes: 4, rdw_endian: little",
                   lambda record: len(record).to_bytes(4, "little") + record),
    "NEL": ("recfm: line", lambda record: record + b"\x15"),
    "a byte": ("recfm: line, line_end_hex: '03'", lambda record: record + b"\x03"),
    "CR LF": ("recfm: line, line_end: crlf", lambda record: record + b"\r\n"),
}


def framings(world):
    """Every framing of files, cut into pieces of any size by the network, answered record by record."""
    base = 0
    for name, (options, frame) in FRAMINGS.items():
        bridge = world.start(f"listen: '127.0.0.1:0', {options}, acknowledgement_hex: '0615'")
        chance = random.Random(len(name))
        data = b"".join(frame(number(base + i)) for i in range(50))
        with socket.create_connection(("127.0.0.1", bridge.port), LIMIT_S) as connection:
            connection.settimeout(LIMIT_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data:
                size = chance.randint(1, 9)
                connection.sendall(data[:size])
                data = data[size:]
            connection.shutdown(socket.SHUT_WR)
            answer = received(connection)
        check(answer == b"\x06\x15" * 50, f"{name}: {len(answer)} bytes of acknowledgements")
        base += 50
        world.wait_for(range(base))
        check(bridge.end(signal.SIGTERM) == 0, f"{name}: the bridge does not end well")
    check(world.check_ids() == 0, "a record came twice")
    check({event["subject"] for event in world.events()} == {"127.0.0.1"}, "the peer is not told")


def killed(world):
    """SIGKILL of the bridge around every step of the spool; its sender goes on with what has no answer."""
    options = f"listen: '127.0.0.1:{free_port()}', {PREFIXED}, id_from: content, batch_records_max: 7"
    safe = 0
    for point in ["spool_written:3", "spool_synced:3", "spool_settled:3", "publish_started:5",
                  "publish_confirmed:5", "spool_synced:1", "spool_written:1"]:
        bridge = world.start(options, COPYBRIDGE_CRASH_AT=point)
        end = min(safe + 120, RECORDS)
        safe += len(send(bridge.port, b"".join(prefixed(number(i)) for i in range(safe, end))))
        if safe < end:
            bridge.end()
        else:  # Its point was not reached while records came in.
            bridge.end(signal.SIGKILL)
    check(safe < RECORDS, "nothing is left for the bridge that is not killed")
    bridge = world.start(options)
    answer = send(bridge.port, b"".join(prefixed(number(i)) for i in range(safe, RECORDS)))
    check(len(answer) == RECORDS - safe, f"{len(answer)} answers to {RECORDS - safe} records")
    world.wait_for(range(RECORDS))
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")
    repeats = world.check_ids()
    check(repeats > 0, "nothing had to be sent again: this has shown nothing")
    print(f"{RECORDS} records, {repeats} came twice")


SENDER = """
import socket, sys
port, first, last, log = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), open(sys.argv[4], "ab", 0)
with socket.create_connection(("127.0.0.1", port), 60) as connection:
    for at in range(first, last):
        record = bytes(0xF0 + int(digit) for digit in f"{at:06}")
        connection.sendall(b"\\0\\6" + record)
        if connection.recv(1) != b"\\6":
            break
        log.write(b".")
    print("done", flush=True)
"""


def sender_killed(world):
    """SIGKILL of the sender: it goes on behind what it has written down as acknowledged."""
    bridge = world.start(f"listen: '127.0.0.1:0', {PREFIXED}, id_from: content")
    log, chance = world.directory / "sent", random.Random(7)
    log.touch()
    for _ in range(12):
        child = subprocess.Popen([sys.executable, "-c", SENDER, str(bridge.port),
                                  str(log.stat().st_size), str(RECORDS), log])
        target = min(log.stat().st_size + chance.randint(1, 40), RECORDS)
        limit = time.monotonic() + LIMIT_S
        while log.stat().st_size < target and child.poll() is None:
            check(time.monotonic() < limit, "the sender does not get on")
        child.kill()
        child.wait()
    done = subprocess.run([sys.executable, "-c", SENDER, str(bridge.port), str(log.stat().st_size),
                           str(RECORDS), log], timeout=LIMIT_S, check=True)
    check(done.returncode == 0 and log.stat().st_size == RECORDS, "not everything is acknowledged")
    world.wait_for(range(RECORDS))
    world.check_ids()
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")


def tls(world):
    """Only the client of that name, of that authority, gets in; not in the clear, not by TLS 1.1."""
    ours, others = Authority(world.directory / "ca"), Authority(world.directory / "other")
    certificate, key = ours.issue("server", "IP:127.0.0.1")
    shown = {name: ours.issue(name) for name in ("orders", "other")}
    shown["fake"] = others.issue("orders")
    bridge = world.start(f"listen: '127.0.0.1:0', {PREFIXED}, certificate: {certificate}, private_key: "
                         f"{key}, client_ca: {ours.ca}, client_names: [orders]")

    def post(name, at, most=None):
        context = ssl.create_default_context(cafile=str(ours.ca))
        if most:
            context.minimum_version = context.maximum_version = most
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        if name:
            context.load_cert_chain(*map(str, shown[name]))
        return send(bridge.port, prefixed(number(at)),
                    lambda plain: context.wrap_socket(plain, server_hostname="127.0.0.1")) == ACK
    check(post("orders", 0), "the client is not let in")
    check(post("orders", 1, ssl.TLSVersion.TLSv1_2), "TLS 1.2 is refused")
    for name in ("other", "fake", None):
        check(not post(name, 2), f"{name} is let in")
    check(not post("orders", 2, ssl.TLSVersion.TLSv1_1), "TLS 1.1 is spoken")
    check(send(bridge.port, prefixed(number(2))) == b"", "it answers in the clear")
    world.wait_for(range(2))
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")
    refused = sum(event["count"] for event in bridge.events("connections_refused"))
    check(refused == 5, f"{refused} of 5 refusals are in the log")


def limits(world):
    """Connections, silence, a record that is not finished, and bytes that are no records have an end."""
    bridge = world.start(f"listen: '127.0.0.1:0', {PREFIXED}, connections_max: 2, idle_ms: 300,"
                         " record_limit_ms: 300, record_bytes_max: 100")
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", bridge.port), LIMIT_S) as silent, \
         socket.create_connection(("127.0.0.1", bridge.port), LIMIT_S) as slow:
        slow.sendall(prefixed(number(0)) + prefixed(number(1))[:-1])
        slow.settimeout(LIMIT_S)
        silent.settimeout(LIMIT_S)
        check(slow.recv(1) == ACK, "the record is not acknowledged")
        if time.monotonic() - begun < 0.2:  # Both are there for certain.
            check(send(bridge.port, prefixed(number(1))) == b"", "a third connection is taken")
        check(received(slow) == b"", "a part of a record is acknowledged")
        check(received(silent) == b"", "silence is acknowledged")
    answer = send(bridge.port, prefixed(number(1)) + b"\x7f\xff" + b"x" * 1000)
    check(answer in (ACK, b""), "what is no record is acknowledged")
    bridge.wait_for('"connections_broken"')
    send(bridge.port, prefixed(number(1)))
    world.wait_for(range(2))
    check(bridge.end(signal.SIGTERM) == 3, "broken framing is not told")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Feed:
    """A server that gives each connection what it has no answer for yet, and hangs up at times."""

    def __init__(self, hang_up_after):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.safe, self.hang_up_after = 0, hang_up_after
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection = self.listener.accept()[0]
            with connection:
                connection.settimeout(LIMIT_S)
                try:
                    last = min(self.safe + self.hang_up_after, RECORDS)
                    for at in range(self.safe, last):
                        connection.sendall(prefixed(number(at)))
                        if connection.recv(1) != ACK:
                            break
                        self.safe += 1
                except OSError:
                    pass


def connecting(world):
    """The bridge connects, again after each hang-up and after its own death, to the second server too."""
    feed = Feed(150)
    options = (f"servers: ['tcp://127.0.0.1:{free_port()}', 'tcp://127.0.0.1:{feed.port}'], {PREFIXED},"
               " id_from: content")
    bridge = world.start(options, COPYBRIDGE_CRASH_AT="spool_synced:30")
    bridge.end()
    check(0 < feed.safe < RECORDS, "the bridge was not killed on the way")
    bridge = world.start(options)
    world.wait_for(range(RECORDS))
    world.check_ids()
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")
    # A batch job: it ends when the server has no more to say.
    feed.safe = RECORDS - 10
    check(world.start(options, "--until-idle").end() == 0, "the job does not end well")
    check(feed.safe == RECORDS, "the job has ended too early")


class Sink:
    """A server that takes records and answers them, and hangs up in front of an answer at times."""

    def __init__(self, hang_up_every=0, context=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.taken, self.hang_up_every, self.context = [], hang_up_every, context
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            plain = self.listener.accept()[0]
            try:
                plain.settimeout(LIMIT_S)
                with (self.context.wrap_socket(plain, server_side=True) if self.context else plain) as one:
                    self.take(one, one.makefile("rb"))
            except OSError:
                pass

    def take(self, connection, stream):
        while len(prefix := stream.read(2)) == 2:
            record = stream.read(int.from_bytes(prefix, "big"))
            self.taken.append(int("".join(str(digit - 0xF0) for digit in record)))
            if self.hang_up_every and len(self.taken) % self.hang_up_every == 0:
                return
            connection.sendall(ACK)


def publish(world, servers, *more, **environment):
    """A bridge from lines of JSON to records at the sink."""
    lines = world.directory / "in.jsonl"
    if not lines.exists():
        lines.write_text("".join(f'{{"NO": {i}}}\n' for i in range(RECORDS)))
    (world.directory / "bridge.yaml").write_text(
        "state: state\ndelivery: {retry_initial_ms: 5, retry_max_ms: 100}\nadapters:\n"
        "  notes: {kind: file, path: in.jsonl, recfm: line, line_end: lf, watch: no, settle_time_ms: 0}\n"
        f"publishers:\n  out: {{kind: tcp, servers: [{servers}], format: records, {PREFIXED}"
        f"{''.join(more)}}}\n"
        "routes:\n  - {from: notes, mappings: [note.yaml], to: [out], encode: yes}\n")
    return Process(world.binary, "run", world.directory / "bridge.yaml", "--until-idle",
                   env={**os.environ, **environment})


def check_taken(sink):
    first = list(dict.fromkeys(sink.taken))
    check(first == list(range(RECORDS)), f"{len(first)} records, not {RECORDS} in their order")


def publishing(world):
    """Records to a server that hangs up, from a bridge that is killed: all in order, none invented."""
    sink = Sink(hang_up_every=37)
    servers = f"'tcp://127.0.0.1:{free_port()}', 'tcp://127.0.0.1:{sink.port}'"
    for point in ("publish_started:2", "publish_confirmed:3"):
        check(publish(world, servers, ", batch_events_max: 50", COPYBRIDGE_CRASH_AT=point).end() != 0,
              "the bridge was not killed")
    bridge = publish(world, servers, ", batch_events_max: 50")
    check(bridge.end() == 0, "the bridge does not end well")
    check_taken(sink)
    check(len(sink.taken) > RECORDS, "nothing came twice: this has shown nothing")
    print(f"{RECORDS} records, {len(sink.taken) - RECORDS} came twice")


def publishing_by_tls(world):
    """Only to a server whose certificate is in order, with a certificate of its own."""
    ours, others = Authority(world.directory / "ca"), Authority(world.directory / "other")
    shown, key = ours.issue("bridge")
    for authority, is_in in ((others, False), (ours, True)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, authority.issue("server", "IP:127.0.0.1,DNS:localhost")))
        context.load_verify_locations(str(ours.ca))
        context.verify_mode = ssl.CERT_REQUIRED
        sink = Sink(context=context)
        bridge = publish(world, f"'tls://127.0.0.1:{sink.port}'", f", ca_bundle: {ours.ca},"
                         f" client_certificate: {shown}, client_key: {key}")
        if not is_in:
            bridge.wait_for('"endpoint_lost"')
            bridge.end(signal.SIGTERM)
            check(not sink.taken, "a server of another authority is trusted")
    check(bridge.end() == 0, "the bridge does not end well")
    check_taken(sink)


CASES = {case.__name__: case
         for case in (framings, killed, sender_killed, tls, limits, connecting, publishing,
                      publishing_by_tls)}


def main(binary, names):
    for name in names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            world = World(binary, pathlib.Path(folder))
            try:
                CASES[name](world)
            finally:
                world.listener.end(signal.SIGTERM)
        print(f"{name}: {CASES[name].__doc__}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
