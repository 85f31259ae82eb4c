#!/usr/bin/env python3
"""What z/OS adds to FTP, against the double of tests/support/zos_ftp_double.py: data sets in quotes,
SITE RDW, TYPE E with MODE B, generations, members, the JES spool, replies that mean later.

usage: zos_ftp_test.py BINARY
"""
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from file_bridge import FileBridge, check, number  # noqa: E402
from zos_ftp_double import PASSWORD  # noqa: E402

BLOCK = {"data_type": "ebcdic", "mode": "block", "recfm": "ftp-block"}


class World:
    """The double, its data sets, and a bridge from it."""

    def __init__(self, binary):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-zos-ftp-"))
        self.double = subprocess.Popen(
            [str(SOURCE / "tests/support/zos_ftp_double.py"), str(self.folder)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.double.stdout.readline())
        self.options = {"url": f"ftp://127.0.0.1:{self.port}", "insecure": "yes", "user": "BRIDGE",
                        "password": "${env:FTP_PASSWORD}"}
        self.bridge = FileBridge(binary, "zos-ftp")

    def put(self, name, first, count):
        path = self.folder / "ds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(number(n).hex() + "\n" for n in range(first, first + count)))

    def run(self, expected=(0,), **options):
        self.bridge.write("ftp", {**self.options, **options})
        return self.bridge.run(expected, FTP_PASSWORD=PASSWORD)

    def names(self):
        return sorted(path.name for path in (self.folder / "ds").iterdir())

    def commands(self):
        return (self.folder / "commands.log").read_text().splitlines()

    def close(self):
        self.double.kill()
        self.double.wait()
        self.bridge.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def quoted_data_sets_in_block_mode(world):
    world.put("HLQ.ACCT.D1", 0, 30)
    world.put("HLQ.ACCT.D2", 30, 40)
    world.put("HLQ.ACCT.D1.DEEP", 900, 1)
    (world.folder / "ds/HLQ.ACCT.PDS").mkdir()
    world.run(path="'HLQ.ACCT.*'", after="delete", **BLOCK)
    world.bridge.expect(0, 70, "data sets")
    check(world.names() == ["HLQ.ACCT.D1.DEEP", "HLQ.ACCT.PDS"], str(world.names()))
    commands = world.commands()
    for command in ("RETR 'HLQ.ACCT.D1'", "TYPE E", "MODE B", "DELE 'HLQ.ACCT.D2'"):
        check(command in commands, f"{command} was not sent")
    check(PASSWORD not in world.bridge.text, "the password is in the log")


def record_descriptor_words_by_site(world):
    world.put("HLQ.V", 0, 25)
    world.run(path="'HLQ.V'", site="RDW", recfm="V", after="rename .DONE")
    world.bridge.expect(0, 25, "RDWs")
    check(world.names() == ["HLQ.V.DONE"], str(world.names()))


def a_site_word_that_the_server_does_not_know(world):
    world.put("HLQ.V", 0, 25)
    world.bridge.write("ftp", {**world.options, "path": "'HLQ.V'", "site": "RDWW", "recfm": "V"})
    world.bridge.run((4,), "2", FTP_PASSWORD=PASSWORD)
    check(not world.bridge.published(), "it went on without the word")
    check("RDWW" in world.bridge.text, "the log does not name the word")


def generations_by_their_relative_number(world):
    for index in range(3):
        world.put(f"HLQ.GDG.G{index + 7:04}V00", 100 * index, 10)
    world.run(path="'HLQ.GDG(0)'", **BLOCK)
    world.bridge.expect(200, 10, "the newest generation")
    world.run(path="'HLQ.GDG(0)'", **BLOCK)
    check(len(world.bridge.published()) == 10, "the same generation came twice")
    world.run(path="'HLQ.GDG(-2)'", **BLOCK)
    check(min(world.bridge.published().values()) == 0, "the oldest of three")
    check("RETR 'HLQ.GDG.G0009V00'" in world.commands(), "it is known by its absolute name")
    world.put("HLQ.GDG.G0010V00", 300, 10)
    world.run(path="'HLQ.GDG(0)'", **BLOCK)
    check(max(world.bridge.published().values()) == 309, "the new generation")


def members(world):
    world.put("HLQ.PDS/ACC1", 0, 5)
    world.put("HLQ.PDS/ACC2", 5, 5)
    world.put("HLQ.PDS/OTHER", 900, 5)
    world.run(path="'HLQ.PDS(ACC*)'", **BLOCK)
    world.run(path="'HLQ.PDS(ACC*)'", **BLOCK)
    world.bridge.expect(0, 10, "members")


def the_output_of_jobs(world):
    for name, first in (("ACCT01.JOB00044.BRIDGE", 0), ("ACCT02.JOB00045.BRIDGE", 10),
                        ("ACCT03.JOB00046.SOMEONE", 800), ("OTHER.JOB00047.BRIDGE", 900)):
        path = world.folder / "jobs" / name
        path.write_text("".join(number(n).hex() + "\n" for n in range(first, first + 10)))
    world.run(path="ACCT*", filetype="jes", jes_owner="BRIDGE", after="delete", **BLOCK)
    world.bridge.expect(0, 20, "job output")
    left = sorted(path.name for path in (world.folder / "jobs").iterdir())
    check(left == ["ACCT03.JOB00046.SOMEONE", "OTHER.JOB00047.BRIDGE"], str(left))


def a_transfer_that_is_cut_off_publishes_nothing(world):
    world.put("HLQ.A", 0, 50)
    (world.folder / "cut").write_text("90")
    world.run((4,), path="'HLQ.A'", after="delete", **BLOCK)
    check(not world.bridge.published() and world.names() == ["HLQ.A"], "part of it went out")
    check("451" in world.bridge.text, "the server's words are not in the log")
    world.run(path="'HLQ.A'", after="delete", **BLOCK)
    world.bridge.expect(0, 50, "after the cut")
    check(all("/1/" in one for one in world.bridge.published()), "it is the same arrival")


def a_data_set_in_use_is_left_for_later(world):
    world.put("HLQ.A", 0, 5)
    (world.folder / "busy").write_text("")
    world.run((4,), path="'HLQ.A'", **BLOCK)
    check("in use" in world.bridge.text, "the server's words are not in the log")
    world.run(path="'HLQ.A'", **BLOCK)
    world.bridge.expect(0, 5, "after it was in use")


def a_data_connection_that_stays_open_behind_the_end(world):
    world.put("HLQ.A", 0, 50)
    (world.folder / "open").write_text("")
    world.run(path="'HLQ.A'", stall_timeout_ms="50000", **BLOCK)
    world.bridge.expect(0, 50, "the open connection")
    check(world.bridge.events("file_fetched")[0]["took_ms"] < 40_000, "it waited for the timeout")


def a_migrated_data_set(world):
    world.put("HLQ.OLD", 0, 5)
    (world.folder / "migrated/HLQ.OLD").write_text("")
    world.run(path="'HLQ.*'", **BLOCK)
    (world.folder / "migrated/HLQ.OLD").unlink()
    world.run(path="'HLQ.*'", **BLOCK)
    world.bridge.expect(0, 5, "migrated, and recalled since")


def a_new_data_set_is_not_deleted_for_the_one_before_it(world):
    """Killed when the old one is deleted and the state does not know; a new one takes the name."""
    world.put("HLQ.A", 0, 20)
    world.bridge.write("ftp", {**world.options, "path": "'HLQ.A'", "after": "delete", **BLOCK})
    world.bridge.run((-signal.SIGKILL,), FTP_PASSWORD=PASSWORD,
                     COPYBRIDGE_CRASH_AT="remote_file_finished")
    check(world.names() == [], "it was not deleted")
    world.put("HLQ.A", 20, 20)
    world.bridge.run((0, 3), FTP_PASSWORD=PASSWORD)
    world.bridge.run((0, 3), FTP_PASSWORD=PASSWORD)
    world.bridge.expect(0, 40, "both data sets")
    check(world.names() == [], "the new one is done with, too")


def records_become_new_generations(world):
    world.bridge.write_lines(0, 30)
    target = {"kind": "ftp", **world.options, **BLOCK, "format": "records", "events_per_file": "20",
              "path": "'HLQ.OUT(+1)'"}
    world.bridge.write_back(target)
    world.bridge.run(FTP_PASSWORD=PASSWORD)
    lines = []
    for name in world.names():
        if name.startswith("HLQ.OUT.G"):
            lines += (world.folder / "ds" / name).read_text().split()
    check(lines == [number(n).hex() for n in range(30)], f"{len(lines)} records: {world.names()}")


def a_wrong_password_waits(world):
    world.put("HLQ.A", 0, 5)
    world.bridge.write("ftp", {**world.options, "path": "'HLQ.A'", **BLOCK})
    world.bridge.run((4,), "2", FTP_PASSWORD="WRONG-ONE")
    logins = [line for line in world.commands() if line.startswith("PASS")]
    check(len(logins) == 1, f"{len(logins)} logins: z/OS would lock the user out")
    check("WRONG-ONE" not in world.bridge.text, "the password is in the log")


CASES = [quoted_data_sets_in_block_mode, record_descriptor_words_by_site,
         a_site_word_that_the_server_does_not_know, generations_by_their_relative_number, members,
         the_output_of_jobs, a_transfer_that_is_cut_off_publishes_nothing,
         a_data_set_in_use_is_left_for_later, a_data_connection_that_stays_open_behind_the_end,
         a_migrated_data_set, a_new_data_set_is_not_deleted_for_the_one_before_it,
         records_become_new_generations, a_wrong_password_waits]


def main():
    for case in CASES:
        world = World(sys.argv[1])
        try:
            case(world)
        finally:
            world.close()
        print(f"ok: {case.__name__}", flush=True)


if __name__ == "__main__":
    main()
