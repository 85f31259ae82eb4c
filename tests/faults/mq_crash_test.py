#!/usr/bin/env python3
"""The real binary between a queue of the MQ double and an HTTP endpoint, killed at every place where
a unit of work may be.

A bridge (or two beside each other) takes records off a queue, one of which fits no copybook, and is
killed by SIGKILL before, in and after MQGET, between get and publish, between publish and commit,
and in MQCMIT before and after it was applied; or its calls fail. Then it runs undisturbed until
the queue is empty: every record must have arrived, repeats only with the same id, and the bad one
must be on the backout queue once.

usage: mq_crash_test.py BINARY MQ_DOUBLE MQTOOL LIBRARY [CASE…]
"""
import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check  # noqa: E402
from driver_test import Endpoint  # noqa: E402

RECORDS = 300
BAD = "BAD"
RUNS_PER_CASE = 3

# What happens to each of the disturbed runs; {} is which of them it is, from 1.
KILLS = {
    "before_get": {"COPYBRIDGE_MQ_FAULTS": "MQGET:KILL:{}5"},
    "after_get": {"COPYBRIDGE_MQ_FAULTS": "MQGET:KILL:{}5:after"},
    "between_get_and_publish": {"COPYBRIDGE_CRASH_AT": "batch_decoded:{}"},
    "while_publishing": {"COPYBRIDGE_CRASH_AT": "publish_started:{}"},
    "between_publish_and_commit": {"COPYBRIDGE_CRASH_AT": "publish_confirmed:{}1"},
    "in_commit_not_applied": {"COPYBRIDGE_MQ_FAULTS": "MQCMIT:KILL:{}"},
    "in_commit_applied": {"COPYBRIDGE_MQ_FAULTS": "MQCMIT:KILL:{}:after"},
    "in_the_move_of_a_dead_letter": {"COPYBRIDGE_MQ_FAULTS": "MQPUT:KILL:1"},
    "after_the_move_of_a_dead_letter": {"COPYBRIDGE_MQ_FAULTS": "MQPUT:KILL:1:after"},
}
FAILURES = {
    "get_fails": "MQGET:2009:33,MQGET:2016:50-52,MQGET:2161:70,MQGET:2024:90",
    "commit_fails_not_applied": "MQCMIT:2009:2,MQCMIT:2003:4",
    "commit_fails_applied": "MQCMIT:2009:2:after,MQCMIT:2549:4:after",
    "connect_fails": "MQCONNX:2059:1-3,MQOPEN:2042:1,MQGET:2009:20,MQCONNX:2538:5",
    "move_fails": "MQPUT:2009:1",
}


