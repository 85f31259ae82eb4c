"""Looks for secrets where none may be: in what a bridge of the tests has logged, printed and written.

Whatever a bridge file refers to as ${env:NAME} or ${file:PATH} is a secret, with no help from the test
(tests/faults/bridge_process.py asks for it at the end of each process). It is looked for as it is and as
it stands in Base64, percent-encoded, in JSON, in XML and in hexadecimal.

searched   the process's standard error and output; every file below the bridge file's folder (state,
           spool, dead letters, output files), but those that hold the secrets themselves; what check --json,
           state show and dead-letters list print afterwards
"""
import base64
import json
import os
import pathlib
import re
import subprocess
import urllib.parse
import xml.sax.saxutils

REFERENCE = re.compile(r"\$\{(env|file):([^}]+)\}")
# A shorter one might stand somewhere by chance, and then nothing would be proved either way.
LENGTH_MIN = 8
PIECE = 1 << 20
LIMIT_S = 60


class Leak(AssertionError):
    pass


def base64_forms(value):
    """As it stands in the Base64 of any text that holds it: three ways, without the edges, which depend
    on what stands beside it."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + value).decode()
        first = (before * 8 + 5) // 6
        whole = (before + len(value)) * 8 // 6
        for form in {text[first:whole], text[first:whole].replace("+", "-").replace("/", "_")}:
            if len(form) >= LENGTH_MIN:
                yield form.encode()


def forms_of(value):
    """Every way in which a secret (bytes) may have been written."""
    text = value.decode("utf-8", "surrogateescape")
    quoted = urllib.parse.quote_from_bytes(value, safe="")
    everything = "".join(f"%{byte:02X}" for byte in value)
    written = [value, quoted.encode(), quoted.lower().encode(), everything.encode(),
               urllib.parse.quote_plus(value).encode(), json.dumps(text)[1:-1].encode(),
               xml.sax.saxutils.escape(text).encode(), value.hex().encode(),
               value.hex().upper().encode(), text.encode("utf-16-le", "surrogatepass"),
               *base64_forms(value)]
    return {form for form in written if form}


class Secrets:
    """Those of one bridge, each with a name that may be shown."""

    def __init__(self):
        self.values = {}
        self.files = set()

    def add(self, name, value):
        value = value.encode() if isinstance(value, str) else value
        if len(value) < LENGTH_MIN:
            raise Leak(f"the secret {name} has fewer than {LENGTH_MIN} characters: it cannot be told from "
                       "other text")
        self.values.setdefault(name, set()).update(forms_of(value))

    def add_all_of(self, path, environment):
        """What a bridge file refers to. Asked again it adds what has taken their place meanwhile."""
        environment = os.environ if environment is None else environment
        if not pathlib.Path(path).is_file():
            return self
        for kind, name in REFERENCE.findall(pathlib.Path(path).read_text(errors="replace")):
            if kind == "env" and environment.get(name):
                self.add(name, environment[name])
            file = pathlib.Path(path).parent / name
            if kind == "file" and file.is_file():
                self.files.add(file.resolve())
                content = file.read_bytes().rstrip(b"\r\n")
                if content:
                    self.add(name, content)
        return self

    def search(self, content, where):
        for name, forms in self.values.items():
            for form in forms:
                if form in content:
                    raise Leak(f"the secret {name} is in {where}")

    def search_file(self, path):
        """In pieces that overlap by more than the longest form."""
        overlap = max(len(form) for forms in self.values.values() for form in forms)
        rest = b""
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                self.search(rest + piece, path)
                rest = (rest + piece)[-overlap:]

    def search_folder(self, folder):
        count = 0
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.is_symlink() or not path.is_file() or path.resolve() in self.files:
                continue
            try:
                self.search_file(path)
                count += 1
            except (FileNotFoundError, PermissionError):
                pass
        return count


def commands(path):
    yield "check", path
    yield "check", "--json", path
    yield "state", "show", path
    yield "dead-letters", "list", "--json", path


def hunt(secrets, binary, path, environment, said, folder=None):
    """Raises Leak where one of the secrets (of the bridge file at `path`) has got out. In how many files and
    texts it looked; 0: there are no secrets."""
    if not secrets.values:
        return 0
    secrets.search(said, "the log")
    texts = 1
    for command in commands(path):
        done = subprocess.run([str(word) for word in (binary, *command)], capture_output=True,
                              env=environment, timeout=LIMIT_S, check=False)
        secrets.search(done.stdout + done.stderr, f"what '{command[0]} {command[1]}' prints")
        texts += 1
    return texts + secrets.search_folder(folder or pathlib.Path(path).parent)
