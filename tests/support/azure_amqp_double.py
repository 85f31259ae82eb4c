#!/usr/bin/python3
"""A double of Azure Service Bus and Event Hubs over AMQP 1.0, strict where they are: built from "AMQP 1.0
in Azure Service Bus and Event Hubs protocol guide", "Service Bus access control with Shared Access
Signatures", "Service Bus quotas" and AMQP Claims-based Security 1.0. Microsoft's own clients hold it to
account (tests/peers/cloud_test.py).

Entities whose name begins with `hub` are event hubs of two partitions, with `session` queues that want a
session; all others are queues. SASL is ANONYMOUS; nothing may be sent or received before a token for the
entity was put to $cbs: signatures are recomputed with azure_double's key, audience and expiry are looked
at, and links whose token has expired are detached. A message of format 0x80013700 is a batch: of one
session and partition key, which its envelope carries. What was taken is written to --log, one JSON line
for each message, and kept for receivers. Qpid Proton does not tell the format of a message, so the
frames are read before it gets them, which is also where TLS ends (--certificate, --key).

Prints `listening on HOST:PORT` for AMQP, then for HTTP: POST /TENANT/oauth2/v2.0/token gives tokens, GET
/status says what has been, POST /control takes any of
  {"answers": [[STATE, CONDITION], …]}  of the next transfers, STATE rejected, released, modified, detach,
                                        lost (the connection), silent, accepted
  {"bad_id": ID, "bad_subject": TEXT}   a message with that, and its batch, is rejected
  {"token_answers": [STATUS, …]}        of the next put-token operations
  {"lifetime": S, "clock": EPOCH}       of tokens from now on; what time it is
  {"message_bytes_max": N}              of links that are opened from now on
  {"web_status": N}                     answer to WebSockets' handshakes from now on
Clients may also speak in a WebSocket (websocket_server.py).
"""
import argparse
import collections
import http.server
import json
import socket
import ssl
import sys
import threading
import time
import urllib.parse

import azure_double
from azure_amqp_frames import Sniffer, as_bytes, entity_of, partition_key, sections
from proton import (UNDESCRIBED, Array, Condition, Data, Delivery, Handler, Message, int32, symbol,
                    timestamp)
from proton.reactor import Container
from tcp_proxy import hang_up

NAMESPACE = "contoso.servicebus.windows.net"
BATCH = 0x80013700
PARTITIONS = ("0", "1")
DATA, SEQUENCE, VALUE = 0x75, 0x76, 0x77
ID_MAX = 128
FRAME_BYTES_MAX = 65536


class Refusal(Exception):
    def __init__(self, condition, text=""):
        super().__init__(text)
        self.condition, self.text = condition, text


class World:
    """What has been, and what is to come; of all threads."""

    def __init__(self, log):
        self.lock = threading.RLock()
        self.log = log
        self.answers, self.token_answers = collections.deque(), collections.deque()
        self.bad_id, self.bad_subject, self.web_status = None, None, 0
        self.lifetime, self.offset, self.message_bytes_max = 3599, 0.0, 262144
        self.formats = collections.defaultdict(collections.deque)
        self.status = collections.Counter()
        self.entities = collections.defaultdict(list)
        self.sockets = {}

    def now(self):
        return time.time() + self.offset

    def control(self, words):
        with self.lock:
            self.answers.extend(words.get("answers", []))
            self.token_answers.extend(words.get("token_answers", []))
            if "clock" in words:
                self.offset = words["clock"] - time.time()
            for name in ("bad_id", "bad_subject", "lifetime", "message_bytes_max", "web_status"):
                if name in words:
                    setattr(self, name, words[name])

    def lose(self, container):
        for end in self.sockets[container]:
            hang_up(end)

    def take(self, entry):
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(json.dumps(entry, ensure_ascii=False) + "\n")


class Http(azure_double.Handler):
    """Microsoft Entra with tokens that end, and the double's own control."""

    def by_path(self):
        world = self.server.world
        if self.path == "/control":
            world.control(json.loads(self.body))
            return 200, ""
        if self.path == "/status":
            with world.lock:
                return 200, json.dumps(world.status)
        status, text = super().by_path()
        if not self.path.endswith("/oauth2/v2.0/token") or status != 200:
            return status, text
        answer = json.loads(text)
        end = world.now() + world.lifetime
        signed = f"{answer['access_token']}.{end:.3f}"
        answer["access_token"] = f"{signed}.{azure_double.mac(b'entra', signed)}"
        answer["expires_in"] = world.lifetime
        with world.lock:
            world.status["entra"] += 1
        return 200, json.dumps(answer)


