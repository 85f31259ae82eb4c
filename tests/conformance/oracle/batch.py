"""One batch: copybooks compiled together by cobc and compared with copybridge."""

import collections
import dataclasses

from cobc import Run
from compare import (
    Command,
    differences_of_places,
    differences_of_values,
)
from items import LAYOUT_ONLY
from program import Program, assignments, conditions_of
from refusals import rule_of, shares_storage
from text import files_of
from translate import from_zos, to_zos


@dataclasses.dataclass
class Tally:
    """What was compared."""

    copybooks: int = 0
    items: int = 0
    values: int = 0
    encoded: int = 0  # values that encode wrote back to the same bytes
    read: int = 0  # values that cobc read from encode's records
    raw: int = 0  # bytes of records that --keep-raw gave back
    refused: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    def add(self, other):
        for field in dataclasses.fields(self):
            total = getattr(self, field.name) + getattr(other, field.name)
            setattr(self, field.name, total)


class Batch:
    """Runs copybooks of one profile through both compilers."""

    def __init__(self, books, profile, binary, folder):
        self.profile = profile
        self.books = [(book, assignments(book, profile)) for book in books]
        self.command = Command(binary, folder, profile)
        self.cobc = Run(folder, profile)
        self.folder = folder
        self.can_encode = self.command.can_encode()
        self.tally = Tally()
        self.failures = collections.defaultdict(list)

    def run(self):
        """Messages by the prefix of the copybook; cobc's own refusal is a CompileError."""
        for book, _ in self.books:
            for name, text in files_of(book, self.profile).items():
                (self.folder / name).write_text(text)
        layouts = {book.prefix: self.layout(book) for book, _ in self.books}
        good = [(book, parts) for book, parts in self.books if layouts[book.prefix]]
        if not good:
            return self.failures
        sizes = {book.prefix: layouts[book.prefix][book.prefix]["size"] for book, _ in good}
        program = Program(good, sizes, self.profile)
        self.cobc.compile(program.text())
        probes, places, conditions = self.places(self.cobc.run("WRITE"))
        records = self.cobc.records(program.record_size)
        encoded = []
        for (book, parts), record in zip(good, records):
            found = differences_of_places(book, layouts[book.prefix], probes[book.prefix])
            self.failures[book.prefix] += found
            self.tally.copybooks += 1
            self.tally.items += len(probes[book.prefix])
            ours = self.values(book, parts, record[: sizes[book.prefix]],
                               places[book.prefix], conditions)
            encoded.append((ours or record[: sizes[book.prefix]]).ljust(program.record_size))
        if len(records) != len(good):
            self.failures[good[0][0].prefix].append(f"cobc wrote {len(records)} records")
        if self.can_encode:
            self.read_back(good, encoded, records)
        return {prefix: found for prefix, found in self.failures.items() if found}

    def layout(self, book):
        layout, message = self.command.layout(book)
        if message:
            self.failures[book.prefix].append(message)
        return layout

    def places(self, lines):
        """Places at the largest, places of values, and conditions that hold, from the output."""
        probes = collections.defaultdict(dict)
        places = collections.defaultdict(dict)
        conditions = set()
        for line in lines:
            tag, _, rest = line.partition(" ")
            if tag == "C":
                conditions.add(rest.strip())
            elif tag == "P":
                name, offset, size = rest.split()
                probes[name.split("-")[0]][name] = (int(offset), int(size))
            elif tag.startswith("VR"):
                number, offset, size = rest.split()
                places[tag[1:]][int(number)] = (int(offset), int(size))
            else:
                self.failures[self.books[0][0].prefix].append(f"the program says: {line}")
        return probes, places, conditions

    def values(self, book, parts, record, places, conditions):
        """Compares decode; returns the record that encode makes of what it printed."""
        stored = [(part.item, *places[number]) for number, part in enumerate(parts)
                  if number in places]
        for number, part in enumerate(parts):
            offset, size = places.get(number, (0, 0))
            part.stored_text = record[offset : offset + size].decode("latin-1")
        data = to_zos(record, stored) if self.profile.ibm else record
        text, message = self.command.decode(book, data)
        if message:
            self.failures[book.prefix].append(message)
            return None
        true = {condition.name for _, condition in conditions_of(book)} & conditions
        self.failures[book.prefix] += differences_of_values(book, parts, text, true)
        self.tally.values += len(parts)
        if not self.can_encode:
            return None
        raw, message = self.command.give_back(book, data)
        if message or raw != data:
            self.failures[book.prefix].append(message or "keep-raw: encode makes other bytes")
        self.tally.raw += len(data)
        made, message = self.command.encode(book, text, len(data))
        if message:
            rule = rule_of(message, book, text)
            if rule is None:
                self.failures[book.prefix].append(message)
                return None
            self.tally.refused[rule] += 1
            made = raw or data
        else:
            compared = [part for part in zip(parts, stored) if is_canonical(part[0].item)]
            self.failures[book.prefix] += differences_of_bytes(compared, data, made)
            self.tally.encoded += len(compared)
        return from_zos(made.ljust(len(data)), stored) if self.profile.ibm else made

    def read_back(self, good, records, own):
        """cobc's program reads what encode made and compares every item with its value."""
        # Some items (COMP-6) it does not find to be what it moved there itself.
        misread = {line for line in self.read(own) if line.startswith("DIFF")}
        parts_of = {book.prefix: parts for book, parts in good}
        checked = set()
        for line in self.read(records):
            if line in misread:
                continue
            words = line.split()
            if words[:1] == ["DIFF"]:
                part = parts_of[words[1]][int(words[2])]
                message = f"{part.cobol}: cobc reads another value from encode's record"
                self.failures[words[1]].append(f"{message}, wanted {part.value.literal}")
            elif words[:1] == ["CHECKED"]:
                checked.add(words[1])
            else:
                self.failures[good[0][0].prefix].append(f"the program says: {line}")
        for prefix in set(parts_of) - checked:
            self.failures[prefix].append("cobc did not read the record of encode")
        self.tally.read += sum(len(parts_of[prefix]) for prefix in checked) - len(misread)

    def read(self, records):
        (self.folder / "in.dat").write_bytes(b"".join(records))
        return self.cobc.run("READ")


def is_canonical(item):
    """Whether what cobc moved is as encode writes it. cobc does not blank every item with BLANK
    WHEN ZERO."""
    return item.kind not in LAYOUT_ONLY and not item.blank_when_zero


def differences_of_bytes(compared, data, made):
    """What was moved is canonical: encode makes the same bytes of it."""
    for part, (_, offset, size) in compared:
        ours, theirs = made[offset : offset + size], data[offset : offset + size]
        if ours != theirs and not has_plus_of_another(part, ours, theirs):
            yield f"{part.cobol}: encode makes {ours.hex()}, not {theirs.hex()}"


def has_plus_of_another(part, ours, theirs):
    """The item shares its bytes with one in front of it, which is what is written: the sign of a
    positive number is then as that one has it, F where it is unsigned and C where it is signed."""
    return (shares_storage(part.item, part.parents, None) and ours[:-1] == theirs[:-1] and
            ours[-1] ^ theirs[-1] in (0x03, 0x30) and
            0xC in (ours[-1] & 0x0F, ours[-1] >> 4, theirs[-1] & 0x0F, theirs[-1] >> 4))
