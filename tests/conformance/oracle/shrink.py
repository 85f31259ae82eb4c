"""Smaller copybooks that still fail: items and clauses are taken out one by one."""

import copy

from items import walk

TRIES_MAX = 80


def variants(book):
    """Copies of a copybook with one thing less, large things first."""
    count = sum(1 for _ in walk(book.record))
    for index in range(1, count):
        yield changed(book, index, remove)
    for index in range(1, count):
        yield changed(book, index, hoist)
    for attribute, empty in (("occurs", 0), ("sync", False), ("sign", ""), ("group_usage", ""),
                             ("group_sign", ""), ("initial", ""), ("keys", ""), ("just", False),
                             ("blank_when_zero", False), ("conditions", [])):
        for index in range(1, count):
            yield changed(book, index, lambda item, _: plain(item, attribute, empty))
    for attribute, empty in (("renames", []), ("constants", []), ("tagged", False)):
        if getattr(book, attribute):
            smaller = copy.deepcopy(book)
            setattr(smaller, attribute, empty)
            yield smaller


def plain(item, attribute, empty):
    if getattr(item, attribute) == empty or item.counter:
        return False
    setattr(item, attribute, empty)
    return True


def remove(item, parents):
    parents[-1].children.remove(item)
    return True


def hoist(item, parents):
    """A group's items in the group's place."""
    if not item.children:
        return False
    at = parents[-1].children.index(item)
    parents[-1].children[at : at + 1] = item.children
    return True


def changed(book, index, change):
    smaller = copy.deepcopy(book)
    item, parents = list(walk(smaller.record))[index]
    if not change(item, parents) or not is_whole(smaller):
        return None
    return smaller


def is_whole(book):
    """Every name that is used is still there, and no group is empty."""
    names = {item.name for item, _ in walk(book.record)}
    for item, _ in walk(book.record):
        if item.kind == "group" and not item.children:
            return False
        if (item.counter and item.counter not in names) or "KEY" in item.keys:
            return False
        if item.redefines and item.redefines not in names:
            return False
    names_used = {name for _, first, last in book.renames for name in (first, last) if name}
    tables = [item for item, _ in walk(book.record) if item.occurs]
    constants = all(any(table is item for item in tables) for _, _, table in book.constants)
    return names_used <= names and constants and has_one_active(book.record)


def has_one_active(group):
    """Of items that share storage one is still given values."""
    for item in group.children:
        others = [other for other in group.children if other.redefines == item.name]
        if item.name and others and not any(part.active for part in [item, *others]):
            return False
    return all(has_one_active(item) for item in group.children)


def shrink(book, fails):
    """The smallest copybook found that `fails`; each try costs a compilation."""
    tries = 0
    is_smaller = True
    while is_smaller and tries < TRIES_MAX:
        is_smaller = False
        for smaller in variants(book):
            if smaller is None:
                continue
            tries += 1
            if fails(smaller):
                book, is_smaller = smaller, True
                break
            if tries >= TRIES_MAX:
                break
    return book
