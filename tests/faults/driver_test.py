#!/usr/bin/env python3
"""The real binary under faults of its machine and of its endpoint.

disk       the disk of the state directory fills up, the bridge waits with an ERROR and goes on by
           itself
spool      a spool on a disk that is smaller than what passes through it: it waits and goes on by itself
read_only  a state directory that cannot be written: nothing starts, the source is as it was
stopped    SIGSTOP for longer than every time-out of a request
drain      SIGTERM delivers what is under way; nothing comes twice after it
hurry      an endpoint that never answers: the second SIGTERM hands back at once
limit      an endpoint that never answers: after one SIGTERM it hands back when drain_limit_ms is over
memory     an endpoint that hangs, large records, wide windows: memory_bytes_max is kept
endpoint   resets, hangs, answers cut short, 429 with Retry-After, 503, an answer byte by byte

In each case every record arrives, unaltered, no record is in the dead letters, and the log's
figures add up.

usage: driver_test.py BINARY [CASE…]
"""
import collections
import json
import pathlib
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import LIMIT_S, Process, check, fail, number  # noqa: E402

LRECL = 200


class Endpoint(socketserver.ThreadingTCPServer):
    """An HTTP endpoint that behaves as told, one way after the other. An event counts as taken only
    where the whole of an answer with 200 was sent."""
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, ways=("accept",)):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ways, self.requests, self.taken = list(ways), 0, []
        self.lock = threading.Condition()
        self.seen = collections.Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def next_way(self):
        with self.lock:
            way = self.ways[self.requests % len(self.ways)]
            self.requests += 1
            self.seen[way] += 1
            self.lock.notify_all()
            return way

    def take(self, body):
        with self.lock:
            self.taken += [(event["id"], event["data"]) for event in json.loads(body)]
            self.lock.notify_all()

    def wait_until(self, condition):
        with self.lock:
            if not self.lock.wait_for(lambda: condition(self), LIMIT_S):
                fail(f"the endpoint saw {self.requests} requests, took {len(self.taken)} events")

    def handle_error(self, request, client_address):
        pass


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            body = self.read_request()
            if body is None or not getattr(self, self.server.next_way())(body):
                return

    def read_request(self):
        line = self.rfile.readline()
        if not line:
            return None
        size = 0
        while (header := self.rfile.readline()) not in (b"\r\n", b""):
            if header.lower().startswith(b"content-length:"):
                size = int(header.split(b":")[1])
        return self.rfile.read(size)

    def answer(self, status, more="", text=b"ok"):
        self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n{more}\r\n".encode()
                         + text)
        return True

    def accept(self, body):
        self.server.take(body)
        return self.answer("200 OK")

    def reset(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    def cut(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"re")
        return False

    def hang(self, _):
        self.connection.settimeout(LIMIT_S)
        try:
            self.connection.recv(1)  # Until the bridge gives up.
        except OSError:
            pass
        return False

    def throttle(self, _):
        return self.answer("429 Too Many Requests", "Retry-After: 1\r\n")

    def unavailable(self, _):
        return self.answer("503 Service Unavailable")

    def forbid(self, _):
        return self.answer("403 Forbidden")

    def drip(self, body):
        self.server.take(body)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.002)
        return True


