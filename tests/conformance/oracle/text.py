"""How a copybook is written: reference format, order of clauses, optional words, comments."""

import random as randoms
import re

FIXED_WIDTH = 65  # columns 8 to 72


class Writer:
    """Writes one copybook, in a style of its own but always the same words."""

    def __init__(self, book, profile):
        self.book = book
        self.profile = profile
        self.random = randoms.Random(book.style)
        self.lines = []

    def text(self):
        for name, number, _ in self.book.constants:
            self.entry([f"78 {name} VALUE {number}"])
        self.item(self.book.record, 1)
        for name, first, through in self.book.renames:
            word = self.random.choice(["THRU", "THROUGH"])
            self.entry([f"66 {name} RENAMES {first}" + (f" {word} {through}" if through else "")])
        return "".join(self.lines)

    def choose(self, *choices):
        return self.random.choice(choices)

    def item(self, item, level):
        number = f"{level:02d}" if self.random.random() < 0.8 else str(level)
        name = item.name or self.choose("FILLER", "FILLER", "")
        clauses = self.clauses(item)
        self.random.shuffle(clauses)
        # REDEFINES stands first; cobc insists.
        if item.redefines:
            clauses.insert(0, f"REDEFINES {item.redefines}")
        self.entry([f"{number} {name}".rstrip()] + clauses)
        for condition in item.conditions:
            word = self.choose("VALUE", "VALUE IS", "VALUES", "VALUES ARE")
            self.entry([f"88 {condition.name} {word} {condition.text}"])
        for child in item.children:
            self.item(child, level + (item.step if level > 1 else self.step(item)))

    def step(self, record):
        return record.step

    def clauses(self, item):
        clauses = []
        if item.picture:
            clauses.append(self.choose("PIC ", "PICTURE ", "PIC IS ") + self.cased(item.picture))
        usage = item.usage or item.group_usage
        if usage:
            clauses.append(self.choose("", "USAGE ", "USAGE IS ") + usage)
        sign = item.sign or item.group_sign
        if sign:
            text = self.choose("SIGN ", "SIGN IS ", "") + sign
            clauses.append(text + (self.choose("", " CHARACTER") if "SEPARATE" in sign else ""))
        if item.occurs:
            clauses.append(self.occurs(item))
        if item.sync:
            clauses.append(self.choose("SYNC", "SYNCHRONIZED"))
        if item.just:
            clauses.append(self.choose("JUST", "JUSTIFIED RIGHT", "JUST RIGHT"))
        if item.blank_when_zero:
            clauses.append(self.choose("BLANK WHEN ZERO", "BLANK ZERO", "BLANK WHEN ZEROES"))
        if item.initial:
            clauses.append(self.choose("VALUE ", "VALUE IS ") + item.initial)
        return clauses

    def occurs(self, item):
        if item.counter:
            times = f"OCCURS {item.occurs_min} TO {item.occurs}" + self.choose("", " TIMES")
            return times + self.choose(" DEPENDING ON ", " DEPENDING ") + item.counter + item.keys
        count = next((name for name, _, table in self.book.constants if table is item), item.occurs)
        return f"OCCURS {count}" + self.choose("", " TIMES") + item.keys

    def cased(self, picture):
        # A currency sign stands as it is.
        is_plain = "X" not in picture and set(picture) <= set("SXA9VPN()0123456789B/")
        return picture.lower() if is_plain and self.random.random() < 0.1 else picture

    # -- lines

    def entry(self, clauses):
        """One entry on as many lines as it takes."""
        separator = self.choose(" ", " ", " ", "\n")
        pieces = self.tagged(separator.join(clauses)).split("\n")
        if self.random.random() < 0.08:
            self.comment()
        for piece in self.wrapped(pieces):
            self.line(piece)
        self.lines[-1] = self.lines[-1].rstrip("\n") + ".\n"
        if self.profile.fixed and self.random.random() < 0.3:
            # Columns 73 to 80 are another's.
            self.lines[-1] = f"{self.lines[-1].rstrip():<72}PROJ0001\n"

    def tagged(self, text):
        """Of a tagged copybook every name has :TAG: for the prefix: it is longer, and lines end at
        column 72 all the same."""
        return re.sub(rf"\b{self.book.prefix}\b", ":TAG:", text) if self.book.tagged else text

    def wrapped(self, pieces):
        for piece in pieces:
            # cobc 3.1.2 takes a line that begins with $ for a directive, too.
            words = piece.replace(" $", "\0$").split(" ")
            line = ""
            for word in words:
                if line and len(line) + len(word) > FIXED_WIDTH - 12:
                    yield line
                    line = ""
                line += (" " if line else "") + word.replace("\0", " ")
            yield line

    def line(self, text):
        line = self.margin() + " " * self.random.choice([0, 1, 2, 4]) + text
        # cobc 3.1.2 takes a line with $ in column 7 for a directive, in free format too.
        while line[6:7] == "$":
            line = " " + line
        self.lines.append(line + "\n")

    def margin(self):
        if not self.profile.fixed:
            return ""
        return self.choose("       ", "       ", "000100 ")

    def comment(self):
        if self.profile.fixed:
            self.lines.append(self.choose("      * 05 X PIC X.\n", "000200/ PIC X\n", "\n"))
        self.lines.append(self.margin() + "*> 05 NOT-HERE PIC X(99).\n")


def files_of(book, profile):
    """The files of a copybook by name: its own, and the member that a tagged one copies."""
    text = Writer(book, profile).text()
    if not book.tagged:
        return {f"{book.prefix}.cpy": text}
    margin = "       " if profile.fixed else ""
    statement = f"{margin}COPY {book.prefix}T REPLACING ==:TAG:== BY\n{margin}  =={book.prefix}==.\n"
    return {f"{book.prefix}.cpy": statement, f"{book.prefix}T.cpy": text}
