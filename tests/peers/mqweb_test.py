#!/usr/bin/env python3
"""The adapter and the publisher ibm-mq-rest with the real binary and the double of mqweb.

passage   text messages become records with their attributes, and leave the queue; what is no text
          stays, is said once, and does not stop what lies behind it
cut       a DELETE whose answer is lost is not repeated blindly: another message with the same MsgId
          is delivered, not deleted
kills     killed before a DELETE, nothing is missing and repeats have equal ids
put       records become messages: persistent, with a CorrelId of the event's id; a record that is
          no text is a dead letter
refused   a wrong password is said; corrected, the bridge goes on by itself

usage: mqweb_test.py BINARY [CASE…]
"""
import json
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(SOURCE / "tests/support"), str(SOURCE / "tests/faults")]
import mqweb_double  # noqa: E402
from bridge_process import LIMIT_S, Process, check  # noqa: E402

USER, PASSWORD = "bridge", "OPEN-SESAME-42"
MAPPING = """\
name: note
copybook: note.cpy
codepage: UTF-8
event: {type: com.example.note, key: NO,
        attributes: {correlation: "{@mq-correl-id}", queue: "{@mq-queue}"}}
"""


def body_of(number, who):
    """A record in UTF-8, where PIC X(10) are ten bytes."""
    return f"{number:06d}{who}" + " " * (10 - len(who.encode()))


class World:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.server = mqweb_double.serve(folder / "mq", USER, PASSWORD)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.inbox = mqweb_double.Queue(folder / "mq/IN")
        self.outbox = mqweb_double.Queue(folder / "mq/OUT")
        (folder / "password").write_text(PASSWORD)
        (folder / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC 9(6).\n"
                                         "          05 WHO PIC X(10).\n")
        (folder / "note.yaml").write_text(MAPPING)

    def queue(self, name):
        return (f"kind: ibm-mq-rest, url: 'http://127.0.0.1:{self.server.server_address[1]}',"
                f" queue_manager: QM.1, queue: {name}, user: {USER},"
                f" password: '${{file:{self.folder}/password}}'")

    def write(self, adapter, publisher, more=""):
        (self.folder / "bridge.yaml").write_text(
            "state: state\nlog: {format: json, summary_interval_ms: 100}\n"
            "delivery: {retry_initial_ms: 5, retry_max_ms: 50, refused_retry_ms: 50,"
            " bad_records_percent: 100}\n"
            f"adapters:\n  in: {{{adapter}}}\npublishers:\n  out: {{{publisher}}}\n"
            f"routes:\n  - {{from: in, mappings: [note.yaml], to: [out]{more}}}\n")

    def write_source(self):
        self.write(self.queue("IN") + ", batch_records_max: 5, poll_interval_ms: 20",
                   f"kind: file, path: '{self.folder}/events.jsonl', format: cloudevents")

    def start(self, crash_at=None, words=("--until-idle", "--give-up-after", "30")):
        environment = {**os.environ, **({"COPYBRIDGE_CRASH_AT": crash_at} if crash_at else {})}
        return Process(self.binary, "run", self.folder / "bridge.yaml", *words, env=environment)

    def run(self, expected=0):
        bridge = self.start()
        code = bridge.end()
        check(code == expected, f"ended with {code}:\n" + "".join(bridge.lines[-20:]))
        return bridge

    def events(self):
        """Of all runs: each begins a file of its own."""
        return [json.loads(line) for path in sorted(self.folder.glob("events*.jsonl"))
                for line in path.read_text().splitlines() if line.endswith("}")]

    def put(self, count, first=1):
        for number in range(first, first + count):
            self.inbox.put(body_of(number, "Käthe"), correlation=f"{number:048d}")

    def check_all(self, count):
        events = self.events()
        ids = {}
        for event in events:
            ids.setdefault(event["id"], set()).add(event["data"]["NO"])
        check(all(len(numbers) == 1 for numbers in ids.values()), "one id for two records")
        found = sorted(next(iter(numbers)) for numbers in ids.values())
        check(found == list(range(1, count + 1)), f"not each record once: {found}")
        check(not self.inbox.files(), "messages are left on the queue")


