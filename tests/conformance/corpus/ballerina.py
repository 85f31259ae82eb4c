"""Ballerina: text lines to JSON and back, bad data, values to encode."""

import json
import re

import compare
import layout as layouts
from documents import DocumentRules, code_page_of, decode, framing_of, setup
from harness import Mismatch, Number, Waived, load_json
from layout import key


def is_round_trip(case):
    return str(case.about.get("oracle", "")).startswith("round trip")


def target_record(case):
    match = re.search(r"target record (\S+)", case.about.get("oracle", ""))
    return ["--record", match.group(1)] if match else []


def check_round_trip(case, tool):
    """Every line decodes, and encoding what came out gives the line back."""
    copybook, flags = setup(case, tool)
    flags = flags + target_record(case) + ["--codepage", code_page_of(case.about),
                                           "--lenient", "blanks,separate-sign,edited",
                                           *framing_of(case.about)]
    data = case.file("data.bin").read_bytes()
    root = layouts.load(tool, copybook, flags[:flags.index("--codepage")])
    if any(len(line) > root.size and b"-" in line for line in data.splitlines()):
        raise Waived("a minus sign that takes a byte without SEPARATE (Language Reference, SIGN "
                     "clause)")
    rows = decode(tool, copybook, case.file("data.bin"), flags + ["--on-bad-field", "null"])
    lines = [line for line in data.replace(b"\r\n", b"\n").split(b"\n") if line]
    if len(rows) != len(lines):
        raise Mismatch(f"{len(rows)} rows, not {len(lines)}")
    if case.has("expected.json"):
        require_document(case, rows[0])
    if case.has("expected.schema.json"):
        require_schema(case, layouts.load(tool, copybook, flags[:flags.index("--codepage")]))
    require_encoded(tool, copybook, flags, case.file("data.bin"), lines)


def require_document(case, row):
    (_, expected), = case.json("expected.json").items()
    expected = without_unfitting(without_fillers(expected), row)
    found = compare.difference(compare.prune(expected, DocumentRules()),
                               compare.prune(row, DocumentRules()), DocumentRules())
    if found:
        raise Mismatch(found)


def without_fillers(value):
    """FILLERs are members there, of one name; here they are left out."""
    if isinstance(value, dict):
        return {name: without_fillers(member) for name, member in value.items()
                if name.upper() != "FILLER"}
    if isinstance(value, list):
        return [without_fillers(element) for element in value]
    return value


def without_unfitting(expected, ours):
    """An alternative of a REDEFINES with a field that does not fit is null here as a whole
    (DESIGN 6); there the field is null."""
    if isinstance(expected, dict) and isinstance(ours, dict):
        return {name: without_unfitting(value, ours.get(name)) for name, value in expected.items()}
    if isinstance(expected, list) and isinstance(ours, list):
        return [without_unfitting(value, ours[at] if at < len(ours) else None)
                for at, value in enumerate(expected)]
    return None if ours is None and isinstance(expected, dict) and has_null(expected) else expected


def has_null(value):
    if isinstance(value, dict):
        return any(has_null(member) for member in value.values())
    if isinstance(value, list):
        return any(has_null(element) for element in value)
    return value is None


def require_schema(case, root):
    """Its schema lists name, level, picture and the bytes of an item."""
    expected = json.loads(case.file("expected.schema.json").read_text())["schema"]
    _require_nodes(expected, [root], "")


def _require_nodes(expected, nodes, path):
    nodes = [node for node in nodes if not node.is_filler]
    expected = [entry for entry in expected if entry["name"].upper() != "FILLER"]
    if len(expected) != len(nodes):
        raise Mismatch(f"schema {path}: {len(nodes)} items, not {len(expected)}")
    for entry, node in zip(expected, nodes):
        here = f"{path}.{node.name}"
        if key(entry["name"]) != key(node.name) or entry["level"] != node.level:
            raise Mismatch(f"schema {here}: not {entry['level']} {entry['name']}")
        if "children" in entry:
            _require_nodes(entry["children"], node.children, here)
        elif entry["readLength"] != node.size:
            raise Mismatch(f"schema {here}: {node.size} bytes, not {entry['readLength']}")


def require_encoded(tool, copybook, flags, data, lines):
    shape = ["--fillers", "keep", "--trim", "none"]
    code, out, error = tool.run(["decode", "-c", copybook, *flags, *shape, data])
    if code == 2:
        # Fields without a value come back from the record's bytes alone.
        shape += ["--on-bad-field", "null", "--keep-raw"]
        code, out, error = tool.run(["decode", "-c", copybook, *flags, *shape, data])
    if code != 0:
        raise Mismatch(f"decode ends with {code}: {error}")
    code, encoded, error = tool.run(["encode", "-c", copybook, *flags, *shape], out)
    if code != 0:
        raise Mismatch(f"encode ends with {code}: {error}")
    made = [line for line in encoded.split(b"\n") if line]
    for number, (left, right) in enumerate(zip(lines, made), 1):
        # Lines need not be filled up with blanks.
        if left.rstrip(b" ") != right.rstrip(b" "):
            raise Mismatch(f"line {number}: encoded {right[:80]!r}, not {left[:80]!r}")
    if len(made) != len(lines):
        raise Mismatch(f"{len(made)} lines encoded, not {len(lines)}")


