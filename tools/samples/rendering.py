"""How values are written: as lines for the COBOL programs and as the JSON that events must be.

The JSON is computed from the values alone, never from the records, so that it can tell whether
the decoder reads the records right.
"""

import datetime
import json
import zoneinfo


class Number(str):
    """A number as its JSON text; floating point would change decimals."""


class Sequence:
    """Reproducible numbers without end, the same under every version of Python."""

    def __init__(self, seed):
        self._state = seed

    def below(self, limit):
        """The next number from 0 to limit - 1."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self._state >> 33) % limit

    def pick(self, choices):
        """One of the choices."""
        return choices[self.below(len(choices))]


# Value lines: the input of the COBOL programs.


def text(value, size):
    """PIC X(size)."""
    assert len(value) <= size, value
    return value.ljust(size)


def digits(value, size):
    """PIC 9(size)."""
    assert 0 <= value < 10**size, value
    return str(value).zfill(size)


def signed(value, size):
    """PIC S9(size) SIGN LEADING SEPARATE; the decimal point is implied."""
    assert abs(value) < 10**size, value
    return ("-" if value < 0 else "+") + str(abs(value)).zfill(size)


def yyyymmdd(date):
    """A date as a number, 0 for none."""
    return int(date.strftime("%Y%m%d")) if date else 0


def yyddd(date):
    """A two-digit year and the day of the year, 0 for none."""
    return int(date.strftime("%y%j")) if date else 0


def cyymmdd(date):
    """A century digit (0 = 19xx), a two-digit year, month and day, 0 for none."""
    return (date.year // 100 - 19) * 1000000 + int(date.strftime("%y%m%d")) if date else 0


def db2_timestamp(moment):
    """The text of a Db2 TIMESTAMP."""
    return moment.strftime("%Y-%m-%d-%H.%M.%S.%f")


# JSON: the bodies of the events.


def number(value, scale=0):
    """An integer or, with an implied decimal point, a decimal with exactly `scale` places."""
    sign = "-" if value < 0 else ""
    whole = str(abs(value)).zfill(scale + 1)
    return Number(sign + (whole if scale == 0 else whole[:-scale] + "." + whole[-scale:]))


def masked(value, keep_last):
    """All characters but the last ones as stars."""
    hidden = max(len(value) - keep_last, 0)
    return "*" * hidden + value[hidden:]


def iso_date(date):
    """ISO 8601, null for no date."""
    return date.isoformat() if date else None


def iso_moment(moment, zone=None):
    """ISO 8601 with six places of seconds, behind it the offset of the time zone."""
    result = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
    if zone is None:
        return result
    offset = moment.replace(tzinfo=zoneinfo.ZoneInfo(zone)).strftime("%z")
    return result + offset[:3] + ":" + offset[3:]


def to_json(value):
    """Compact JSON, members in the order given, numbers as they are written."""
    if value is None:
        return "null"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        members = (to_json(name) + ":" + to_json(member) for name, member in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(to_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def to_yaml_flow(value):
    """JSON that YAML reads as the same value, without the quotes around member names."""
    if isinstance(value, dict):
        members = (name + ": " + to_yaml_flow(member) for name, member in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(to_yaml_flow(item) for item in value) + "]"
    return to_json(value)


def day(number_of_day):
    """A date by the number of days since 1 January 1970."""
    return datetime.date(1970, 1, 1) + datetime.timedelta(days=number_of_day)