def passage(world):
    world.inbox.put("no text", form="MQHRF2")
    world.put(3)
    world.inbox.put("", form="        ")
    world.inbox.put(body_of(4, "nobody"), message_id="0" * 48)
    world.put(10, first=4)
    world.write_source()
    bridge = world.run()
    unreadable = bridge.events("message_unreadable")
    check(len(unreadable) == 3, unreadable)
    check(len(world.inbox.files()) == 3, "what cannot be read is not left alone")
    events = world.events()
    check([event["data"]["NO"] for event in events] == list(range(1, 14)), events)
    check(events[0]["data"]["WHO"] == "Käthe" and events[0]["queue"] == "IN" and
          events[0]["correlation"] == f"{1:048d}", events[0])


def cut(world):
    same = "ab" * 24
    world.inbox.put(body_of(1, "first"), message_id=same)
    world.inbox.put(body_of(2, "second"), message_id=same)
    world.write_source()
    world.server.control = {"answers": 1, "status": 0, "method": "DELETE", "done": True}
    world.run()
    world.check_all(2)
    check(len(world.events()) == 2, "a record came twice")
    world.put(1, first=3)
    world.server.control = {"answers": 2, "status": 503, "method": "DELETE"}
    world.run()
    world.check_all(3)


def kills(world):
    world.put(40)
    world.write_source()
    points = ["publish_confirmed:2", "batch_read:3"]
    for point in points * 2:
        code = world.start(point).end()
        check(code == -signal.SIGKILL, f"{point} was not reached: {code}")
    world.run()
    world.check_all(40)
    check(len(world.events()) > 40, "nothing came twice: the test shows nothing")


def put(world):
    records = world.folder / "in.jsonl"
    records.write_text("".join(json.dumps({"NO": number, "WHO": "Zoë"}) + "\n"
                               for number in range(1, 9)))
    world.write(f"kind: file, path: '{records}', recfm: line, line_end: lf, watch: no,"
                " settle_time_ms: 0",
                world.queue("OUT") + ", reply_to_queue: ANSWERS", ", encode: yes")
    world.server.control = {"answers": 3, "status": 503, "method": "POST"}
    world.run()
    messages = [json.loads(file.read_text()) for file in world.outbox.files()]
    check(sorted(message["body"] for message in messages) ==
          [body_of(number, "Zoë") for number in range(1, 9)], messages)
    check({message["persistence"] for message in messages} == {"persistent"} and
          {message["replyTo"] for message in messages} == {"ANSWERS"} and
          len({message["correlationId"] for message in messages}) == 8, messages)
    (world.folder / "note.yaml").write_text(MAPPING.replace("UTF-8", "IBM-037"))
    records.write_text(json.dumps({"NO": 9, "WHO": "x"}) + "\n")
    world.run(expected=2)
    check(len(world.outbox.files()) == 8, "a record in EBCDIC was put as text")


def refused(world):
    world.put(2)
    world.write_source()
    (world.folder / "password").write_text("SHUT-SESAME-41")
    bridge = world.start(words=())
    check("401" in bridge.wait_for("source_lost"), "the refusal is not said")
    (world.folder / "password").write_text(PASSWORD)
    limit = time.monotonic() + LIMIT_S
    while world.inbox.files():
        check(time.monotonic() < limit, "it does not go on with the right password")
        time.sleep(0.05)
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well")
    text = "".join(bridge.lines)
    check(PASSWORD not in text and "SHUT-SESAME-41" not in text, "the log has the password")
    world.check_all(2)


CASES = {case.__name__: case for case in (passage, cut, kills, put, refused)}


def main(binary, names):
    for name in names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            CASES[name](World(binary, pathlib.Path(folder)))
        print("ok:", name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
