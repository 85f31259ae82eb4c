"""A bridge between a server of files and JSON Lines, as a world of its own folder: what the tests of
ftp and zosmf share. Records are six digits in EBCDIC; each event shows its id."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "faults"))
import secret_hunt  # noqa: E402
from bridge_process import check, fail, number  # noqa: E402

LIMIT_S = 120
COPYBOOK = "       01 THE-RECORD.\n          05 THE-NUMBER PIC 9(6).\n"
MAPPING = ("name: record\ncopybook: record.cpy\ncodepage: IBM-037\n"
           "event: {type: com.example.record}\n")


def records(first, count):
    return b"".join(number(value) for value in range(first, first + count))


def yaml_of(options):
    """A flow map; every value is text in double quotes."""
    return "{" + ", ".join(f"{name}: {json.dumps(value)}" for name, value in options.items()) + "}"


class FileBridge:
    def __init__(self, binary, name="files"):
        self.binary = binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"copybridge-{name}-"))
        (self.folder / "record.cpy").write_text(COPYBOOK)
        (self.folder / "record.yaml").write_text(MAPPING)
        self.log = []
        self.said, self.secrets, self.environment = "", secret_hunt.Secrets(), None

    def write_lines(self, first, count):
        """JSON Lines that a bridge to a server reads."""
        (self.folder / "lines.jsonl").write_text("".join(
            json.dumps({"THE-NUMBER": value}) + "\n" for value in range(first, first + count)))

    def write_back(self, to):
        """A bridge from write_lines() to a publisher of records."""
        self.write("file", {"path": "lines.jsonl", "recfm": "line", "line_end": "lf",
                            "batch_records_max": "20"}, to)

    def write(self, kind, options, to=None):
        """A bridge from a server to out/*.jsonl, or with `to` to a publisher of that kind."""
        source = {"watch": "no", "settle_time_ms": "0", "batch_records_max": "50", "kind": kind,
                  **options}
        if "recfm" not in source:
            source |= {"recfm": "F", "lrecl": "6"}
        target = to or {"kind": "file", "path": "out/{name}-{sequence}.jsonl",
                        "format": "cloudevents"}
        encode = ", encode: yes" if to and to.get("format") == "records" else ""
        (self.folder / "bridge.yaml").write_text(
            "state: state\nlog: {format: json, summary_interval_ms: 200}\n"
            "delivery: {retry_initial_ms: 2, retry_max_ms: 50, window_batches: 4}\n"
            f"adapters:\n  in: {yaml_of(source)}\npublishers:\n  out: {yaml_of(target)}\n"
            f"routes:\n  - {{from: in, mappings: [record.yaml], to: [out]{encode}}}\n")

    def run(self, expected=(0,), give_up_after="60", **environment):
        """One run until the source is dry; its log as objects. Killed by itself: -9."""
        self.environment = {**os.environ, **environment}
        self.secrets.add_all_of(self.folder / "bridge.yaml", self.environment)
        done = subprocess.run(
            [self.binary, "run", self.folder / "bridge.yaml", "--until-idle", "--give-up-after",
             give_up_after], env=self.environment, stderr=subprocess.PIPE, text=True,
            timeout=LIMIT_S)
        self.text = done.stderr
        self.said += done.stderr
        self.log = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        if done.returncode not in expected:
            fail(f"a run ended with {done.returncode}, not {expected}:\n{done.stderr[-3000:]}")
        return done.returncode

    def events(self, name):
        return [line for line in self.log if line["event"] == name]

    def published(self):
        """id -> number, of all output files; repeats must be the same."""
        found = {}
        self.repeats = 0
        paths = [*sorted((self.folder / "out").glob("*.jsonl")),
                 *sorted((self.folder / "out").glob(".*.part"))]
        for line in (line for path in paths for line in path.read_text().splitlines()):
            event = json.loads(line)
            value = int(event["data"]["THE-NUMBER"])
            if event["id"] in found:
                self.repeats += 1
                check(found[event["id"]] == value, f"{event['id']} came with another body")
            found[event["id"]] = value
        return found

    def expect(self, first, count, what):
        """Exactly these numbers, each with one id."""
        found = self.published()
        check(sorted(found.values()) == list(range(first, first + count)),
              f"{what}: {len(found)} ids for {count} records, from {min(found.values(), default=0)}")

    def run_through(self, point, nths, **environment):
        """Killed at a crash point again and again, then left to finish. The number of kills."""
        killed = 0
        for nth in nths:
            code = self.run((0, -signal.SIGKILL), COPYBRIDGE_CRASH_AT=f"{point}:{nth}",
                            **environment)
            killed += code == -signal.SIGKILL
        self.run(**environment)
        check(killed > 0, f"crash point {point} was never reached")
        return killed

    def close(self):
        """Whatever its bridge files called a secret is nowhere in what it has said and written."""
        try:
            secret_hunt.hunt(self.secrets, self.binary, self.folder / "bridge.yaml", self.environment,
                             self.said.encode())
        except secret_hunt.Leak as leak:
            fail(str(leak))
        shutil.rmtree(self.folder, ignore_errors=True)
