"""The COBOL program of a batch: it shows where items lie, MOVEs values into records and writes
them, and reads records of ours and says which items do not hold what they should."""

import itertools
import random as randoms

from items import LAYOUT_ONLY, walk
from pictures import Values

MODE_VARIABLE = "COPYBRIDGE_ORACLE_MODE"


class Assigned:
    """An occurrence of an item that is given a value."""

    def __init__(self, item, parents, subscripts, value):
        self.item = item
        self.parents = parents
        self.subscripts = subscripts
        self.value = value
        self.stored_text = ""  # what cobc's program wrote, as characters

    @property
    def cobol(self):
        if not self.subscripts:
            return self.item.name
        return f"{self.item.name} ({' '.join(str(index) for index in self.subscripts)})"


def count_of(item, book):
    """Occurrences of a table in this record."""
    if not item.counter:
        return item.occurs
    counter = next(other for other, _ in walk(book.record) if other.name == item.counter)
    return int(counter.fixed_value)


def assignments(book, profile):
    """Every occurrence that is given a value, in the order of the record."""
    random = randoms.Random(book.style + 1)
    values = Values(random, profile)
    result = []
    for item, parents in walk(book.record):
        around = parents + (item,)
        if item.children or item.name is None or not all(part.active for part in around):
            continue
        tables = [part for part in around if part.occurs]
        ranges = [range(1, count_of(table, book) + 1) for table in tables]
        for subscripts in itertools.product(*ranges):
            value = values.of(item)
            if value is not None:
                result.append(Assigned(item, parents, subscripts, value))
    return result


def conditions_of(book):
    """(item, condition, whether it is true) for items that are no tables."""
    for item, parents in walk(book.record):
        if all(part.active and not part.occurs for part in parents + (item,)):
            yield from ((item, condition) for condition in item.conditions)


def probes_of(book):
    """Names with the subscripts of their first occurrence."""
    for item, parents in walk(book.record):
        tables = [part for part in parents + (item,) if part.occurs]
        if item.name:
            yield item.name, f"{item.name} ({'1 ' * len(tables)})" if tables else item.name
    for name, _, _ in book.renames:
        yield name, name


