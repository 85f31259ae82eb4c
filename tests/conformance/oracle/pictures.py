"""Random pictures with usages, and values that fit them."""

import decimal
import re

from items import FLOATS, LAYOUT_ONLY, NUMBERS, Item, Value

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TEXT = LETTERS + "0123456789 .,:;()+-*/=<>&%_?   "
SPELLINGS = {
    "binary": ["COMP", "COMPUTATIONAL", "BINARY", "COMP-4", "COMPUTATIONAL-4"],
    "comp5": ["COMP-5", "COMPUTATIONAL-5"],
    "compx": ["COMP-X", "COMPUTATIONAL-X"],
    "compn": ["COMP-N", "COMPUTATIONAL-N"],
    "packed": ["COMP-3", "COMPUTATIONAL-3", "PACKED-DECIMAL"],
    "comp6": ["COMP-6", "COMPUTATIONAL-6"],
    "float": ["COMP-1", "COMPUTATIONAL-1", "FLOAT-SHORT"],
    "double": ["COMP-2", "COMPUTATIONAL-2", "FLOAT-LONG"],
}
NATIVE = {
    "BINARY-CHAR": (8, 3),
    "BINARY-SHORT": (16, 5),
    "BINARY-LONG": (32, 10),
    "BINARY-DOUBLE": (64, 19),
}


def repeated(random, symbol, count):
    """999 or 9(3)."""
    if count == 0:
        return ""
    return symbol * count if count < 4 and random.random() < 0.5 else f"{symbol}({count})"


