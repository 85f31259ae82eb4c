"""Why encode may refuse what decode printed: the only reasons there are, each with its rule.

Items that share storage are printed side by side. Only one of them was given values; what the bytes
say as the others need not be what encode would write for them. Encode must then refuse, rather than
change bytes, and must make the same bytes where it is given the record (--keep-raw).
"""

import dataclasses
import json
import re
import typing

from compare import Number, filler_numbers
from items import walk


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    message: str  # expression that the whole message matches, behind the path
    holds: typing.Callable  # of (item, parents, value)


def shares_storage(item, parents, _):
    """The item is in one of several alternatives: writing the first that has a value leaves the
    others with bytes that say something else."""
    return any(has_alternatives(part, above) for above, part in zip(parents, parents[1:] + (item,)))


def has_alternatives(item, above):
    names = {other.redefines for other in above.children if other.redefines}
    return bool(item.redefines) or item.name in names


def has_unprinted_alternative(item, parents, _):
    """The bytes are those of an alternative without a name, which is no member, and say nothing as
    the others."""
    for above, part in zip(parents, parents[1:] + (item,)):
        first = part.redefines or part.name
        cluster = [other for other in above.children if first in (other.name, other.redefines)]
        if any(not any(inner.name for inner, _ in walk(other)) for other in cluster):
            return True
    return False


def was_given_nothing(item, parents, _):
    """The item is in an alternative that was given no values: its bytes are another item's, and
    storage holds more digits than the picture has (packed: an odd number of them)."""
    return not all(part.active for part in parents + (item,))


def is_edited_text(item, parents, value):
    """An edited item that holds no number is printed as its characters; these are taken back only
    where they are what its picture makes of a value."""
    return item.kind == "edited" and isinstance(value, str) and not isinstance(value, Number)


RULES = (
    Rule("another alternative", r"the record would decode to another value: \S+ shares its bytes "
         r"with an alternative that stands in front of it", shares_storage),
    Rule("null alternative", r"is null, but the record would decode to a value: \S+ shares its "
         r"bytes with another alternative", shares_storage),
    Rule("unprinted alternative", r"all alternatives are null", has_unprinted_alternative),
    Rule("digits beyond the picture", r"the value has more digits than PIC \S+", was_given_nothing),
    Rule("edited text", r"the text is no value of PIC \S+", is_edited_text),
)


def rule_of(message, book, text):
    """The name of the rule by which encode may refuse; None where it may not."""
    found = re.match(r"encode: line 1: (/\S+): (.*)\n", message)
    if not found:
        return None
    path, words = found.groups()
    item, parents = item_at(path, book)
    value = value_at(path, json.loads(text, parse_float=Number, parse_int=Number))
    for rule in RULES:
        if item and re.fullmatch(rule.message, words) and rule.holds(item, parents, value):
            return rule.name
    return None


def item_at(path, book):
    """The item that a JSON Pointer names, and the groups around it."""
    name = [step for step in path.split("/") if step and not step.isdigit()][-1]
    fillers = filler_numbers(book.record)
    for item, parents in walk(book.record):
        if name == (item.name or f"FILLER-{fillers.get(id(item))}"):
            return item, parents
    return None, ()


def value_at(path, document):
    for step in path.split("/")[1:]:
        document = document[int(step)] if isinstance(document, list) else document.get(step)
        if document is None:
            return None
    return document
