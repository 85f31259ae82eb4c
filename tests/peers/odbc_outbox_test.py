#!/usr/bin/env python3
"""The real binary between outbox tables of a real PostgreSQL, and of SQLite, and an HTTP endpoint.

ordered     rows arrive in the order of their ids and leave the table; one that fits no copybook is
            a dead letter
marked      the same with a status in place of deletion
late        a transaction with lower ids commits after higher ones were sent
shared      two bridges, one of them with three instances, share a table: nothing twice
killed      the bridge is killed at every place: nothing is missing, repeats have the same id
poison      a row that kills the bridge becomes a dead letter, its neighbours arrive
lost        the database is stopped and started while the bridge reads
outage      the endpoint is away: rows are unlocked, and come when it is back
inbox       records that are encoded to a table, killed between: each row is there once

usage: odbc_outbox_test.py BINARY [DATABASE[:CASE]…]
"""
import collections
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / "faults"), str(TESTS / "support")]
from bridge_process import LIMIT_S, Process, check  # noqa: E402
from driver_test import Endpoint  # noqa: E402
from postgresql import PostgreSql, binaries  # noqa: E402

ROWS = 300
BAD = 77
PLACES = ["batch_read:{}", "batch_decoded:{}", "publish_started:{}", "publish_confirmed:{}"]


def record(number):
    """PIC 9(6) and PIC X(4), in EBCDIC."""
    return f"{number:06}ABÄ ".encode("cp273")


class Sqlite:
    payload = "BLOB"

    def __init__(self, folder):
        self.file = folder / "outbox.db"
        self.sql("PRAGMA journal_mode = WAL")

    def sql(self, text, values=()):
        with sqlite3.connect(self.file, timeout=30) as database:
            return [str(row[0]) for row in database.execute(text, values)]

    def insert(self, rows):
        with sqlite3.connect(self.file, timeout=30) as database:
            database.executemany("INSERT INTO outbox (id, payload) VALUES (?, ?)", rows)

    def connection(self):
        return f"Driver=SQLite3;Timeout=20000;Database={self.file}"

    def close(self):
        pass


class Postgres:
    payload = "BYTEA"

    def __init__(self, folder):
        self.server = PostgreSql(folder / "pg")
        self.sql = self.server.sql
        self.connection = self.server.connection

    def insert(self, rows):
        values = ",".join(f"({id_},'\\x{payload.hex()}')" for id_, payload in rows)
        self.sql(f"INSERT INTO outbox (id, payload) VALUES {values}")

    def close(self):
        self.server.stop()


class World:
    def __init__(self, binary, folder, database):
        self.binary, self.folder, self.database = binary, folder, database
        self.endpoint = Endpoint()
        (folder / "pay.cpy").write_text("       01 PAY.\n          05 NO PIC 9(6).\n"
                                        "          05 TAG PIC X(4).\n")
        (folder / "pay.yaml").write_text("name: pay\ncopybook: pay.cpy\ncodepage: IBM-273\n"
                                         "event: {type: com.example.pay}\n")

    def fill(self, rows=ROWS, bad=BAD):
        self.database.sql(f"CREATE TABLE outbox (id BIGINT PRIMARY KEY, "
                          f"payload {self.database.payload}, state VARCHAR(10))")
        self.expected = {number for number in range(1, rows + 1) if number != bad}
        # The order in which they were written is not that of their ids.
        self.database.insert([(number, b"\x01" if number == bad else record(number))
                              for number in range(rows, 0, -1)])

    def bridge(self, name="one", more="", extra=""):
        path = self.folder / f"{name}.yaml"
        user = "" if isinstance(self.database, Sqlite) else ", user: postgres"
        path.write_text(
            f"state: state-{name}\nlog: {{format: json, summary_interval_ms: 100}}\n"
            "delivery: {retry_initial_ms: 2, retry_max_ms: 20}\n"
            "adapters:\n  rows: {kind: odbc-outbox, table: outbox, poll_interval_ms: 20,"
            f" batch_records_max: 20, connection: '{self.database.connection()}'{user}{more}}}\n"
            f"publishers:\n  web: {{kind: http, url: '{self.endpoint.url}', mode: batch}}\n"
            f"routes:\n  - {{from: rows, mappings: [pay.yaml], to: [web]}}\n{extra}")
        return path

    def run(self, path, more=None, until_idle=True):
        words = ["--until-idle", "--give-up-after", "60"] if until_idle else []
        return Process(self.binary, "run", path, *words, env={**os.environ, **(more or {})})

    def run_whole(self, path, code=2):
        process = self.run(path)
        ended = process.end()
        check(ended == code, f"it ended with {ended}:\n" + "".join(process.lines[-20:]))
        return process

    def letters(self, name="one"):
        listed = subprocess.run([self.binary, "dead-letters", "list",
                                 self.folder / f"{name}.yaml", "--json"],
                                capture_output=True, text=True, timeout=LIMIT_S, check=True)
        return [json.loads(line)["id"] for line in listed.stdout.splitlines()]

    def numbers(self):
        return [data["NO"] for _, data in self.endpoint.taken]

    def check_arrived(self, may_repeat=False):
        ids = collections.defaultdict(set)
        for identity, data in self.endpoint.taken:
            ids[data["NO"]].add(identity)
            check(data["TAG"] == "ABÄ", f"the record is not as it was: {data}")
        check(ids.keys() == self.expected, f"missing {sorted(self.expected - ids.keys())[:5]}, "
                                           f"invented {sorted(ids.keys() - self.expected)[:5]}")
        check(all(found == {f"rows/{number}/pay"} for number, found in ids.items()), "the ids")
        repeats = len(self.endpoint.taken) - len(ids)
        check(may_repeat or repeats == 0, f"{repeats} repeats")
        return repeats

    def check_empty(self):
        left = self.database.sql("SELECT COUNT(*) FROM outbox")
        check(left == ["0"], f"{left} rows are left")


