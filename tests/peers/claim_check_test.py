#!/usr/bin/env python3
"""The real binary with a claim check: what is too large for an endpoint is in a store, and the endpoint
gets an event that names it.

s3     moto, which verifies signatures; CloudEvents in binary mode
blob   Azurite by Shared Key; CloudEvents in structured mode
lake   a double of a data lake; CloudEvents in binary mode
gcs    a double of Cloud Storage; plain bodies
file   a folder; CloudEvents in binary mode

Of each: an untroubled run; the bridge killed between a body and its event, and behind it; a store that is
away, and comes back. The endpoint answers 413 to what is too large for it. When it is told a name the body
must be there, of the same bytes, whoever else is away; events of a key keep their order; each body is there
once; nothing is a dead letter.

usage: claim_check_test.py BINARY CASE…        (brings itself into the emulators' Python first)
"""
import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(SOURCE / "tests" / "support"), str(SOURCE / "tests" / "peers")]
import cloud_emulators  # noqa: E402
import object_store_test as stores  # noqa: E402
from tcp_proxy import TcpProxy  # noqa: E402

RECORDS, RECORD_BYTES = 300, 200
LARGE_SHARE = 4
POINTS = {"body_stored": ["body_stored:1", "body_stored:20"], "file": ["file_body_named:1"],
          "all": ["publish_confirmed:3", "before_checkpoint:2"]}

BRIDGE = """\
state: state
delivery: {{retry_initial_ms: 5, retry_max_ms: 200, refused_retry_ms: 500, drain_limit_ms: 1000}}
adapters:
  accounts: {{kind: file, path: in/account.dat, recfm: F, lrecl: 200, watch: no, settle_time_ms: 0,
              batch_records_max: 50}}
publishers:
  cloud: {{kind: http, url: 'http://127.0.0.1:{port}/', mode: {mode}, event_bytes_max: {limit},
           claim_check: big}}
  big: {{{options}}}
routes:
  - {{from: accounts, mappings: [{mapping}], to: [cloud]}}
"""
EXPECTED = """\
state: expected/state
adapters:
  accounts: {{kind: file, path: expected/account.dat, recfm: F, lrecl: 200, watch: no, settle_time_ms: 0}}
publishers:
  all: {{kind: file, path: expected/events.jsonl, format: cloudevents}}
routes:
  - {{from: accounts, mappings: [{mapping}], to: [all]}}
"""
check = stores.check


def size_of(line, mode):
    """What the publisher http counts of the event in a line of CloudEvents."""
    event, data = json.loads(line), line[line.index('"data":') + len('"data":'):-1]
    if mode == "structured":
        return len(line.encode())
    beside = 0 if mode == "body" else sum(len(event.get(name, "")) for name in ("id", "subject", "partitionkey"))
    return len(data.encode()) + beside


