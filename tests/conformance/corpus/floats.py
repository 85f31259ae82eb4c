"""Floating point: whether two decimals are the same value of an item's own format."""

import struct
from decimal import Decimal
from fractions import Fraction


def same(left, right, usage, data, form):
    """Both are nearer to what the bytes say than its neighbours in the item's format are, or equal
    as doubles, which the other side went through."""
    if float(left) == float(right):
        return True
    if form.lower().endswith("little_endian"):
        data = data[::-1]
    if form.lower().startswith("ieee"):
        return _single(left) == _single(right) if usage == "COMP-1" else False
    if len(data) not in (4, 8):
        return False
    exact, gap = _hexadecimal(data)
    return all(abs(Fraction(value) - exact) * 2 <= gap for value in (left, right))


def _single(value: Decimal):
    return struct.unpack("<f", struct.pack("<f", float(value)))[0]


def _hexadecimal(data):
    """The value of the bytes, and the distance to the next one above."""
    bits = 8 * (len(data) - 1)
    fraction = int.from_bytes(data[1:], "big")
    exponent = (data[0] & 0x7F) - 64
    while fraction and exponent > -64 and fraction >> (bits - 4) == 0:
        fraction, exponent = fraction << 4, exponent - 1
    unit = Fraction(16) ** exponent / 2**bits
    return (-1 if data[0] & 0x80 else 1) * fraction * unit, unit
