#!/usr/bin/env python3
"""That the search for secrets (tests/support/secret_hunt.py) finds them: each test that has secrets relies
on it.

forms    a secret in every form it may be written in, in a log, a print-out, or a file in any depth and across
         the edge of a piece, is found; where there is none nothing is
rotated  one that was replaced while the bridge ran is looked for, too
bridge   the real binary, which is made to leak by a record that holds its own password, is caught by what
         ends every process of the tests; without that record it is not

usage: secret_hunt_test.py BINARY [CASE…]
"""
import base64
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bridge_process import check, secret_hunt  # noqa: E402

SECRET = "sesame/open+öffne \"dich\" & more"
PIECE = secret_hunt.PIECE
FAKE = """#!/bin/sh
[ "$1" = "$LEAKS_IN" ] && printf '%s' "$LEAK"
exit 0
"""


def quoted(text):
    return text.encode()


WAYS = {
    "plain": quoted,
    "base64": lambda text: base64.b64encode(text.encode()),
    "basic authorization": lambda text: base64.b64encode(b"user:" + text.encode()),
    "base64 within": lambda text: base64.b64encode(b"{\"password\":\"" + text.encode() + b"\"}"),
    "base64url": lambda text: base64.urlsafe_b64encode(b"?" + text.encode()).rstrip(b"="),
    "percent": lambda text: urllib.parse.quote(text, safe="").encode(),
    "small percent": lambda text: urllib.parse.quote(text, safe="").lower().encode(),
    "form": lambda text: urllib.parse.quote_plus(text).encode(),
    "json": lambda text: b'"sesame/open+\\u00f6ffne \\"dich\\" & more"',
    "xml": lambda text: text.replace("&", "&amp;").encode(),
    "hexadecimal": lambda text: text.encode().hex().upper().encode(),
    "utf-16": lambda text: text.encode("utf-16-le"),
}


def is_found(folder, said=b"", leaks_in="", leak=""):
    binary = folder.parent / "fake"
    binary.write_text(FAKE)
    binary.chmod(0o755)
    environment = {**os.environ, "PASSWORD": SECRET, "LEAKS_IN": leaks_in, "LEAK": leak}
    path = folder / "bridge.yaml"
    path.write_text("password: ${env:PASSWORD}\n")
    secrets = secret_hunt.Secrets().add_all_of(path, environment)
    try:
        searched = secret_hunt.hunt(secrets, binary, path, environment, said)
        check(searched >= 6, f"it looked at {searched} only")
        return False
    except secret_hunt.Leak as leak_found:
        check(SECRET not in str(leak_found), "the message says the secret")
        return True


def forms(_binary, folder):
    folder = folder / "world"
    folder.mkdir()
    check(not is_found(folder, b"sesame"), "found where it is not")
    deep = folder / "state/spool-in/1.segment"
    deep.parent.mkdir(parents=True)
    for way, write in WAYS.items():
        text = write(SECRET)
        check(is_found(folder, b"before " + text + b" behind"), f"{way}: not found in the log")
        for before in (0, PIECE - 5, PIECE + 1):
            deep.write_bytes(b"x" * before + text + b"x" * 10)
            check(is_found(folder), f"{way}: not found in a file after {before} bytes")
        half = text[:len(text) // 2]
        deep.write_bytes(half)
        check(not is_found(folder, half), f"{way}: found in the half of it")
        deep.unlink()
    for command in ("check", "state", "dead-letters"):
        check(is_found(folder, leaks_in=command, leak=SECRET), f"{command}: not found")
    short = folder / "short.yaml"
    short.write_text("password: ${env:SHORT}\n")
    try:
        secret_hunt.Secrets().add_all_of(short, {"SHORT": "secret"})
    except secret_hunt.Leak:
        return f"{len(WAYS)} ways in a log and a file, 3 print-outs"
    check(False, "a secret that is too short to be told apart is taken")


def rotated(_binary, folder):
    path, token = folder / "bridge.yaml", folder / "token"
    path.write_text(f"bearer: ${{file:{token}}}\n")
    token.write_text("the-first-token\n")
    secrets = secret_hunt.Secrets().add_all_of(path, None)
    token.write_text("the-second-token\n")
    secrets.add_all_of(path, None)
    for value in (b"the-first-token", b"the-second-token"):
        try:
            secrets.search(value, "the log")
            check(False, f"{value} is not found")
        except secret_hunt.Leak:
            pass
    check(secrets.search_folder(folder) == 1, "the file of the secret is searched, or nothing is")
    return "both values"


def bridge(binary, folder):
    value = "open-sesame-0042"
    for name, record in {"innocent": "shut-sesame-0042", "leaking": value}.items():
        world = folder / name
        world.mkdir()
        (world / "note.cpy").write_text("       01 NOTE.\n          05 TXT PIC X(16).\n")
        (world / "note.yaml").write_text("name: note\ncopybook: note.cpy\ncodepage: ISO-8859-1\n"
                                         "event: {type: note}\n")
        (world / "in.dat").write_bytes(record.encode())
        (world / "bridge.yaml").write_text(
            "state: state\nlog: {format: json}\n"
            "adapters: {in: {kind: file, path: in.dat, recfm: F, lrecl: 16, settle_time_ms: 0, after: keep}}\n"
            "publishers:\n  out: {kind: file, path: out.jsonl}\n"
            "  web: {kind: http, url: 'http://127.0.0.1:1/', insecure: yes, bearer: '${env:PASSWORD}'}\n"
            "routes: [{from: in, mappings: [note.yaml], to: [out, web]}]\n")
        run = subprocess.run(
            [sys.executable, "-c", "import sys; sys.path[:0] = sys.argv[3:]\n"
             "from bridge_process import Process\n"
             "Process(sys.argv[1], 'run', sys.argv[2], '--until-idle', '--give-up-after', '1').end()",
             binary, world / "bridge.yaml", pathlib.Path(__file__).resolve().parent],
            env={**os.environ, "PASSWORD": value}, capture_output=True, text=True, timeout=60, check=False)
        check((world / "out.jsonl").exists(), f"{name}: the bridge did not run:\n{run.stdout}")
        is_caught = run.returncode != 0 and "the secret PASSWORD is in" in run.stdout
        check(is_caught == (name == "leaking"), f"{name}: {run.returncode} {run.stdout}{run.stderr}")
    return "the leaking one is caught, the other is not"


CASES = {"forms": forms, "rotated": rotated, "bridge": bridge}


def main():
    binary, wanted = sys.argv[1], sys.argv[2:] or list(CASES)
    for case in wanted:
        with tempfile.TemporaryDirectory(prefix="copybridge-secrets-") as name:
            print(f"ok: {case}: {CASES[case](binary, pathlib.Path(name))}", flush=True)


if __name__ == "__main__":
    main()
