"""Comparing values that two programs print.

Both sides are first brought to one form (see the corpus's README, "Comparing"): names by
layout.key, null and absent alike, numbers as exact decimals, text after the case's trimming.
"""

from decimal import Decimal, InvalidOperation

from harness import Mismatch, Number
from layout import key


class Anything(str):
    """Equal to whatever is expected, for a reason; the case is then waived. The text is the
    reason."""


class Rules:
    """What counts as equal for one source. Override what differs."""

    #: the source's numbers went through a double
    through_double = False
    #: text of blanks is left out like a null
    blank_is_absent = False
    #: reasons of the waivers that a comparison needed
    used = set()
    #: empty tables are left out
    empty_table_is_absent = False

    def text(self, value):
        """A text in the form that is compared."""
        return value

    def scalar_equal(self, expected, ours):
        if isinstance(expected, Number) or isinstance(ours, Number):
            return self.numbers_equal(expected, ours)
        if isinstance(expected, str) and isinstance(ours, str):
            return self.text(expected) == self.text(ours)
        return expected == ours

    def numbers_equal(self, expected, ours):
        left, right = decimal(expected), decimal(ours)
        if left is None or right is None:
            return False
        if left == right:
            return True
        return self.through_double and float(left) == float(right)


def decimal(value):
    """The exact value of a number or of a text that is one; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def prune(value, rules):
    """Without nulls and what the source leaves out; tables keep their number of elements."""
    if isinstance(value, dict):
        kept = {}
        for name, member in value.items():
            pruned = prune(member, rules)
            if pruned is None or pruned == {}:
                continue
            kept[key(name)] = pruned
        return kept
    if isinstance(value, list):
        elements = [prune(element, rules) for element in value]
        if rules.empty_table_is_absent:
            # Elements without a value at the end are not there either.
            while elements and (elements[-1] is None or elements[-1] == {}):
                elements.pop()
            if not elements:
                return None
        return [{} if element is None else element for element in elements]
    if rules.blank_is_absent and not isinstance(value, Number) and isinstance(value, str) \
            and value.strip(" \0") == "":
        return None
    return value


def difference(expected, ours, rules, path="$"):
    """The first place where two pruned values differ, in words; None where they agree."""
    if isinstance(ours, Anything):
        rules.used.add(str(ours))
        return None
    if isinstance(expected, dict) and isinstance(ours, dict):
        for name in list(expected) + [name for name in ours if name not in expected]:
            if name not in ours:
                return f"{path}.{name}: {show(expected[name])} is missing"
            if name not in expected and isinstance(ours[name], Anything):
                continue
            if name not in expected:
                return f"{path}.{name}: {show(ours[name])} is not expected"
            found = difference(expected[name], ours[name], rules, f"{path}.{name}")
            if found:
                return found
        return None
    if isinstance(expected, list) and isinstance(ours, list):
        for index, (left, right) in enumerate(zip(expected, ours)):
            found = difference(left, right, rules, f"{path}[{index}]")
            if found:
                return found
        if len(expected) != len(ours):
            return f"{path}: {len(ours)} elements, not {len(expected)}"
        return None
    if isinstance(expected, (dict, list)) or isinstance(ours, (dict, list)):
        return f"{path}: {show(ours)}, not {show(expected)}"
    if rules.scalar_equal(expected, ours):
        return None
    return f"{path}: {show(ours)}, not {show(expected)}"


def show(value, length_max=80):
    text = repr(value) if not isinstance(value, Number) else str(value)
    return text if len(text) <= length_max else text[:length_max] + "…"


def require_rows(expected, ours, rules):
    """Raises Mismatch at the first row that differs. Rows are objects in the order of the file."""
    for number, (left, right) in enumerate(zip(expected, ours), 1):
        found = difference(prune(left, rules) or {}, prune(right, rules) or {}, rules)
        if found:
            raise Mismatch(f"row {number}: {found}")
    if len(expected) != len(ours):
        raise Mismatch(f"{len(ours)} rows, not {len(expected)}")
