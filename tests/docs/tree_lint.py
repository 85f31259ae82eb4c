#!/usr/bin/env python3
"""Checks of the whole tree that no compiler makes: tree_lint.py CHECK [BINARY].

Each check is a ctest of its own (label docs), prints what is wrong, one line each, and ends with 1
where there is something."""

import difflib
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
AREAS = ("adapters", "bridge", "codecs", "tools", "tests")
LINES_MAX = 500
DELIVERY_RULES = 19


def sources(*endings):
    """Files of the tree's areas with one of the endings."""
    found = (path for area in AREAS for path in (ROOT / area).rglob("*"))
    return sorted(path for path in found if path.suffix in endings and path.is_file())


def name_of(path):
    return str(path.relative_to(ROOT))


def build_files():
    return [path for path in ROOT.rglob("CMakeLists.txt") if "build" not in path.relative_to(ROOT).parts]


def check_listed():
    """Every .cc stands in a CMakeLists.txt: what is not built is not tested."""
    listed = set()
    for file in build_files() + list((ROOT / "cmake").glob("*.cmake")):
        for word in re.findall(r"[\w./${}-]+\.cc\b", file.read_text()):
            word = word.replace("${PROJECT_SOURCE_DIR}", str(ROOT))
            listed.add((file.parent / word).resolve())
    for path in sources(".cc"):
        if path not in listed:
            yield f"{name_of(path)}: stands in no CMakeLists.txt"


def check_shape():
    """The first line says what a file is; no file is endless."""
    for path in sources(".cc", ".h"):
        lines = path.read_text().splitlines()
        if not lines or not lines[0].startswith("// "):
            yield f"{name_of(path)}:1: the first line does not say what the file is"
        if len(lines) >= LINES_MAX:
            yield f"{name_of(path)}: {len(lines)} lines, must stay under {LINES_MAX}"


def words_of(document):
    """(line number, word) of everything in backticks, in link targets and in indented code."""
    for number, line in enumerate(document.read_text().splitlines(), start=1):
        pieces = re.findall(r"`([^`]+)`", line)
        if line.startswith("    "):
            pieces = [line.split("#")[0]]
        for piece in pieces:
            for word in piece.split():
                yield number, word.strip("()[]{},;:'\"")
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if not re.match(r"[a-z]+:|#", target):
                yield number, str((document.parent / target.split("#")[0]).relative_to(ROOT))


def is_path(word):
    """Whether a word can only be a path of this tree."""
    first = word.split("/")[0]
    if "/" not in word:
        return word.endswith(".md")
    return first in AREAS + ("docs", "mappings", "cmake", ".ci")


def exists(word):
    # Placeholders stand for something that there may be: adapters/<kind>/.
    fixed = re.split(r"[^/]*[<*{$…]", word)[0]
    return (ROOT / fixed).exists() or ("/" not in word and (ROOT / "docs" / word).exists())


def check_paths():
    """Every path that a document names exists."""
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"] + sorted((ROOT / "docs").glob("*.md"))
    for document in documents:
        for number, word in words_of(document):
            if is_path(word) and not exists(word):
                yield f"{name_of(document)}:{number}: there is no {word}"


def check_crash_points():
    """Every named place where the process can be killed is passed in just one place."""
    table = (ROOT / "bridge/core/crash_point.cc").read_text()
    table = table[table.index("kCrashPoints = {"):]
    names = re.findall(r'^ +"(\w+)",', table[: table.index("};")], re.MULTILINE)
    if len(names) < 5 or len(set(names)) != len(names):
        yield f"bridge/core/crash_point.cc: not a list of different names: {names}"
    passed = {}
    for path in sources(".cc", ".h"):
        if name_of(path).startswith("tests/"):
            continue
        for name in re.findall(r'\bcrash_point\("([^"]*)"[,)]', path.read_text()):
            passed.setdefault(name, []).append(name_of(path))
    for name, places in sorted(passed.items()):
        if name not in names:
            yield f"{places[0]}: crash point '{name}' is not in crash_points()"
        if len(places) > 1:
            yield f"crash point '{name}' is in {' and '.join(places)}: tests could reach but one"
    for name in names:
        if name not in passed:
            yield f"crash point '{name}' is nowhere in the sources"


