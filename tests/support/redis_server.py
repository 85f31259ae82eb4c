#!/usr/bin/env python3
"""A real Redis on loopback for the tests, until it is killed.

usage: redis_server.py FOLDER [OPTION VALUE…]
SIGUSR1 stops it for a while, SIGUSR2 lets it go on. Prints `listening on 127.0.0.1:PORT` to standard error.
"""
import ctypes
import pathlib
import signal
import socket
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
LIMIT_S = 20


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return bool(connection.recv(1))
    except OSError:
        return False


def start(folder, options):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    # A port given is that of TLS.
    own = ["--tls-port", str(port), "--port", "0"] if "--tls-cert-file" in options else ["--port", str(port)]
    server = subprocess.Popen(
        ["redis-server", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", *own, *options],
        stdout=(pathlib.Path(folder) / "redis.log").open("w"),
        preexec_fn=lambda: ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    limit = time.monotonic() + LIMIT_S
    while time.monotonic() < limit and server.poll() is None:
        if answers(port) or "Ready to accept" in (pathlib.Path(folder) / "redis.log").read_text():
            return server, port
        time.sleep(0.01)
    server.kill()
    return None, None


def main():
    folder, options = sys.argv[1], sys.argv[2:]
    server, port = start(folder, options)
    if server is None:
        server, port = start(folder, options)
    if server is None:
        sys.exit("redis-server did not start: " + (pathlib.Path(folder) / "redis.log").read_text()[-500:])
    signal.signal(signal.SIGUSR1, lambda *_: server.send_signal(signal.SIGSTOP))
    signal.signal(signal.SIGUSR2, lambda *_: server.send_signal(signal.SIGCONT))
    print(f"listening on 127.0.0.1:{port}", file=sys.stderr, flush=True)
    sys.exit(server.wait())


main()