class World:
    def __init__(self, binary, directory, url, records=2000, more="", delivery="", state="state"):
        self.binary, self.directory, self.records = binary, directory, records
        (directory / "in").mkdir()
        (directory / "in/pay.dat").write_bytes(
            b"".join(number(i) + b"\xC1" * (LRECL - 6) for i in range(1, records + 1)))
        (directory / "pay.cpy").write_text("       01 PAY.\n          05 NO PIC 9(6).\n"
                                           f"          05 REST PIC X({LRECL - 6}).\n")
        (directory / "pay.yaml").write_text(
            "name: pay\ncopybook: pay.cpy\nevent: {type: com.example.pay}\n")
        self.bridge = directory / "bridge.yaml"
        self.bridge.write_text(
            f"state: {state}\n"
            "log: {format: json, summary_interval_ms: 100}\n"
            f"delivery: {{retry_initial_ms: 5, retry_max_ms: 50, {delivery}}}\n"
            "adapters:\n"
            f"  pays: {{kind: file, path: in/pay.dat, recfm: F, lrecl: {LRECL}, watch: no,"
            f" settle_time_ms: 0, batch_records_max: 50, {more}}}\n"
            "publishers:\n"
            f"  web: {{kind: http, url: '{url}', mode: batch, batch_events_max: 20,"
            " requests_in_flight: 4, first_byte_timeout_ms: 300, total_timeout_ms: 1000}\n"
            "routes:\n  - {from: pays, mappings: [pay.yaml], to: [web]}\n")

    def run(self, *more):
        return Process(self.binary, "run", self.bridge, *more)

    def run_to_end(self):
        bridge = self.run("--until-idle", "--give-up-after", "60")
        self.check_end(bridge, bridge.end())

    @staticmethod
    def check_end(bridge, code, expected=0):
        check(code == expected, f"the bridge ended with {code}:\n" + "".join(bridge.lines[-20:]))
        for line in bridge.events("stopped") + bridge.events("summary"):
            parts = sum(line[name] for name in ("delivered", "filtered", "dead_lettered",
                                                "handed_back", "in_flight"))
            check(line["read"] == parts, f"the figures do not add up: {line}")
            check(line["dead_lettered"] == 0, f"a fault of the peer made dead letters: {line}")

    def check_taken(self, endpoint):
        """Everything is there, nothing is altered; how many came more than once."""
        by_id = {}
        for identity, data in endpoint.taken:
            check(by_id.setdefault(identity, data) == data, f"{identity} is altered")
        expected = {f"pays/1/{i}/pay": i for i in range(1, self.records + 1)}
        check(by_id.keys() == expected.keys(),
              f"{len(by_id)} of {len(expected)} records arrived")
        for identity, value in expected.items():
            check(by_id[identity] == {"NO": value, "REST": "A" * (LRECL - 6)},
                  f"{identity} is altered")
        return len(endpoint.taken) - len(by_id)


class SmallDisk:
    """A file system of a few MiB, where this may be mounted."""

    def __init__(self, path, mebibytes=1):
        self.path, self.mebibytes = path, mebibytes
        path.mkdir()

    def __enter__(self):
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.mebibytes}m,mode=0700",
                                  "none", str(self.path)], capture_output=True, text=True)
        self.is_there = mounted.returncode == 0
        if not self.is_there:
            print("not run: no file system can be mounted here:", mounted.stderr.strip())
        return self

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass

    def empty(self):
        (self.path / "filler").unlink()

    def __exit__(self, *_):
        if self.is_there:
            subprocess.run(["umount", "-l", str(self.path)], check=True)


def fill_up(binary, directory, more, records, mebibytes):
    with SmallDisk(directory / "small", mebibytes) as disk:
        if not disk.is_there:
            return
        endpoint = Endpoint()
        world = World(binary, directory, endpoint.url, records, more, state="small/state")
        with endpoint.lock:  # Nothing is taken while the lock is held.
            bridge = world.run("--until-idle", "--give-up-after", "60")
            bridge.wait_for('"event":"started"')
            disk.fill()
        lost = json.loads(bridge.wait_for('"event":"storage_lost"'))
        check(lost["level"].upper() == "ERROR" and lost["what"].startswith("pays"), f"{lost}")
        check(bridge.child.poll() is None, "the bridge ended")
        disk.empty()
        bridge.wait_for('"event":"storage_recovered"')
        world.check_end(bridge, bridge.end())
        print(f"   {lost['what']}: {world.check_taken(endpoint)} repeats")


