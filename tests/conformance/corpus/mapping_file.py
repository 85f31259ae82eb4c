"""Mapping files for cases whose records belong together: one document per root."""

import json

from harness import Mismatch, first_error, json_lines, temporary_file


def decode(tool, mapping, framing, data):
    """Documents of a mapping, given as plain Python values."""
    path = temporary_file(json.dumps(mapping, indent=1), ".yaml")
    code, out, error = tool.run(["decode", "-m", path, *framing, *data])
    if code != 0:
        raise Mismatch(f"decode -m ends with {code}: {first_error(error)}")
    return json_lines(out)


# Keys that take several words.
LISTS = ("lenient", "empty", "empty_text")


def mapping_of(copybook, flags, children, **keys):
    """A mapping file's keys; `flags` are those of the command line about the copybook and shape."""
    made = {"name": "case", "copybook": str(copybook), "event": {"type": "case"}, **keys}
    at = 0
    while at < len(flags):
        name, value = flags[at].lstrip("-").replace("-", "_"), str(flags[at + 1])
        made[name] = value.split(",") if name in LISTS else value
        at += 2
    if children:
        made["children"] = children
    return made
