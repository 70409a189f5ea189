"""Dates, times, timestamps and intervals as the text that Postgres prints for them: the source of temporal cells."""

import re
from collections.abc import Sequence

from hypothesis import strategies as st

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND

_INTERVALS = (
    *("00:00:00", "1 day", "24:00:00", "1 mon", "30 days", "720:00:00", "1 year", "360 days", "-1 mons", "-30 days"),
    *("178000000 years", "-178000000 years", "2147483647 days", "-00:00:00.000001", "2562047788:00:54.775807"),
)

_EQUAL_IN_SQL = (
    ("1 day", "24:00:00"),
    ("1 mon", "30 days", "720:00:00"),
    ("1 year", "360 days"),
    ("-1 mons", "-30 days"),
)
"""Intervals that ``=`` takes for one another, though they are stored and read differently."""


def dates() -> st.SearchStrategy[str]:
    """Postgres' dates, from 4713 BC to 5874897, and both infinities."""
    ends = ["4714-11-24 BC", "5874897-12-31", "infinity", "-infinity"]
    nasty = ["1970-01-01", "2000-01-01", "2000-02-29", "1999-12-31", "9999-12-31", "10000-01-01", "0001-12-31 BC"]
    return st.one_of(st.sampled_from(ends), st.sampled_from(nasty), st.dates().map(lambda day: day.isoformat()))


def times() -> st.SearchStrategy[str]:
    """Times of day to the microsecond, and 24:00:00."""
    nasty = st.sampled_from(["00:00:00", "24:00:00", "23:59:59.999999", "12:00:00", "00:00:00.000001", "00:00:00.1"])
    return st.one_of(nasty, st.integers(0, _DAY - 1).map(_clock))


def timestamps(zone: str) -> st.SearchStrategy[str]:
    """Postgres' timestamps and both infinities; ``zone`` is ``+00`` for those with a time zone, else empty."""
    ends = [
        ("4714-11-24", "00:00:00", " BC"),
        ("0001-12-31", "23:59:59.999999", " BC"),
        ("294276-12-31", "23:59:59.999999", ""),
    ]
    nasty = [*ends, ("2000-01-01", "00:00:00", ""), ("1970-01-01", "00:00:00", ""), ("2020-01-01", "00:00:00.5", "")]
    days = st.dates().map(lambda day: day.isoformat())
    anything = st.tuples(days, st.integers(0, _DAY - 1).map(_clock), st.just(""))
    infinite = st.sampled_from(["infinity", "-infinity"])
    return st.one_of(
        *(parts.map(lambda p: f"{p[0]} {p[1]}{zone}{p[2]}") for parts in (st.sampled_from(nasty), anything)), infinite
    )


def near(cell: str | None, of_null: Sequence[str]) -> Sequence[str]:
    """One microsecond later, where that is easily written; the other infinity; ``of_null`` for NULL."""
    if cell is None:
        return of_null
    if cell.endswith("infinity"):
        return [cell.removeprefix("-") if cell.startswith("-") else f"-{cell}"]
    later = re.sub(r"(:[0-5]\d)(?=\+00|$| BC)", r"\1.000001", cell)
    return [] if cell.startswith("24:") else [later]


def intervals() -> st.SearchStrategy[str]:
    """Intervals of months, days and microseconds, each with its own sign."""
    parts = st.tuples(
        st.integers(-100, 100), st.integers(-100, 100), st.one_of(st.just(0), st.integers(-2 * _DAY, 2 * _DAY))
    )
    return st.one_of(
        st.sampled_from(_INTERVALS[1:6]), st.sampled_from(_INTERVALS), parts.map(lambda value: interval_text(*value))
    )


def near_interval(cell: str | None) -> Sequence[str]:
    """Intervals that SQL calls equal to this one; zero and such a pair for NULL."""
    if cell is None:
        return ["00:00:00", "1 mon", "30 days"]
    return [other for group in _EQUAL_IN_SQL if cell in group for other in group]


def interval_text(months: int, days: int, microseconds: int) -> str:
    """An interval in IntervalStyle postgres: a positive part after a negative one has a plus sign.

    >>> interval_text(-14, 3, -14706700000)
    '-1 years -2 mons +3 days -04:05:06.7'
    """
    years, months = (part if months > 0 else -part for part in divmod(abs(months), 12))
    texts: list[str] = []
    negative = False
    for value, unit in ((years, "year"), (months, "mon"), (days, "day")):
        if value:
            texts.append(f"{'+' if negative and value > 0 else ''}{value} {unit}{'' if value == 1 else 's'}")
            negative = value < 0
    if microseconds or not texts:
        sign = "-" if microseconds < 0 else "+" if negative else ""
        texts.append(sign + _clock(abs(microseconds)))
    return " ".join(texts)


def _clock(microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, _SECOND)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text
