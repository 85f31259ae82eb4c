#!/usr/bin/python3
"""Qpid Proton's Python binding as the other end of AMQP 1.0, for tests that are not in Python.

usage: amqp_peer.py send PORT ADDRESS        each line of standard input is a message
       amqp_peer.py take PORT ADDRESS COUNT  prints the bodies of what is there, a line each: waits
                                             for COUNT, then for nothing more to come
"""
import sys
import uuid

from proton import Message, Timeout
from proton.utils import BlockingConnection

LIMIT_S = 30
QUIET_S = 0.3


def connect(port, **more):
    return BlockingConnection(f"amqp://127.0.0.1:{port}", allowed_mechs="ANONYMOUS",
                              timeout=LIMIT_S, **more)


def body_of(message):
    body = message.body
    if isinstance(body, memoryview):
        body = body.tobytes()
    return body if isinstance(body, bytes) else str(body).encode()


def send(connection, address, bodies):
    sender = connection.create_sender(address)
    for body in bodies:
        sender.send(Message(id=str(uuid.uuid4()), body=body, durable=True, inferred=True))


def take(connection, address, count):
    """What is on a queue, once there are so many and nothing more comes."""
    receiver = connection.create_receiver(address, credit=100)
    messages = []
    try:
        while True:
            messages.append(receiver.receive(LIMIT_S if len(messages) < count else QUIET_S))
            receiver.accept()
    except Timeout:
        pass
    return messages


def main(what, port, address, count="0"):
    connection = connect(port)
    if what == "send":
        send(connection, address, sys.stdin.buffer.read().splitlines())
    else:
        for message in take(connection, address, int(count)):
            print(body_of(message).decode())
    connection.close()


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
