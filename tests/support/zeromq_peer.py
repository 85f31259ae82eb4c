"""Both ends of the acknowledged protocol, written from docs/zeromq.md alone."""
import os
import struct
import time

import zmq

OPEN, RECORD, STATE, RETURNED, UNKNOWN = range(1, 6)
WAIT_MS = 60_000


def head(kind, session, rest=b""):
    return b"CB\x01" + bytes([kind]) + session + rest


def parse(frame):
    assert frame[:3] == b"CB\x01", frame[:8]
    return frame[3], frame[4:20], frame[20:]


def fields(rest):
    named = {}
    while rest:
        name, rest = rest[1:1 + rest[0]], rest[1 + rest[0]:]
        size = struct.unpack(">I", rest[:4])[0]
        named[name.decode()], rest = rest[4:4 + size].decode(), rest[4 + size:]
    return named


class Sender:
    """Sends records [(fields, bytes)] in one session, and keeps them until they are settled."""

    def __init__(self, context, address, records, first=1, curve=None):
        self.session, self.records, self.first = os.urandom(16), records, first
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        if curve:  # (own public key, own secret key, the server's public key)
            self.socket.curve_publickey, self.socket.curve_secretkey, self.socket.curve_serverkey = curve
        self.socket.connect(address)
        self.received = self.settled = first - 1
        self.limit = 0
        self.highest = 0  # number that was ever sent

    def open(self):
        self.socket.send(head(OPEN, self.session, struct.pack(">Q", self.settled + 1)))

    def send(self, number):
        named, body = self.records[number - self.first]
        text = b"".join(bytes([len(name)]) + name.encode() + struct.pack(">I", len(value)) +
                        value.encode() for name, value in named.items())
        self.socket.send_multipart([head(RECORD, self.session, struct.pack(">Q", number) + text), body])
        self.highest = max(self.highest, number)

    def hear(self, wait_ms=WAIT_MS):
        """The kind of the next answer, None: there was none."""
        if not self.socket.poll(wait_ms):
            return None
        kind, session, rest = parse(self.socket.recv())
        assert session == self.session
        if kind == STATE:
            self.received, self.settled, self.limit, self.misses = struct.unpack(">QQQ?", rest)
        return kind

    def run(self, give_up=lambda: False):
        """Until everything is settled: the records' numbers as they were sent."""
        last, sent = self.first - 1 + len(self.records), []
        self.open()
        following = self.settled + 1
        while self.settled < last and not give_up():
            kind = self.hear(200)
            if kind is None or kind == UNKNOWN:
                self.open()
                continue
            assert kind == STATE, kind
            if self.misses:
                following = self.received + 1
            while following <= min(last, self.limit):
                self.send(following)
                sent.append(following)
                following += 1
        return sent


class Receiver:
    """Takes records and says what it is told to."""

    def __init__(self, context, address="tcp://127.0.0.1:*", credit=50):
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        limit = time.monotonic() + WAIT_MS / 1000
        while True:
            try:
                self.socket.bind(address)
                break
            except zmq.ZMQError:  # The one before has not gone yet.
                if time.monotonic() > limit:
                    raise
        self.address = self.socket.last_endpoint.decode()
        self.credit, self.sessions, self.taken = credit, {}, []

    def state(self, peer, session, misses=False):
        received = self.sessions[session]
        self.socket.send_multipart([peer, head(STATE, session, struct.pack(
            ">QQQ?", received, received, received + self.credit, misses))])

    def step(self, drop=lambda number: False):
        """One message; `drop`: it is as if the record had not come."""
        if not self.socket.poll(WAIT_MS):
            raise TimeoutError("nothing comes")
        peer, first, *body = self.socket.recv_multipart()
        kind, session, rest = parse(first)
        number = struct.unpack(">Q", rest[:8])[0]
        if kind == OPEN:
            self.sessions.setdefault(session, number - 1)
            self.state(peer, session, True)
        elif session not in self.sessions:
            self.socket.send_multipart([peer, head(UNKNOWN, session)])
        elif kind == RECORD and not drop(number):
            if number == self.sessions[session] + 1:
                self.sessions[session] = number
                self.taken.append((fields(rest[8:]), body[0]))
            self.state(peer, session, number > self.sessions[session])