class Pictures:
    """Makes elementary items. `profile` says what cobc and the dialect have in common."""

    def __init__(self, random, profile):
        self.random = random
        self.profile = profile

    def one_in(self, count):
        return self.random.randrange(count) == 0

    def elementary(self, name, synchronized=False):
        """A random item; with `synchronized` it may have SYNC."""
        makers = [self.alnum] * 3 + [self.alpha, self.alnum_edited] + [self.zoned] * 4
        makers += [self.binary] * 3 + [self.comp5, self.packed, self.packed, self.packed]
        makers += [self.comp6, self.compx, self.native, self.floating, self.edited, self.edited]
        makers += [self.edited, self.layout_only]
        if not self.profile.ibm:
            makers += [self.compn, self.bytes_binary]
        item = self.random.choice(makers)(name)
        aligned = ("binary", "comp5", "native", "float", "double", "index")
        if synchronized and item.kind in aligned and self.one_in(3):
            # cobc aligns doublewords of BINARY, z/OS words. Micro Focus takes SYNC as a comment.
            is_double = self.profile.ibm and item.digits > 9
            item.sync = not is_double and self.profile.dialect != "micro-focus"
        return item

    # -- text

    def alnum(self, name):
        size = self.random.choice([1, 2, 3, 5, 8, 13, 30, 60])
        item = Item(name, "alnum", repeated(self.random, "X", size), size=size)
        item.just = self.one_in(5)
        return item

    def alpha(self, name):
        size = self.random.randrange(1, 20)
        return Item(name, "alpha", repeated(self.random, "A", size), size=size)

    def alnum_edited(self, name):
        symbols = [self.random.choice("XXXXA9")]
        for _ in range(self.random.randrange(1, 9)):
            symbols.append(self.random.choice("XXXXB0/A9"))
        symbols += ["X", self.random.choice("B0/")]
        picture = "".join(symbols)
        return Item(name, "alnum-edited", picture, size=len(picture))

    # -- numbers

    def number(self, name, kind, most, least=1, may_scale=True, signed=True):
        digits = self.random.choice([1, 2, 3, 4, 5, 7, 9, 10, 12, 15, 18, 20, 25, 31, 38])
        digits = max(least, min(most, digits))
        item = Item(name, kind, digits=digits)
        item.signed = signed and not self.one_in(3)
        text = "S" if item.signed else ""
        shape = self.random.randrange(10)
        # cobc 3.1.2 moves wrong digits into packed items whose picture has P.
        may_scale = may_scale and digits < 15 and kind not in ("packed", "comp6")
        if shape == 0 and may_scale:
            extra = self.random.randrange(1, 5)
            item.scale = -extra
            text += repeated(self.random, "9", digits) + repeated(self.random, "P", extra)
            text += self.random.choice(["", "V"])
        elif shape == 1 and may_scale:
            extra = self.random.randrange(1, 5)
            item.scale = digits + extra
            text += self.random.choice(["", "V"]) + repeated(self.random, "P", extra)
            text += repeated(self.random, "9", digits)
        else:
            item.scale = self.random.choice([0, 0, 2, self.random.randrange(digits + 1)])
            item.scale = min(item.scale, digits)
            text += repeated(self.random, "9", digits - item.scale)
            text += "V" + repeated(self.random, "9", item.scale) if item.scale else ""
        item.picture = text
        return item

    def zoned(self, name):
        item = self.number(name, "zoned", 38)
        if item.signed and self.one_in(2):
            item.sign = self.random.choice(
                ["LEADING", "TRAILING", "LEADING SEPARATE", "TRAILING SEPARATE"]
            )
        # With BLANK WHEN ZERO cobc 3.1.2 counts a byte for V.
        item.blank_when_zero = not item.signed and item.scale == 0 and self.one_in(6)
        item.usage = "DISPLAY" if self.one_in(6) else ""
        return item

    def binary(self, name):
        item = self.number(name, "binary", 18)
        item.usage = self.random.choice(SPELLINGS["binary"])
        return item

    def comp5(self, name):
        # With -std=ibm cobc has one byte for one and two digits, z/OS has two.
        item = self.number(name, "comp5", 18, least=3 if self.profile.ibm else 1)
        item.usage = self.random.choice(SPELLINGS["comp5"])
        return item

    def compx(self, name):
        # cobc gives signed ones the bytes of unsigned ones; Micro Focus has a table for each.
        signed = self.profile.dialect == "gnucobol"
        item = self.number(name, "compx", 18, may_scale=False, signed=signed)
        item.usage = self.random.choice(SPELLINGS["compx"])
        return item

    def compn(self, name):
        signed = self.profile.dialect == "gnucobol"
        item = self.number(name, "compn", 18, may_scale=False, signed=signed)
        item.usage = self.random.choice(SPELLINGS["compn"])
        return item

    def packed(self, name):
        item = self.number(name, "packed", 38)
        item.usage = self.random.choice(SPELLINGS["packed"])
        return item

    def comp6(self, name):
        item = self.number(name, "comp6", 31, signed=False)
        item.usage = self.random.choice(SPELLINGS["comp6"])
        return item

    def native(self, name):
        word = self.random.choice(list(NATIVE))
        item = Item(name, "native", signed=not self.one_in(3))
        item.digits = NATIVE[word][1]
        sign = self.random.choice(["", " SIGNED"]) if item.signed else " UNSIGNED"
        item.usage = word + sign
        return item

    def bytes_binary(self, name):
        """PIC X(n) COMP-X: a number of n bytes."""
        size = self.random.randrange(1, 9)
        item = Item(name, "bytes", repeated(self.random, "X", size), size=size)
        item.digits = [0, 2, 4, 7, 9, 12, 14, 16, 18][size]
        item.usage = self.random.choice(SPELLINGS["compx"])
        return item

    def floating(self, name):
        kind = self.random.choice(FLOATS)
        return Item(name, kind, usage=self.random.choice(SPELLINGS[kind]), signed=True)

    def layout_only(self, name):
        # No external floating point: +9.99E+99 has nine characters, cobc 3.1.2 counts eight.
        choices = ["index", "national"]
        # Pointers have eight bytes here, four on z/OS.
        if not self.profile.ibm:
            choices.append("pointer")
        kind = self.random.choice(choices)
        if kind == "index":
            return Item(name, kind, usage="INDEX")
        if kind == "pointer":
            usage = self.random.choice(["POINTER", "PROCEDURE-POINTER", "PROGRAM-POINTER"])
            return Item(name, kind, usage=usage)
        size = self.random.randrange(1, 10)
        return Item(name, kind, repeated(self.random, "N", size), size=size)

    # -- numeric edited

    def point(self):
        return "," if self.profile.comma else "."

    def comma(self):
        return "." if self.profile.comma else ","

    def edited(self, name):
        whole = self.random.randrange(1, 10)
        decimals = self.random.choice([0, 0, 2, 2, 3])
        sign = self.random.choice(["", "", "lead", "lead", "trail", "CR", "DB", "float"])
        currency = self.random.choice(["", "", "fixed", "float"])
        # cobc 3.1.2 loses the sign beside a currency sign (+$999 of -999 is "+$999") and puts two
        # currency signs into $$$,$$9+.
        if sign in ("lead", "trail", "float"):
            currency = ""
        symbol = self.random.choice("+-")
        money = self.profile.currency
        floating = symbol if sign == "float" else money if currency == "float" else ""
        suppress = floating or self.random.choice(["Z", "Z", "*", ""])
        hidden = self.random.randrange(whole + 1) if suppress else 0
        if floating:
            hidden = max(hidden, 1)
        body = suppress * hidden + "9" * (whole - hidden)
        all_hidden = hidden == whole and decimals > 0 and self.one_in(2)
        # cobc 3.1.2 takes $$$.$$- for two currency signs.
        all_hidden = all_hidden and currency != "float"
        text = (floating if floating else "") + self.grouped(body)
        if decimals:
            text += self.point() + (suppress if all_hidden else "9") * decimals
        front = symbol if sign == "lead" else ""
        front += money if currency == "fixed" else ""
        back = {"trail": symbol, "CR": "CR", "DB": "DB"}.get(sign, "")
        item = Item(name, "edited", front + text + back)
        item.digits, item.scale, item.signed = whole + decimals, decimals, sign != ""
        item.blank_when_zero = "*" not in text and self.one_in(6)
        return item

    def grouped(self, body):
        """A body with commas, and with B, 0 and / between its nines."""
        if self.one_in(2):
            parts = []
            while len(body) > 3:
                body, part = body[:-3], body[-3:]
                parts.insert(0, part)
            return self.comma().join([body] + parts)
        result = body[0]
        for before, symbol in zip(body, body[1:]):
            if before == symbol == "9" and self.one_in(5):
                result += self.random.choice("B0/")
            result += symbol
        return result


