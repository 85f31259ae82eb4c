#!/usr/bin/python3
"""stomp.py as the other end of STOMP, for tests that are not in Python.

usage: stomp_peer.py send PORT DESTINATION        each line of standard input is a message
       stomp_peer.py take PORT DESTINATION COUNT  prints the bodies of what is there, a line each:
                                                  waits for COUNT, then for nothing more to come
"""
import sys
import threading
import uuid

import stomp

LIMIT_S = 30
QUIET_S = 0.3


class Listener(stomp.ConnectionListener):
    def __init__(self):
        self.changed = threading.Condition()
        self.frames, self.receipts = [], set()

    def on_message(self, frame):
        with self.changed:
            self.frames.append(frame)
            self.changed.notify_all()

    def on_receipt(self, frame):
        with self.changed:
            self.receipts.add(frame.headers["receipt-id"])
            self.changed.notify_all()

    def wait_for(self, condition, limit_s):
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), limit_s)


class Peer:
    def __init__(self, port):
        self.connection = stomp.Connection12([("127.0.0.1", int(port))], auto_decode=False,
                                             heartbeats=(0, 0), vhost="/")
        self.listener = Listener()
        self.connection.set_listener("", self.listener)
        self.connection.connect("guest", "guest", wait=True)

    def send(self, destination, bodies, **headers):
        for body in bodies:
            last = uuid.uuid4().hex
            self.connection.send(destination, body, receipt=last, headers={
                "persistent": "true", "amqp-message-id": last, **headers})
        if not self.listener.wait_for(lambda it: last in it.receipts, LIMIT_S):
            raise RuntimeError("no receipt")

    def take(self, destination, count):
        """What is on a queue, once there are so many and nothing more comes."""
        seen = 0
        # Artemis would send no more than 10 KB before they are acknowledged.
        self.connection.subscribe(destination, id="peer", ack="client-individual", headers={
            "receipt": "subscribed", "consumer-window-size": "-1"})
        self.listener.wait_for(lambda it: "subscribed" in it.receipts, LIMIT_S)
        self.listener.wait_for(lambda it: len(it.frames) >= count, LIMIT_S)
        while self.listener.wait_for(lambda it: len(it.frames) > seen, QUIET_S):
            seen = len(self.listener.frames)
        for frame in self.listener.frames[:seen]:
            self.connection.ack(frame.headers["ack"])
        return self.listener.frames[:seen]

    def close(self):
        receipt = uuid.uuid4().hex
        self.connection.disconnect(receipt=receipt)
        self.listener.wait_for(lambda it: receipt in it.receipts, LIMIT_S)


def body_of(frame):
    return frame.body if isinstance(frame.body, bytes) else frame.body.encode()


def main(what, port, destination, count="0"):
    peer = Peer(port)
    if what == "send":
        peer.send(destination, sys.stdin.buffer.read().splitlines())
    else:
        for frame in peer.take(destination, int(count)):
            print(body_of(frame).decode())
    peer.close()


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
