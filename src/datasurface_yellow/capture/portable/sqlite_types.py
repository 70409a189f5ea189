"""Which model types a SQLite column may fill, and how its values are read.

In SQLite the value has a type, and the column only a wish, its affinity. So affinities are refused that would have
changed what was written, and everything else is looked at value by value.
"""

import re
from decimal import Decimal
from enum import Enum
from math import isinf

from datasurface import types as model
from datasurface.types import DataType
from datasurface_yellow.capture.portable import values
from datasurface_yellow.capture.portable.values import Convert, Misfit, Reading, kind_of

EXACT_DIGITS = 15
"""Decimal digits that every double keeps."""


class Affinity(Enum):
    """What SQLite makes of values that are written into a column."""

    INTEGER = "INTEGER"
    NUMERIC = "NUMERIC"
    REAL = "REAL"
    TEXT = "TEXT"
    BLOB = "BLOB"


def affinity(declared: str) -> Affinity:
    """The affinity of a declared type, by SQLite's own rules (https://sqlite.org/datatype3.html, 3.1)."""
    name = declared.upper()
    if "INT" in name:
        return Affinity.INTEGER
    if any(part in name for part in ("CHAR", "CLOB", "TEXT")):
        return Affinity.TEXT
    if "BLOB" in name or not name:
        return Affinity.BLOB
    if any(part in name for part in ("REAL", "FLOA", "DOUB")):
        return Affinity.REAL
    return Affinity.NUMERIC


_NO_NUMBERS = {
    Affinity.INTEGER: "turns text that looks like a number into one",
    Affinity.NUMERIC: "turns text that looks like a number into one",
    Affinity.REAL: "turns text that looks like a number into one",
}
_NO_FLOATS = {
    Affinity.REAL: "turns whole numbers into floating point numbers",
    Affinity.TEXT: "turns numbers into text",
}
_NO_TEXT = {Affinity.TEXT: "turns numbers into text"}


def reading(declared: DataType, source: Affinity) -> Reading | str:
    """How a column of this affinity is read as this type; else the reason why it is not."""
    refused, convert = _rule(declared)
    if convert is None:
        return refused[source]
    return f"{refused[source]} (its affinity is {source.value})" if source in refused else Reading(convert)


def _rule(declared: DataType) -> tuple[dict[Affinity, str], Convert | None]:
    """Refused affinities, and the conversion of values; without one, the reason why nothing can fill the type."""
    match declared:
        case model.TinyInt():
            return _NO_FLOATS, _whole(8)
        case model.SmallInt():
            return _NO_FLOATS, _whole(16)
        case model.Integer():
            return _NO_FLOATS, _whole(32)
        case model.BigInt():
            return _NO_FLOATS, _whole(64)
        case model.Decimal(precision=precision, scale=scale):
            return {}, _decimal(precision, scale)
        case model.Float64():
            return _NO_TEXT, _double
        case model.Boolean():
            return _NO_FLOATS, _boolean
        case model.Char(length) | model.VarChar(length) | model.NVarChar(length):
            return _NO_NUMBERS, values.text_of(length)
        case model.Text():
            return _NO_NUMBERS, values.text
        case model.Date():
            return {}, values.iso_date
        case model.Time():
            return {}, values.iso_time
        case model.Timestamp(timezone):
            return {}, values.iso_instant if timezone else values.iso_timestamp
        case model.Binary():
            return {}, values.binary
        case model.Uuid():
            return {}, _uuid
        case model.Json():
            return {}, values.text
        case model.Float32():
            return dict.fromkeys(Affinity, "holds floating point numbers of eight bytes: read it as Float64"), None
        case _:
            return dict.fromkeys(Affinity, "is of another family: SQLite has no such type"), None


def _whole(bits: int) -> Convert:
    end = 1 << (bits - 1)

    def whole(value: object) -> str:
        if not isinstance(value, int):
            raise Misfit(f"is {kind_of(value)}, not a whole number")
        if not -end <= value < end:
            raise Misfit(f"needs more than {bits // 8} bytes")
        return str(value)

    return whole


def _boolean(value: object) -> str:
    if value not in (0, 1) or not isinstance(value, int):
        raise Misfit("is neither 0 nor 1")
    return "t" if value else "f"


def _double(value: object) -> str:
    """A floating point number, or a whole one that a double holds: a column of affinity NUMERIC keeps 1.0 as 1."""
    if isinstance(value, int):
        if int(float(value)) != value:
            raise Misfit("is a whole number that no double holds")
        return str(value)
    if not isinstance(value, float):
        raise Misfit(f"is {kind_of(value)}, not a number")
    if isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


_IS_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


def _decimal(precision: int | None, scale: int | None) -> Convert:
    """Text and whole numbers as they are. A floating point number is the decimal number of at most 15 digits that was
    written, where the model says that it had no more. With a scale, all have that many digits behind the point: SQLite
    keeps none of the zeros at a number's end."""

    def decimal(value: object) -> str:
        if isinstance(value, float):
            if precision is None or precision > EXACT_DIGITS or isinf(value):
                raise Misfit("is a floating point number, which is no exact decimal number")
            value = format(Decimal(repr(value)), "f")
        elif isinstance(value, int):
            value = str(value)
        found = values.text(value)
        if found == "NaN":
            return found
        if not _IS_DECIMAL.fullmatch(found):
            raise Misfit("is no decimal number")
        return found if precision is None else _scaled(found, precision, scale or 0)

    return decimal


def _scaled(found: str, precision: int, scale: int) -> str:
    """With exactly ``scale`` digits behind the point."""
    sign = "-" if found.startswith("-") else ""
    whole, _, fraction = found.lstrip("+-").partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if len(fraction) > scale or len(whole) > precision - scale:
        raise Misfit(f"has more digits than Decimal({precision}, {scale})")
    return f"{sign}{whole or '0'}.{fraction.ljust(scale, '0')}" if scale else f"{sign}{whole or '0'}"


def _uuid(value: object) -> str:
    if isinstance(value, bytes):
        if len(value) != 16:
            raise Misfit("is no UUID of 16 bytes")
        return value.hex()
    return values.uuid_text(value)
