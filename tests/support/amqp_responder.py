#!/usr/bin/python3
"""A program behind a queue of AMQP 1.0, on Qpid Proton's Python binding: the twin of mq_responder.

A request is ACCT-ID 9(6), COMMAND X(4); a reply RETURN-CODE X(2), ACCT-ID 9(6), BALANCE S9(7)V99
COMP-3, of IBM-037. Each request's id, command and time to live in tenths of a second are printed.
READ is answered with a balance of ACCT-ID times 1.25, FAIL with return code 08, JUNK with what fits
no copybook, TWIN twice, HOLD when the next FREE comes, FREE at once after those that are held.

usage: amqp_responder.py PORT QUEUE message-id|correlation-id   what replies have as correlation-id
"""
import sys

from proton import Message
from proton.handlers import MessagingHandler
from proton.reactor import Container


def packed(cents):
    return bytes.fromhex(f"{cents:09d}C")


def reply_body(account, command):
    if command == "JUNK":
        return b"\x01\x02\x03"
    return ("08" if command == "FAIL" else "00").encode("cp037") + account + packed(
        int(account.decode("cp037")) * 125)


class Responder(MessagingHandler):
    def __init__(self, port, queue, copied):
        super().__init__(prefetch=50)
        self.url, self.queue, self.copied = f"amqp://127.0.0.1:{port}", queue, copied
        self.held, self.senders = [], {}

    def on_start(self, event):
        self.connection = event.container.connect(self.url, allowed_mechs="ANONYMOUS",
                                                  reconnect=False)
        event.container.create_receiver(self.connection, self.queue)

    def on_link_opened(self, event):
        if event.link.is_receiver:
            print("started", file=sys.stderr, flush=True)

    def on_message(self, event):
        request = event.message
        body = bytes(request.body)
        command = body[6:10].decode("cp037")
        print(request.id, command, int(request.ttl * 10), flush=True)
        reply = Message(address=request.reply_to, body=reply_body(body[:6], command), inferred=True,
                        correlation_id=(request.correlation_id if self.copied == "correlation-id"
                                        else request.id))
        if command == "HOLD":
            self.held.append(reply)
            return
        ready, self.held = (self.held, []) if command == "FREE" else ([], self.held)
        for one in ready + [reply] * (2 if command == "TWIN" else 1):
            # A link per address: RabbitMQ 3.10 takes none without.
            if one.address not in self.senders:
                self.senders[one.address] = event.container.create_sender(self.connection,
                                                                          one.address)
            self.senders[one.address].send(one)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    Container(Responder(*sys.argv[1:])).run()