def ordered(world):
    world.fill()
    world.run_whole(world.bridge())
    world.check_arrived()
    check(world.numbers() == sorted(world.numbers()), "the order")
    check(world.letters() == [f"rows/{BAD}/pay"], f"dead letters: {world.letters()}")
    world.check_empty()


def marked(world):
    world.fill()
    world.database.sql("UPDATE outbox SET state = 'OLD' WHERE id <= 10")
    world.expected -= set(range(1, 11))
    world.run_whole(world.bridge(more=", after: mark, status_column: state, status_done: SENT,"
                                      " status_dead: BAD"))
    world.check_arrived()
    states = world.database.sql("SELECT state || ' ' || COUNT(*) FROM outbox GROUP BY state "
                                "ORDER BY state")
    check(states == ["BAD 1", "OLD 10", f"SENT {ROWS - 11}"], f"states: {states}")


def late(world):
    """Ids are taken before their transactions commit, and may commit in another order."""
    world.fill(rows=20, bad=0)
    world.database.sql("DELETE FROM outbox WHERE id <= 5")
    process = world.run(world.bridge(), until_idle=False)
    world.endpoint.wait_until(lambda it: len(it.taken) == 15)
    if isinstance(world.database, Postgres):
        server = world.database.server
        session = subprocess.Popen(
            [str(binaries() / "psql"), "-h", str(server.folder), "-U", "postgres", "-X", "-q",
             "-A", "-t", "-d", "postgres"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        rows = ",".join(f"({n},'\\x{record(n).hex()}')" for n in range(1, 6))
        session.stdin.write(f"BEGIN; INSERT INTO outbox (id, payload) VALUES {rows};"
                            "SELECT 'waits';\n")
        session.stdin.flush()
        check(session.stdout.readline() == "waits\n", "the transaction is not open")
        world.database.insert([(21, record(21))])
        world.endpoint.wait_until(lambda it: len(it.taken) == 16)
        session.communicate("COMMIT;\n", LIMIT_S)
    else:
        world.database.insert([(21, record(21))])
        world.endpoint.wait_until(lambda it: len(it.taken) == 16)
        world.database.insert([(number, record(number)) for number in range(1, 6)])
    world.expected.add(21)
    world.endpoint.wait_until(lambda it: len(it.taken) == 21)
    check(process.end(signal.SIGTERM) == 0, "the exit code")
    world.check_arrived()
    world.check_empty()


def shared(world):
    world.fill(rows=2000, bad=0)
    bridges = [world.run(world.bridge("one")), world.run(world.bridge("two", ", instances: 3"))]
    for process in bridges:
        check(process.end() == 0, "a bridge fails:\n" + "".join(process.lines[-20:]))
    world.check_arrived()
    world.check_empty()


def killed(world):
    world.fill()
    path = world.bridge()
    for place in PLACES:
        for nth in (1, 3):
            process = world.run(path, {"COPYBRIDGE_CRASH_AT": place.format(nth)})
            code = process.end()
            check(code == -signal.SIGKILL, f"{place} ended with {code}:\n"
                  + "".join(process.lines[-20:]))
    process = world.run(path)
    check(process.end() in (0, 2), "the last run:\n" + "".join(process.lines[-20:]))
    world.check_empty()
    check(world.letters() == [f"rows/{BAD}/pay"], f"dead letters: {world.letters()}")
    return world.check_arrived(may_repeat=True)


def poison(world):
    world.fill(bad=0)
    path = world.bridge()
    for start in range(1, 7):
        process = world.run(path, {"COPYBRIDGE_ABORT_ON": 'record_decoded:"NO":123,'})
        code = process.end()
        if code != -signal.SIGABRT:
            break
    check(start > 1 and code == 2, f"start {start} ended with {code}:\n"
          + "".join(process.lines[-20:]))
    check(world.letters() == ["rows/123/-"], f"dead letters: {world.letters()}")
    world.expected.remove(123)
    world.check_arrived(may_repeat=True)
    world.check_empty()


def lost(world):
    world.fill(bad=0)
    process = world.run(world.bridge(), until_idle=False)
    world.endpoint.wait_until(lambda it: len(it.taken) == ROWS)
    world.database.server.stop()
    process.wait_for('"source_lost"')
    world.database.server.start()
    world.database.insert([(ROWS + 1, record(ROWS + 1))])
    world.expected.add(ROWS + 1)
    world.endpoint.wait_until(lambda it: (f"rows/{ROWS + 1}/pay") in {i for i, _ in it.taken})
    process.wait_for('"source_recovered"')
    check(process.end(signal.SIGTERM) == 0, "the exit code")
    world.check_arrived(may_repeat=True)
    world.check_empty()


def outage(world):
    world.fill(bad=0)
    world.endpoint.ways = ["unavailable"]
    process = world.run(world.bridge(more=", unit_age_max_ms: 100"))
    process.wait_for('"unit_backed_out"')
    # Another transaction may have the rows meanwhile.
    world.database.sql("DELETE FROM outbox WHERE id = 1")
    world.expected.remove(1)
    world.endpoint.ways = ["accept"]
    check(process.end() == 0, "the exit code:\n" + "".join(process.lines[-20:]))
    late_one = [data for _, data in world.endpoint.taken if data["NO"] == 1]
    world.expected |= {1} if late_one else set()
    world.check_arrived(may_repeat=True)
    world.check_empty()


def inbox(world):
    """JSON lines to records to rows; a run that was killed is repeated as a whole."""
    is_sqlite = isinstance(world.database, Sqlite)
    world.database.sql("CREATE TABLE inbox (id VARCHAR(200) PRIMARY KEY, "
                       f"payload {world.database.payload}, kind VARCHAR(100))")
    lines = "".join(json.dumps({"NO": number, "TAG": "ABÄ"}) + "\n" for number in range(1, 101))
    (world.folder / "in.jsonl").write_text(lines)
    user = "" if is_sqlite else ", user: postgres"
    path = world.folder / "inbox.yaml"
    path.write_text(
        "state: state-inbox\nadapters:\n  lines: {kind: file, path: in.jsonl, recfm: line, line_end: lf,"
        " settle_time_ms: 0}\npublishers:\n"
        "  table: {kind: odbc-outbox, table: inbox, type_column: kind, batch_events_max: 10,"
        f" connection: '{world.database.connection()}'{user}}}\n"
        "routes:\n  - {from: lines, mappings: [pay.yaml], to: [table], encode: yes}\n")
    for place in ("publish_confirmed:2", "publish_started:4"):
        process = world.run(path, {"COPYBRIDGE_CRASH_AT": place})
        check(process.end() == -signal.SIGKILL, "it was not killed:\n"
              + "".join(process.lines[-20:]))
    world.run_whole(path, code=0)
    form = "hex(payload)" if is_sqlite else "upper(encode(payload, 'hex'))"
    found = world.database.sql(f"SELECT {form} FROM inbox ORDER BY payload")
    expected = [record(number).hex().upper() for number in range(1, 101)]
    check(found == expected, f"{len(found)} rows, the first {found[:2]}")
    kinds = world.database.sql("SELECT DISTINCT kind FROM inbox")
    check(kinds == ["com.example.pay"], f"types: {kinds}")


CASES = {case.__name__: case
         for case in (ordered, marked, late, shared, killed, poison, lost, outage, inbox)}
DATABASES = {"postgresql": Postgres, "sqlite": Sqlite}


def names_of(word):
    """The cases of a database; SQLite locks no rows, and is nowhere that it could be lost."""
    if ":" in word:
        return [word]
    left_out = {"sqlite": {"shared", "lost"}}.get(word, set())
    return [f"{word}:{case}" for case in CASES if case not in left_out]


def main():
    binary, wanted = sys.argv[1], sys.argv[2:]
    if binaries() is None:
        print("skipped: PostgreSQL is not installed")
        return 77
    names = [name for word in wanted or DATABASES for name in names_of(word)]
    for name in names:
        database, case = name.split(":")
        with tempfile.TemporaryDirectory(prefix="cb-odbc-") as folder:
            folder = pathlib.Path(folder)
            folder.chmod(0o755)
            made = DATABASES[database](folder)
            world = World(binary, folder, made)
            try:
                repeats = CASES[case](world)
            finally:
                world.endpoint.shutdown()
                made.close()
        print(f"   {name}: {'ok' if repeats is None else f'{repeats} repeats'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
