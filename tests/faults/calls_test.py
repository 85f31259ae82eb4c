#!/usr/bin/env python3
"""Calls over HTTP to a program behind a queue: the real binary, the double of IBM MQ, a program that
answers as COBOL programs do, and curl.

Every call is answered what it is to be answered, a request is put once, and no reply is lost: what
nobody waits for any more is a dead letter.

usage: calls_test.py BINARY MQ_DOUBLE MQTOOL RESPONDER LIBRARY [CASE…]
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

REQUEST = """\
       01  REQ.
           05 ACCT-ID  PIC 9(6).
           05 COMMAND  PIC X(4).
"""
REPLY = """\
       01  REP.
           05 RETURN-CODE-X  PIC X(2).
           05 ACCT-ID        PIC 9(6).
           05 BALANCE        PIC S9(7)V99 COMP-3.
"""
TYPE = "event: {type: com.example.call}\n"
PAGE = "codepage: IBM-037\n"
DEADLINE_MS = 400
LONG_MS = 30000


class Responder:
    """The program; what it has got."""

    def __init__(self, world):
        self.output = (world.directory / "requests.txt").open("a+")
        self.child = subprocess.Popen(world.responder, stdout=self.output, stderr=subprocess.PIPE,
                                      text=True, env=world.environment)
        world.children.append(self.child)
        check(self.child.stderr.readline() == "started\n", "the responder does not start")

    def kill(self):
        self.child.kill()
        self.child.wait()


class World:
    """Bridges `a` and `b` in a folder, and a broker: what a broker's kind decides, its class says."""

    def __init__(self, binary, directory):
        self.binary, self.directory, self.children = binary, directory, []
        self.environment = dict(os.environ)

    def write_bridges(self, publisher, lead="", errors="failure.yaml"):
        """`lead`: items of the reply before its own."""
        (self.directory / "req.cpy").write_text(REQUEST)
        (self.directory / "rep.cpy").write_text(REPLY.replace("REP.\n", "REP.\n" + lead))
        (self.directory / "abend.cpy").write_text("       01  ABEND-TEXT PIC X(20).\n")
        (self.directory / "abend.yaml").write_text(
            f"name: abend\ncopybook: abend.cpy\n{PAGE}match_source:"
            " {mq-cih-return-code: ['5'], mq-cih-abend-code: ASRA}\n" + TYPE)
        (self.directory / "request.yaml").write_text(
            f"name: request\ncopybook: req.cpy\n{PAGE}{TYPE}")
        (self.directory / "reply.yaml").write_text(
            f"name: reply\ncopybook: rep.cpy\n{PAGE}match: RETURN-CODE-X = '00'\n{TYPE}")
        (self.directory / "failure.yaml").write_text(
            f"name: failure\ncopybook: rep.cpy\n{PAGE}match: RETURN-CODE-X = '08'\n{TYPE}")
        # One adapter: a queue of its own bears no second reader.
        for name in ("a", "b"):
            (self.directory / f"{name}.yaml").write_text(
                f"state: state-{name}\nlog: {{summary_interval_ms: 100}}\nadapters:\n"
                "  calls: {kind: http, listen: '127.0.0.1:0', paths: [/account, /patient]}\n"
                f"publishers:\n  calls: {publisher}\nroutes:\n"
                "  - {from: calls, mappings: [request.yaml], to: [calls], encode: yes,\n"
                f"     reply: {{mappings: [reply.yaml], errors: [{errors}],"
                f" deadline_ms: {DEADLINE_MS}}}}}\n")

    def end(self):
        for child in self.children:
            child.kill()
            child.wait()

    def set_deadline(self, milliseconds):
        for name in ("a", "b"):
            file = self.directory / f"{name}.yaml"
            file.write_text(file.read_text().replace(f"deadline_ms: {DEADLINE_MS}",
                                                     f"deadline_ms: {milliseconds}"))

    def start(self, name="a"):
        bridge = Process(self.binary, "run", self.directory / f"{name}.yaml", env=self.environment)
        self.children.append(bridge.child)
        bridge.port = json.loads(bridge.wait_for('"listening"'))["port"]
        return bridge

    def curl(self, bridge, account, command, *more):
        return subprocess.Popen(
            ["curl", "-sS", "--max-time", str(LIMIT_S), "-w", "\n%{http_code}", *more,
             "-H", "Content-Type: application/json",
             "-d", json.dumps({"ACCT-ID": account, "COMMAND": command}),
             f"http://127.0.0.1:{bridge.port}/account"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment)

    def requests(self):
        return (self.directory / "requests.txt").read_text().splitlines()

    def dead_letters(self, name="a"):
        done = subprocess.run([self.binary, "dead-letters", "list", self.directory / f"{name}.yaml",
                               "--json"],
                              capture_output=True, text=True, timeout=LIMIT_S, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


class MqWorld(World):
    def __init__(self, programs, directory, replies="own", correlation="msg-id",
                 more="", **layout):
        binary, self.double, self.tool, responder, library = programs
        super().__init__(binary, directory)
        self.responder = [responder, "REQUESTS"]
        (directory / "qm").mkdir()
        (directory / "qm/queue_manager.yaml").write_text(
            "{name: QM, queues: [{name: REQUESTS}, {name: REPLIES}]}")
        self.environment |= {"COPYBRIDGE_MQ_FOLDER": str(directory / "qm"),
                             "COPYBRIDGE_MQ_LIBRARY": library}
        self.start_broker()
        self.write_bridges(f"{{kind: ibm-mq, queue: REQUESTS, reply_to_queue: REPLIES, library:"
                           f" '{library}', reply_queue: {replies}, reply_correl_id: {correlation}{more}}}", **layout)

    def start_broker(self):
        self.queue_manager = Process(self.double, self.directory / "qm")
        self.queue_manager.wait_for("started")

    def kill_broker(self):
        self.queue_manager.end(signal.SIGKILL)

    def depth(self, queue):
        done = subprocess.run([self.tool, "depth", queue], capture_output=True, text=True,
                              env=self.environment, timeout=LIMIT_S, check=True)
        return int(done.stdout)

    def end(self):
        self.kill_broker()
        super().end()


def answer_of(process):
    """Status and body; status 0 where the connection ended."""
    output, error = process.communicate(timeout=LIMIT_S)
    body, _, status = output.rpartition("\n")
    return int(status or 0), body if body else error


def call(world, bridge, account, command, *more):
    return answer_of(world.curl(bridge, account, command, *more))


def ready(world, bridge):
    """Waits until the reply queue is open."""
    limit = time.monotonic() + LIMIT_S
    while time.monotonic() < limit:
        status, body = call(world, bridge, 0, "READ")
        if status == 200:
            return
        check(status == 503, f"{status} {body}")
    check(False, "the reply queue is never open")


def wait_until(condition, message):
    limit = time.monotonic() + LIMIT_S
    while not condition():
        check(time.monotonic() < limit, message)


def stop(bridge):
    check(bridge.end(signal.SIGTERM) == 0, "the bridge does not end well:\n"
          + "".join(bridge.lines[-20:]))
    return bridge.events("calls")[-1]


def answers(world):
    """Right answers, errors of the program, and what cannot be read or sent."""
    world.set_deadline(LONG_MS)
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    before = len(world.requests())
    status, body = call(world, bridge, 123456, "READ")
    check((status, body) == (200, '{"RETURN-CODE-X":"00","ACCT-ID":123456,"BALANCE":154320.00}'),
          f"{status} {body}")
    status, body = call(world, bridge, 8, "FAIL")
    check(status == 502 and json.loads(body)["RETURN-CODE-X"] == "08", f"{status} {body}")
    status, body = call(world, bridge, 9, "JUNK")
    check(status == 502 and "cannot be read" in body, f"{status} {body}")
    status, body = call(world, bridge, 1234567, "READ")
    check(status == 400 and "ACCT-ID" in body, f"{status} {body}")
    check(len(world.requests()) == before + 3, "requests are not what was called")
    status, body = call(world, bridge, 7, "TWIN")
    check(status == 200, f"{status} {body}")
    wait_until(lambda: bridge.events("calls") and bridge.events("calls")[-1]["dead_lettered"] == 2,
               "the second reply is no dead letter")
    totals = stop(bridge)
    check((totals["failed"], totals["invalid"]) == (2, 1), totals)
    check(sorted(letter["reason"] for letter in world.dead_letters()) ==
          ["reply: no mapping matches it", "reply: nobody waits for it any more"],
          world.dead_letters())
    responder.kill()


def in_flight(world):
    """Hundreds of calls at a time, each with its own answer."""
    world.set_deadline(LONG_MS)
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    count = 300
    config = ""
    for number in range(1, count + 1):
        command = "FREE" if number == count else "HOLD"
        data = json.dumps({"ACCT-ID": number, "COMMAND": command}).replace('"', '\\"')
        config += (f'url = "http://127.0.0.1:{bridge.port}/account"\ndata = "{data}"\n'
                   'header = "Content-Type: application/json"\n'
                   f'output = "{world.directory}/{number}.json"\nnext\n')
    held = config.rsplit("url", 1)[0].rstrip()
    (world.directory / "curl.txt").write_text(held.removesuffix("next"))
    many = subprocess.Popen(["curl", "-sS", "-Z", "--parallel-immediate", "--parallel-max", "300",
                             "--max-time", str(LIMIT_S), "-K", world.directory / "curl.txt"])
    wait_until(lambda: sum("HOLD" in line for line in world.requests()) == count - 1,
               "not all requests are there")
    check(call(world, bridge, count, "FREE")[0] == 200, "the last call is not answered")
    check(many.wait(LIMIT_S) == 0, "curl fails")
    for number in range(1, count):
        answer = json.loads((world.directory / f"{number}.json").read_text())
        check((answer["ACCT-ID"], answer["BALANCE"]) == (number, number * 1.25), answer)
    check(stop(bridge)["dead_lettered"] == 0, "a reply is a dead letter")
    responder.kill()


def deadline(world):
    """After the deadline 504; the request is not put again, its reply is a dead letter."""
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    status, body = call(world, bridge, 77, "HOLD", "-H", "Idempotency-Key: once")
    check(status == 504, f"{status} {body}")
    check(call(world, bridge, 77, "HOLD", "-H", "Idempotency-Key: once")[0] == 504,
          "the repeat is not answered as the first one")
    check(sum("HOLD" in line for line in world.requests()) == 1, "the request was put twice")
    expiry = [int(line.split()[2]) for line in world.requests() if "HOLD" in line]
    check(0 < expiry[0] <= DEADLINE_MS // 100, f"expiry {expiry}")
    check(call(world, bridge, 1, "FREE")[0] == 200, "the program does not answer any more")
    wait_until(lambda: bridge.events("calls") and bridge.events("calls")[-1]["dead_lettered"] == 1,
               "the late reply is no dead letter")
    check(stop(bridge)["expired"] == 1, "expired calls are not counted")
    check(world.depth("REPLIES") == 0, "a reply is left on the queue")
    letters = world.dead_letters()
    check(len(letters) == 1 and letters[0]["source"] == "calls", letters)
    responder.kill()


def repeats(world):
    """A call that comes again while the first one is under way is not put again."""
    world.set_deadline(LONG_MS)
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    key = ("-H", "Idempotency-Key: k1")
    both = [world.curl(bridge, 5, "HOLD", *key), world.curl(bridge, 5, "HOLD", *key)]
    wait_until(lambda: any("HOLD" in line for line in world.requests()), "no request comes")
    check(call(world, bridge, 6, "HOLD", *key)[0] == 422, "another body is taken for a repeat")
    check(call(world, bridge, 1, "FREE")[0] == 200, "the program does not answer")
    check([answer_of(one) for one in both] == [(200, both_body(5))] * 2, "the answers differ")
    check(call(world, bridge, 5, "HOLD", *key) == (200, both_body(5)), "a repeat is not known")
    check(sum("HOLD" in line for line in world.requests()) == 1, "the request was put twice")
    stop(bridge)
    responder.kill()


def both_body(account):
    return json.dumps({"RETURN-CODE-X": "00", "ACCT-ID": account}, separators=(",", ":"))[:-1] + \
        f',"BALANCE":{account * 1.25:.2f}}}'


def responder_killed(world):
    """The program dies: 504, and calls are answered again when it is back."""
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    responder.kill()
    check(call(world, bridge, 4, "READ")[0] == 504, "a call without a program is answered")
    responder = Responder(world)
    ready(world, bridge)
    stop(bridge)
    responder.kill()


def drains(world):
    """SIGTERM: no new calls, those under way are answered before the end."""
    world.set_deadline(LONG_MS)
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    under_way = world.curl(bridge, 5, "HOLD")
    wait_until(lambda: any("HOLD" in line for line in world.requests()), "no request comes")
    bridge.child.send_signal(signal.SIGTERM)
    bridge.wait_for('"stopping"')
    check(call(world, bridge, 6, "READ")[0] in (0, 503), "a stopping bridge takes a call")
    # A call by way of another bridge brings the program to answer.
    other = world.start("b")
    ready(world, other)
    check(call(world, other, 1, "FREE")[0] == 200, "the program does not answer")
    check(answer_of(under_way) == (200, both_body(5)), "the call under way is not answered")
    check(bridge.end() == 0, "the bridge does not end well")
    stop(other)
    responder.kill()


def restart(world):
    """Killed while a call is under way: its reply is a dead letter of the next run."""
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    under_way = world.curl(bridge, 5, "HOLD")
    wait_until(lambda: any("HOLD" in line for line in world.requests()), "no request comes")
    bridge.end(signal.SIGKILL)
    check(answer_of(under_way)[0] == 0, "a call to a dead bridge is answered")
    bridge = world.start()
    ready(world, bridge)
    check(call(world, bridge, 1, "FREE")[0] == 200, "the program does not answer")
    wait_until(lambda: bridge.events("calls") and bridge.events("calls")[-1]["dead_lettered"] == 1,
               "the reply of the run before is no dead letter")
    stop(bridge)
    check(len(world.dead_letters()) == 1, world.dead_letters())
    responder.kill()


def two_bridges(world):
    """One reply queue of two bridges: each gets what is its own, late replies too."""
    responder = Responder(world)
    bridges = {name: world.start(name) for name in ("a", "b")}
    for bridge in bridges.values():
        ready(world, bridge)
    for number in range(20):
        for name, bridge in bridges.items():
            status, body = call(world, bridge, number, "READ")
            check(status == 200 and json.loads(body)["ACCT-ID"] == number, f"{status} {body}")
    check(call(world, bridges["a"], 5, "HOLD")[0] == 504, "a held call is answered")
    stop(bridges["a"])
    check(call(world, bridges["b"], 1, "FREE")[0] == 200, "the program does not answer")
    check(world.depth("REPLIES") == 1, "the other bridge took what is not its own")
    bridges["a"] = world.start("a")
    wait_until(lambda: world.depth("REPLIES") == 0, "the late reply stays on the queue")
    totals = {name: stop(bridge)["dead_lettered"] for name, bridge in bridges.items()}
    check(totals == {"a": 1, "b": 0}, totals)
    responder.kill()


def broker_away(world):
    """Away: 503 at once, nothing is put; back: calls go on."""
    world.set_deadline(LONG_MS)
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    world.kill_broker()
    responder.kill()
    status, body = call(world, bridge, 3, "READ")
    while status == 504:
        status, body = call(world, bridge, 3, "READ")
    check(status == 503, f"{status} {body}")
    world.start_broker()
    responder = Responder(world)
    ready(world, bridge)
    stop(bridge)
    responder.kill()


def cics(world):
    """A CICS program by DPL, and its abend."""
    world.set_deadline(LONG_MS)
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    check(call(world, bridge, 123456, "READ") ==
          (200, '{"RETURN-CODE-X":"00","ACCT-ID":123456,"BALANCE":154320.00}'), "no right answer")
    status, body = call(world, bridge, 8, "ABND")
    check((status, json.loads(body)) == (502, {"ABEND-TEXT": "E" * 20}), f"{status} {body}")
    stop(bridge)
    responder.kill()


def ims(world):
    """An IMS transaction: LL and ZZ of the reply's segment are its first items."""
    world.set_deadline(LONG_MS)
    responder = Responder(world)
    bridge = world.start()
    ready(world, bridge)
    status, body = call(world, bridge, 7, "READ")
    check((status, json.loads(body)) ==
          (200, {"LL": 17, "ZZ": 0, "RETURN-CODE-X": "00", "ACCT-ID": 7, "BALANCE": 8.75}),
          f"{status} {body}")
    stop(bridge)
    responder.kill()


COMMON = (answers, in_flight, deadline, repeats, responder_killed, restart, broker_away)
CASES = {case.__name__: (case, {}) for case in COMMON}
CASES["two_bridges"] = (two_bridges, {"replies": "shared"})
CASES["drains"] = (drains, {"replies": "shared"})
CASES["in_flight_shared"] = (in_flight, {"replies": "shared"})
HOST = ", ccsid: 37, encoding: s390"
CASES["cics"] = (cics, {"errors": "abend.yaml, failure.yaml", "more":
                        HOST + ", header: cics, program: ACCTINQ, correl_id: new-session"})
CASES["ims"] = (ims, {"more": HOST + ", header: ims, transaction: ACCTINQ", "lead":
                      "           05 LL PIC S9(4) COMP.\n           05 ZZ PIC S9(4) COMP.\n"})
CASES["passed_correl_id"] = (answers, {"correlation": "correl-id"})


def run_cases(make_world, cases):
    """`make_world(folder, **options)` for each case in turn."""
    for name, (case, options) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            world = make_world(pathlib.Path(folder), **options)
            try:
                case(world)
            finally:
                world.end()
        print(f"{name}: {case.__doc__}")


def main(programs, names):
    run_cases(lambda folder, **options: MqWorld(programs, folder, **options),
              {name: CASES[name] for name in names or CASES})


if __name__ == "__main__":
    main(sys.argv[1:6], sys.argv[6:])
