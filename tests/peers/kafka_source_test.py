#!/usr/bin/env python3
"""Bridges that share a topic of a real Kafka broker, cloud to legacy.

JSON commands with keys lie in a topic of three partitions. Two bridges of one consumer group make
records of them; one is killed with SIGKILL half way, a third one joins, and the broker itself is
killed and comes back. Then every command has become the record it must become, repeats have the
same id, and within the events of each bridge those with the same key are in the topic's order.

usage: kafka_source_test.py BINARY
"""
import base64
import collections
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from kafka_broker import KafkaBroker  # noqa: E402

MESSAGES = 6000
KEYS = 50
LIMIT_S = 180

COPYBOOK = """\
       01 COMMAND.
          05 CMD-KEY    PIC 9(4).
          05 CMD-NUMBER PIC 9(9) COMP.
          05 CMD-TEXT   PIC X(8).
"""
MAPPING = """\
name: command
copybook: command.cpy
match_source: {kafka-header-kind: command}
event: {type: command, key: CMD-KEY, subject: "{@kafka-key}"}
"""
BRIDGE = """\
state: {state}
log: {{format: json, summary_interval_ms: 100}}
delivery: {{retry_initial_ms: 5, retry_max_ms: 200, window_batches: 3, drain_limit_ms: 5000}}
adapters:
  commands: {{kind: kafka, brokers: "{brokers}", topic: commands, group: bridges,
             batch_records_max: 20, properties: {{session.timeout.ms: 6000}}}}
publishers:
  records: {{kind: file, path: "{state}.jsonl", format: cloudevents}}
routes:
  - {{from: commands, mappings: [command.yaml], to: [records], encode: yes, unmatched: ignore}}
"""


def fail(message):
    sys.exit(f"FAILED: {message}")


def produce(broker, folder):
    rows = [f"{number % KEYS:04d}\t" + json.dumps(
        {"CMD-KEY": number % KEYS, "CMD-NUMBER": number, "CMD-TEXT": f"T{number}"})
        for number in range(MESSAGES)]
    (folder / "rows").write_text("".join(row + "\n" for row in rows))
    for kind, lines in (("command", folder / "rows"), ("other", folder / "few")):
        (folder / "few").write_text("x\t{}\n" * 10)
        subprocess.run(["kcat", "-b", broker.address, "-t", "commands", "-P", "-K", "\t", "-l",
                        "-H", f"kind={kind}", str(lines)], check=True)


class Bridge:
    def __init__(self, binary, folder, name, brokers):
        self.folder, self.name = folder, name
        config = folder / f"{name}.yaml"
        config.write_text(BRIDGE.format(state=name, brokers=brokers))
        self.log = folder / f"{name}.log"
        self.process = subprocess.Popen([binary, "run", str(config)], stderr=self.log.open("a"))

    def delivered(self):
        most = 0
        for line in self.log.read_text().splitlines():
            if line.startswith("{") and line.endswith("}") and '"event":"summary"' in line:
                most = max(most, json.loads(line)["delivered"])
        return most


def wait_until(what, holds):
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        if time.monotonic() > deadline:
            fail(f"{what} did not happen in {LIMIT_S} s")
        time.sleep(0.05)


def seen(folders):
    """All events that the bridges have written, by bridge; a killed one leaves its part file."""
    def lines(folder):
        for file in sorted(folder.glob("*.jsonl")) + sorted(folder.glob(".*.part")):
            yield from (line for line in file.read_text().splitlines() if line.endswith("}"))
    return [[json.loads(line) for line in lines(folder)] for folder in folders]


def check(by_bridge):
    records = {}
    for events in by_bridge:
        last = collections.defaultdict(lambda: -1)
        known = set()
        for event in events:
            record = base64.b64decode(event["data_base64"])
            if records.setdefault(event["id"], record) != record:
                fail(f"{event['id']} came with two bodies")
            number = int.from_bytes(record[4:8], "big")
            if event["id"] not in known and number < last[event["partitionkey"]]:
                fail(f"key {event['partitionkey']}: {number} after {last[event['partitionkey']]}")
            known.add(event["id"])
            last[event["partitionkey"]] = max(number, last[event["partitionkey"]])
            if event["subject"] != f"{number % KEYS:04d}":
                fail(f"subject {event['subject']} of {number}")
    expected = {(f"{n % KEYS:04d}".encode("cp037") + n.to_bytes(4, "big")
                 + f"T{n}".ljust(8).encode("cp037")) for n in range(MESSAGES)}
    if set(records.values()) != expected or len(records) != MESSAGES:
        fail(f"{len(records)} ids, {len(set(records.values()) & expected)} of {MESSAGES} records")
    return sum(map(len, by_bridge)) - MESSAGES


def main(binary):
    base = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-kafka-"))
    broker = KafkaBroker(base / "broker").start()
    bridges = []
    try:
        broker.create_topic("commands")
        produce(broker, base)
        folders = []

        def start(name):
            folder = base / name
            folder.mkdir()
            (folder / "command.cpy").write_text(COPYBOOK)
            (folder / "command.yaml").write_text(MAPPING)
            folders.append(folder)
            bridges.append(Bridge(binary, folder, name, broker.address))

        start("a")
        start("b")
        wait_until("a delivery", lambda: sum(b.delivered() for b in bridges) > MESSAGES // 10)
        bridges[0].process.kill()
        bridges[0].process.wait()
        start("c")
        wait_until("a delivery after the kill",
                   lambda: sum(b.delivered() for b in bridges) > MESSAGES // 3)
        broker.kill()
        broker.restart()
        ids = lambda: {event["id"] for events in seen(folders) for event in events}  # noqa: E731
        wait_until("the delivery of everything", lambda: len(ids()) >= MESSAGES)
        for bridge in bridges[1:]:
            bridge.process.send_signal(signal.SIGTERM)
            if bridge.process.wait(timeout=60) != 0:
                fail(f"{bridge.name} ended with {bridge.process.returncode}:\n"
                     + bridge.log.read_text()[-2000:])
        repeats = check(seen(folders))
        print(f"{MESSAGES} commands by 3 bridges, one killed, the broker killed: none missing, "
              f"{repeats} repeats")
    except BaseException:
        for log in base.glob("*/*.log"):
            print(f"--- {log}\n{log.read_text()[-1500:]}", file=sys.stderr)
        raise
    finally:
        for bridge in bridges:
            bridge.process.kill()
        broker.kill()
    shutil.rmtree(base)


if __name__ == "__main__":
    main(sys.argv[1])