def resource(uri):
    """Host and path of a URI, whatever its scheme."""
    parts = urllib.parse.urlsplit(uri)
    return f"{parts.hostname}{parts.path}".rstrip("/").lower()


def signature(world, text):
    """What a Shared Access Signature opens, and until when it holds."""
    fields = dict(part.split("=", 1) for part in text.removeprefix("SharedAccessSignature ").split("&"))
    if set(fields) != {"sr", "sig", "se", "skn"} or fields["skn"] != "send":
        raise Refusal(401, "MalformedToken")
    good = azure_double.mac(azure_double.KEY.encode(), f"{fields['sr']}\n{fields['se']}")
    if urllib.parse.unquote(fields["sig"]) != good:
        raise Refusal(401, "InvalidSignature: The token has an invalid signature.")
    return resource(urllib.parse.unquote(fields["sr"])), int(fields["se"])


def entra_token(world, text):
    base, _, rest = text.partition(".")
    ends, _, mac = rest.rpartition(".")
    if base not in azure_double.TOKENS.values() or mac != azure_double.mac(b"entra", f"{base}.{ends}"):
        raise Refusal(401, "InvalidToken")
    return NAMESPACE, float(ends)


class Service(Handler):
    """The protocol, on Proton's one thread."""

    def __init__(self, world, port, started):
        super().__init__()
        self.world, self.port, self.started = world, port, started
        self.tokens = collections.defaultdict(dict)  # by connection: what they open, until when
        self.replies = {}  # by connection: addresses and links to them
        self.links = {}  # attached ones, and their entities
        self.readers = {}  # sending ones, and where they are
        self.partial = collections.defaultdict(bytes)
        self.sequence = 0

    def on_reactor_init(self, event):
        event.container.listen(f"127.0.0.1:{self.port}")
        event.reactor.schedule(0.05, self)
        self.started.set()

    def on_timer_task(self, event):
        for link in list(self.links):
            self.check_expiry(link)
        for link in list(self.readers):
            self.give(link)
        event.reactor.schedule(0.05, self)

    # Connections and links.
    def on_connection_bound(self, event):
        event.transport.max_frame_size = FRAME_BYTES_MAX
        event.transport.idle_timeout = 120

    def on_connection_remote_open(self, event):
        with self.world.lock:
            self.world.status["connections"] += 1
            self.world.status[f"to {event.connection.remote_hostname}"] += 1
        event.connection.container = "double"
        event.connection.open()

    def on_session_remote_open(self, event):
        event.session.open()

    def on_session_remote_close(self, event):
        event.session.close()

    def on_connection_remote_close(self, event):
        event.connection.close()

    def on_transport_closed(self, event):
        for link in [one for one in self.links if one.connection == event.connection]:
            self.forget(link)

    def on_link_remote_close(self, event):
        self.forget(event.link)
        event.link.close()

    on_link_remote_detach = on_link_remote_close

    def forget(self, link):
        self.links.pop(link, None)
        self.readers.pop(link, None)

    def on_link_remote_open(self, event):
        link = event.link
        terminus = link.remote_target if link.is_receiver else link.remote_source
        entity = entity_of(terminus.address)
        link.source.copy(link.remote_source)
        link.target.copy(link.remote_target)
        if entity == "$cbs" or (entity == "$management" and self.tokens[link.connection]):
            self.open_node(link)
        elif not self.is_admitted(link.connection, entity):
            self.refuse(link, "amqp:unauthorized-access", f"Unauthorized access. 'Send' claim(s) are "
                                                          f"required for {entity}")
        else:
            self.open_entity(link, entity)

    @staticmethod
    def refuse(link, condition, text):
        link.source.type = link.target.type = 0
        link.condition = Condition(condition, text)
        link.open()
        link.close()

    def open_node(self, link):
        """Requests and answers."""
        if link.is_sender:
            self.replies[link.connection, link.remote_target.address] = link
            self.replies[link.connection, None] = link
        link.open()
        if link.is_receiver:
            link.flow(100)

    def open_entity(self, link, entity):
        self.links[link] = entity
        if link.is_receiver:
            with self.world.lock:
                link.max_message_size = self.world.message_bytes_max
            link.open()
            return link.flow(100)
        hub = entity.split("/")
        where = f"{hub[0]}/{hub[-1]}" if "Partitions" in hub else entity
        self.readers[link] = [where, 0, self.session_of(link)]
        link.open()

    @staticmethod
    def session_of(link):
        filters = link.remote_source.filter
        filters.rewind()
        if not filters.next():
            return None
        words = filters.get_object()
        found = words.get(symbol("com.microsoft:session-filter")) if isinstance(words, dict) else None
        return getattr(found, "value", found)

    def is_admitted(self, connection, entity):
        wanted = f"{NAMESPACE}/{entity}".lower()
        return any((wanted + "/").startswith(opened + "/") and ends > self.world.now()
                   for opened, ends in self.tokens[connection].items())

    def check_expiry(self, link):
        if self.is_admitted(link.connection, self.links[link]):
            return
        self.forget(link)
        with self.world.lock:
            self.world.status["expired"] += 1
        link.condition = Condition("amqp:unauthorized-access", "ExpiredToken: The token is expired.")
        link.close()

    # Messages.
    def on_delivery(self, event):
        link, delivery = event.link, event.delivery
        if link.is_sender:
            if delivery.updated:
                delivery.settle()
            return
        if not delivery.readable:
            return
        self.partial[link] += link.recv(delivery.pending) or b""
        if delivery.partial:
            return
        encoded = self.partial.pop(link, b"")
        link.advance()
        link.flow(1)
        address = entity_of(link.remote_target.address)
        with self.world.lock:
            message_format = self.world.formats[link.connection.remote_container, link.name].popleft()
        if address == "$cbs":
            self.settle(delivery, Delivery.ACCEPTED)
            self.put_token(link.connection, encoded)
        elif address == "$management":
            self.settle(delivery, Delivery.ACCEPTED)
            self.manage(link.connection, encoded)
        else:
            self.transfer(link, delivery, message_format, encoded)

    @staticmethod
    def settle(delivery, state, condition=None, text=""):
        if condition:
            delivery.local.condition = Condition(condition, text)
        delivery.update(state)
        delivery.settle()

    def answer(self, connection, request, properties, body=None):
        link = self.replies.get((connection, request.reply_to)) or self.replies[connection, None]
        link.send(Message(correlation_id=request.id, properties=properties, body=body))

    def put_token(self, connection, encoded):
        request = Message()
        request.decode(encoded)
        words = request.properties
        with self.world.lock:
            self.world.status["tokens"] += 1
            status = self.world.token_answers.popleft() if self.world.token_answers else 202
        text = "Accepted" if status == 202 else "as told"
        try:
            if words["operation"] != "put-token" or not isinstance(request.body, str):
                raise Refusal(400, "no token")
            opened, ends = self.opened_by(words["type"], request.body)
            if ends <= self.world.now():
                raise Refusal(401, "ExpiredToken")
            if not (resource(words["name"]) + "/").startswith(opened + "/"):
                raise Refusal(401, "InvalidAudience")
            if status == 202:
                self.tokens[connection][resource(words["name"])] = ends
        except Refusal as refusal:
            status, text = refusal.condition, refusal.text
        self.answer(connection, request, {"status-code": int32(status), "status-description": text})

    def opened_by(self, kind, text):
        with self.world.lock:
            self.world.status[kind] += 1
        # Microsoft's own client puts signatures as `jwt`.
        is_signature = text.startswith("SharedAccessSignature ")
        if kind not in ("servicebus.windows.net:sastoken", "jwt") or (kind != "jwt" and not is_signature):
            raise Refusal(400, "Unsupported token type")
        return signature(self.world, text) if is_signature else entra_token(self.world, text)

    def manage(self, connection, encoded):
        request = Message()
        request.decode(encoded)
        hub = request.properties["name"]
        body = {"name": hub, "type": "com.microsoft:eventhub", "created_at": timestamp(0),
                "partition_count": int32(len(PARTITIONS)),
                "partition_ids": Array(UNDESCRIBED, Data.STRING, *PARTITIONS)}
        self.answer(connection, request, {"status-code": int32(200), "status-description": "OK"}, body)

    def transfer(self, link, delivery, message_format, encoded):
        entity = self.links.get(link)
        if entity is None:
            return self.settle(delivery, Delivery.RELEASED)
        self.check_expiry(link)
        if link not in self.links:
            return None
        with self.world.lock:
            self.world.status["transfers"] += 1
            state, condition = self.world.answers.popleft() if self.world.answers else (None, None)
        if state == "detach":
            self.forget(link)
            link.condition = Condition(condition, "as told")
            return link.close()
        if state in ("released", "modified", "rejected"):
            states = {"released": Delivery.RELEASED, "modified": Delivery.MODIFIED,
                      "rejected": Delivery.REJECTED}
            return self.settle(delivery, states[state], condition, "as told")
        try:
            self.store(entity, self.members(entity, message_format, encoded), message_format)
        except Refusal as refusal:
            return self.settle(delivery, Delivery.REJECTED, refusal.condition, refusal.text)
        if state == "lost":
            return self.world.lose(link.connection.remote_container)
        if state != "silent":
            self.settle(delivery, Delivery.ACCEPTED)
        return None

    def members(self, entity, message_format, encoded):
        """The messages of a transfer."""
        if len(encoded) > self.world.message_bytes_max:
            raise Refusal("amqp:link:message-size-exceeded", "The received message is too large")
        bodies = [one for one in sections(encoded) if one[0] in (DATA, VALUE, SEQUENCE)]
        envelope = Message()
        if message_format == 0:
            if len(bodies) != 1:
                raise Refusal("amqp:decode-error", "one body section")
            envelope.decode(encoded)
            self.check(entity, envelope)
            return [(envelope, encoded)]
        if message_format != BATCH or any(code != DATA for code, *_ in bodies):
            raise Refusal("amqp:not-implemented", "message format")
        members = []
        for _, value, _, _ in bodies:
            message = Message()
            message.decode(as_bytes(value))
            members.append((message, as_bytes(value)))
        envelope.decode(encoded[:bodies[0][2]])
        keys = {(one.group_id, partition_key(one)) for one, _ in members}
        if keys != {(envelope.group_id, partition_key(envelope))}:
            raise Refusal("amqp:not-allowed", "Batching brokered messages with distinct SessionId or "
                                              "PartitionKey is not supported")
        for message, _ in members:
            self.check(entity, message)
        return members

    def check(self, entity, message):
        ids = [str(message.id or ""), message.group_id or "", partition_key(message) or ""]
        if any(len(one) > ID_MAX for one in ids):
            raise Refusal("com.microsoft:argument-error", "too long")
        if entity.startswith("session") and not message.group_id:
            raise Refusal("amqp:not-allowed", "The SessionId was not set on a message")
        if (message.id or "?") == self.world.bad_id or (message.subject or "?") == self.world.bad_subject:
            raise Refusal("amqp:decode-error", "as told")

    def store(self, entity, members, message_format):
        for message, encoded in members:
            self.sequence += 1
            where = entity
            if entity.startswith("hub"):
                key = partition_key(message) or str(self.sequence)
                where = f"{entity}/{sum(key.encode()) % len(PARTITIONS)}"
            self.world.entities[where].append((self.sequence, message.group_id, encoded))
            body = message.body
            self.world.take({
                "service": "hub" if entity.startswith("hub") else "bus", "entity": where,
                "id": message.id, "session": message.group_id, "key": partition_key(message),
                "subject": message.subject, "type": message.content_type,
                "body": body if isinstance(body, str) else as_bytes(body).decode("utf-8", "replace"),
                "properties": dict(message.properties or {}), "format": message_format,
                "batch": len(members)})

    def on_link_flow(self, event):
        if event.link in self.readers:
            self.give(event.link)

    def give(self, link):
        """What is there to a receiver: off the queue, or from its place in the partition."""
        where, position, session = self.readers[link]
        is_hub = where.startswith("hub")
        waiting = self.world.entities[where]
        while link.credit > 0:
            found = next((i for i in range(position if is_hub else 0, len(waiting))
                          if session is None or waiting[i][1] == session), None)
            if found is None:
                return
            number, _, encoded = waiting[found] if is_hub else waiting.pop(found)
            position = self.readers[link][1] = found + 1
            message = Message()
            message.decode(encoded)
            message.annotations = {**(message.annotations or {}),
                                   symbol("x-opt-sequence-number"): number,
                                   symbol("x-opt-offset"): str(number),
                                   symbol("x-opt-enqueued-time"): timestamp(int(time.time() * 1000))}
            link.delivery(f"{number:016}")
            link.stream(message.encode())
            if link.snd_settle_mode == link.SND_SETTLED or \
                    link.remote_snd_settle_mode == link.SND_SETTLED:
                link.current.settle()
            link.advance()


def serve_http(world):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Http)
    server.daemon_threads = True
    server.world, server.lock, server.answer = world, threading.Lock(), None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    arguments = parser.parse_args()
    context = None
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)
    world = World(arguments.log)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = threading.Event()
    container = Container(Service(world, port, started))
    sniffer = Sniffer(world, port, context)
    threading.Thread(target=sniffer.serve, daemon=True).start()
    http_port = serve_http(world)

    def announce():
        started.wait()
        print(f"listening on 127.0.0.1:{sniffer.listener.getsockname()[1]}", file=sys.stderr)
        print(f"listening on 127.0.0.1:{http_port}", file=sys.stderr, flush=True)
    threading.Thread(target=announce, daemon=True).start()
    container.run()


if __name__ == "__main__":
    main()