class Values:
    """Gives items values: usual ones and those at the ends of their range."""

    def __init__(self, random, profile):
        self.random = random
        self.profile = profile

    def of(self, item):
        """A value for one occurrence; None for those whose place alone counts."""
        if item.fixed_value is not None:
            return self.numeric(item, item.fixed_value)
        if item.kind in LAYOUT_ONLY:
            return None
        if item.kind in NUMBERS or item.kind == "edited":
            return self.numeric(item, self.decimal_for(item))
        if item.kind in FLOATS:
            number = decimal.Decimal(self.random.randrange(-8000, 8001)) / 8
            return Value(self.literal(number), number)
        if item.kind in ("alnum", "alpha"):
            return self.text(item)
        if item.kind == "alnum-edited":
            return self.edited_text(item)
        return None

    def decimal_for(self, item):
        largest = 10**item.digits - 1
        if item.kind == "compx" and item.signed:
            largest //= 10  # its bytes may hold less than its digits
        smallest = -largest if item.signed else 0
        if item.kind == "native":
            bits = next(bits for word, (bits, _) in NATIVE.items() if item.usage.startswith(word))
            largest = 2 ** (bits - 1) - 1 if item.signed else 2**bits - 1
            smallest = -largest - 1 if item.signed else 0
            if bits == 64:  # cobc takes no literals beyond 18 digits for these
                largest, smallest = 10**18 - 1, -(10**18 - 1) if item.signed else 0
        pick = self.random.randrange(8)
        if pick == 0:
            number = largest
        elif pick == 1:
            number = smallest
        elif pick == 2:
            number = 0
        elif pick == 3:
            number = self.random.randrange(max(smallest, -9), min(largest, 9) + 1)
        else:
            number = self.random.randint(smallest, largest)
        # libcob 3.1.2 never ends when it moves zero to an item with P behind its digits.
        if item.scale < 0 and number == 0:
            number = 1
        return decimal.Decimal(number).scaleb(-item.scale)

    def numeric(self, item, number):
        text = self.literal(number)
        # cobc compares edited items, those with BLANK WHEN ZERO among them, as text.
        is_edited = item.kind == "edited" or item.blank_when_zero
        check = "-" if is_edited else text
        return Value(text, plain(number, max(item.scale, 0)), check)

    def literal(self, number):
        # A zero before the point would be a 39th digit.
        text = re.sub(r"^(-?)0[.]", r"\1.", format(number, "f"))
        return text.replace(".", ",") if self.profile.comma else text

    def text(self, item):
        alphabet = LETTERS + "  " if item.kind == "alpha" else TEXT
        size = self.random.choice([item.size, item.size, self.random.randrange(1, item.size + 1)])
        text = "".join(self.random.choice(alphabet) for _ in range(min(size, 40)))
        held = text[-item.size :].rjust(item.size) if item.just else text
        # The check compares all of the item, which a short literal would be padded to.
        return Value(f'"{text}"', held.rstrip(" "), f'"{held}"' if len(held) <= 40 else "-")

    def edited_text(self, item):
        text, held = "", ""
        for symbol in item.picture:
            if symbol in "B0/":
                held += " " if symbol == "B" else symbol
            else:
                text += self.random.choice(LETTERS if symbol == "A" else LETTERS + "0123456789")
                held += text[-1]
        return Value(f'"{text}"', held.rstrip(" "), f'"{held}"')


def plain(number, scale):
    """The number with exactly `scale` decimals; zero has no sign."""
    number = number.quantize(decimal.Decimal(1).scaleb(-scale))
    return abs(number) if number == 0 else number