def disk_without_spool(binary, directory):
    fill_up(binary, directory, "", 2000, 1)


def disk_with_spool(binary, directory):
    records = 60_000
    with SmallDisk(directory / "small", 8) as disk:
        if not disk.is_there:
            return
        endpoint = Endpoint()
        world = World(binary, directory, endpoint.url, records, "spool: yes", state="small/state")
        with endpoint.lock:  # Nothing is taken while the lock is held.
            bridge = world.run("--until-idle", "--give-up-after", "60")
            lost = json.loads(bridge.wait_for('"event":"storage_lost"'))
        bridge.wait_for('"event":"storage_recovered"')
        world.check_end(bridge, bridge.end())
        print(f"   {lost['what']}: {world.check_taken(endpoint)} repeats")


def read_only(binary, directory):
    with SmallDisk(directory / "small") as disk:
        if not disk.is_there:
            return
        subprocess.run(["mount", "-o", "remount,ro", str(disk.path)], check=True)
        endpoint = Endpoint()
        world = World(binary, directory, endpoint.url, 10, "after: delete", state="small/state")
        bridge = world.run("--until-idle")
        code = bridge.end()
        check(code not in (0, 2) and "Read-only file system" in "".join(bridge.lines),
              f"it ended with {code}: {bridge.lines}")
        check(endpoint.requests == 0 and (directory / "in/pay.dat").exists(), "something was done")
        subprocess.run(["mount", "-o", "remount,rw", str(disk.path)], check=True)
        world.run_to_end()
        world.check_taken(endpoint)


def stopped(binary, directory):
    endpoint = Endpoint(["accept", "drip"])
    world = World(binary, directory, endpoint.url)
    bridge = world.run("--until-idle", "--give-up-after", "60")
    endpoint.wait_until(lambda it: len(it.taken) >= 100)
    bridge.child.send_signal(signal.SIGSTOP)
    time.sleep(1.5)  # The fault itself: longer than total_timeout_ms.
    bridge.child.send_signal(signal.SIGCONT)
    world.check_end(bridge, bridge.end())
    print(f"   {world.check_taken(endpoint)} repeats")


def drain(binary, directory):
    endpoint = Endpoint(["drip"])
    world = World(binary, directory, endpoint.url)
    # Nothing times out where the machine is busy: that would be repeats.
    world.bridge.write_text(world.bridge.read_text().replace(
        "first_byte_timeout_ms: 300, total_timeout_ms: 1000", "total_timeout_ms: 60000"))
    bridge = world.run()
    endpoint.wait_until(lambda it: len(it.taken) >= 100)
    code = bridge.end(signal.SIGTERM)
    world.check_end(bridge, code)
    last = bridge.events("stopped")[-1]
    check(last["handed_back"] == 0 and 0 < last["delivered"] < world.records,
          f"the stop did not come in between: {last}")
    before = {identity for identity, _ in endpoint.taken}
    count = len(endpoint.taken)
    world.run_to_end()
    world.check_taken(endpoint)
    again = before & {identity for identity, _ in endpoint.taken[count:]}
    check(not again, f"{len(again)} records came again after a drain")


def hurry(binary, directory):
    endpoint = Endpoint(["hang"])
    world = World(binary, directory, endpoint.url, delivery="drain_limit_ms: 600000")
    bridge = world.run()
    endpoint.wait_until(lambda it: it.requests >= 1)
    bridge.child.send_signal(signal.SIGTERM)
    bridge.wait_for('"event":"stopping"')
    bridge.end(signal.SIGTERM)  # Within a minute, not ten.
    last = bridge.events("stopped")[-1]
    check(last["handed_back"] > 0 and last["read"] == last["handed_back"], f"the figures: {last}")
    endpoint.ways = ["accept"]
    world.run_to_end()
    world.check_taken(endpoint)