class World:
    """A folder with queue manager, endpoint, mapping and bridge files."""

    def __init__(self, programs, directory):
        self.binary, self.double, self.tool, self.library = programs
        self.directory = directory
        (directory / "qm").mkdir()
        (directory / "qm/queue_manager.yaml").write_text(
            "{name: QM, queues: [{name: IN, backout_queue: BACK, backout_threshold: 3},"
            " {name: BACK}]}")
        self.environment = {**os.environ, "COPYBRIDGE_MQ_FOLDER": str(directory / "qm"),
                            "COPYBRIDGE_MQ_LIBRARY": self.library}
        self.queue_manager = Process(self.double, directory / "qm")
        self.queue_manager.wait_for("started")
        self.listener = Process(self.binary, "listen", "--port", "0", "--fail-every", "10",
                                "--fail-status", "500", "--output", directory / "web.jsonl",
                                "--quiet")
        self.url = "http://" + self.listener.wait_for("listening on").split()[2].rstrip(",;") + "/"
        (directory / "note.cpy").write_text("       01 NOTE.\n          05 NO PIC X(6).\n")
        (directory / "note.yaml").write_text(
            "name: note\ncopybook: note.cpy\ncodepage: ISO-8859-1\nevent: {type: com.example.note}\n")
        bodies = [f"{number:06}" for number in range(RECORDS)]
        self.records = set(bodies)
        bodies.insert(RECORDS // 10, BAD)
        self.use_tool("put", "IN", text="\n".join(bodies) + "\n")

    def use_tool(self, *words, text=None):
        done = subprocess.run([self.tool, *words], input=text, capture_output=True, text=True,
                              env=self.environment, timeout=LIMIT_S, check=True)
        return done.stdout

    def bridge(self, name, instances=1):
        path = self.directory / f"{name}.yaml"
        path.write_text(
            f"state: state-{name}\nlog: {{format: json, summary_interval_ms: 100}}\n"
            "delivery: {retry_initial_ms: 2, retry_max_ms: 20}\n"
            f"adapters:\n  notes: {{kind: ibm-mq, queue: IN, library: {self.library},"
            f" batch_records_max: 20, instances: {instances}}}\n"
            f"publishers:\n  web: {{kind: http, url: '{self.url}', mode: structured}}\n"
            "routes:\n  - {from: notes, mappings: [note.yaml], to: [web]}\n")
        return path

    def run(self, name, more=None, instances=1):
        return Process(self.binary, "run", self.bridge(name, instances), "--until-idle", "--give-up-after",
                       "60", env={**self.environment, **(more or {})})

    def drain(self, name):
        """Undisturbed runs until nothing is left: the unit of a killed process is back at once."""
        process = self.run(name)
        code = process.end()
        check(code in (0, 2), f"the last run ended with {code}:\n" + "".join(process.lines[-20:]))

    def check_ends(self, may_repeat):
        ids, count = collections.defaultdict(set), collections.Counter()
        for line in (self.directory / "web.jsonl").read_text().splitlines():
            event = json.loads(line)
            ids[event["data"]["NO"]].add(event["id"])
            count[event["data"]["NO"]] += 1
        check(ids.keys() == self.records,
              f"missing {sorted(self.records - ids.keys())[:5]},"
              f" invented {sorted(ids.keys() - self.records)[:5]}")
        unequal = [body for body, found in ids.items() if len(found) > 1]
        check(not unequal, f"the same record with several ids: {unequal[:5]}")
        repeats = sum(count.values()) - RECORDS
        check(may_repeat or repeats == 0, f"{repeats} repeats though the bridge was not killed")
        check(self.use_tool("depth", "IN").strip() == "0", "messages are left on the queue")
        moved = self.use_tool("get", "BACK").splitlines()
        check(moved == [BAD], f"on the backout queue: {moved}")
        return repeats

    def close(self):
        for process in (self.listener, self.queue_manager):
            process.end(signal.SIGKILL)


def killed(world, case):
    for run in range(1, RUNS_PER_CASE + 1):
        more = {name: text.format(run) for name, text in KILLS[case].items()}
        process = world.run("one", more)
        code = process.end()
        # The move of the bad record is over once it is through.
        is_reached = code == -signal.SIGKILL or (run > 1 and code in (0, 2))
        check(is_reached, f"run {run} ended with {code}:\n" + "".join(process.lines[-20:]))
    world.drain("one")
    return world.check_ends(may_repeat=True)


def failing(world, case):
    process = world.run("one", {"COPYBRIDGE_MQ_FAULTS": FAILURES[case]})
    code = process.end()
    check(code in (0, 2), f"it ended with {code}:\n" + "".join(process.lines[-20:]))
    world.drain("one")
    # The endpoint fails, too: what it refused before it kept anything is no repeat.
    return world.check_ends(may_repeat=False)


def two_bridges(world, _case):
    """Two bridges on one queue, one of them killed again and again."""
    for run in range(1, RUNS_PER_CASE + 1):
        other = world.run("two")
        for case in ("after_get", "in_commit_applied", "between_publish_and_commit"):
            more = {name: text.format(run) for name, text in KILLS[case].items()}
            check(world.run("one", more).end() in (-signal.SIGKILL, 0, 2), "instance one")
        check(other.end() in (0, 2), "instance two")
    world.drain("one")
    return world.check_ends(may_repeat=True)


def outage(world, _case):
    """The endpoint is away: one back-out, then nothing is got until it works."""
    endpoint = Endpoint(["unavailable"])
    path = world.bridge("one")
    path.write_text(path.read_text().replace(world.url, endpoint.url).replace("structured", "batch")
                    .replace("batch_records_max: 20", "batch_records_max: 20, unit_age_max_ms: 200"))
    process = Process(world.binary, "run", path, "--until-idle", "--give-up-after", "60",
                      env=world.environment)
    process.wait_for('"unit_backed_out"')
    probes = endpoint.requests + 10
    endpoint.wait_until(lambda it: it.requests >= probes)
    check(world.use_tool("depth", "IN").strip() == str(RECORDS + 1), "the queue is read in an outage")
    endpoint.ways = ["accept"]
    check(process.end() == 2, "the exit code")
    check(len(process.events("unit_backed_out")) == 1, "it was backed out more than once")
    (world.directory / "web.jsonl").write_text("".join(
        json.dumps({"id": identity, "data": data}) + "\n" for identity, data in endpoint.taken))
    return world.check_ends(may_repeat=True)


def full_spool(world, _case):
    """A spool without room does not hold a unit of work longer than the source allows."""
    (world.directory / "note.cpy").write_text(
        "       01 NOTE.\n          05 NO PIC X(6).\n          05 REST PIC X(5994).\n")
    world.use_tool("get", "IN")
    world.records = {f"{number:06}" for number in range(4000)}
    world.use_tool("put", "IN", text="".join(f"{no}{'x' * 5994}\n" for no in sorted(world.records)))
    endpoint = Endpoint(["unavailable"])
    path = world.bridge("one")
    path.write_text(path.read_text().replace(world.url, endpoint.url).replace("structured", "batch")
                    .replace("batch_records_max: 20", "batch_records_max: 200, unit_age_max_ms: 300,"
                             " spool: yes, spool_bytes_max: 16777216"))
    process = Process(world.binary, "run", path, "--until-idle", "--give-up-after", "60",
                      env=world.environment)
    line = json.loads(process.wait_for('"unit_backed_out"'))
    check(line["endpoints"] == "spool" and line["age_ms"] >= 300, f"backed out: {line}")
    depth = world.use_tool("depth", "IN")
    probes = endpoint.requests + 10
    endpoint.wait_until(lambda it: it.requests >= probes)
    check(int(depth) > 1000, f"{depth} messages on the queue: it was not full")
    check(world.use_tool("depth", "IN") == depth, "the queue is read while the spool is full")
    check(len(process.events("unit_backed_out")) == 1, "it was backed out more than once")
    endpoint.ways = ["accept"]
    check(process.end() == 0, "the exit code")
    taken = dict(endpoint.taken)
    check({data["NO"] for data in taken.values()} == world.records, f"{len(taken)} arrived")
    check(world.use_tool("depth", "IN").strip() == "0", "messages are left on the queue")
    return len(endpoint.taken) - len(world.records)


def by_message(world, _case):
    """The code page that messages say, through a spool: what the queue had is read from there."""
    mapping = world.directory / "note.yaml"
    mapping.write_text(mapping.read_text().replace("ISO-8859-1", "from-message"))
    path = world.bridge("one")
    path.write_text(path.read_text().replace("instances: 1", "spool: yes"))
    process = Process(world.binary, "run", path, "--until-idle", "--give-up-after", "60",
                      env=world.environment)
    check(process.end() == 2, "the exit code:\n" + "".join(process.lines[-20:]))
    taken = {json.loads(line)["data"]["NO"]
             for line in (world.directory / "web.jsonl").read_text().splitlines()}
    check(taken == world.records, f"{len(taken)} of {len(world.records)} arrived")
    check(not process.events("message_form_differs"), "the mapping has no code page to differ")
    return 0


def other_form(world, _case):
    """A mapping with another code page than the messages say: one line, and the mapping counts."""
    process = world.run("one")
    check(process.end() == 2, "the exit code:\n" + "".join(process.lines[-20:]))
    told = process.events("message_form_differs")
    check(len(told) == 1 and told[0]["queue"] == "IN" and told[0]["mapping"] == "note",
          f"told: {told}")
    return world.check_ends(may_repeat=False)


def instances_of_one(world, _case):
    """Three connections of one bridge, killed with all their units of work."""
    for run in range(1, RUNS_PER_CASE + 1):
        more = {name: text.format(run + 2) for name, text in KILLS["in_commit_applied"].items()}
        check(world.run("one", more, instances=3).end() in (-signal.SIGKILL, 0, 2), "a run")
    process = world.run("one", instances=3)
    check(process.end() in (0, 2), "the last run:\n" + "".join(process.lines[-20:]))
    check(len(process.events("queue_opened")) == 3, "not every instance has a connection")
    return world.check_ends(may_repeat=True)


def main():
    programs, wanted = sys.argv[1:5], sys.argv[5:]
    cases = {**{case: killed for case in KILLS}, **{case: failing for case in FAILURES},
             "two_bridges": two_bridges, "instances_of_one": instances_of_one, "outage": outage,
             "full_spool": full_spool, "by_message": by_message, "other_form": other_form}
    for case in wanted or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-mq-") as name:
            world = World(programs, pathlib.Path(name))
            try:
                repeats = cases[case](world, case)
            finally:
                world.close()
        print(f"ok: {case}: {RECORDS} records, {repeats} repeats with equal ids", flush=True)


if __name__ == "__main__":
    main()
