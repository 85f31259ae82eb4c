#!/usr/bin/env python3
"""A real NATS server with JetStream on loopback for the tests, until it is killed.

usage: nats_server.py FOLDER [LINE-OF-CONFIGURATION…]
SIGUSR1 stops it for a while, SIGUSR2 lets it go on. Prints `listening on 127.0.0.1:PORT` to standard error.
"""
import ctypes
import pathlib
import re
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1

folder = pathlib.Path(sys.argv[1])
configuration = folder / "nats.conf"
configuration.write_text("\n".join(
    ["listen: 127.0.0.1:-1", f"jetstream {{store_dir: {folder / 'store'}}}", *sys.argv[2:]]) + "\n")
server = subprocess.Popen(["nats-server", "-c", str(configuration)], stderr=subprocess.PIPE, text=True,
                          preexec_fn=lambda: ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
signal.signal(signal.SIGUSR1, lambda *_: server.send_signal(signal.SIGSTOP))
signal.signal(signal.SIGUSR2, lambda *_: server.send_signal(signal.SIGCONT))
for line in server.stderr:
    match = re.search(r"Listening for client connections on (\S+)", line)
    if match:
        port = match.group(1)
    if "Server is ready" in line:
        print(f"listening on {port}", file=sys.stderr, flush=True)
        break
else:
    sys.exit("nats-server did not start")
# Its log must not fill the pipe.
for line in server.stderr:
    pass
sys.exit(server.wait())
