#!/usr/bin/env python3
"""The real binary against a real Kafka broker that is killed and comes back.

A file of account records goes to a topic of three partitions; the broker is killed with SIGKILL
while it is half way, and restarted. Then every record is in the topic with its body unaltered,
repeats have the same id, and events with the same key are in source order. From topic to topic W3C Trace
Context stays with its record, and one without it, or with a malformed one, begins a trace.

usage: kafka_broker_test.py BINARY
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from kafka_broker import KafkaBroker  # noqa: E402

COPIES = 40
RUN_LIMIT_S = 180

BRIDGE = """\
state: state
log: {{format: json, summary_interval_ms: 100}}
delivery: {{retry_initial_ms: 5, retry_max_ms: 200, window_batches: 2, drain_limit_ms: 1000}}
adapters:
  accounts: {{kind: file, path: in/account.dat, recfm: F, lrecl: 200, watch: no, settle_time_ms: 0,
              batch_records_max: 200}}
publishers:
  topic: {{kind: kafka, brokers: "{brokers}", topic: accounts, delivery_timeout_ms: 5000}}
  copy: {{kind: file, path: "out/{{sequence}}.jsonl", format: cloudevents}}
routes:
  - {{from: accounts, mappings: [{mapping}], to: [topic, copy]}}
"""


TRACED = """\
state: state
adapters:
  in: {{kind: kafka, brokers: "{brokers}", topic: traced, group: traced}}
publishers:
  out: {{kind: kafka, brokers: "{brokers}", topic: traced-out}}
routes:
  - {{from: in, mappings: [note.yaml], to: [out], trace_context: start}}
"""
PARENT, STATE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1"


def fail(message):
    sys.exit(f"FAILED: {message}")


def make_world(folder, brokers):
    sample = (SOURCE / "mappings/account/sample/account.dat").read_bytes()
    (folder / "in").mkdir()
    (folder / "in/account.dat").write_bytes(sample * COPIES)
    bridge = folder / "bridge.yaml"
    bridge.write_text(BRIDGE.format(brokers=brokers,
                                    mapping=SOURCE / "mappings/account/account.yaml"))
    return bridge


def wait_for_delivery(log, at_least):
    """Until the bridge's own log says so many records are delivered, and not yet all."""
    deadline = time.monotonic() + RUN_LIMIT_S
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            entry = json.loads(line) if line.endswith("}") else {}
            if entry.get("event") == "summary" and entry.get("delivered", 0) >= at_least:
                return
        time.sleep(0.01)
    fail("the bridge delivered nothing:\n" + log.read_text()[-2000:])


def run_with_an_outage(binary, bridge, broker, folder):
    log = folder / "bridge.log"
    process = subprocess.Popen([binary, "run", str(bridge), "--until-idle", "--give-up-after", "120"],
                               stderr=log.open("w"))
    wait_for_delivery(log, 200)
    broker.kill()
    threading.Timer(0.5, broker.restart).start()
    if process.wait(timeout=RUN_LIMIT_S) != 0:
        fail(f"the bridge ended with {process.returncode}:\n" + log.read_text()[-3000:])
    return [json.loads(line) for line in log.read_text().splitlines()]


def check(messages, folder, log):
    expected, order = {}, {}
    for part in sorted((folder / "out").glob("*.jsonl")):
        for line in part.read_text().splitlines():
            event = json.loads(line)
            if event["id"] not in expected:
                order.setdefault(event["partitionkey"], []).append(event["id"])
            expected[event["id"]] = event["data"]
    seen, arrived = {}, {}
    for _, _, key, headers, value in messages:
        identity = headers["ce_id"]
        if identity not in expected:
            fail(f"{identity} is invented")
        if json.loads(value) != expected[identity]:
            fail(f"{identity} is altered")
        if identity not in seen:
            arrived.setdefault(key, []).append(identity)
        seen[identity] = seen.get(identity, 0) + 1
    missing = expected.keys() - seen.keys()
    if missing or len(expected) != 950 * COPIES:
        fail(f"{len(missing)} of {len(expected)} records are missing")
    if arrived != order:
        fail("events with the same key are out of order")
    lost = [line for line in log if line["event"] == "endpoint_lost"]
    recovered = [line for line in log if line["event"] == "endpoint_recovered"]
    if not lost or not recovered:
        fail("the log does not say that the broker was away: the test shows nothing")
    print(f"ok: {len(expected)} records in the topic, {len(messages) - len(seen)} repeats, "
          f"away {recovered[-1]}")


def traced(binary, folder, broker):
    """Number -> headers of what the bridge has sent on."""
    folder.mkdir()
    (folder / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC X(4).\n")
    (folder / "note.yaml").write_text("name: note\ncopybook: note.cpy\ncodepage: ISO-8859-1\n"
                                      "event: {type: note, subject: '{NO}'}\n")
    (folder / "bridge.yaml").write_text(TRACED.format(brokers=broker.address))
    subprocess.run([binary, "run", str(folder / "bridge.yaml"), "--until-idle"], check=True,
                   capture_output=True, timeout=RUN_LIMIT_S)
    return {json.loads(value)["NO"]: headers for *_, headers, value in
            broker.consume("traced-out")}


def check_traces(binary, folder, broker):
    broker.create_topic("traced")
    broker.create_topic("traced-out")
    sent = {"kept": [f"traceparent={PARENT}", f"tracestate={STATE}"],
            "odd1": [f"traceparent={PARENT.upper()}"], "none": ["other=x"]}
    for number, headers in sent.items():
        words = [word for header in headers for word in ("-H", header)]
        subprocess.run(["kcat", "-b", broker.address, "-t", "traced", "-P", *words], check=True,
                       input=number, text=True)
    got = traced(binary, folder / "traced", broker)
    if got["kept"]["traceparent"] != PARENT or got["kept"]["tracestate"] != STATE:
        fail(f"the trace is lost: {got['kept']}")
    for number, headers in got.items():
        if headers["traceparent"] != headers["ce_traceparent"]:
            fail(f"{number} has two traces: {headers}")
    begun = {got[number]["traceparent"][3:35] for number in ("odd1", "none")}
    if len(begun) != 2 or PARENT[3:35] in begun or "tracestate" in got["odd1"]:
        fail(f"no traces of their own: {got}")
    print("ok: 1 trace passed on, 2 begun")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-kafka-"))
    broker = KafkaBroker(folder / "broker").start()
    try:
        broker.create_topic("accounts")
        bridge = make_world(folder, broker.address)
        log = run_with_an_outage(sys.argv[1], bridge, broker, folder)
        check(broker.consume("accounts"), folder, log)
        check_traces(sys.argv[1], folder, broker)
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
