"""Values of other databases as the text that PostgreSQL reads them from: pure conversions, exact or refused."""

import re
from collections.abc import Callable
from datetime import date
from enum import Enum

from attrs import frozen

Convert = Callable[[object], str]
"""From a value of the driver that is not NULL to text that PostgreSQL reads as the same value; Misfit where it cannot.
"""


class Misfit(Exception):
    """A value that its column in the model cannot hold; the message says why and shows nothing of the value."""


class Form(Enum):
    """In which form a column is asked for."""

    PLAIN = "plain"
    TEXT = "text"
    """As the source prints it."""
    DOUBLE = "double"
    """As the source prints it in double precision."""


@frozen
class Reading:
    """How a column of a source is read."""

    convert: Convert
    form: Form = Form.PLAIN


def text(value: object) -> str:
    """Text, every character of which PostgreSQL can hold."""
    if not isinstance(value, str):
        raise Misfit(f"is {kind_of(value)}, not text")
    if "\0" in value:
        raise Misfit("has the character NUL, which PostgreSQL cannot hold")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Misfit("is not valid UTF-8") from None
    return value


def text_of(limit: int | None) -> Convert:
    """Text of at most so many characters."""
    if limit is None:
        return text

    def limited(value: object) -> str:
        found = text(value)
        if len(found) > limit:
            raise Misfit(f"is longer than {limit} characters")
        return found

    return limited


def binary(value: object) -> str:
    """Bytes."""
    if not isinstance(value, bytes):
        raise Misfit(f"is {kind_of(value)}, not bytes")
    return f"\\x{value.hex()}"


def kind_of(value: object) -> str:
    """What kind of value this is, in a word or two."""
    return _KINDS.get(type(value), "something else")


_KINDS = {int: "a whole number", float: "a floating point number", str: "text", bytes: "bytes"}

_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
_ZONE = r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
_IS_DATE = re.compile(_DATE, re.ASCII)
_IS_CLOCK = re.compile(rf"{_CLOCK}|24:00(:00(\.0{{1,6}})?)?", re.ASCII)
_IS_TIMESTAMP = re.compile(rf"(?P<date>{_DATE})[ T]{_CLOCK}", re.ASCII)
_IS_INSTANT = re.compile(rf"(?P<date>{_DATE})[ T]{_CLOCK} ?{_ZONE}", re.ASCII)
_IS_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def iso_date(value: object) -> str:
    """A date of the years 1 to 9999, as ``2024-02-29``."""
    return _dated(value, _IS_DATE, "date as 2024-02-29")


def iso_time(value: object) -> str:
    """A time of day to the microsecond, as ``23:59:59.999999``."""
    found = text(value)
    if not _IS_CLOCK.fullmatch(found):
        raise Misfit("is no time of day as 23:59:59.999999")
    return found


def iso_timestamp(value: object) -> str:
    """Date and time without a zone, as ``2024-02-29 23:59:59.999999``."""
    return _dated(value, _IS_TIMESTAMP, "date and time as 2024-02-29 23:59:59.999999, without a zone")


def iso_instant(value: object) -> str:
    """Date, time and zone, as ``2024-02-29 23:59:59.999999+00:00``."""
    return _dated(value, _IS_INSTANT, "date and time with a zone as 2024-02-29 23:59:59.999999+00:00")


def _dated(value: object, form: re.Pattern[str], what: str) -> str:
    found = text(value)
    match = form.fullmatch(found)
    if match is None or not _is_day(match):
        raise Misfit(f"is no {what}")
    return found


def _is_day(match: re.Match[str]) -> bool:
    named = "date" in match.re.groupindex
    year, month, day = match.groups()[1:4] if named else match.groups()[0:3]
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def uuid_text(value: object) -> str:
    """A UUID of 32 hexadecimal digits with hyphens."""
    found = text(value)
    if not _IS_UUID.fullmatch(found):
        raise Misfit("is no UUID")
    return found
