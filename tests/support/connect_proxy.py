#!/usr/bin/env python3
"""An HTTP proxy for tunnels, built from RFC 9110, sections 9.3.6 (CONNECT) and 11.7 (its login).

Writes each request as one JSON line to --log: target, login (as it came, decoded), the status that it
was answered with and the address that it came from. With --login FILE it lets in who shows what the file holds, `user:password`, and
answers 407 to others; the file is read for every request. --status N answers N to everybody. A target
that cannot be reached is answered 502. --lead N puts N bytes of headers into its answers.
"""
import argparse
import base64
import contextlib
import json
import pathlib
import socket
import socketserver
import subprocess
import sys
import threading

from tcp_proxy import hang_up

HEAD_MAX = 65536
LIMIT_S = 60


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(LIMIT_S)
        try:
            self.connect()
        except OSError:
            pass

    def connect(self):
        lines = self.read_head().decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in lines[1:] if line)}
        login = self.login_of(headers)
        if method != "CONNECT" or version != "HTTP/1.1" or headers.get("host") != target:
            return self.answer(400, target, login)
        if self.server.login and login != pathlib.Path(self.server.login).read_text().strip():
            return self.answer(407, target, login, 'Proxy-Authenticate: Basic realm="tests"\r\n')
        if self.server.status:
            return self.answer(self.server.status, target, login)
        host, _, port = target.rpartition(":")
        try:
            other = socket.create_connection((host.strip("[]"), int(port)), LIMIT_S)
        except OSError:
            return self.answer(502, target, login)
        self.answer(200, target, login)
        threading.Thread(target=copy, args=(other, self.request), daemon=True).start()
        copy(self.request, other)

    def read_head(self):
        """Up to the empty line, and no byte of what comes behind it."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.request.recv(1)
            if not byte or len(head) > HEAD_MAX:
                raise OSError("no request")
            head += byte
        return head

    @staticmethod
    def login_of(headers):
        scheme, _, value = headers.get("proxy-authorization", "").partition(" ")
        return base64.b64decode(value).decode() if scheme == "Basic" else None

    def answer(self, status, target, login, more=""):
        with self.server.lock, open(self.server.log, "a", encoding="utf-8") as log:
            log.write(json.dumps({"target": target, "login": login, "status": status,
                                  "from": self.client_address[0]}) + "\n")
        more += "X-Lead: " + "x" * self.server.lead + "\r\n" if self.server.lead else ""
        more += "" if status == 200 else "Content-Length: 0\r\n"
        self.request.sendall(f"HTTP/1.1 {status} Tests\r\n{more}\r\n".encode())


def copy(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
    except OSError:
        pass
    hang_up(source, sink)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def running(log, *more):
    """One that runs meanwhile; its port."""
    process = subprocess.Popen([sys.executable, __file__, "--log", log, *more], stderr=subprocess.PIPE,
                               text=True)
    try:
        yield int(process.stderr.readline().rpartition(":")[2])
    finally:
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--login")
    parser.add_argument("--status", type=int, default=0)
    parser.add_argument("--lead", type=int, default=0)
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), Handler)
    server.log, server.login, server.status = options.log, options.login, options.status
    server.lead, server.lock = options.lead, threading.Lock()
    print(f"listening on 127.0.0.1:{server.server_address[1]}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
