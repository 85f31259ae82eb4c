"""The bytes of AMQP 1.0 below Qpid Proton, which does not tell the format of a message: frames of clients
are read on their way to it (azure_amqp_double.py), and messages section by section."""
import socket
import struct
import threading
import urllib.parse

import websocket_server
from proton import Data, symbol
from tcp_proxy import hang_up

OPEN, BEGIN, ATTACH, TRANSFER = 0x10, 0x11, 0x12, 0x14
# How many fields performatives have (AMQP 1.0, section 2.7). Proton leaves out the last ones that are
# null, which the service does not do, and some of its clients cannot read.
NULL = b"\x40"
HANDLE_MAX = b"\x70\x00\x00\x00\xff"
FIELDS = {0x10: 10, 0x11: 8, 0x12: 14, 0x13: 11, 0x14: 11, 0x15: 6, 0x16: 3, 0x17: 1, 0x18: 1}


class Sniffer:
    """Reads the frames that a client sends on their way to Proton."""

    def __init__(self, world, port, context):
        self.world, self.port, self.context = world, port, context
        self.listener = socket.create_server(("127.0.0.1", 0))

    def serve(self):
        while True:
            client, (host, _) = self.listener.accept()
            with self.world.lock:
                self.world.status[f"from {host}"] += 1
            threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        try:
            if self.context is not None:
                client = self.context.wrap_socket(client, server_side=True)
            # Clients in the field name the subprotocol in its old way, too.
            client, is_web = websocket_server.accept(client, "/$servicebus/websocket",
                                                     ("amqp", "AMQPWSB10"), self.world.web_status)
            with self.world.lock:
                self.world.status["websockets"] += is_web
            server = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            return client.close()
        threading.Thread(target=self.pump, args=(server, client, Padding()), daemon=True).start()
        self.pump(client, server, Frames(self.world, (client, server)))

    @staticmethod
    def pump(source, sink, frames):
        try:
            while piece := source.recv(65536):
                sink.sendall(frames.feed(piece))
        except OSError:
            pass
        for end in (source, sink):
            hang_up(end)
            end.close()


class Stream:
    """Frame by frame."""

    def __init__(self):
        self.buffer = b""

    def feed(self, piece):
        """What goes on of it."""
        self.buffer += piece
        out = []
        while len(self.buffer) >= 8:
            is_header = self.buffer.startswith(b"AMQP")
            size = 8 if is_header else struct.unpack_from(">I", self.buffer)[0]
            if len(self.buffer) < size:
                break
            frame, self.buffer = self.buffer[:size], self.buffer[size:]
            is_amqp = not is_header and frame[5] == 0 and size > 8
            out.append(self.passed(frame) if is_amqp else frame)
        return b"".join(out)


class Padding(Stream):
    """Gives every performative of the peer all of its fields."""

    def passed(self, frame):
        at = frame[4] * 4 + 3
        kind, wanted = frame[at], FIELDS[frame[at - 1]]
        if kind == 0x45:
            count, items, rest = 0, b"", frame[at + 1:]
        elif kind == 0xC0:
            size, count = frame[at + 1], frame[at + 2]
            items, rest = frame[at + 3:at + 2 + size], frame[at + 2 + size:]
        else:
            size, count = struct.unpack_from(">II", frame, at + 1)
            items, rest = frame[at + 9:at + 5 + size], frame[at + 5 + size:]
        for missing in range(count, wanted):
            items += HANDLE_MAX if (frame[at - 1], missing) == (BEGIN, 4) else NULL
        body = frame[4:at] + b"\xd0" + struct.pack(">II", len(items) + 4, wanted) + items + rest
        return struct.pack(">I", len(body) + 4) + body


class Frames(Stream):
    """Notes the formats of a client's messages, for each link in their order."""

    def __init__(self, world, sockets):
        super().__init__()
        self.world, self.sockets, self.container = world, sockets, ""
        self.names, self.under_way = {}, set()

    def passed(self, frame):
        self.look(frame[frame[4] * 4:], struct.unpack_from(">H", frame, 6)[0])
        return frame

    def look(self, body, channel):
        data = Data()
        data.decode(body)
        data.rewind()
        data.next()
        described = data.get_object()
        code, fields = int(described.descriptor), list(described.value)
        if code == OPEN:
            self.container = fields[0]
            self.world.sockets[self.container] = self.sockets
        elif code == ATTACH:
            self.names[channel, fields[1]] = fields[0]
            with self.world.lock:
                self.world.formats.pop((self.container, fields[0]), None)
        elif code == TRANSFER:
            key = (channel, fields[0])
            if key not in self.under_way:
                with self.world.lock:
                    self.world.formats[self.container, self.names[key]].append(int(fields[3] or 0))
            self.under_way.add(key) if len(fields) > 5 and fields[5] else self.under_way.discard(key)


def sections(encoded):
    """Code, value, start and end of every section of an encoded message."""
    at = 0
    while at < len(encoded):
        data = Data()
        end = at + data.decode(encoded[at:])
        data.rewind()
        data.next()
        described = data.get_object()
        yield int(described.descriptor), described.value, at, end
        at = end


def as_bytes(body):
    return body.tobytes() if isinstance(body, memoryview) else bytes(body)


def partition_key(message):
    return (message.annotations or {}).get(symbol("x-opt-partition-key"))


def entity_of(address):
    """Clients name an entity by its path or by a URI."""
    return urllib.parse.urlsplit(address or "").path.lstrip("/")
