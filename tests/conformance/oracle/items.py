"""What a random copybook is made of: items with their clauses, and the values they are given."""

import dataclasses
import decimal
import typing

# Numbers have up to 38 digits; the least context that is exact for all of them.
decimal.getcontext().prec = 80

# Kinds of elementary items whose value is a number, by how it is stored.
NUMBERS = ("zoned", "binary", "comp5", "compx", "compn", "packed", "comp6", "native", "bytes")
FLOATS = ("float", "double")
# Stored as characters: these are translated where a record goes to EBCDIC and back.
CHARACTERS = ("alnum", "alpha", "alnum-edited", "zoned", "edited")
# cobc stores these in ways of its own, or no value: their places alone count. National text is
# unfinished, and COMP-N, which is COMP-X in the machine's byte order, is written with the highest
# byte first.
LAYOUT_ONLY = ("index", "pointer", "national", "compn")


@dataclasses.dataclass
class Item:
    """One data description entry with everything under it."""

    name: typing.Optional[str]  # None: FILLER
    kind: str = "group"
    picture: str = ""
    usage: str = ""  # as written; empty: none
    sign: str = ""
    digits: int = 0
    scale: int = 0
    signed: bool = False
    size: int = 0  # characters of text
    occurs: int = 0  # 0: no table
    occurs_min: int = 0
    counter: str = ""  # of OCCURS DEPENDING ON
    redefines: str = ""
    sync: bool = False
    just: bool = False
    blank_when_zero: bool = False
    group_usage: str = ""  # USAGE written on the group for the items in it
    group_sign: str = ""
    initial: str = ""  # VALUE
    conditions: list = dataclasses.field(default_factory=list)
    keys: str = ""  # KEY and INDEXED BY of a table
    children: list = dataclasses.field(default_factory=list)
    step: int = 1  # how much deeper than its group's level number
    active: bool = True  # of items that share storage: the one that is given values
    fixed_value: typing.Optional[decimal.Decimal] = None  # of counters


@dataclasses.dataclass
class Condition:
    """A level 88: its name, its values as they are written, and those values."""

    name: str
    text: str
    values: list


@dataclasses.dataclass
class Copybook:
    """A record and what belongs to it."""

    prefix: str
    record: Item
    style: int  # seed of how the text is written
    renames: list = dataclasses.field(default_factory=list)  # (name, from, through)
    constants: list = dataclasses.field(default_factory=list)  # (name, number)
    tagged: bool = False  # its text has :TAG: for the prefix and is copied with REPLACING


@dataclasses.dataclass
class Value:
    """What one occurrence is told to hold: the literal to MOVE and what must be decoded."""

    literal: str
    expected: object  # decimal.Decimal or str
    check: str = ""  # literal to compare with, where it is not the one moved; "-": none


def walk(item, parents=()):
    """Every item with those around it, outermost first."""
    yield item, parents
    for child in item.children:
        yield from walk(child, parents + (item,))


def find(record, name):
    return next((item for item, _ in walk(record) if item.name == name), None)
