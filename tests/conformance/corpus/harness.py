"""Cases, outcomes, and one way to run the program under test.

A case is a folder with a case.json, or one line or entry of a table of cases. What a case asks for
is decided by its form (see run), never by its name.
"""

import itertools
import json
import re
import subprocess
import tempfile
from pathlib import Path

RUN_SECONDS_MAX = 60
# Bytes in files, each named once: a folder of the run, removed at its end.
WORK = tempfile.TemporaryDirectory(prefix="copybridge-corpus-")
_numbers = itertools.count()
# Readings beyond the rules, each an option of the program.
OPTIONAL = ("--lenient", "--odo-range")
# What the program says of a flag or command that it does not have.
UNKNOWN = re.compile(r"unknown (option|command) |--dialect: Check")


class Mismatch(Exception):
    """What the program says is not what the case expects."""


class Waived(Exception):
    """The case does not bind us; the text is the reason with the rule that says so."""


class Tool:
    """The copybridge binary."""

    def __init__(self, binary):
        self.binary = str(binary)
        done = subprocess.run([self.binary, "decode", "--help"], capture_output=True, text=True,
                              check=False, timeout=RUN_SECONDS_MAX)
        self.lacks = {flag for flag in OPTIONAL if flag + " " not in done.stdout}

    def run(self, arguments, data=b""):
        """Exit code, standard output (bytes) and standard error (text)."""
        command = [self.binary] + self.known([str(argument) for argument in arguments])
        try:
            done = subprocess.run(command, input=data, capture_output=True, check=False,
                                  timeout=RUN_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise Mismatch(f"no end after {RUN_SECONDS_MAX} s: {' '.join(command)}") from None
        if done.returncode < 0:
            raise Mismatch(f"signal {-done.returncode}: {' '.join(command)}")
        error = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode == 1 and UNKNOWN.match(error):
            # Never the refusal that a case of mistakes is after.
            raise Mismatch(error.split("\n", 1)[0])
        return done.returncode, done.stdout, error


    def known(self, arguments):
        """Without flags that only widen what is accepted, where the program lacks them: its
        strict reading then fails what needs them."""
        made, at = [], 0
        while at < len(arguments):
            if arguments[at] in self.lacks:
                at += 2
                continue
            made.append(arguments[at])
            at += 1
        return made


class Case:
    """A folder with case.json."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.about = json.loads((self.folder / "case.json").read_text(encoding="utf-8"))
        self.source = self.about.get("source") or self.folder.parent.name
        self.name = self.folder.name

    def file(self, name):
        return self.folder / name

    def has(self, name):
        return (self.folder / name).exists()

    def json(self, name):
        return load_json((self.folder / name).read_text(encoding="utf-8"))

    @property
    def copybooks(self):
        return [self.folder / name for name in self.about.get("copybooks", ["copybook.cpy"])]


def load_json(text):
    """Numbers as their text, so that none goes through a double."""
    return json.loads(text, parse_float=Number, parse_int=Number)


class Number(str):
    """A JSON number as it is written."""


def json_lines(data):
    """Objects of JSON Lines."""
    return [load_json(line) for line in data.decode("utf-8").split("\n") if line.strip()]


def temporary_file(data, suffix=""):
    """A file with these bytes; it lives as long as the run."""
    path = Path(WORK.name) / f"{next(_numbers)}{suffix}"
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


def source_format(tool, copybook, extra=()):
    """Sources do not say in which columns they write: the reference format is tried first, then
    free text. The flags to use, and the errors where neither works."""
    code, _, error = tool.run(["layout", "-c", copybook, "--json", *extra])
    if code == 0 or "choose one with --record" in error:
        return [], ""
    free = ["--source-format", "free"]
    code, _, error_free = tool.run(["layout", "-c", copybook, "--json", *free, *extra])
    if code == 0 or "choose one with --record" in error_free:
        return free, ""
    return [], first_error(error if " column 7 " not in error else error_free)


def first_error(text):
    """The first line that is no warning."""
    # Lines of the copybook under a finding are indented.
    lines = [line for line in text.split("\n")
             if line and " warning: " not in line and not line.startswith(" ")]
    return next((line for line in lines if " error: " in line), lines[0] if lines else text)


# Copybooks that no compiler takes: what the program says of them, and the rule they break.
NO_COBOL = (
    ("a record has no OCCURS", "OCCURS on level 01 (Language Reference, OCCURS clause)"),
    ("neither a PICTURE nor items", "an elementary item without PICTURE (Language Reference, "
     "PICTURE clause: required)"),
    ("is not a whole number", "a table's counter that is no integer (Language Reference, OCCURS "
     "DEPENDING ON)"),
    ("P stands before all digits or behind them", "P within a picture (Language Reference, PICTURE "
     "clause, symbol P: the leftmost or rightmost digits)"),
    ("has a PICTURE and items under it", "PICTURE of a group (Language Reference, PICTURE clause: at "
     "the elementary level only)"),
    ("does not go with its USAGE", "a picture that its usage, its own or its group's, does not "
     "allow (Language Reference, USAGE clause)"),
)


def require_layout(error):
    """Raises Mismatch for an error of the copybook, Waived where it is no COBOL."""
    for part, rule in NO_COBOL:
        if part in error:
            raise Waived(rule)
    if error:
        raise Mismatch("layout: " + error)


def records_of(tool, copybook, flags):
    """Names of the 01s."""
    code, _, error = tool.run(["layout", "-c", copybook, "--json", *flags])
    if code == 0:
        return [None]
    if "choose one with --record" not in error:
        raise Mismatch("layout: " + first_error(error))
    return [line.strip() for line in error.split("--record:", 1)[1].split("\n") if line.strip()]
