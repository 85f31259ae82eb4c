"""The layout that `copybridge layout --json` prints, as a tree."""

import json
import re
from pathlib import Path

from harness import Mismatch, first_error


class Node:
    """One item. `children` in the copybook's order; `offset` of the first occurrence."""

    def __init__(self, entry):
        self.name = entry["name"]
        self.member = entry["name"]  # its name in our rows
        self.level = entry["level"]
        self.offset = entry["offset"]
        self.size = entry["size"]
        self.usage = entry["usage"]
        self.picture = entry["picture"]
        self.occurs_max = entry["occurs_max"]
        self.depending_on = entry["depending_on"]
        redefined = entry["redefines"]  # a path
        self.redefines = redefined.rsplit(".", 1)[-1] if redefined else None
        self.is_implied = False
        self.children = []

    @property
    def is_filler(self):
        return not self.name or self.name.upper() == "FILLER"

    @property
    def is_table(self):
        return self.occurs_max is not None

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, name):
        """By name, `-` and `_` and case not told apart; None where there is none."""
        for node in self.walk():
            if key(node.name or "") == key(name):
                return node
        return None


def key(name):
    """The form in which names of different projects are compared."""
    return name.replace("-", "_").upper()


def tree(entries):
    """The root of one record's items."""
    path = []
    root = None
    for entry in entries:
        node = Node(entry)
        if root is None:
            root = node
            path = [node]
            continue
        while len(path) > 1 and path[-1].level >= node.level:
            path.pop()
        path[-1].children.append(node)
        path.append(node)
    fillers = [node for node in root.walk() if node.is_filler] if root else []
    for number, node in enumerate(fillers, 1):
        node.member = f"FILLER-{number}"
    return root


def load(tool, copybook, flags):
    """The layout of one record, from the program."""
    code, out, error = tool.run(["layout", "-c", copybook, "--json", *flags])
    if code != 0:
        raise Mismatch("layout: " + first_error(error))
    root = tree(json.loads(out))
    root.is_implied = root.name == IMPLIED and not is_named(copybook)
    return root


# The name of the 01 that stands for a copybook without one.
IMPLIED = "COPYBOOK"


NAMED = re.compile(rf"\b0?1\s+{IMPLIED}\b", re.IGNORECASE)


def is_named(copybook):
    data = Path(copybook).read_bytes()
    return any(NAMED.search(data.decode(page, "replace")) for page in ("latin-1", "cp037"))
