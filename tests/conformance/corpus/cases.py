"""A corpus that a test writes, and what the runner says of it."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BINARY = os.environ.get("COPYBRIDGE_BINARY", "")
COPYBOOK = """       01  R.
           05  A   PIC X(3).
           05  N   PIC S9(3)V99 COMP-3.
"""
RECORDS = bytes.fromhex("C1C2C340404012345C" "C4C5C600012D").replace(b"\x40\x40\x40", b"")
ROWS = [{"A": "ABC", "N": 123.45}, {"A": "DEF", "N": -0.12}]


class Corpus:
    """A folder of cases that a test writes."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)

    def __del__(self):
        self.folder.cleanup()

    def case(self, name, about, **files):
        folder = self.root / name
        folder.mkdir(parents=True)
        (folder / "case.json").write_text(json.dumps(about))
        for file, data in {"copybook__cpy": COPYBOOK, **files}.items():
            data = data.encode() if isinstance(data, str) else data
            (folder / file.replace("__", ".")).write_bytes(data)

    def rows(self, name, rows, **options):
        about = {"origin": "cobrix_inline_test", "options": options, "copybooks": ["copybook.cpy"],
                 "data_files": ["data.bin"]}
        text = "".join(json.dumps(row) + "\n" for row in rows)
        self.case(f"cobrix/{name}", about, data__bin=RECORDS, expected__jsonl=text)

    def mistake(self, name, when, data=b"", **options):
        about = {"origin": "cobrix_inline_test_error", "options": options,
                 "copybooks": ["copybook.cpy"], "data_files": ["data.bin"],
                 "expected_error": {"when": when, "error": "no"}}
        self.case(f"cobrix/{name}", about, data__bin=data)

    def lines(self, name, entries):
        path = self.root / "cobrix" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))

    def run(self, *arguments, binary=None):
        done = subprocess.run([str(HERE / "run"), str(self.root), "--binary", binary or BINARY,
                               *arguments], capture_output=True, text=True, check=False,
                              timeout=120)
        return done.returncode, done.stdout + done.stderr
