"""CobolToJson, Ballerina and LegStar: copybook and bytes to one JSON document, and back."""

import json
import re

import compare
import layout as layouts
import mapping_file
from compare import Rules
from harness import (Mismatch, Number, Waived, first_error, json_lines, load_json, records_of, require_layout,
                     source_format, temporary_file)
from layout import key


class DocumentRules(Rules):
    blank_is_absent = True
    empty_table_is_absent = True

    def text(self, value):
        return value.rstrip(" \0")


def code_page_of(about):
    page = about.get("code_page", "cp037")
    if page.startswith("ASCII"):
        return "ISO-8859-1"
    number = re.search(r"(\d{3,5})", page)
    if not number:
        raise Mismatch(f"code page {page} is unknown to the runner")
    return number.group(1).lstrip("0").rjust(3, "0")


def framing_of(about):
    form = about.get("record_format", "")
    if "text" in form:
        return ["--recfm", "line", "--short-records", "accept"]
    if "concatenated variable-size" in form:
        return ["--recfm", "copybook"]
    return ["--recfm", "F"]


def decode(tool, copybook, data, flags):
    code, out, error = tool.run(["decode", "-c", copybook, *flags, data])
    if code != 0:
        raise Mismatch(f"decode ends with {code}: {first_error(error)}")
    return json_lines(out)


def setup(case, tool):
    copybook = case.copybooks[0]
    text = copybook.read_bytes()
    if b'\\"' in text:
        # The escapes of the Java text that it was taken from.
        copybook = temporary_file(text.replace(b'\\"', b'"'), ".cpy")
    flags, error = source_format(tool, copybook)
    require_layout(error)
    return copybook, flags


# -- CobolToJson

def is_table_of_records(case):
    return case.has("expected.json") and "json_shape" in case.about \
        and "redefines" not in case.about or case.has("expected.json") and "flatten" in case.about


def check_records(case, tool):
    about = case.about
    copybook, flags = setup(case, tool)
    document = case.json("expected.json")
    (title, expected), = document.items()
    flags = flags + ["--codepage", code_page_of(about), "--on-bad-field", "null",
                     "--list-errors", "--lenient", leniency_of(about), "--fillers", "keep",
                     *framing_of(about)]
    if "record_parent" in about:
        rows = hierarchy(case, tool, copybook, flags)
    elif "record_selection" in about:
        return check_selected(case, tool, copybook, flags, expected)
    else:
        rows = decode(tool, copybook, case.file("data.bin"), flags)
    compare.require_rows(expected, [adapted(about, title, row) for row in rows], DocumentRules())


def leniency_of(about):
    """JRecord reads numbers among blanks, and edited ones as they come. Fujitsu's overpunched plus
    is X'40' to X'49'."""
    return "blanks,separate-sign,edited" + (",zones" if "Fujitsu" in about.get("dialect", "") else "")


def adapted(about, title, row):
    """Our row in the case's shape."""
    row = plain_fillers({name: value for name, value in row.items() if name != "_errors"})
    if about.get("drop_copybook_name_prefix"):
        row = without_prefix(row, key(title) + "_")
    if about.get("flatten"):
        row = flattened(row)
    return row


def plain_fillers(value):
    """FILLERs are left out there with all that is in them, but for unnamed tables."""
    if isinstance(value, dict):
        made = {}
        for name, member in value.items():
            is_filler = re.fullmatch(r"FILLER-\d+", name)
            if not is_filler or isinstance(member, list):
                made["filler" if is_filler else name] = plain_fillers(member)
        return made
    if isinstance(value, list):
        return [plain_fillers(element) for element in value]
    return value


def without_prefix(value, prefix):
    if isinstance(value, dict):
        return {name[len(prefix):] if key(name).startswith(prefix) else name:
                without_prefix(member, prefix) for name, member in value.items()}
    if isinstance(value, list):
        return [without_prefix(element, prefix) for element in value]
    return value


def flattened(row):
    made = {}
    for name, value in row.items():
        if isinstance(value, dict):
            made.update(flattened(value))
        else:
            made[name] = value
    return made


def condition_of(selection):
    field, _, value = selection.partition("=")
    if not value:
        return None
    return f"{field.strip()} = '{value.strip()}'"


def check_selected(case, tool, copybook, flags, expected):
    """Each 01 decodes the records that its condition selects; their rows stand in file order."""
    selection = case.about["record_selection"]
    for name, test in selection.items():
        wanted = [row for row in expected if key(next(iter(row))) == key(name)]
        wanted = [next(iter(row.values())) for row in wanted]
        extra = ["--record", name]
        condition = condition_of(test)
        extra += ["--long-records", "accept"] + (["--where", condition] if condition else [])
        rows = decode(tool, copybook, case.file("data.bin"), flags + extra)
        if condition is None:
            rows = by_position(test, rows)
        compare.require_rows(wanted, [adapted(case.about, "", row) for row in rows],
                             DocumentRules())
    others = {key(next(iter(row))) for row in expected} - {key(name) for name in selection}
    if others:
        raise Mismatch(f"expected rows of {others}, which nothing selects")


def by_position(test, rows):
    if test.startswith("first"):
        return rows[:1]
    if test.startswith("last"):
        return rows[-1:]
    if test.startswith("middle"):
        return rows[1:-1]
    raise Mismatch(f"record selection '{test}' is unknown to the runner")


def hierarchy(case, tool, copybook, flags):
    """Each 01 is a type of records; those that belong together are one document."""
    about = case.about
    at = flags.index("--codepage")
    shape = [*flags[:at], "--codepage", code_page_of(about), "--on-bad-field", "null",
             "--short-records", "accept", "--long-records", "accept",
             "--lenient", leniency_of(about), "--fillers", "keep"]
    root = about["root_record"]
    mapping = mapping_file.mapping_of(copybook, shape, children_of(about, root), record=root,
                                      match=condition_of(about["record_selection"][root]))
    return mapping_file.decode(tool, mapping, ["--recfm", "line"], [case.file("data.bin")])


def children_of(about, parent):
    made = []
    for name, above in about["record_parent"].items():
        if above != parent:
            continue
        entry = {"record": name, "as": name, "match": condition_of(about["record_selection"][name])}
        below = children_of(about, name)
        made.append({**entry, "children": below} if below else entry)
    return made


# -- LegStar

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
        fitting = [child for child in cluster if row.get(child.name) is not None]
        kept = [child for child in fitting
                if isinstance(expected, dict) and camel_name(child.name) in expected] \
            if is_custom else fitting[:1]
        for child in cluster:
            if child not in kept:
                made.pop(child.name, None)
    for child in node.children:
        if child.children and child.name in made:
            made[child.name] = chosen_in(child, made[child.name], expected, is_custom)
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


# -- Ballerina

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
