#!/usr/bin/env python3
"""The real binary and an endpoint that is the wrong one, knows it no more, or cannot be reached.

certificate  the endpoint's certificate is another's: the route waits with an ERROR, nothing is sent;
             with the right one it goes on by itself
token        the endpoint takes the token no more: the route waits with an ERROR until the secret's
             file holds the new one
name         the endpoint's name does not resolve: the job gives up with 4, everything is still there
cut          the network swallows everything without a word, then connections are refused, then it is
             well again

In each case every record arrives, unaltered, and none is in the dead letters.

usage: peer_test.py BINARY [CASE…]
"""
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check  # noqa: E402
from driver_test import Endpoint, Handler, World  # noqa: E402

RECORDS = 300
OLD, NEW = "sesame/that+was", "sesame/that+is"


def publisher(world, more):
    """Adds options to the bridge's publisher."""
    text = world.bridge.read_text()
    world.bridge.write_text(text.replace("kind: http, ", f"kind: http, {more}, "))


def until_idle(world):
    return Process(world.binary, "run", world.bridge, "--until-idle", "--give-up-after", "60")


def drained(world, bridge, endpoint):
    """Waits until the endpoint has everything, then stops the bridge."""
    endpoint.wait_until(lambda it: len({identity for identity, _ in it.taken}) == RECORDS)
    world.check_end(bridge, bridge.end(signal.SIGTERM))
    world.check_taken(endpoint)


def openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True,
                   timeout=LIMIT_S)


def make_certificate(directory, stem, host):
    openssl(directory, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=test endpoint", "-keyout", f"{stem}.key", "-out", f"{stem}.csr")
    (directory / "names").write_text(f"subjectAltName={host}\n")
    openssl(directory, "x509", "-req", "-in", f"{stem}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-extfile", "names", "-out", f"{stem}.pem", "-days", "2")


class TlsEndpoint(Endpoint):
    certificate = None

    def get_request(self):
        connection, address = super().get_request()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.with_suffix(".pem"),
                                self.certificate.with_suffix(".key"))
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address


def certificate(binary, directory):
    openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem", "-days",
            "2")
    make_certificate(directory, "wrong", "DNS:elsewhere.example")
    make_certificate(directory, "right", "IP:127.0.0.1")
    endpoint = TlsEndpoint()
    endpoint.certificate = directory / "wrong"
    world = World(binary, directory, endpoint.url.replace("http:", "https:"), RECORDS,
                  delivery="refused_retry_ms: 50")
    publisher(world, "ca_bundle: ca.pem")
    bridge = world.run()
    refused = json.loads(bridge.wait_for('"event":"endpoint_refused"'))
    check(refused["level"] == "ERROR" and endpoint.requests == 0, f"{refused}")
    endpoint.certificate = directory / "right"
    drained(world, bridge, endpoint)


class TokenHandler(Handler):
    """Answers 401 to everything without the token of the day."""

    def read_request(self):
        line = self.rfile.readline()
        if not line:
            return None
        headers = {}
        while (header := self.rfile.readline()) not in (b"\r\n", b""):
            name, value = header.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        self.token = headers.get("authorization")
        return self.rfile.read(int(headers.get("content-length", 0)))

    def drip(self, body):
        if self.token != self.server.token:
            return self.answer("401 Unauthorized")
        return super().drip(body)


def token(binary, directory):
    endpoint = Endpoint(["drip"])
    endpoint.RequestHandlerClass, endpoint.token = TokenHandler, f"Bearer {OLD}"
    (directory / "token").write_text(OLD)
    world = World(binary, directory, endpoint.url, RECORDS, delivery="refused_retry_ms: 50")
    publisher(world, f"bearer: '${{file:{directory}/token}}', insecure: yes")
    bridge = world.run()
    endpoint.wait_until(lambda it: len(it.taken) >= 20)
    with endpoint.lock:
        endpoint.token = f"Bearer {NEW}"
    refused = json.loads(bridge.wait_for('"event":"endpoint_refused"'))
    check(refused["level"] == "ERROR", f"{refused}")
    (directory / "token").write_text(NEW)
    drained(world, bridge, endpoint)


def name(binary, directory):
    endpoint = Endpoint()
    world = World(binary, directory, "http://copybridge-test.invalid/", RECORDS)
    bridge = Process(binary, "run", world.bridge, "--until-idle", "--give-up-after", "1")
    world.check_end(bridge, bridge.end(), 4)
    check(bridge.events("stopped")[-1]["handed_back"] > 0, "nothing was handed back")
    world.bridge.write_text(world.bridge.read_text().replace("http://copybridge-test.invalid/",
                                                             endpoint.url))
    world.run_to_end()
    world.check_taken(endpoint)


class Proxy:
    """Between bridge and endpoint: passes bytes on, swallows them, or takes no connections."""

    def __init__(self, port):
        self.port, self.way = port, "pass"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()[1]
        self.swallowed = threading.Event()
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            onward = socket.create_connection(("127.0.0.1", self.port))
            for source, target in ((connection, onward), (onward, connection)):
                threading.Thread(target=self.carry, args=(source, target), daemon=True).start()

    def carry(self, source, target):
        try:
            while data := source.recv(65536):
                if self.way == "swallow":
                    self.swallowed.set()
                else:
                    target.sendall(data)
        except OSError:
            pass
        target.close()

    def refuse(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def open_again(self):
        self.way = "pass"
        self.listener = socket.create_server(("127.0.0.1", self.address))
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()


def cut(binary, directory):
    endpoint = Endpoint(["drip"])
    proxy = Proxy(endpoint.server_address[1])
    world = World(binary, directory, f"http://127.0.0.1:{proxy.address}/", RECORDS)
    bridge = until_idle(world)
    endpoint.wait_until(lambda it: len(it.taken) >= 20)
    proxy.way = "swallow"
    check(proxy.swallowed.wait(LIMIT_S), "nothing was swallowed")
    bridge.wait_for('"event":"endpoint_lost"')
    proxy.refuse()
    check(bridge.child.poll() is None, "the bridge ended")
    proxy.open_again()
    bridge.wait_for('"event":"endpoint_recovered"')
    world.check_end(bridge, bridge.end())
    print(f"   {world.check_taken(endpoint)} repeats")


def main():
    cases = {"certificate": certificate, "token": token, "name": name, "cut": cut}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-peer-") as folder:
            cases[case](sys.argv[1], pathlib.Path(folder))
        print("ok:", case)


if __name__ == "__main__":
    main()
