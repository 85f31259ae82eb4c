#!/usr/bin/env python3
"""IBM's own binding of the Message Queue Interface holds the double of IBM MQ to account.

samples  IBM's unmodified samples put, get, browse, consume, inquire, set properties and read
         dead-letter headers
checks   own scripts on IBM's binding: conversion, identifiers, truncation, back-outs, properties,
         headers; and, on the double alone, commits of unknown outcome and a process that is killed
bridge   the bridge reads what IBM's binding put, headers and properties among it, and IBM's binding
         reads what the bridge puts
wrong    a double with two fields at the wrong place fails both

With COPYBRIDGE_MQ_LIBRARY (libmqm_r.so), COPYBRIDGE_MQ_QUEUE_MANAGER and the queues of
docs/ibm-mq-testing.md the first three run against a real queue manager.

usage: ibm_mq_binding_test.py BUILD_FOLDER CASE…
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from ibm_mq_binding import Binding  # noqa: E402
from mq_queue_manager import QueueManager  # noqa: E402

QUEUE, BACKOUT_QUEUE = "COPYBRIDGE.IN", "COPYBRIDGE.BACKOUT"
DEFINITION = f"""\
name: QM1
queues:
  - {{name: {QUEUE}, backout_threshold: 3, backout_queue: {BACKOUT_QUEUE}}}
  - {{name: {BACKOUT_QUEUE}}}
"""
CHECKS = ["text_is_converted", "bytes_and_ids_survive", "a_small_buffer_is_told_the_length",
          "a_poison_message_moves_at_the_threshold", "properties_come_back",
          "headers_are_read_back", "properties_are_an_rfh2"]


class Failures:
    def __init__(self):
        self.found = []

    def expect(self, name, is_as_expected, output):
        print(f"{'ok' if is_as_expected else 'NOT OK'}: {name}", flush=True)
        if not is_as_expected:
            self.found.append(name)
            print(output, flush=True)


def run_check(binding, name, **environment):
    output, code = binding.run(SOURCE / "tests" / "peers" / "ibm_mq" / "checks.js", binding.q_mgr,
                               QUEUE, BACKOUT_QUEUE, name, **environment)
    return output, code == 0 and output.strip().endswith("ok")


def samples(binding, failures):
    """Each sample with what it prints where all is well."""
    run_check(binding, "queues_are_emptied")
    on_queue = (QUEUE, binding.q_mgr)

    def expect(sample, *texts, arguments=on_queue, times=1):
        output = "".join(binding.sample(sample, *arguments) for _ in range(times))
        failures.expect(sample, all(text in output for text in texts), output)

    hello = "<Hello from Node at "
    expect("amqsput", "MQPUT successful", "MQDISC successful")
    expect("amqsbra", "message " + hello, "No more messages available.")
    expect("amqsget", hello, "no more messages")
    expect("amqsput", "MQPUT successful")
    expect("amqsgeta", "message " + hello, "No more messages available.")
    expect("amqsput", "MQPUT successful")
    expect("amqsgetac", "message " + hello, "Commit OK", "No more messages available.")
    expect("amqsprop", "Property name  : PROP1STRING", "value : helloStringProperty",
           "Property name  : PROP2INT", "value : 42", "value : true",
           "value : [ 100 101 102 103 104 105 ]", "PROP5NULL", "No more properties", hello)
    # It reads without waiting for its own put: if the first run does not find it, the second does.
    expect("amqsdlh", 'DLH is {"Reason":2035,"DestQName":"DEST.QUEUE"', hello, times=2)
    expect("amqsinq", f'qmgrName = "{binding.q_mgr}"', arguments=(binding.q_mgr,))
    if binding.q_mgr == "QM1":
        expect("amqsconn", "MQCONN to QM1 successful", "MQDISC successful", arguments=())
        expect("amqsconntls", "MQCONN to QM1 successful", "MQDISC successful",
               arguments=(binding.q_mgr,))


def checks(binding, failures, has_faults):
    run_check(binding, "queues_are_emptied")
    for name in CHECKS:
        output, is_good = run_check(binding, name)
        failures.expect(name, is_good, output)
        run_check(binding, "queues_are_emptied")
    if has_faults:
        lost_commits(binding, failures)


def lost_commits(binding, failures):
    """A commit whose answer is lost, done or not, and a process that is killed with a message."""
    def expect(name, is_wanted=True, **environment):
        output, is_good = run_check(binding, name, **environment)
        failures.expect(name, is_good == is_wanted, output)

    expect("a_message_is_put")
    expect("a_commit_breaks", COPYBRIDGE_MQ_FAULTS="MQCMIT:2009:1")
    expect("a_message_was_backed_out_once")
    expect("a_message_is_put")
    expect("a_commit_breaks", COPYBRIDGE_MQ_FAULTS="MQCMIT:2009:1:after")
    expect("no_message_is_there")
    expect("a_message_is_put")
    expect("the_process_is_killed_with_a_message", is_wanted=False)
    expect("a_message_was_backed_out_once")


MAPPING = """\
name: note
copybook: note.cpy
codepage: IBM-037
event:
  type: com.example.note
  attributes:
    city: "{@mq-rfh2-usr-city}"
    number: "{@mq-rfh2-usr-number}"
    correlation: "{@mq-correl-id}"
    reason: "{@mq-dlh-reason}"
    destination: "{@mq-dlh-dest-q}"
