#!/usr/bin/env python3
"""z/OSMF: the double is held to account by Zowe's SDK, and the bridge reads and writes with it.

sdk      Zowe's SDK writes, reads, lists, renames and deletes on the double
bridge   data sets, members, z/OS UNIX files, job output, recall, ETags, faults, kills
both     the bridge reads what the SDK wrote, and the SDK reads what the bridge wrote

usage: zosmf_test.py BINARY CASE…
"""
import json
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
import zowe_sdk  # noqa: E402
from file_bridge import FileBridge, check, number  # noqa: E402

USER, PASSWORD, TOKEN = "BRIDGE", "SESAM-OFFNE-DICH", "eyJ.token"
SDK_CHECKS = ["records_come_back_with_their_lengths", "binary_is_as_it_was_sent",
              "lists_say_what_there_is", "members_have_their_own_list",
              "an_etag_changes_with_the_data", "data_sets_are_renamed_and_deleted",
              "the_output_of_jobs_is_read_and_purged", "wrong_credentials_are_refused"]
POINTS = {"arrival_synced": (1, 2), "remote_piece_fetched": (1, 2), "before_checkpoint": (1, 3, 5),
          "after_checkpoint": (1, 3, 5), "before_file_done": (1, 1), "remote_file_finished": (1, 1)}


def framed(records):
    return b"".join(struct.pack(">I", len(record)) + record for record in records)


def numbers(first, count):
    return framed(number(value) for value in range(first, first + count))


