#!/usr/bin/env python3
"""Records posted to the real binary by curl: TLS and client certificates, and what a process that is
killed leaves.

Whatever was answered 202 is delivered, also where the bridge is killed the moment after; a request
that is sent again because there was no answer, with its key, is one id at the endpoint. Clients
without the right certificate do not get in.

usage: http_source_test.py BINARY [CASE…]
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check  # noqa: E402

REQUESTS = 200


class World:
    def __init__(self, binary, directory, more=""):
        self.binary, self.directory = binary, directory
        (directory / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC 9(6).\n")
        (directory / "note.yaml").write_text(
            "name: note\ncopybook: note.cpy\ncodepage: ISO-8859-1\nevent: {type: com.example.note}\n")
        self.listener = Process(binary, "listen", "--port", "0", "--output", directory / "out.jsonl",
                                "--quiet")
        url = "http://" + self.listener.wait_for("listening on").split()[2].rstrip(",;") + "/"
        (directory / "bridge.yaml").write_text(
            "state: state\nadapters:\n"
            f"  notes: {{kind: http, listen: '127.0.0.1:0', paths: [/notes]{more}}}\n"
            f"publishers:\n  out: {{kind: http, url: '{url}', mode: structured}}\n"
            "routes:\n  - {from: notes, mappings: [note.yaml], to: [out]}\n")

    def start(self, **environment):
        bridge = Process(self.binary, "run", self.directory / "bridge.yaml",
                         env={**os.environ, **environment})
        bridge.port = json.loads(bridge.wait_for('"listening"'))["port"]
        return bridge

    def post(self, bridge, number, *more, scheme="http"):
        """The status, 0: there was no answer."""
        done = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", str(LIMIT_S),
             "-H", "Content-Type: application/octet-stream", "-H", f"Idempotency-Key: {number}", *more,
             "--data-binary", f"{number:06}", f"{scheme}://127.0.0.1:{bridge.port}/notes"],
            capture_output=True, text=True, timeout=LIMIT_S)
        return int(done.stdout or 0)

    def events(self):
        file = self.directory / "out.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def killed(world):
    """What was answered is there after every kill, and what was sent again has its first id."""
    accepted, number = [], 0
    for point in ["spool_written:40", "spool_synced:40", "spool_settled:20", "publish_started:20",
                  "publish_confirmed:20"]:
        bridge = world.start(COPYBRIDGE_CRASH_AT=point)
        while number < REQUESTS:
            status = world.post(bridge, number)
            if status != 202:
                break
            accepted.append(number)
            number += 1
        bridge.end()
    bridge = world.start()
    for rest in range(number, REQUESTS):
        check(world.post(bridge, rest) == 202, "a request is refused")
        accepted.append(rest)
    limit = time.monotonic() + LIMIT_S
    while missing := set(accepted) - {event["data"]["NO"] for event in world.events()}:
        check(time.monotonic() < limit, f"{sorted(missing)} never come")
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")
    ids = {}
    for event in world.events():
        ids.setdefault(event["data"]["NO"], set()).add(event["id"])
    check(all(len(known) == 1 for known in ids.values()), "a record has two ids")


def certificates(directory):
    """An authority of the bridge and its clients, another one, and certificates of theirs."""
    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, cwd=directory)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for authority in ("ca", "stranger"):
        openssl("req", "-x509", *key, "-subj", f"/CN={authority}", "-days", "2", "-keyout",
                f"{authority}.key", "-out", f"{authority}.pem")
    for name, authority in (("server", "ca"), ("orders", "ca"), ("other", "ca"), ("fake", "stranger")):
        openssl("req", *key, "-subj", f"/CN={'orders' if name == 'fake' else name}", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
                f"{authority}.key", "-CAcreateserial", "-days", "2", "-copy_extensions", "copy",
                "-out", f"{name}.pem")


def tls(world):
    """Only the client of that name, of that authority, gets in; not in the clear, not by TLS 1.1."""
    certificates(world.directory)
    bridge = world.start()

    def post(name, *more):
        at = world.directory
        shown = ("--cert", at / f"{name}.pem", "--key", at / f"{name}.key") if name else ()
        return world.post(bridge, 1, "--cacert", str(at / "ca.pem"), *map(str, shown), *more,
                          scheme="https")
    check(post("orders") == 202, "the client is not let in")
    check(post("orders", "--tlsv1.2", "--tls-max", "1.2") == 202, "TLS 1.2 is refused")
    check(post("other") == 403, "a client of another name is let in")
    check(post("fake") == 0, "a client of another authority is let in")
    check(post(None) == 0, "a client without a certificate is let in")
    check(post("orders", "--tlsv1.0", "--tls-max", "1.1") == 0, "TLS 1.1 is spoken")
    check(world.post(bridge, 1) == 0, "it answers in the clear")
    # A new certificate counts at once.
    old = subprocess.run(["openssl", "x509", "-in", world.directory / "server.pem", "-serial", "-noout"],
                         capture_output=True, text=True, check=True).stdout
    certificates(world.directory)
    check(post("orders") == 202, "the client of the new authority is not let in")
    new = subprocess.run(["openssl", "x509", "-in", world.directory / "server.pem", "-serial", "-noout"],
                         capture_output=True, text=True, check=True).stdout
    check(old != new, "the certificate was not changed")
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")


CASES = {"killed": (killed, ", records_in_body: framed, recfm: F, lrecl: 6"),
         "tls": (tls, ", certificate: server.pem, private_key: server.key, client_ca: ca.pem,"
                      " client_names: [orders]")}


def main(binary, names):
    for name in names or CASES:
        case, options = CASES[name]
        with tempfile.TemporaryDirectory() as folder:
            world = World(binary, pathlib.Path(folder), options)
            try:
                case(world)
            finally:
                world.listener.end(signal.SIGTERM)
        print(f"{name}: {case.__doc__}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
