"""Random copybooks: groups, tables, redefinitions and every clause that cobc 3.1 compiles.

Where cobc does something else than z/OS COBOL (IBM Enterprise COBOL Language Reference), the
generator keeps out of the way; each place says so.
"""

import dataclasses
import decimal
import random as randoms

from items import NUMBERS, Condition, Copybook, Item, find, walk
from pictures import LETTERS, Pictures

DEPTH_MAX = 5
OCCURRENCES_MAX = 12


@dataclasses.dataclass
class Profile:
    """How a batch is compiled, and how our side reads it."""

    name: str
    standard: str  # cobc -std=
    dialect: str  # copybridge --dialect
    fixed: bool = False  # reference format
    comma: bool = False  # DECIMAL-POINT IS COMMA
    currency: str = "$"
    slide: bool = False  # items behind DEPENDING ON move: cobc -fodoslide

    @property
    def ibm(self):
        return self.dialect == "ibm"


class Generator:
    """Makes the copybook of one seed."""

    def __init__(self, seed, profile):
        self.random = randoms.Random(f"{seed}-{profile.name}")
        self.profile = profile
        self.pictures = Pictures(self.random, profile)
        self.count = 0
        self.has_counter = False
        self.occurs_max = 0  # of its tables

    def one_in(self, count):
        return self.random.randrange(count) == 0

    def copybook(self, prefix):
        self.prefix = prefix
        record = Item(prefix)
        book = Copybook(prefix, record, self.random.randrange(1 << 30))
        self.has_counter = self.one_in(3)
        if self.has_counter:
            record.children.append(self.counter())
        self.items(record, 0, 1, True, False)
        if self.has_counter:
            # Nothing but names for the table to be named by.
            record.children.append(self.pictures.alnum(self.new_name()))
        self.add_renames(book)
        self.add_constants(book)
        book.tagged = self.one_in(6)
        return book

    def new_name(self):
        self.count += 1
        return f"{self.prefix}-I{self.count}"

    # -- groups and their items

    def items(self, group, depth, occurrences, active, in_table):
        before = None  # what may be redefined
        for i in range(1 + self.random.randrange(6)):
            # Behind DEPENDING ON cobc counts redefinitions as storage of their own.
            redefines = before is not None and not self.has_counter and self.one_in(5)
            item = self.item(depth, occurrences, not redefines, in_table, first=i == 0)
            if redefines:
                self.redefine(group, before, item)
            # cobc redefines no tables; chains name the first.
            elif item.occurs or item.name is None:
                before = None
            else:
                before = item
            group.children.append(item)

    def item(self, depth, occurrences, may_occur, in_table, first):
        name = self.new_name() if not self.one_in(8) else None
        is_table = may_occur and depth < DEPTH_MAX and self.one_in(5)
        occurs = 1 + self.random.randrange(5) if is_table else 0
        if occurrences * max(occurs, 1) > OCCURRENCES_MAX:
            occurs = is_table = 0
        within = in_table or bool(occurs)
        if depth < 4 and self.one_in(3):
            item = Item(name)
            item.step = self.random.choice([1, 1, 3, 5, 9])
            self.items(item, depth + 1, occurrences * max(occurs, 1), True, within)
            self.add_group_clauses(item)
        else:
            # SYNC: cobc aligns in tables from the table's begin and z/OS from the record's; at a
            # group's begin z/OS has the slack bytes before the group, cobc in it; redefinitions
            # off their boundary differ as well, and cobc loses slack behind DEPENDING ON.
            may_align = not within and may_occur and not self.has_counter and not first
            item = self.pictures.elementary(name, may_align)
            self.add_value(item, within or not may_occur)
            # With a level 88 cobc takes PIC X COMP-X for text.
            named = name and item.kind in NUMBERS + ("alnum",) and item.kind != "bytes"
            if named and not within and self.one_in(4):
                self.add_condition(item)
        if occurs:
            self.occur(item, occurs, depth)
        return item

    def redefine(self, group, before, item):
        item.redefines = before.name
        cluster = [other for other in group.children if other.redefines == before.name]
        cluster += [before, item]
        # Only what has names is given values, and so fits.
        named = [other for other in cluster if any(
            part.name and not part.children for part, _ in walk(other))]
        chosen = self.random.choice(named or cluster)
        for other in cluster:
            other.active = other is chosen

    def occur(self, item, occurs, depth):
        item.occurs = occurs
        # cobc has DEPENDING ON neither in tables nor in redefinitions.
        if self.has_counter and depth == 0:
            # They share the counter: with one largest number each, places can be compared there.
            self.occurs_max = self.occurs_max or 1 + occurs
            item.occurs = self.occurs_max
            item.occurs_min = self.random.choice([0, 1, item.occurs - 1])
            item.counter = f"{self.prefix}-N"
        # KEY is left out: cobc 3.1.2 never ends with some tables that have one.
        if item.name and self.one_in(3):
            item.keys = f" INDEXED BY {item.name}-X"

    def counter(self):
        """The counter of all DEPENDING ON tables of the record."""
        item = self.random.choice(
            [
                Item(f"{self.prefix}-N", "zoned", "99", digits=2),
                Item(f"{self.prefix}-N", "packed", "S9(3)", "COMP-3", digits=3, signed=True),
                Item(f"{self.prefix}-N", "binary", "S9(4)", "COMP", digits=4, signed=True),
                Item(f"{self.prefix}-N", "comp5", "9(4)", "COMP-5", digits=4),
            ]
        )
        item.fixed_value = decimal.Decimal(1)
        return item

    def settle_counter(self, record):
        """A counter that fits all tables."""
        tables = [item for item, _ in walk(record) if item.counter]
        counter = find(record, f"{record.name}-N")
        if counter is None:
            return
        least = max([table.occurs_min for table in tables], default=1)
        most = min([table.occurs for table in tables], default=1)
        # A table whose least is beyond another's most leaves no count.
        for table in tables:
            table.occurs_min = min(table.occurs_min, most, table.occurs - 1)
        least = min(least, most)
        counter.fixed_value = decimal.Decimal(self.random.randint(least, most))

    # -- clauses

    def add_group_clauses(self, group):
        leaves = [item for item, _ in walk(group) if not item.children]
        if all(leaf.kind in NUMBERS and leaf.kind not in ("native", "bytes") for leaf in leaves):
            kinds = {leaf.kind for leaf in leaves}
            if len(kinds) == 1 and kinds <= {"packed", "binary"} and self.one_in(2):
                group.group_usage = leaves[0].usage
                for leaf in leaves:
                    leaf.usage = ""
        zoned = [leaf for leaf in leaves if leaf.kind == "zoned" and leaf.signed]
        has_own = any(leaf.sign for leaf in leaves)
        if zoned and len(zoned) == len(leaves) and not has_own and self.one_in(2):
            group.group_sign = self.random.choice(["LEADING", "LEADING SEPARATE", "TRAILING"])

    def add_value(self, item, is_shared):
        """VALUE, where COBOL allows it."""
        if is_shared or not self.one_in(4):
            return
        if item.kind == "alnum":
            item.initial = self.random.choice(["SPACES", '"A"', "ZERO", 'ALL "*"', "LOW-VALUES"])
        elif item.kind in ("zoned", "packed", "binary"):
            point = "," if self.profile.comma else "."
            is_plain = item.scale == 0 and item.digits > 1
            item.initial = "7" if is_plain else "ZERO"
            if item.scale > 1 and item.digits > item.scale:
                item.initial = f"1{point}5"

    def add_condition(self, item):
        name = f"{item.name}-C"
        if item.kind == "alnum":
            values = ["".join(self.random.choice(LETTERS) for _ in range(min(item.size, 5)))]
            text = " ".join(f'"{value}"' for value in values)
            item.conditions.append(Condition(name, text, values))
        elif item.scale == 0 and item.digits < 10:
            low = self.random.randrange(10**item.digits)
            high = self.random.randrange(low, 10**item.digits)
            text = self.random.choice([f"{low} THRU {high}", f"{low} THROUGH {high}, 0"])
            item.conditions.append(Condition(name, text, [low, high]))

    def add_renames(self, book):
        """Level 66 over items that lie in no table and no redefinition."""
        plain = []
        for item in book.record.children:
            if item.occurs or item.redefines or self.has_counter:
                break
            # cobc renames no pointers; with a level 66, too, it takes PIC X COMP-X for text.
            if any(child.kind in ("bytes", "pointer") for child, _ in walk(item)):
                break
            if item.name and not any(child.occurs for child, _ in walk(item)):
                plain.append(item)
        if plain and self.one_in(4):
            first = self.random.randrange(len(plain))
            last = self.random.randrange(first, len(plain))
            through = plain[last].name if last > first else ""
            book.renames.append((f"{self.prefix}-R", plain[first].name, through))

    def add_constants(self, book):
        """Level 78 for a table's size. Enterprise COBOL has none."""
        for item, _ in walk(book.record):
            usable = item.name and item.occurs and not item.counter and not self.profile.ibm
            if usable and self.one_in(6):
                book.constants.append((f"{item.name}-K", item.occurs, item))


def copybook(seed, profile, number):
    """The copybook of a seed; the number makes its names differ from others of the program."""
    generator = Generator(seed, profile)
    book = generator.copybook(f"R{number}")
    generator.settle_counter(book.record)
    return book
