"""LegStar: copybook and one record to one JSON document; of items that share storage it prints
one."""

import re

import compare
import layout as layouts
from documents import DocumentRules, code_page_of, decode, setup
from harness import Mismatch, records_of


def is_choice_document(case):
    return case.has("expected.json") and "redefines" in case.about


def check_choice(case, tool):
    about = case.about
    copybook, flags = setup(case, tool)
    # Of several 01s the first is converted; the record is as long as the data.
    name = records_of(tool, copybook, flags)[0]
    flags = flags + (["--record", name] if name else [])
    layout = layouts.load(tool, copybook, flags)
    flags = flags + ["--codepage", code_page_of(about), "--fillers", "keep", "--recfm", "F",
                     "--lrecl", str(about["data_bytes"]), "--long-records", "accept",
                     "--lenient", "unsigned-minus", "--odo-range", "from-zero"]
    rows = decode(tool, copybook, case.file("data.bin"), flags)
    if len(rows) != 1:
        raise Mismatch(f"{len(rows)} records, not one")
    expected = without_choices(case.json("expected.json"))
    is_custom = about["redefines"].startswith("custom")
    ours = camel(chosen(layout, rows[0], expected, is_custom))
    found = compare.difference(without_underscores(compare.prune(expected, DocumentRules()) or {}),
                               without_underscores(compare.prune(ours, DocumentRules()) or {}),
                               DocumentRules())
    if found:
        raise Mismatch(found)


def without_underscores(value):
    """C-ITEM is c_Item there: a single letter does not begin a camel name."""
    if isinstance(value, dict):
        return {name.replace("_", ""): without_underscores(member)
                for name, member in value.items()}
    if isinstance(value, list):
        return [without_underscores(element) for element in value]
    return value


def camel_name(name):
    if re.fullmatch(r"FILLER-\d+", name):
        return "filler"
    first, *others = name.lower().split("-")
    if first[0].isdigit():
        first = "_" + first
    return first + "".join(part.capitalize() for part in others)


def camel(value):
    if isinstance(value, dict):
        return {camel_name(name): camel(member) for name, member in value.items()}
    if isinstance(value, list):
        return [camel(element) for element in value]
    return value


def without_choices(value):
    """Members of a `…Choice` object are members of the object around it."""
    if isinstance(value, dict):
        made = {}
        for name, member in value.items():
            member = without_choices(member)
            if name.endswith("Choice") and isinstance(member, dict):
                made.update(member)
            else:
                made[name] = member
        return made
    if isinstance(value, list):
        return [without_choices(element) for element in value]
    return value


def chosen(node, row, expected, is_custom):
    """Of the alternatives that fit (we print them all) the one that LegStar prints: the first, or
    the one that the case's own strategy picks."""
    if not isinstance(row, dict):
        return row
    made = dict(row)
    for cluster in clusters(node):
        fitting = [child for child in cluster if row.get(child.member) is not None]
        kept = [child for child in fitting
                if isinstance(expected, dict) and camel_name(child.name) in expected] \
            if is_custom else fitting[:1]
        for child in cluster:
            if child not in kept:
                made.pop(child.member, None)
    for child in node.children:
        if child.children and child.member in made:
            made[child.member] = chosen_in(child, made[child.member], expected, is_custom)
    return made


def chosen_in(child, value, expected, is_custom):
    below = expected.get(camel_name(child.name)) if isinstance(expected, dict) else None
    if isinstance(value, list):
        others = below if isinstance(below, list) else []
        return [chosen(child, element, others[at] if at < len(others) else None, is_custom)
                for at, element in enumerate(value)]
    return chosen(child, value, below, is_custom)


def clusters(node):
    """Children that share storage."""
    made = {}
    for child in node.children:
        if child.redefines:
            for members in made.values():
                if any(member.name == child.redefines for member in members):
                    members.append(child)
                    break
        else:
            made[id(child)] = [child]
    return [members for members in made.values() if len(members) > 1]