def is_partly_bad(case):
    return case.has("expected.json") and case.has("expected.errors.json") and case.has("data.bin") \
        and "kind" not in case.about


def check_partly_bad(case, tool):
    """Data with bad fields: they are null and named."""
    copybook, flags = setup(case, tool)
    flags = flags + ["--codepage", code_page_of(case.about), "--recfm", "line", "--on-bad-field",
                     "null", "--list-errors", "--long-records", "accept", "--limit", "1"]
    row = decode(tool, copybook, case.file("data.bin"), flags)[0]
    errors = row.pop("_errors", [])
    require_document(case, row)
    wanted = [re.search(r"at '\$\.(\S+)'", text)
              for text in case.json("expected.errors.json")["errors"]]
    names = sorted(match.group(1).split(".")[-1] for match in wanted if match)
    if sorted(error_name(error) for error in errors) != names:
        raise Mismatch(f"_errors names {errors}, not {names}")


def error_name(error):
    path = error.get("path", error.get("field", "")) if isinstance(error, dict) else str(error)
    return path.split(":")[0].split(".")[-1]


def is_encoding(case):
    return case.has("input.json") and str(case.about.get("kind", "")).startswith("encode")


def check_encoding(case, tool):
    copybook, flags = setup(case, tool)
    flags = flags + ["--codepage", code_page_of({"code_page": "ASCII", **case.about})]
    if "level-88" in case.about["kind"]:
        require_enumeration(case, tool, copybook, flags)
    if case.has("data.bin"):
        code, out, error = encode(tool, copybook, flags, case.json("input.json"))
        expected = case.file("data.bin").read_bytes()
        if code != 0 or out != expected:
            raise Mismatch(f"encode ends with {code}, {out!r}, not {expected!r} ({error})")
        wrong = "invalid.json"
    else:
        wrong = "input.json"
    if case.has(wrong) and case.has("expected.errors.json") \
            and "level-88" not in case.about["kind"]:
        require_refusals(case, tool, copybook, flags, case.json(wrong))


def require_enumeration(case, tool, copybook, flags):
    """That project refuses values without a level-88 name. COBOL does not (Language Reference,
    VALUE clause, format 2): here the JSON Schema says so where it is asked to."""
    code, out, error = tool.run(["schema", "-c", copybook, *flags, "--as", "json-schema",
                                 "--level-88", "enum"])
    if code != 0:
        raise Mismatch(f"schema ends with {code}: {error}")
    schema = load_json(out.decode("utf-8"))
    for name, value in case.json("input.json").items():
        allowed = enumeration(schema, name)
        values = value if isinstance(value, list) else [value]
        if any(one not in allowed for one in values):
            raise Mismatch(f"schema: {name} may be {allowed}, not {values}")
    for text in case.json("expected.errors.json")["errors"]:
        value, name, listed = re.search(r"Value '(.*?)' is invalid for field '(.*?)'.*are: (.*)\.",
                                        text).groups()
        allowed = [str(one) for one in enumeration(schema, name)]
        if value in allowed or sorted(allowed) != sorted(re.findall(r"'(.*?)'", listed)):
            raise Mismatch(f"schema: {name} may be {allowed}: {text}")


def enumeration(schema, name):
    """The values that an item may have; of a table, its elements."""
    if not isinstance(schema, dict):
        return []
    node = schema.get("properties", {}).get(name)
    if node is not None:
        return node.get("items", node).get("enum", [])
    for member in schema.values():
        found = enumeration(member, name)
        if found:
            return found
    return []


def encode(tool, copybook, flags, document):
    """The object below the record's name, where it has one."""
    if len(document) == 1 and isinstance(next(iter(document.values())), dict):
        document = next(iter(document.values()))
    return tool.run(["encode", "-c", copybook, *flags], (dump(document) + "\n").encode())


def dump(value):
    """JSON with numbers as they were written."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{dump(member)}"
                              for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(element) for element in value) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value)


def require_refusals(case, tool, copybook, flags, document):
    """Every error of the list is one of ours: mended one after the other, each is refused."""
    code, out, error = encode(tool, copybook, flags, document)
    if code != 2 or not error:
        raise Mismatch(f"encode of wrong values ends with {code}, {out!r}, not 2 with a message")
    for text in case.json("expected.errors.json")["errors"]:
        match = re.search(r"at '\$\.(\S+)'", text) or re.search(r"field '(\S+)'", text)
        path = match.group(1).split(".")
        alone = only(document, path)
        code, out, error = encode(tool, copybook, flags + ["--missing", "default"], alone)
        if code != 2 or path[-1] not in error:
            raise Mismatch(f"not refused with its name ({code}, {error[:120]!r}): {text}")


def only(document, path):
    """The document with the one member of a path."""
    value = document
    for name in path:
        value = value[name]
    for name in reversed(path):
        value = {name: value}
    return value
