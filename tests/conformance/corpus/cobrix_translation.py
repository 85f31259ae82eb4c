"""A case of Cobrix in the words of copybridge: flags, conditions, and how its rows are brought to
one form before they are compared. The table of options (cobrix_options) fills it."""

import re


def plain_value(name, value):
    """Words are written in any case there."""
    is_word = value.lower() in ("true", "false") or name == "encoding"
    return value.lower() if is_word else value


class Translation:
    """Flags and comparison rules for one case."""

    def __init__(self, options, layout, root_sizes=None):
        self.root_sizes = root_sizes or {}  # of all 01s of the copybook
        self.options = {name.lower(): plain_value(name.lower(), value)
                        for name, value in options.items()}
        self.layout = layout          # of the record; None for a copybook with mistakes
        self.flags = []
        self.conditions = []          # --redefines
        self.rules = []               # items of redefine rules, in order
        self.children = {}            # segment -> segments below it
        self.segments = {}            # item -> segment ids
        self.code_pages = []          # (page, field names)
        self.keep_fillers = False
        self.keep_group_fillers = True
        self.filler_policy = "sequence_numbers"
        self.keep_root = False
        self.trim = "both"
        self.keep_controls = False
        self.is_strict = self.options.get("strict_sign_overpunching", "true") == "true"
        self.nulls_are_values = True  # improved_null_detection: low-values are null
        self.raw_column = False
        self.corrupt_column = False
        self.debug = None
        self.non_terminals = []
        self.length_min = 0
        self.length_max = None
        self.hexadecimal = False
        self.numbers_as_text = False

    def add(self, flag, value=None):
        """The same flag twice stays where two options ask for it: the program is to refuse it.
        The format and its descriptors follow from several options at once."""
        follows = flag == "--recfm" or flag.startswith(("--rdw-", "--bdw-"))
        if not follows or (flag, value) not in self.flags:
            self.flags.append((flag, value))

    def arguments(self):
        made = []
        for flag, value in self.flags:
            made.append(flag)
            if value is not None:
                made.append(value)
        for condition in self.conditions:
            made += ["--redefines", condition]
        return made

    def is_ascii(self):
        return self.options.get("encoding") == "ascii" or is_text(self.options)

    def item_name(self, name):
        """A name as options write it, as the copybook does."""
        node = self.layout.find(name.strip()) if self.layout else None
        return node.name if node else name.strip().replace("_", "-")

    def equals(self, field, values):
        """A condition: the field has one of these values."""
        node = self.layout.find(field) if self.layout else None
        name = self.item_name(field)
        is_number = node is not None and node.picture is not None and \
            not re.search("[XANG]", node.picture.upper().replace("NATIONAL", ""))
        tests = []
        for value in values:
            if is_number and re.fullmatch(r"-?\d+(\.\d+)?", value):
                tests.append(f"{name} = {value}")
            elif value == "":
                tests += [f"{name} = SPACES", f"{name} = LOW-VALUES"]
            else:
                quoted = value.replace("'", "''")
                tests.append(f"{name} = '{quoted}'")
                # Fields of C strings end with low-values: 'C' is then 'C', 00, 00.
                if node is not None and node.size > len(value):
                    tests.append(f"{name} = X'{zero_padded(self, value, node.size)}'")
        return " OR ".join(tests)


def zero_padded(translation, value, size):
    page = "latin-1" if translation.is_ascii() else "cp037"
    return (value.encode(page, "replace") + bytes(size - len(value))).hex().upper()


def is_text(options):
    return options.get("record_format", "").upper() in ("D", "D2", "T") or \
        options.get("is_text") == "true"


# -- conditions of redefine rules

def item_value_test(t, field, value):
    """A number is compared without its decimals."""
    node = t.layout.find(field) if t.layout else None
    if node is not None and node.picture and "V" in node.picture.upper() and value.isdigit():
        name = t.item_name(field)
        return f"({name} >= {value} AND {name} < {int(value) + 1})"
    return f"{t.item_name(field)} = {value}"


def cobol_condition(t, expression):
    """`ID = 1 || in(ID, 'A', null)` as COBOL writes it."""
    def one_of(match):
        field, *values = [part.strip() for part in match.group(1).split(",")]
        return " || ".join(f"{field} = {value}" for value in values)

    text = re.sub(r"in\(([^)]*)\)", one_of, expression)
    text = re.sub(r"([A-Za-z][A-Za-z0-9_-]*)\s*=\s*null", lambda m: null_test(t, m.group(1)), text)
    text = re.sub(r"([A-Za-z][A-Za-z0-9_-]*)\s*=\s*('[^']*'|\d+)",
                  lambda m: item_value_test(t, m.group(1), m.group(2)), text)
    text = text.replace("||", " OR ").replace("&&", " AND ")
    text = re.sub(r"\s+AND\s+true\b", "", text)
    return " ".join(sorted_tests(text).split())


def null_test(t, field):
    node = t.layout.find(field) if t.layout else None
    is_text_field = node is not None and node.picture and "X" in node.picture.upper()
    return f"{t.item_name(field)} {'= LOW-VALUES' if is_text_field else 'NOT NUMERIC'}"


def sorted_tests(text):
    """Alternatives, those first that any bytes can stand."""
    tests = text.split(" OR ")
    return " OR ".join(sorted(tests, key=lambda test: "NOT NUMERIC" not in test))