def tests_of_the_tree():
    """Names of all tests: Suite.Test of GoogleTest, and those that CMake adds."""
    names = set()
    for path in sources(".cc"):
        for suite, test in re.findall(r"^(?:TYPED_)?TEST(?:_[FP])?\((\w+),\s*(\w+)\)", path.read_text(),
                                      re.MULTILINE):
            names.add(f"{suite}.{test}")
    for file in (ROOT / "tests").rglob("CMakeLists.txt"):
        names.update(re.findall(r"add_test\(NAME ([\w.]+)", file.read_text()))
    return names


def check_delivery():
    """Every rule of docs/delivery.md names tests that hold it, and there are such tests."""
    known = tests_of_the_tree()
    rows = re.findall(r"^\| (\d+) \| .* \| (.*) \|$", (ROOT / "docs/delivery.md").read_text(),
                      re.MULTILINE)
    if [int(number) for number, _ in rows] != list(range(1, DELIVERY_RULES + 1)):
        yield f"docs/delivery.md: the table must have the rules 1 to {DELIVERY_RULES} in order"
    for number, cell in rows:
        named = re.findall(r"`([\w.]+)`", cell)
        if not named and not cell.startswith("none yet: "):
            yield f"docs/delivery.md: rule {number} names no test and does not say why"
        for name in named:
            if name not in known:
                yield f"docs/delivery.md: rule {number}: there is no test {name}"


def check_reference(binary):
    """docs/reference.md is what the option tables print."""
    printed = subprocess.run([binary, "components", "--markdown"], capture_output=True, text=True)
    if printed.returncode != 0:
        yield f"copybridge components --markdown ended with {printed.returncode}: {printed.stderr}"
        return
    page = ROOT / "docs/reference.md"
    text = page.read_text() if page.exists() else ""
    difference = difflib.unified_diff(
        text.splitlines(), printed.stdout.splitlines(), "docs/reference.md", "copybridge", lineterm="", n=0)
    yield from difference
    if text != printed.stdout:
        yield "write it anew: copybridge components --markdown >docs/reference.md"


def options_of_publishers(reference):
    """Name and default of each option, by kind of publisher."""
    kinds = {}
    for kind, section in re.findall(r"^## publisher (\S+)\n(.*?)(?=^## |\Z)", reference,
                                    re.MULTILINE | re.DOTALL):
        kinds[kind] = {name: (re.findall(r"default (\S+)", said) or [""])[0]
                       for name, said in re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*)\|", section, re.MULTILINE)}
    return kinds


def check_endpoints(binary):
    """docs/endpoints.md has a row for every publisher, and no other; the options that rows name are
    there, and their defaults are these."""
    printed = subprocess.run([binary, "components", "--markdown"], capture_output=True, text=True)
    kinds = set(re.findall(r"^## publisher (\S+)", printed.stdout, re.MULTILINE))
    page = (ROOT / "docs/endpoints.md").read_text()
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE)
    if not kinds:
        yield "copybridge components names no publisher"
    for kind in sorted(kinds.symmetric_difference(rows)):
        yield f"docs/endpoints.md: `{kind}` is in the table or in the registry, not in both"
    options = options_of_publishers(printed.stdout)
    for kind, request in re.findall(r"^\| `([a-z0-9-]+)` \|[^|]*\|([^|]*)\|", page, re.MULTILINE):
        for name, default in re.findall(r"`([a-z]+(?:_[a-z]+)+)`(?: \((\d+)\))?", request):
            if name not in options.get(kind, {}):
                yield f"docs/endpoints.md: `{kind}` has no option `{name}`"
            elif default and options[kind][name] != default:
                yield f"docs/endpoints.md: `{name}` of `{kind}` is {options[kind][name]}, not {default}"


CHECKS = {
    "listed": check_listed,
    "shape": check_shape,
    "paths": check_paths,
    "crash_points": check_crash_points,
    "delivery": check_delivery,
    "reference": check_reference,
    "endpoints": check_endpoints,
}


def main(words):
    if not words or words[0] not in CHECKS:
        print(f"usage: tree_lint.py {'|'.join(CHECKS)} [BINARY]", file=sys.stderr)
        return 1
    mistakes = list(CHECKS[words[0]](*words[1:]))
    for mistake in mistakes:
        print(mistake)
    return 1 if mistakes else 0


sys.exit(main(sys.argv[1:]))