class World:
    """The double, its files, and a bridge from it."""

    def __init__(self, binary):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="copybridge-zosmf-"))
        self.double = subprocess.Popen(
            [str(SOURCE / "tests/support/zosmf_double.py"), str(self.folder), "--user", USER,
             "--password", PASSWORD, "--token", TOKEN], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.double.stdout.readline())
        self.server = {"url": f"http://127.0.0.1:{self.port}", "insecure": "yes"}
        self.options = {**self.server, "user": USER, "password": "${env:ZOSMF_PASSWORD}"}
        self.bridge = FileBridge(binary, "zosmf-bridge")

    def put(self, name, first, count):
        path = self.folder / "ds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(numbers(first, count))

    def write(self, to=None, **options):
        self.bridge.write("zosmf", {"recfm": "zosmf", **self.options, **options}, to)

    def run(self, expected=(0,), **options):
        self.write(**options)
        return self.bridge.run(expected, ZOSMF_PASSWORD=PASSWORD, ZOSMF_TOKEN=TOKEN)

    def names(self, area="ds"):
        return sorted(path.name for path in (self.folder / area).iterdir())

    def requests(self):
        lines = (self.folder / "requests.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def sdk(self, name, *arguments):
        code, output = zowe_sdk.run("checks.js", self.port, USER, PASSWORD, name, *arguments)
        check(code == 0 and output.strip().endswith("ok"), f"Zowe's SDK: {name}:\n{output}")

    def close(self):
        self.double.kill()
        self.double.wait()
        self.bridge.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def sdk(world):
    job = world.folder / "jobs/SDKJOB.JOB00099.BRIDGE"
    job.mkdir()
    (job / "2.JESMSGLG").write_bytes(framed([b"log"]))
    (job / "3.SYSPRINT").write_bytes(framed([b"one", b"two"]))
    (world.folder / "fs/u").mkdir()
    for name in SDK_CHECKS:
        world.sdk(name)
        print(f"  ok: {name}")


def data_sets_in_record_form(world):
    world.put("HLQ.ACCT.D1", 0, 60)
    world.put("HLQ.ACCT.D2", 60, 40)
    world.put("HLQ.ACCT.DEEP.D3", 900, 1)
    world.run(path="HLQ.ACCT.*", after="rename .DONE")
    world.bridge.expect(0, 100, "data sets")
    check(world.names() == ["HLQ.ACCT.D1.DONE", "HLQ.ACCT.D2.DONE", "HLQ.ACCT.DEEP.D3"],
          str(world.names()))
    check(all("X-CSRF-ZOSMF-HEADER" in one["headers"] for one in world.requests()), "no CSRF header")
    check(PASSWORD not in world.bridge.text, "the password is in the log")


def binary_with_a_token(world):
    world.put("HLQ.F", 0, 60)
    world.options = {**world.server, "token": "${env:ZOSMF_TOKEN}"}
    world.run(path="HLQ.F", recfm="F", lrecl="6", after="delete")
    world.bridge.expect(0, 60, "binary")
    check(world.names() == [], "it was deleted")
    check(TOKEN not in world.bridge.text, "the token is in the log")


def members(world):
    world.put("HLQ.PDS/ACC1", 0, 5)
    world.put("HLQ.PDS/ACC2", 5, 5)
    world.put("HLQ.PDS/OTHER", 900, 5)
    world.run(path="HLQ.PDS(ACC*)")
    world.run(path="HLQ.PDS(ACC*)")
    world.bridge.expect(0, 10, "members")


def unix_files_and_their_middle(world):
    (world.folder / "fs/in").mkdir()
    (world.folder / "fs/in/a.dat").write_bytes(b"".join(number(n) for n in range(50_000)))
    (world.folder / "cut").write_text("100002")
    options = {"path": "/in/*.dat", "recfm": "F", "lrecl": "6", "after": "move /done",
               "batch_records_max": "1000"}
    (world.folder / "fs/done").mkdir()
    world.run((4,), **options)
    check(not world.bridge.published(), "part of it went out")
    world.run(**options)
    world.bridge.expect(0, 50_000, "the file")
    fetched = world.bridge.events("file_fetched")[0]
    check(fetched["resumed_at"] == 100_002, str(fetched))
    check([path.name for path in (world.folder / "fs/done").iterdir()] == ["a.dat"], "it was moved")


def a_migrated_data_set(world):
    for how, expected in (("error", (4,)), ("nowait", (4,)), ("nowait", (0,)), ("wait", (0,))):
        if how != "nowait" or expected == (4,):
            world.put("HLQ.OLD", 0, 5)
            (world.folder / "migrated/HLQ.OLD").write_text("1")
        world.run(expected, path="HLQ.OLD", migrated_recall=how)
        if expected == (4,):
            check("category 6" in world.bridge.text, "z/OSMF's reason is not in the log")
    world.bridge.expect(0, 5, "the recalled data set")


def the_output_of_jobs(world):
    for name, first in (("ACCT01.JOB00044.BRIDGE", 0), ("ACCT02.JOB00045.BRIDGE", 20),
                        ("ACCT03.JOB00046.OTHER", 800)):
        folder = world.folder / "jobs" / name
        folder.mkdir()
        (folder / "2.JESMSGLG").write_bytes(numbers(700, 1))
        (folder / "3.SYSPRINT").write_bytes(numbers(first, 10))
        (folder / "4.SYSPRINT").write_bytes(numbers(first + 10, 10))
    world.run(path="ACCT*", filetype="jobs", job_owner="BRIDGE", ddname="SYSPRINT", after="delete")
    world.bridge.expect(0, 40, "job output")
    check(world.names("jobs") == ["ACCT03.JOB00046.OTHER"], str(world.names("jobs")))


def a_kept_data_set_is_known_by_its_etag(world):
    world.put("HLQ.A", 0, 10)
    for _ in range(2):
        world.run(path="HLQ.A", etag="yes")
        world.bridge.expect(0, 10, "unchanged")
    world.put("HLQ.A", 10, 10)
    world.run(path="HLQ.A", etag="yes")
    world.bridge.expect(0, 20, "changed")


def what_changed_is_not_deleted(world):
    """The publisher's first confirmation is when a sender writes the data set anew."""
    world.put("HLQ.A", 0, 10)
    world.write(path="HLQ.A", after="delete")
    world.bridge.run((-signal.SIGKILL,), ZOSMF_PASSWORD=PASSWORD,
                     COPYBRIDGE_CRASH_AT="remote_file_finished")
    check(world.names() == [], "it was not deleted")
    world.put("HLQ.A", 10, 10)
    world.bridge.run((0, 3), ZOSMF_PASSWORD=PASSWORD)
    world.bridge.run((0, 3), ZOSMF_PASSWORD=PASSWORD)
    world.bridge.expect(0, 20, "both data sets")
    check(world.names() == [], "the new one is done with, too")


def a_wrong_password_waits(world):
    world.put("HLQ.A", 0, 5)
    world.write(path="HLQ.A")
    world.bridge.run((4,), "2", ZOSMF_PASSWORD="WRONG-ONE")
    check(len(world.requests()) == 1, "z/OS would lock the user out")
    check("WRONG-ONE" not in world.bridge.text and "401" in world.bridge.text, world.bridge.text)


def nothing_is_lost_when_it_is_killed(world):
    for index, (point, nths) in enumerate(POINTS.items()):
        world.bridge.close()
        world.bridge = FileBridge(world.bridge.binary, "zosmf-bridge")
        for part in range(3):
            world.put(f"HLQ.K{index}.D{part}", 500 * part, 500)
        world.write(path=f"HLQ.K{index}.*", after="delete")
        killed = world.bridge.run_through(point, nths, ZOSMF_PASSWORD=PASSWORD)
        world.bridge.expect(0, 1500, f"killed at {point}")
        check(world.names() == [], f"{point}: data sets are left")
        print(f"  {point}: {killed} kills, {world.bridge.repeats} repeats with equal ids")


def both(world):
    world.sdk("writes", "HLQ.IN.A", 0, 70)
    world.sdk("writes", "HLQ.IN.B", 70, 30)
    target = {"kind": "zosmf", **world.options, "format": "records", "recfm": "zosmf",
              "path": "HLQ.OUT.A{id1}.B{id2}", "events_per_file": "40", "like": "HLQ.MODEL"}
    world.run(path="HLQ.IN.*", after="delete")
    world.bridge.expect(0, 100, "what the SDK wrote")
    check(world.names() == [], "the data sets are deleted")
    world.sdk("writes", "HLQ.MODEL", 0, 0)
    world.bridge.write_lines(500, 100)
    world.bridge.write_back(target)
    world.bridge.run_through("remote_file_written", (1, 2), ZOSMF_PASSWORD=PASSWORD)
    world.sdk("reads", "HLQ.OUT.*.*", 500, 100)


CASES = {"sdk": [sdk],
         "bridge": [data_sets_in_record_form, binary_with_a_token, members,
                    unix_files_and_their_middle, a_migrated_data_set, the_output_of_jobs,
                    a_kept_data_set_is_known_by_its_etag, what_changed_is_not_deleted,
                    a_wrong_password_waits, nothing_is_lost_when_it_is_killed],
         "both": [both]}


def main():
    for name in sys.argv[2:]:
        for case in CASES[name]:
            world = World(sys.argv[1])
            try:
                case(world)
            finally:
                world.close()
            print(f"ok: {case.__name__}", flush=True)


if __name__ == "__main__":
    main()
