#!/usr/bin/env python3
"""GnuCOBOL as oracle: oracle.py COPYBRIDGE PROFILE [--copybooks N] [--seed S] [--keep FOLDER]

Random copybooks are compiled by cobc. Offset and size of every item must be what `copybridge
layout` says; what cobc's program MOVEs into a record must be what `copybridge decode` prints; and
the program must read the same values from what `copybridge encode` makes of that.

PROFILE is ibm, default or mf: cobc -std and the dialect. Every copybook has its own seed; a
copybook that fails is made smaller and shown with its seed. COPYBRIDGE_SOAK=yes takes thousands.
"""

import argparse
import os
import pathlib
import sys
import tempfile
import time

import cobc
import generate
from batch import Batch, Tally
from shrink import shrink
from text import files_of

BATCH = 20
SKIPPED = 77
SOAK_FACTOR = 30
FAILURES_SHOWN = 4
STANDARDS = {"ibm": ("ibm", "ibm"), "default": ("default", "gnucobol"), "mf": ("mf", "micro-focus")}


def profile_of(name, number):
    """The profiles of batches differ: format, decimal comma, currency, storage behind tables."""
    standard, dialect = STANDARDS[name]
    return generate.Profile(
        name,
        standard,
        dialect,
        fixed=number % 2 == 1,
        comma=number % 5 == 2,
        currency="F" if number % 3 == 2 else "$",
        slide=number % 2 == (0 if name == "ibm" else 1),
    )


class Oracle:
    def __init__(self, options):
        self.options = options
        self.tally = Tally()
        self.failed = 0

    def run(self):
        copybooks = self.options.copybooks
        for number, first in enumerate(range(0, copybooks, BATCH)):
            profile = profile_of(self.options.profile, number)
            seeds = [self.options.seed + index for index in range(first, first + BATCH)]
            self.batch(seeds[: copybooks - first], profile)
            if self.failed >= FAILURES_SHOWN:
                print(f"stopped after {self.failed} copybooks that fail")
                break
        return self.failed == 0

    def batch(self, seeds, profile):
        books = [generate.copybook(seed, profile, number) for number, seed in enumerate(seeds)]
        failures, tally, refusal = self.compare(books, profile)
        if refusal and len(books) > 1:
            # cobc refuses one of them: which one it is shows when each is compiled alone.
            for seed, book in zip(seeds, books):
                failures, tally, refusal = self.compare([book], profile)
                self.tally.add(tally)
                self.judge(seed, book, profile, failures, refusal)
            return
        self.tally.add(tally)
        for seed, book in zip(seeds, books):
            self.judge(seed, book, profile, failures, refusal)

    def compare(self, books, profile):
        with tempfile.TemporaryDirectory() as folder:
            batch = Batch(books, profile, self.options.copybridge, pathlib.Path(folder))
            try:
                failures = batch.run()
            except cobc.CompileError as error:
                return {}, Tally(), str(error)
            return failures, batch.tally, ""

    def judge(self, seed, book, profile, failures, refusal):
        messages = [f"cobc: {refusal}"] if refusal else failures.get(book.prefix, [])
        if not messages or self.failed >= FAILURES_SHOWN:
            return
        self.failed += 1
        print(f"\nseed {seed}, {profile}:")
        kinds = {kind_of(message) for message in messages}

        def fails(smaller):
            found, _, refused = self.compare([smaller], profile)
            if bool(refused) != bool(refusal):
                return False
            again = found.get(smaller.prefix, [])
            return bool(refused) or any(kind_of(message) in kinds for message in again)

        smallest = book if self.options.no_shrink else shrink(book, fails)
        found, _, refused = self.compare([smallest], profile)
        for text in files_of(smallest, profile).values():
            print(text)
        for message in ([refused] if refused else found.get(smallest.prefix, messages))[:10]:
            print("   ", message)


def kind_of(message):
    """Failures are the same kind where only names and numbers differ."""
    return message.split(": ", 1)[-1].split(" ")[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("copybridge")
    parser.add_argument("profile", choices=sorted(STANDARDS))
    parser.add_argument("--copybooks", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-shrink", action="store_true")
    options = parser.parse_args()
    options.copybridge = os.path.abspath(options.copybridge)
    version = cobc.version()
    if not version:
        print("GnuCOBOL is not installed (gnucobol3)")
        return SKIPPED
    if os.environ.get("COPYBRIDGE_SOAK") == "yes":
        options.copybooks *= SOAK_FACTOR
    started = time.monotonic()
    oracle = Oracle(options)
    try:
        is_good = oracle.run()
    except KeyboardInterrupt:
        print("stopped before its end")
        is_good = False
    tally = oracle.tally
    print(
        f"{version}, -std={options.profile}, seeds from {options.seed}: "
        f"{tally.copybooks} copybooks, {tally.items} items placed, {tally.values} values decoded, "
        f"{tally.encoded} values encoded to the same bytes, {tally.read} values read by cobc from "
        f"encode's records, {tally.raw} bytes given back with --keep-raw; encode refused "
        f"{refusals_of(tally)}; {time.monotonic() - started:.0f} s"
    )
    # A run that compared nothing proves nothing.
    return 0 if is_good and min(tally.values, tally.encoded, tally.read) > tally.copybooks else 1


def refusals_of(tally):
    counts = ", ".join(f"{count} {rule}" for rule, count in sorted(tally.refused.items()))
    return f"{sum(tally.refused.values())} records by rule ({counts or 'none'})"


if __name__ == "__main__":
    sys.exit(main())
