#!/usr/bin/env python3
"""GnuCOBOL's files, both ways: files_test.py COPYBRIDGE

A program of cobc writes records of many lengths to a variable sequential file, once in each form of
COB_VARSEQ_FORMAT, and to a line sequential file. `copybridge decode` must print what was written,
`copybridge encode` must make the same bytes of that, and the program must read the records that it
wrote from the file of encode.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cobc

SKIPPED = 77
RECORDS = 400
SIZE_MAX = 300
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FORMS = [("gnucobol", ["--varseq-format", str(form)], form) for form in range(4)]
FORMS.append(("line", [], None))

COPYBOOK = f"""       01  R.
           05  N PIC 9(3).
           05  A PIC X OCCURS 1 TO {SIZE_MAX - 3} DEPENDING ON N.
"""

PROGRAM = f"""
       IDENTIFICATION DIVISION.
       PROGRAM-ID. FILES.
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT F ASSIGN TO "file.dat" ORGANIZATION IS ORGANIZED
               FILE STATUS IS STAT.
       DATA DIVISION.
       FILE SECTION.
       FD F RECORD IS VARYING FROM 4 TO {SIZE_MAX} DEPENDING ON L.
       01 R.
          05 N PIC 9(3).
          05 A PIC X OCCURS {SIZE_MAX - 3}.
       WORKING-STORAGE SECTION.
       01 L PIC 9(5).
       01 I PIC 9(9).
       01 J PIC 9(9).
       01 K PIC 9(9).
       01 STAT PIC XX.
       01 LETTERS PIC X(26) VALUE "{LETTERS}".
       01 WORD PIC X(8).
       PROCEDURE DIVISION.
           ACCEPT WORD FROM ENVIRONMENT "COPYBRIDGE_FILES_MODE".
           IF WORD = "WRITE" PERFORM WRITE-ALL ELSE PERFORM READ-ALL.
           STOP RUN.
       WRITE-ALL.
           OPEN OUTPUT F.
           PERFORM VARYING I FROM 1 BY 1 UNTIL I > {RECORDS}
               COMPUTE K = I * I * 7 + I
               COMPUTE N = FUNCTION MOD (K {SIZE_MAX - 3}) + 1
               COMPUTE L = N + 3
               PERFORM VARYING J FROM 1 BY 1 UNTIL J > N
                   COMPUTE K = FUNCTION MOD (I + J * J 26) + 1
                   MOVE LETTERS (K:1) TO A (J)
               END-PERFORM
               WRITE R
           END-PERFORM.
           CLOSE F.
       READ-ALL.
           OPEN INPUT F.
           PERFORM UNTIL STAT NOT = "00"
               READ F NOT AT END
                   COMPUTE L = N + 3
                   DISPLAY R (1:L)
           END-PERFORM.
           DISPLAY "STATUS " STAT.
           CLOSE F.
"""


def expected():
    """What the program writes, record by record."""
    for number in range(1, RECORDS + 1):
        size = (number * number * 7 + number) % (SIZE_MAX - 3) + 1
        yield "".join(LETTERS[(number + place * place) % 26] for place in range(1, size + 1))


def program(folder, organization, form, mode):
    """Runs the compiled program; what it shows."""
    environment = dict(os.environ, COPYBRIDGE_FILES_MODE=mode)
    if form is not None:
        environment["COB_VARSEQ_FORMAT"] = str(form)
    done = subprocess.run([str(folder / organization)], cwd=folder, env=environment,
                          capture_output=True, timeout=120)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"the program ends with {done.returncode}: {done.stderr.decode('latin-1')}")
    return done.stdout.decode("latin-1").splitlines()


def compile_program(folder, organization):
    source = folder / f"{organization}.cob"
    words = "LINE SEQUENTIAL" if organization == "line" else "SEQUENTIAL"
    source.write_text(PROGRAM.replace("ORGANIZED", words))
    subprocess.run(["cobc", "-x", "-w", "-o", str(folder / organization), str(source)], check=True,
                   timeout=120)


def copybridge(binary, command, folder, recfm, options, data):
    line = [binary, command, "-c", str(folder / "r.cpy"), "--dialect", "gnucobol", "--recfm", recfm]
    done = subprocess.run([*line, *options, "-"], input=data, capture_output=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"{command} --recfm {recfm} {options}: {done.stderr.decode()}")
    return done.stdout


def check(binary, folder, recfm, options, form):
    name = f"{recfm} {' '.join(options)}".strip()
    file = folder / "file.dat"
    organization = "line" if recfm == "line" else "sequential"
    program(folder, organization, form, "WRITE")
    written = file.read_bytes()
    lines = copybridge(binary, "decode", folder, recfm, options, written)
    decoded = ["".join(json.loads(line)["A"]) for line in lines.splitlines()]
    if decoded != list(expected()):
        sys.exit(f"{name}: decode prints other records than the program wrote")
    made = copybridge(binary, "encode", folder, recfm, options, lines)
    if made != written:
        place = next((i for i, pair in enumerate(zip(made, written)) if pair[0] != pair[1]), -1)
        sys.exit(f"{name}: encode makes other bytes from byte {place} on")
    file.write_bytes(made)
    shown = program(folder, organization, form, "READ")
    wanted = [f"{len(text):03}{text}" for text in expected()] + ["STATUS 10"]
    if shown != wanted:
        sys.exit(f"{name}: the program reads other records from the file of encode")
    return len(written)


def main():
    if not cobc.version():
        print("GnuCOBOL is not installed (gnucobol3)")
        return SKIPPED
    binary = os.path.abspath(sys.argv[1])
    sizes = set()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "r.cpy").write_text(COPYBOOK)
        for organization in ("sequential", "line"):
            compile_program(folder, organization)
        for recfm, options, form in FORMS:
            sizes.add(check(binary, folder, recfm, options, form))
    # Two-byte lengths, line ends and the others: the program did write different forms.
    if len(sizes) < 3:
        sys.exit(f"the forms do not differ: {sizes}")
    print(f"{RECORDS} records in {len(FORMS)} forms, both ways")
    return 0


if __name__ == "__main__":
    sys.exit(main())
