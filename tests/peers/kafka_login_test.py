#!/usr/bin/env python3
"""Logins by tokens (SASL/OAUTHBEARER) at a real Kafka broker, which checks each token's signature and
end, and ends a connection with its token.

renewal   a bridge outlives several of its tokens: every record arrives, and what is refused meanwhile is
          nothing
once      topic to topic in transactions: source, producer and the reader of its ledger have one token
refused   the server refuses the client, then is away, then gives a forged token, then a good one: the
          bridge waits, says why, and no record becomes a dead letter
source    the same for the adapter

No token and no secret is in what the bridges have said and written.

usage: kafka_login_test.py BINARY renewal|once|refused|source
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
sys.path.insert(0, str(SOURCE / "tests" / "faults"))
from bridge_process import Process, check  # noqa: E402
from kafka_login import CLIENT, TokenBroker, TokenServer  # noqa: E402

RECORDS = 1000
COPYBOOK = "       01 THE-RECORD.\n          05 THE-NUMBER PIC 9(6).\n"
MAPPING = ("name: record\ncopybook: record.cpy\ncodepage: IBM-037\n"
           "event: {type: com.example.record}\n")
ENVIRONMENT = {**os.environ, "TOKEN_SECRET": CLIENT["client_secret"]}
# 8 s: a renewal comes after 6.4 s, which librdkafka looks for once a second.
LIFETIME_S = 8


def records(first, count):
    return b"".join(f"{value:06d}".encode("cp037") for value in range(first, first + count))


class World:
    def __init__(self, binary):
        self.binary = binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-kafka-login-"))
        (self.folder / "bridge").mkdir()
        (self.folder / "bridge/record.cpy").write_text(COPYBOOK)
        (self.folder / "bridge/record.yaml").write_text(MAPPING)
        self.server = TokenServer(self.folder)
        self.broker = TokenBroker(self.folder / "broker", self.server).start()
        self.process = None

    def options(self, topic):
        return (f"kind: kafka, brokers: '{self.broker.tokens}', topic: {topic}, token: oauth2, "
                f"token_url: '{self.server.url}/token', client_id: bridge, "
                "client_secret: '${env:TOKEN_SECRET}', scope: kafka, "
                "properties: {security.protocol: SASL_PLAINTEXT}")

    def run(self, source, publisher, *arguments, encode="no"):
        path = self.folder / "bridge/bridge.yaml"
        path.write_text(
            "state: state\nlog: {format: json, level: debug, summary_interval_ms: 2000}\n"
            "delivery: {retry_initial_ms: 5, retry_max_ms: 200}\n"
            f"adapters:\n  in: {{{source}}}\npublishers:\n  out: {{{publisher}}}\n"
            f"routes:\n  - {{from: in, mappings: [record.yaml], to: [out], encode: {encode}}}\n")
        self.process = Process(self.binary, "run", path, *arguments, env=ENVIRONMENT)
        return self.process

    def file_source(self, count):
        (self.folder / "bridge/in.dat").write_bytes(records(0, count))
        return ("kind: file, path: 'in*.dat', recfm: F, lrecl: 6, settle_time_ms: 0, "
                "batch_records_max: 50, rescan_interval_ms: 50")

    def values(self, topic):
        return sorted(int(json.loads(value)["THE-NUMBER"])
                      for *_, value in self.broker.consume(topic))

    def expect(self, topic, count):
        check(self.values(topic) == list(range(count)), f"{topic}: {self.values(topic)[:20]}…")

    def end(self, signal_number=signal.SIGTERM):
        check(self.process.end(signal_number) == 0, "".join(self.process.lines[-20:]))
        said = "".join(self.process.lines)
        written = [path.read_bytes() for path in (self.folder / "bridge").rglob("*")
                   if path.is_file()]
        for token in self.server.tokens:
            parts = token.split(".")
            for part in (parts[1], parts[2]):
                check(part not in said, "a token is in the log")
                check(not any(part.encode() in data for data in written), "a token is in a file")
        totals = json.loads(next(line for line in reversed(self.process.lines)
                                 if '"event":"stopped"' in line))
        check(totals["dead_lettered"] == 0, f"dead letters: {totals}")
        return totals

    def close(self):
        self.broker.kill()
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def renewal(world):
    world.server.lifetime_s = LIFETIME_S
    world.broker.create_topic("numbers")
    bridge = world.run(world.file_source(RECORDS), world.options("numbers"))
    bridge.wait_for('"event":"file_ended"')
    check(world.server.wait_for(lambda server: len(server.tokens) >= 4), "no token is renewed")
    (world.folder / "whole").write_bytes(records(RECORDS, RECORDS))
    (world.folder / "whole").rename(world.folder / "bridge/in2.dat")
    bridge.wait_for('in2.dat","arrival":2,"read"')
    world.end()
    world.expect("numbers", 2 * RECORDS)
    check(not [line for line in bridge.lines if '"event":"endpoint_lost"' in line],
          "a renewal looks like an outage")
    print(f"{2 * RECORDS} records over {len(world.server.tokens)} tokens")


def once(world):
    world.broker.create_topic("numbers")
    world.broker.create_topic("copies")
    world.run(world.file_source(RECORDS) + ", watch: no",
              world.options("numbers") + ", transactional_id: first", "--until-idle")
    world.end(None)
    asked = world.server.asked
    world.run(world.options("numbers") + ", group: one, commit: transaction",
              world.options("copies") + ", transactional_id: second", "--until-idle", encode="yes")
    world.end(None)
    world.expect("numbers", RECORDS)
    copies = subprocess.run(["kcat", "-b", world.broker.address, "-t", "copies", "-C", "-e", "-q",
                             "-X", "isolation.level=read_committed", "-f", "%o\n"], check=True,
                            capture_output=True, text=True, timeout=120).stdout
    check(len(copies.splitlines()) == RECORDS, f"{len(copies.splitlines())} copies")
    check(world.server.asked - asked == 2, f"{world.server.asked - asked} tokens for two components")
    print(f"{RECORDS} records exactly once, {world.server.asked} tokens")


def through_refusals(world, bridge, event, delivered):
    """The server refuses, is away, gives what the broker refuses; then all is well."""
    bridge.wait_for("answered 401 invalid_client")
    world.server.status = 503
    bridge.wait_for("answered 503")
    world.server.is_forging, world.server.status = True, 200
    bridge.wait_for("invalid_token")
    bridge.wait_for(event)
    check(world.server.tokens, "no token was given")
    world.server.is_forging = False
    bridge.wait_for(delivered)


def refused(world):
    world.broker.create_topic("numbers")
    world.server.status = 401
    bridge = world.run(world.file_source(RECORDS),
                       world.options("numbers") + ", delivery_timeout_ms: 2000")
    through_refusals(world, bridge, '"event":"endpoint_refused"', '"event":"file_ended"')
    totals = world.end()
    world.expect("numbers", RECORDS)
    check(totals["delivered"] == RECORDS, str(totals))
    print(f"{RECORDS} records after refusals, {totals['retried']} tried again")


def source(world):
    world.broker.create_topic("commands")
    path = world.folder / "commands"
    path.write_bytes(b"".join(f"{value:06d}".encode("cp037") + b"\n" for value in range(100)))
    subprocess.run(["kcat", "-b", world.broker.address, "-t", "commands", "-P", "-l", str(path)],
                   check=True)
    world.server.status = 401
    bridge = world.run(world.options("commands") + ", group: bridges",
                       "kind: file, path: 'out-{sequence}.jsonl', format: cloudevents")
    through_refusals(world, bridge, '"event":"source_lost"', '"delivered":100')
    totals = world.end()
    check(totals["delivered"] == 100, str(totals))
    print("100 records after refusals")


def main(binary, case):
    world = World(binary)
    try:
        {"renewal": renewal, "once": once, "refused": refused, "source": source}[case](world)
    finally:
        world.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
