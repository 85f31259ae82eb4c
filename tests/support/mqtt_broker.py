#!/usr/bin/env python3
"""A real MQTT broker (mosquitto) on loopback for the tests, until it is killed, and a subscriber of the topic
`accounts` that writes what it is given to FOLDER/received: payload, content type and user properties,
one JSON line for each message.

usage: mqtt_broker.py FOLDER [LINE-OF-CONFIGURATION…]
Prints `listening on 127.0.0.1:PORT` to standard error when both are there.
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
TOPIC = "accounts"


def dies_with_us():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command, **more):
    return subprocess.Popen(command, preexec_fn=dies_with_us, **more)


def main():
    folder = pathlib.Path(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    rules = sys.argv[2:] or ["allow_anonymous true"]
    (folder / "mosquitto.conf").write_text("\n".join([f"listener {port} 127.0.0.1", "user root", *rules]) + "\n")
    start(["/usr/sbin/mosquitto", "-c", folder / "mosquitto.conf"], stderr=subprocess.DEVNULL)
    who = ["-u", "reader", "-P", "reader"] if sys.argv[2:] else []
    received = folder / "received"
    limit = time.monotonic() + LIMIT_S
    subscriber = None
    while not (received.exists() and "marker-start" in received.read_text()):
        if time.monotonic() > limit:
            sys.exit("mosquitto did not start")
        if subscriber is None or subscriber.poll() is not None:
            subscriber = start(["mosquitto_sub", "-V", "mqttv5", "-p", port, "-q", "1", "-t", TOPIC, *who,
                                "-F", "%p %C %P"], stdout=open(received, "wb"), stderr=subprocess.DEVNULL)
        subprocess.run(["mosquitto_pub", "-V", "mqttv5", "-p", port, "-q", "1", "-t", TOPIC, *who, "-m",
                        "marker-start"], stderr=subprocess.DEVNULL)
        time.sleep(0.02)
    print(f"listening on 127.0.0.1:{port}", file=sys.stderr, flush=True)
    signal.pause()


main()