"""
BRIDGE = """\
state: state
adapters:
  notes: {{kind: ibm-mq, queue: {queue}, queue_manager: {q_mgr}, library: {library}}}
publishers:
  lines: {{kind: stdout, format: cloudevents}}
  queue: {{kind: ibm-mq, queue: {backout_queue}, queue_manager: {q_mgr}, library: {library},
          header: rfh2}}
routes:
  - {{from: notes, mappings: [note.yaml], to: [lines, queue]}}
"""


def bridge(build, binding, failures):
    run_check(binding, "queues_are_emptied")
    output, is_good = run_check(binding, "records_are_put")
    failures.expect("records_are_put", is_good, output)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC X(6).\n")
        (folder / "note.yaml").write_text(MAPPING)
        (folder / "bridge.yaml").write_text(BRIDGE.format(
            queue=QUEUE, backout_queue=BACKOUT_QUEUE, q_mgr=binding.q_mgr,
            library=binding.library_folder))
        done = subprocess.run([build / "copybridge", "run", folder / "bridge.yaml",
                               "--until-idle"], capture_output=True, text=True, timeout=60)
    failures.expect("the bridge ends well", done.returncode == 0, done.stdout + done.stderr)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = ("data", "city", "number", "correlation", "reason", "destination")
    failures.expect("the bridge reads what was put",
                    [{name: event[name] for name in names if name in event} for event in events]
                    == [{"data": {"NO": "000042"}, "city": "München", "number": "-42",
                         "correlation": "A5" * 24},
                        {"data": {"NO": "000043"}, "reason": "2053",
                         "destination": "WHERE.IT.WENT"}], done.stdout + done.stderr)
    output, is_good = run_check(binding, "events_are_read")
    failures.expect("events_are_read", is_good, output)


def on_double(build, library, run):
    with tempfile.TemporaryDirectory() as folder, \
            QueueManager(build / "bin" / "mq_double", folder, DEFINITION):
        failures = Failures()
        run(Binding(build / library, "QM1"), failures)
        return failures.found


def on_real(library, run):
    failures = Failures()
    run(Binding(pathlib.Path(library).parent, os.environ["COPYBRIDGE_MQ_QUEUE_MANAGER"]), failures)
    return failures.found


def wrong(build):
    """What the wrong double must be found out by, and what it must still do."""
    found = on_double(build, "mq_double_wrong", lambda binding, failures: (
        samples(binding, failures), checks(binding, failures, False)))
    must_fail = {"amqsprop", "text_is_converted", "bytes_and_ids_survive", "properties_come_back"}
    must_pass = {"amqsput", "amqsinq", "a_small_buffer_is_told_the_length"}
    return [f"{name} did not find the wrong double" for name in must_fail - set(found)] + [
        f"{name} fails for another reason" for name in must_pass & set(found)]


def main():
    build, cases = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    real = os.environ.get("COPYBRIDGE_MQ_LIBRARY")
    found = []
    for case in cases:
        if case == "wrong":
            found += wrong(build)
            continue
        run = {"samples": samples,
               "checks": lambda binding, failures: checks(binding, failures, not real),
               "bridge": lambda binding, failures: bridge(build, binding, failures)}[case]
        found += on_real(real, run) if real else on_double(build, "mq_double_client", run)
    if found:
        sys.exit("FAILED: " + ", ".join(found))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main()