class Endpoint(http.server.ThreadingHTTPServer):
    """Takes bodies up to a size; notes id, key, data, and what the store has under a name."""
    daemon_threads = True

    def __init__(self, limit, body_under):
        super().__init__(("127.0.0.1", 0), Taker)
        self.limit, self.body_under = limit, body_under
        self.lock, self.taken, self.faults = threading.Lock(), [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """The bridge was killed."""


class Taker(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        is_taken = len(body) <= self.server.limit
        try:
            if is_taken:
                self.note(body)
        except Exception as error:  # What is named is not there.
            self.server.faults.append(repr(error))
        self.send_response(200 if is_taken else 413)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def note(self, body):
        said = self.headers.get("Content-Type")
        event = {name[3:].lower(): urllib.parse.unquote(value)
                 for name, value in self.headers.items() if name.lower().startswith("ce-")}
        if said == "application/cloudevents+json":
            event = json.loads(body)
            body = json.dumps(event["data"]).encode() if "data" in event else b""
        elif not event:  # Bodies alone: who they are of stands beside them.
            event = {"id": urllib.parse.unquote(self.headers["Idempotency-Key"]), **json.loads(body)}
        name = event.get("dataref")
        if name is None:
            data, key = json.loads(body), event.get("partitionkey")
        else:
            is_alone = "specversion" not in event
            if not is_alone and body:
                self.server.faults.append(f"{event['id']} has data beside its dataref: {body[:200]}")
            kept = self.server.body_under(name)
            data, key = json.loads(kept), event.get("partitionkey")
        with self.server.lock:
            self.server.taken.append({"id": event["id"], "key": key, "name": name, "data": data})


def body_in(world):
    """What the store has under a URL; where there is nothing it raises."""
    def body_under(url):
        name = urllib.parse.unquote(url.rpartition("/big/")[2])
        return world.case.get(world.name, "big/" + name)
    return body_under


class World(stores.Bridge):
    """A folder with account records, a bridge, its endpoint, and a bucket of its own."""
    GIVE_UP_S, LIMIT_S = 60, 120

    def __init__(self, binary, folder, case, name):
        super().__init__(binary, folder, name, case.secret)
        self.case = case
        for inside in ("in", "expected"):
            (self.folder / inside).mkdir(parents=True)
            sample = (SOURCE / "mappings/account/sample/account.dat").read_bytes()
            (self.folder / inside / "account.dat").write_bytes(sample[:RECORDS * RECORD_BYTES])
        self.mapping = SOURCE / "mappings/account/account.yaml"
        self.expected = self.expect()
        sizes = sorted(size_of(line, case.mode) for line in self.lines)
        self.limit = sizes[len(sizes) - len(sizes) // LARGE_SHARE]
        self.bucket_options = case.options_of(name)
        self.endpoint = Endpoint(self.limit, body_in(self))
        self.write(self.bucket_options)

    def expect(self):
        config = self.folder / "expected.yaml"
        config.write_text(EXPECTED.format(mapping=self.mapping))
        subprocess.run([self.binary, "run", str(config), "--until-idle"], check=True,
                       stderr=subprocess.DEVNULL, timeout=self.LIMIT_S)
        self.lines = (self.folder / "expected/events.jsonl").read_text().splitlines()
        return {one["id"]: one for one in map(json.loads, self.lines)}

    def write(self, options):
        self.bridge.write_text(BRIDGE.format(
            port=self.endpoint.server_address[1], mode=self.case.mode, limit=self.limit,
            options=options, mapping=self.mapping))

    def store_objects(self):
        return self.case.objects(self.name)

    def check_all(self, may_repeat=False):
        taken = self.endpoint.taken
        check(not self.endpoint.faults, f"{self.name}: {self.endpoint.faults[:3]}")
        check("dead_letter" not in self.log().replace("dead_lettered", ""), self.log()[-3000:])
        by_id = {}
        for one in taken:
            by_id.setdefault(one["id"], one)
        check(len(by_id) == len(self.expected) and (may_repeat or len(taken) == len(by_id)),
              f"{self.name}: {len(taken)} of {len(self.expected)} came, {len(by_id)} different ones")
        for one in taken:
            check(one["data"] == self.expected[one["id"]]["data"],
                  f"{self.name}: {one['id']} came with {one}")
        self.check_order(list(by_id))
        large = {one["id"] for one in taken if one["name"]}
        check(len(self.expected) / 10 < len(large) < len(self.expected) * 0.9,
              f"{self.name}: {len(large)} of {len(self.expected)} are in the store")
        objects = self.store_objects()
        check(len(objects) == len(large), f"{self.name}: {len(objects)} objects of {len(large)}")
        return len(large)

    def check_order(self, ids):
        """Of each key, in the order of first appearances."""
        def by_key(order):
            keys = {}
            for one in order:
                keys.setdefault(self.expected[one].get("partitionkey"), []).append(one)
            return keys
        check(by_key(ids) == by_key(self.expected), f"{self.name}: a key's events came in another order")


class OfAStore:
    """A store of objects behind a proxy that can be put in between."""

    def __init__(self, store, mode):
        self.store, self.mode, self.secret = store, mode, store.secret
        self.points = POINTS["body_stored"] + POINTS["all"]
        self.options = {}

    def options_of(self, name):
        self.options[name] = f"{self.store.options}, {self.store.make(name)}"
        return self.options[name]

    def objects(self, name):
        return self.store.objects(name)

    def get(self, bucket, name):
        return self.store.get(bucket, name)

    def away(self, options):
        """The same store at a port where nobody listens."""
        proxy = TcpProxy(1)
        proxy.close()
        place = options.index("http://127.0.0.1:")
        port = options[place + len("http://127.0.0.1:"):].split("/")[0].split("'")[0]
        return options.replace(f"127.0.0.1:{port}", f"127.0.0.1:{proxy.port}", 1)


class OfAFolder:
    mode, secret = "binary", ""
    points = POINTS["file"] + POINTS["all"]

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def options_of(self, name):
        return f"kind: file, path: '{self.folder / name / 'kept'}/{{name}}/{{id}}.json'"

    def objects(self, name):
        kept = self.folder / name / "kept"
        return {str(path.relative_to(kept)): path.read_bytes() for path in kept.rglob("*.json")}

    def get(self, bucket, name):
        return (self.folder / bucket / "kept" / name).read_bytes()

    def away(self, options):
        return options.replace("/kept/", "/in/account.dat/")  # No folder: a file is in the way.


def hold_to_account(binary, folder, case):
    world = World(binary, folder, case, "whole")
    world.finish()
    large = world.check_all()
    print(f"ok: {len(world.expected)} events, {large} bodies in the store")
    for number, point in enumerate(case.points):
        world = World(binary, folder, case, f"kill-{number}")
        code = world.end(world.start(point))
        check(code == -signal.SIGKILL, f"{point} was not reached ({code}):\n{world.log()[-2000:]}")
        world.finish()
        world.check_all(may_repeat=True)
    print(f"ok: killed at {', '.join(case.points)}")
    world = World(binary, folder, case, "away")
    world.write(case.away(world.bucket_options))
    code = world.end(world.start(give_up_s=1))
    check(code == 4, f"a store that is away: {code}\n{world.log()[-2000:]}")
    check(not any(one["name"] for one in world.endpoint.taken), "a body was named that is nowhere")
    check(world.endpoint.taken, "events that need no store waited for it")
    world.write(world.bucket_options)
    world.finish()
    world.check_all(may_repeat=True)
    print("ok: a store that was away")


def s3(binary, folder):
    store = stores.S3(folder)
    with store.server:
        hold_to_account(binary, folder, OfAStore(store, "binary"))


def blob(binary, folder):
    store = stores.Blob(folder)
    with store.server:
        hold_to_account(binary, folder, OfAStore(store, "structured"))


def lake(binary, folder):
    with stores.Lake(folder) as store:
        hold_to_account(binary, folder, OfAStore(store, "binary"))


def gcs(binary, folder):
    with stores.Gcs(folder) as store:
        hold_to_account(binary, folder, OfAStore(store, "body"))


def kept_in_files(binary, folder):
    hold_to_account(binary, folder, OfAFolder(folder))


def main():
    python = cloud_emulators.python_folder() / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])
    cases = {"s3": s3, "blob": blob, "lake": lake, "gcs": gcs, "file": kept_in_files}
    for case in sys.argv[2:] or cases:
        with tempfile.TemporaryDirectory(prefix="copybridge-bodies-") as folder:
            cases[case](sys.argv[1], folder)


if __name__ == "__main__":
    main()