def limit(binary, directory):
    endpoint = Endpoint(["hang"])
    world = World(binary, directory, endpoint.url, delivery="drain_limit_ms: 300")
    bridge = world.run()
    endpoint.wait_until(lambda it: it.requests >= 1)
    code = bridge.end(signal.SIGTERM)
    check(code == 0, f"the bridge ended with {code}")
    last = bridge.events("stopped")[-1]
    check(last["handed_back"] > 0 and last["read"] == last["handed_back"], f"the figures: {last}")
    endpoint.ways = ["accept"]
    world.run_to_end()
    world.check_taken(endpoint)


def peak_with(binary, directory, delivery, more):
    """The largest resident memory in kB of a bridge whose endpoint hangs, once it reads no further."""
    directory.mkdir()
    endpoint = Endpoint(["hang"])
    world = World(binary, directory, endpoint.url, 1, f"batches_in_flight_max: 64, {more}",
                  f"window_batches: 64, {delivery}, drain_limit_ms: 0")
    text = world.bridge.read_text().replace(f"lrecl: {LRECL}", "lrecl: 32000")
    world.bridge.write_text(text.replace("first_byte_timeout_ms: 300, total_timeout_ms: 1000",
                                         "batch_bytes_max: 4000000"))
    (directory / "pay.cpy").write_text("       01 PAY.\n          05 NO PIC 9(6).\n"
                                       "          05 REST PIC X(31994).\n")
    with (directory / "in/pay.dat").open("wb") as file:
        for i in range(1, 8001):
            file.write(number(i) + b"\xC1" * 31994)
    bridge = world.run()
    with bridge.changed:  # A summary comes every 100 ms.
        read = lambda: [line["read"] for line in bridge.events("summary")]  # noqa: E731
        bridge.changed.wait_for(
            lambda: bridge.has_ended or (len(read()) > 12 and read()[-1] == read()[-10] > 0), LIMIT_S)
    status = pathlib.Path(f"/proc/{bridge.child.pid}/status").read_text()
    bridge.child.send_signal(signal.SIGTERM)
    bridge.wait_for('"event":"stopping"')
    bridge.end(signal.SIGTERM)
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def memory(binary, directory):
    limit_kb = 32 * 1024
    small = "memory_bytes_max: 33554432"
    kept = peak_with(binary, directory / "kept", small, "")
    wide = peak_with(binary, directory / "wide", "memory_bytes_max: 4294967296", "")
    spooled = peak_with(binary, directory / "spooled", small, "spool: yes")
    print(f"   of {limit_kb} kB: {kept} kB, behind a spool {spooled} kB; without a limit {wide} kB")
    # One batch of 4 MB beyond it, the texts made of it, and the process itself.
    for peak in (kept, spooled):
        check(peak < limit_kb + 80 * 1024, f"{peak} kB resident")
    check(wide > kept + 80 * 1024, f"the limit is not what bounds it: {wide} kB without")


def endpoint_faults(binary, directory):
    ways = ["accept", "reset", "accept", "cut", "accept", "hang", "drip", "throttle", "unavailable",
            "accept", "accept"]
    endpoint = Endpoint(ways)
    world = World(binary, directory, endpoint.url, 600)
    world.run_to_end()
    repeats = world.check_taken(endpoint)
    missing = set(ways) - set(endpoint.seen)
    check(not missing, f"{missing} never happened")
    print(f"   {dict(endpoint.seen)}, {repeats} repeats")


CASES = {"disk": disk_without_spool, "spool": disk_with_spool, "read_only": read_only,
         "stopped": stopped, "drain": drain, "hurry": hurry, "limit": limit,
         "memory": memory, "endpoint": endpoint_faults}


def main():
    for case in sys.argv[2:] or CASES:
        with tempfile.TemporaryDirectory(prefix="copybridge-driver-") as name:
            start = time.monotonic()
            CASES[case](sys.argv[1], pathlib.Path(name))
            print(f"ok: {case}, {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