class Program:
    """Writes the program's text."""

    def __init__(self, books, sizes, profile):
        self.books = books  # [(Copybook, [Assigned])]
        self.sizes = sizes  # of each record at its largest, by prefix
        self.profile = profile
        self.record_size = max(sizes.values())
        self.lines = []

    def text(self):
        self.header()
        self.main()
        for book, assigned in self.books:
            self.probes(book)
            self.writes(book, assigned)
            self.checks(book, assigned)
        return "".join(self.lines)

    def add(self, *texts, area_a=False):
        indent = ("       " if area_a else "           ") if self.profile.fixed else ""
        for text in texts:
            self.lines.append(f"{indent}{text}\n")

    def header(self):
        self.add("IDENTIFICATION DIVISION.", "PROGRAM-ID. PROBE.", area_a=True)
        self.add("ENVIRONMENT DIVISION.", area_a=True)
        names = "DECIMAL-POINT IS COMMA" if self.profile.comma else ""
        if self.profile.currency != "$":
            names += f' CURRENCY SIGN IS "{self.profile.currency}"'
        if names:
            self.add("CONFIGURATION SECTION.", "SPECIAL-NAMES.", area_a=True)
            self.add(f"{names}.")
        self.add("INPUT-OUTPUT SECTION.", "FILE-CONTROL.", area_a=True)
        for name in ("OUT", "IN"):
            self.add(f'SELECT {name}-FILE ASSIGN "{name.lower()}.dat"', "ORGANIZATION SEQUENTIAL.")
        self.add("DATA DIVISION.", "FILE SECTION.", area_a=True)
        for name in ("OUT", "IN"):
            self.add(f"FD {name}-FILE.", f"01 {name}-REC PIC X({self.record_size}).", area_a=True)
        self.add("WORKING-STORAGE SECTION.", area_a=True)
        self.add("01 P USAGE POINTER.", "01 PN REDEFINES P PIC S9(18) COMP-5.", area_a=True)
        self.add("01 Q USAGE POINTER.", "01 QN REDEFINES Q PIC S9(18) COMP-5.", area_a=True)
        self.add("01 D PIC 9(9).", "01 L PIC 9(9).", "01 NM PIC X(60).", area_a=True)
        self.add("01 RUN-MODE PIC X(8).", area_a=True)
        for book, _ in self.books:
            self.add(f'COPY "{book.prefix}.cpy".', area_a=True)
        self.add("LINKAGE SECTION.", f"01 BUF PIC X({self.record_size}).", area_a=True)

    def main(self):
        self.add("PROCEDURE DIVISION.", "MAIN-PART.", area_a=True)
        self.add(f'ACCEPT RUN-MODE FROM ENVIRONMENT "{MODE_VARIABLE}"')
        self.add('IF RUN-MODE = "READ" OPEN INPUT IN-FILE')
        for book, _ in self.books:
            self.add(f"PERFORM CHECK-{book.prefix}")
        self.add("CLOSE IN-FILE", "ELSE OPEN OUTPUT OUT-FILE")
        for book, _ in self.books:
            self.add(f"PERFORM PROBE-{book.prefix}", f"PERFORM WRITE-{book.prefix}")
        self.add("CLOSE OUT-FILE", "END-IF", "STOP RUN.")
        self.add("SHOW-PLACE.", area_a=True)
        self.add("COMPUTE D = PN - QN", "DISPLAY NM D SPACE L.")

    def show(self, tag, name, place):
        self.add(f"SET P TO ADDRESS OF {place}")
        self.add(f"COMPUTE L = FUNCTION BYTE-LENGTH({place})")
        self.add(f'MOVE "{tag} {name}" TO NM', "PERFORM SHOW-PLACE")

    def probes(self, book):
        """Places with every table at its largest."""
        self.add(f"PROBE-{book.prefix}.", area_a=True)
        self.add(f"SET Q TO ADDRESS OF {book.prefix}")
        for item, _ in walk(book.record):
            if item.counter:
                self.add(f"MOVE {item.occurs} TO {item.counter}")
                break
        for name, place in probes_of(book):
            self.show("P", name, place)
        self.add("CONTINUE.")

    def writes(self, book, assigned):
        size = self.sizes[book.prefix]
        self.add(f"WRITE-{book.prefix}.", area_a=True)
        self.add(f"SET Q TO ADDRESS OF {book.prefix}")
        self.add(f"SET ADDRESS OF BUF TO ADDRESS OF {book.prefix}")
        self.add(f"MOVE SPACES TO BUF (1:{size})")
        for part in assigned:
            if part.item.fixed_value is not None:
                self.add(f"MOVE {part.value.literal} TO {part.cobol}")
        for number, part in enumerate(assigned):
            self.add(f"MOVE {part.value.literal}", f"  TO {part.cobol}")
            self.show(f"V{book.prefix}", str(number), part.cobol)
        for item, condition in conditions_of(book):
            self.add(f"IF {condition.name}", f'  DISPLAY "C {condition.name}" END-IF')
        self.add("MOVE SPACES TO OUT-REC", f"MOVE BUF (1:{size}) TO OUT-REC", "WRITE OUT-REC.")

    def checks(self, book, assigned):
        size = self.sizes[book.prefix]
        self.add(f"CHECK-{book.prefix}.", area_a=True)
        self.add("READ IN-FILE AT END", '  DISPLAY "END OF FILE" STOP RUN END-READ')
        self.add(f"SET ADDRESS OF BUF TO ADDRESS OF {book.prefix}")
        self.add(f"MOVE IN-REC (1:{size}) TO BUF (1:{size})")
        for number, part in enumerate(assigned):
            literal = part.value.check or part.value.literal
            if part.item.kind in LAYOUT_ONLY or literal == "-":
                continue
            self.add(f"IF {part.cobol}", f"  NOT = {literal}")
            self.add(f'  DISPLAY "DIFF {book.prefix} {number}" END-IF')
        self.add(f'DISPLAY "CHECKED {book.prefix}".')
