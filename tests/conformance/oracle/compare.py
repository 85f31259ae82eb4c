"""What copybridge says of a copybook and of the bytes that cobc's program wrote."""

import decimal
import json
import subprocess

from items import walk
from program import conditions_of, count_of


class Number(str):
    """A JSON number as it was written: its decimals count."""


class Command:
    """copybridge with the options of a batch."""

    def __init__(self, binary, folder, profile):
        self.binary = binary
        self.folder = folder
        self.copybook = ["-I", str(folder), "--dialect", profile.dialect]
        self.copybook += ["--source-format", "fixed" if profile.fixed else "free"]
        if profile.comma:
            self.copybook.append("--decimal-point-is-comma")
        self.copybook += ["--currency", profile.currency]
        self.codec = ["--long-records", "accept"]
        self.codec += ["--odo", "moving" if profile.slide else "fixed"]
        if not profile.ibm:
            self.codec += ["--codepage", "ISO-8859-1", "--float", "ieee", "--endian", "little"]

    def run(self, command, book, *options, data=None):
        path = str(self.folder / f"{book.prefix}.cpy")
        line = [self.binary, command, "-c", path, *self.copybook, *options]
        done = subprocess.run(line, input=data, capture_output=True, timeout=600)
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    def layout(self, book):
        """Items by name, or a message."""
        code, out, messages = self.run("layout", book, "--json")
        if code != 0 or "warning" in messages:
            return None, f"layout: {messages}"
        return {item["name"]: item for item in json.loads(out)}, ""

    def decode(self, book, record):
        """The record's JSON text, or a message."""
        options = self.codec + ["--lrecl", str(len(record)), "--conditions", "-"]
        code, out, messages = self.run("decode", book, *options, data=record)
        return (out, "") if code == 0 else (None, f"decode: {messages}")

    def encode(self, book, text, size):
        """The bytes of a JSON text, or a message."""
        # DEPENDING ON tables below their largest make a record shorter than the longest.
        options = [part for part in self.codec if part not in ("--long-records", "accept")]
        options += ["--conditions", "--recfm", "V", "--bdw", "no", "--lrecl", str(max(size + 4, 8)), "-"]
        code, out, messages = self.run("encode", book, *options, data=text)
        return (out[4:], "") if code == 0 else (None, f"encode: {messages}")

    def give_back(self, book, record):
        """What --keep-raw makes of a record on its way through JSON and back, or a message."""
        size = str(len(record))
        options = self.codec + ["--conditions", "--keep-raw", "--lrecl", size]
        code, text, messages = self.run("decode", book, *options, "-", data=record)
        if code != 0:
            return None, f"decode --keep-raw: {messages}"
        code, out, messages = self.run("encode", book, *options, "-", data=text)
        return (out, "") if code == 0 else (None, f"encode --keep-raw: {messages}")

    def can_encode(self):
        done = subprocess.run([self.binary, "--help"], capture_output=True, text=True, timeout=30)
        return any(line.split()[:1] == ["encode"] for line in done.stdout.splitlines())


def differences_of_places(book, layout, probes):
    """Offset and size of every named item."""
    varies = {
        part.name
        for item, parents in walk(book.record)
        if item.counter
        for part in parents
    }
    for name, (offset, size) in probes.items():
        ours = layout.get(name)
        if ours is None:
            yield f"{name}: our layout has no such item"
            continue
        if ours["offset"] != offset:
            yield f"{name}: offset {ours['offset']}, cobc has {offset}"
        # Of groups with DEPENDING ON cobc says the length of the moment.
        if name not in varies and ours["size"] != size:
            yield f"{name}: size {ours['size']}, cobc has {size}"
    for item, _ in walk(book.record):
        if item.name and item.occurs and layout.get(item.name, {}).get("occurs_max") != item.occurs:
            yield f"{item.name}: OCCURS {layout[item.name]['occurs_max']}, not {item.occurs}"


def filler_numbers(record):
    """FILLER-n of every FILLER but the record, in the order of the copybook."""
    fillers = [item for item, _ in walk(record) if item.name is None]
    return {id(item): number for number, item in enumerate(fillers, start=1)}


def member(document, book, assigned):
    """The value of an occurrence in the document."""
    fillers = filler_numbers(book.record)
    value = document
    subscripts = list(assigned.subscripts)
    for item in assigned.parents[1:] + (assigned.item,):
        if item.name is None and not item.occurs:
            continue  # its children stand in its place
        value = value[item.name or f"FILLER-{fillers[id(item)]}"]
        if item.occurs:
            if len(value) != count_of(item, book):
                raise KeyError(f"{item.name} has {len(value)} occurrences")
            value = value[subscripts.pop(0) - 1]
    return value


def says(value, assigned):
    """Whether a JSON value is what the item was told to hold."""
    expected = assigned.value.expected
    if assigned.item.kind in ("float", "double"):
        return isinstance(value, Number) and decimal.Decimal(value) == expected
    if assigned.item.kind == "edited" and not isinstance(value, Number):
        # Printed as the characters that cobc wrote.
        return value == assigned.stored_text.rstrip(" ")
    if isinstance(expected, decimal.Decimal):
        return isinstance(value, Number) and value == format(expected, "f")
    if assigned.item.just:
        # What JUSTIFIED fills up on the left is no part of the text; both readings say the same.
        return isinstance(value, str) and value.strip(" ") == expected.strip(" ")
    return not isinstance(value, Number) and value == expected


def differences_of_values(book, assigned, text, true_conditions):
    """Values that are not what the program was told to move."""
    try:
        document = json.loads(text, parse_float=Number, parse_int=Number)
    except json.JSONDecodeError as error:
        yield f"decode printed no JSON: {error}"
        return
    for part in assigned:
        try:
            value = member(document, book, part)
        except (KeyError, IndexError, TypeError) as error:
            yield f"{part.cobol}: decode has no member for it: {error!r}"
            continue
        if not says(value, part):
            shown = f"{value!r}, not {str(part.value.expected)!r}"
            yield f"{part.cobol}: decode has {shown}, moved {part.value.literal}"
    known = {condition.name for _, condition in conditions_of(book)}
    printed = {name for name, value in members(document) if value is True} & known
    for name in sorted(printed ^ true_conditions):
        yield f"{name}: true for {'decode' if name in printed else 'cobc'} alone"


def members(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)
