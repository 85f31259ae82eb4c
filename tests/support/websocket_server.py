"""The server's side of a WebSocket around AMQP, built from RFC 6455 and OASIS' "AMQP WebSocket Binding
1.0": a socket that speaks it, or one that speaks AMQP as it is, is given back with recv, sendall,
shutdown and close alike."""
import base64
import hashlib
import struct

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUED, BINARY, CLOSE, PING, PONG = 0x0, 0x2, 0x8, 0x9, 0xA
HEAD_MAX = 65536


class Begun:
    """A socket of which the first bytes have been read."""

    def __init__(self, sock, first):
        self.socket, self.first = sock, first
        self.shutdown, self.close, self.sendall = sock.shutdown, sock.close, sock.sendall

    def recv(self, size):
        if not self.first:
            return self.socket.recv(size)
        piece, self.first = self.first[:size], self.first[size:]
        return piece


class WebSocket:
    """Clients mask every frame, servers none (section 5.1)."""

    def __init__(self, sock):
        self.socket = sock
        self.shutdown, self.close = sock.shutdown, sock.close

    def read(self, size):
        whole = b""
        while len(whole) < size:
            piece = self.socket.recv(size - len(whole))
            if not piece:
                raise OSError("the connection is lost")
            whole += piece
        return whole

    def recv(self, _):
        """The next piece; empty where the client has closed."""
        while True:
            first, second = self.read(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(self.read(2 if size == 126 else 8), "big")
            if not second & 0x80 or first & 0x70:
                raise OSError("an unmasked frame, or an extension that nobody asked for")
            key, data = self.read(4), self.read(size)
            mask = (key * (size // 4 + 1))[:size]
            data = (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
            kind = first & 0x0F
            if kind == CLOSE:
                self.send(CLOSE, data)
                return b""
            if kind == PING:
                self.send(PONG, data)
            elif kind not in (CONTINUED, BINARY, PONG):
                raise OSError("no binary message")
            elif data and kind != PONG:
                return data

    def send(self, kind, data):
        size = len(data)
        head = struct.pack(">BB", 0x80 | kind, size) if size < 126 else (
            struct.pack(">BBH", 0x80 | kind, 126, size) if size < 65536 else
            struct.pack(">BBQ", 0x80 | kind, 127, size))
        self.socket.sendall(head + data)

    def sendall(self, data):
        # What comes between pieces is not AMQP's.
        self.send(PING, b"?")
        self.send(BINARY, data)


def refuse(sock, status):
    sock.sendall(f"HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    raise OSError(f"refused with {status}")


def accept(sock, path, subprotocols, status=0):
    """The socket, and whether it is a WebSocket: what the client begins with decides. A client that wants another path gets 404, one of
    another subprotocol or version 400, whoever comes `status` where that is said."""
    first = b""
    while len(first) < 4:
        piece = sock.recv(4 - len(first))
        if not piece:
            raise OSError("no beginning")
        first += piece
    if not first.startswith(b"GET"):
        return Begun(sock, first), False
    head = first
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte or len(head) > HEAD_MAX:
            raise OSError("no handshake")
        head += byte
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in
               (line.partition(":") for line in lines[1:] if line)}
    if status:
        refuse(sock, status)
    if lines[0].split(" ")[1].rstrip("/") != path:
        refuse(sock, 404)
    offered = [word.strip() for word in headers.get("sec-websocket-protocol", "").split(",")]
    chosen = next((word for word in offered if word in subprotocols), None)
    if (headers.get("upgrade", "").lower() != "websocket" or chosen is None or
            headers.get("sec-websocket-version") != "13"):
        refuse(sock, 400)
    key = hashlib.sha1(headers["sec-websocket-key"].encode() + MAGIC).digest()
    sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Accept: " + base64.b64encode(key) +
                 f"\r\nSec-WebSocket-Protocol: {chosen}\r\n\r\n".encode())
    return WebSocket(sock), True
