#!/usr/bin/env python3
"""The bridge reads and writes files of ProFTPD and OpenSSH, and survives being killed meanwhile.

usage: file_servers_test.py BINARY KIND     ftp | list (no MLSD) | ftps | implicit | sftp
"""
import pathlib
import shutil
import signal
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from file_bridge import FileBridge, check, records  # noqa: E402
from file_servers import PASSWORD, FileServers  # noqa: E402

POINTS = {"arrival_synced": (1, 2), "remote_piece_fetched": (1, 2), "before_checkpoint": (1, 3, 5),
          "after_checkpoint": (1, 3, 5), "publish_confirmed": (1, 4), "before_file_done": (1, 1),
          "remote_file_finished": (1, 1)}
LARGE = 400_000


def fresh(servers, *folders):
    for path in servers.root.iterdir():
        shutil.rmtree(path)
    for name in folders:
        (servers.root / name).mkdir()


def files_of(servers, folder):
    return sorted(path.name for path in (servers.root / folder).iterdir())


class Case:
    def __init__(self, binary, servers, kind):
        self.binary, self.servers, self.kind = binary, servers, kind
        self.options = servers.options(kind)

    def bridge(self, **options):
        bridge = FileBridge(self.binary, self.kind)
        bridge.write("ftp", {**self.options, "path": self.path("in/*.dat"), **options})
        return bridge

    def path(self, name):
        return self.servers.path_of(self.kind, name)

    def reads_files_by_pattern_and_moves_them(self):
        fresh(self.servers, "in", "done")
        (self.servers.root / "in/a b.dat").write_bytes(records(0, 120))
        (self.servers.root / "in/c.dat").write_bytes(records(120, 80))
        (self.servers.root / "in/other.txt").write_bytes(records(900, 1))
        bridge = self.bridge(after="move " + self.path("done"))
        bridge.run()
        bridge.expect(0, 200, "moved files")
        check(files_of(self.servers, "in") == ["other.txt"], "what matched is gone")
        check(files_of(self.servers, "done") == ["a b.dat", "c.dat"], "it was moved")
        ids = sorted(bridge.published())
        check(any("/1/1" in one for one in ids) and any("/2/80" in one for one in ids), str(ids[:3]))
        check(len(bridge.events("file_fetched")) == 2, "both are logged as fetched")
        check(PASSWORD not in bridge.text, "the password is in the log")
        check(list((bridge.folder / "state/fetched/in").iterdir()) == [], "copies are left")
        # The name that is taken gets the arrival's number.
        (self.servers.root / "in/c.dat").write_bytes(records(200, 10))
        bridge.run()
        bridge.expect(0, 210, "a second file of the name")
        check(files_of(self.servers, "done") == ["a b.dat", "c.dat", "c.dat.N3"], "nothing was lost")

    def keeps_a_file_and_reads_it_again_only_when_it_changes(self):
        fresh(self.servers, "in")
        (self.servers.root / "in/a.dat").write_bytes(records(0, 10))
        bridge = self.bridge()
        bridge.run()
        bridge.run()
        bridge.expect(0, 10, "a kept file")
        (self.servers.root / "in/a.dat").write_bytes(records(10, 20))
        bridge.run()
        bridge.expect(0, 30, "a changed file")

    def deletes_and_renames(self):
        fresh(self.servers, "in")
        (self.servers.root / "in/a.dat").write_bytes(records(0, 10))
        bridge = self.bridge(after="rename .done", path=self.path("in/*"))
        bridge.run()
        bridge.run()
        bridge.expect(0, 10, "a renamed file")
        check(files_of(self.servers, "in") == ["a.dat.done"], "it was renamed, and is left alone")
        (self.servers.root / "in/b.dat").write_bytes(records(10, 10))
        bridge.write("ftp", {**self.options, "path": self.path("in/*.dat"), "after": "delete"})
        bridge.run()
        bridge.expect(0, 20, "a deleted file")
        check(files_of(self.servers, "in") == ["a.dat.done"], "it was deleted")

    def loses_nothing_when_it_is_killed(self):
        for point, nths in POINTS.items():
            fresh(self.servers, "in", "done")
            for index in range(3):
                (self.servers.root / f"in/{index}.dat").write_bytes(records(500 * index, 500))
            bridge = self.bridge(after="move " + self.path("done"))
            killed = bridge.run_through(point, nths)
            bridge.expect(0, 1500, f"killed at {point}")
            check(files_of(self.servers, "in") == [], f"{point}: files are left")
            print(f"  {self.kind}: {point}: {killed} kills, {bridge.repeats} repeats with equal ids")
            bridge.close()

    def goes_on_in_the_middle_of_a_file(self):
        fresh(self.servers, "in")
        (self.servers.root / "in/large.dat").write_bytes(records(0, LARGE))
        bridge = self.bridge(after="delete", batch_records_max="10000")
        bridge.run((-signal.SIGKILL,), COPYBRIDGE_CRASH_AT="remote_piece_fetched:4")
        bridge.run()
        fetched = bridge.events("file_fetched")[0]
        check(0 < fetched["resumed_at"] < fetched["bytes"] == LARGE * 6, str(fetched))
        bridge.expect(0, LARGE, "a resumed file")
        print(f"  {self.kind}: resumed at {fetched['resumed_at']} of {fetched['bytes']} bytes")

    def does_not_trust_another_server(self):
        if self.kind in ("ftp", "list"):
            return
        fresh(self.servers, "in")
        (self.servers.root / "in/a.dat").write_bytes(records(0, 10))
        bridge = self.bridge(after="delete")
        options = dict(self.options)
        if self.kind == "sftp":
            wrong = bridge.folder / "known_hosts"
            port = options["url"].rpartition(":")[2]
            key = (self.servers.folder / "ssh/user.pub").read_text().split()[:2]
            wrong.write_text(f"[127.0.0.1]:{port} {' '.join(key)}\n")
            options["known_hosts"] = str(wrong)
        else:
            del options["ca_bundle"]
        bridge.write("ftp", {**options, "path": self.path("in/*.dat"), "after": "delete"})
        bridge.run((4,), give_up_after="2")
        check(files_of(self.servers, "in") == ["a.dat"] and not bridge.published(), "it was read")
        check(any("ftp:" in line.get("reason", "") for line in bridge.log), bridge.text[-800:])

    def publishes_records_that_it_reads_again(self):
        fresh(self.servers, "in", "out")
        (self.servers.root / "in/a.dat").write_bytes(records(0, 300))
        sender = self.bridge()
        target = {"kind": "ftp", **self.options, "path": self.path("out/{name}-{id}.dat")}
        sender.write("ftp", {**self.options, "path": self.path("in/*.dat")}, target)
        sender.run()
        lines = b"".join(path.read_bytes() for path in (self.servers.root / "out").iterdir())
        check(lines.count(b"\n") == 300, "every event is a line")
        check(not [name for name in files_of(self.servers, "out") if name.startswith(".part")],
              f"a part is left: {files_of(self.servers, 'out')}")

    def publishes_again_what_nobody_confirmed(self):
        fresh(self.servers, "in", "out")
        (self.servers.root / "in/a.dat").write_bytes(records(0, 300))
        sender = self.bridge()
        target = {"kind": "ftp", **self.options, "path": self.path("out/{id}.dat"),
                  "events_per_file": "50"}
        sender.write("ftp", {**self.options, "path": self.path("in/*.dat")}, target)
        sender.run_through("remote_file_written", (1, 2))
        lines = set()
        for path in (self.servers.root / "out").iterdir():
            lines |= set(path.read_text().splitlines())
        check(len(lines) == 300, f"{len(lines)} records of 300 are there")


CASES = [Case.reads_files_by_pattern_and_moves_them,
         Case.keeps_a_file_and_reads_it_again_only_when_it_changes, Case.deletes_and_renames,
         Case.goes_on_in_the_middle_of_a_file, Case.does_not_trust_another_server,
         Case.publishes_records_that_it_reads_again, Case.publishes_again_what_nobody_confirmed,
         Case.loses_nothing_when_it_is_killed]


def main():
    binary, kind = sys.argv[1:3]
    folder = tempfile.mkdtemp(prefix="copybridge-servers-")
    servers = FileServers(folder)
    try:
        case = Case(binary, servers, kind)
        for run in CASES:
            run(case)
            print(f"ok: {kind}: {run.__name__}", flush=True)
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
