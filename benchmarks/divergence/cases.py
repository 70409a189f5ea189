"""The sequences: what a table's source holds, run after run, and what happens during a run.

Cells are the text that the source's type reads and writes; None is NULL.
"""

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from benchmarks.peers.tables import Field, Table
from datasurface.types import BigInt, Decimal, Float64, Json, Text, Timestamp, VarChar

Row = tuple[str | None, ...]
Snapshot = tuple[Row, ...]


class Disturbance(Enum):
    """What happens during a run."""

    TWICE = "two workers run at the same time"
    KILLED = "the source ends the reader's session when it has sent two thirds of the rows"


@frozen
class Case:
    """One sequence.

    Attributes:
        snapshots: what the source holds in each run.
        disturbances: by the number of the run, from 1.
    """

    title: str
    table: Table
    snapshots: tuple[Snapshot, ...]
    disturbances: Mapping[int, Disturbance] = field(factory=dict)

    @property
    def name(self) -> str:
        """Of its table."""
        return self.table.name

    @property
    def is_trapped(self) -> bool:
        """Whether its source is a view that can end the session which reads it."""
        return Disturbance.KILLED in self.disturbances.values()


_ID = Field("id", "bigint", BigInt())


def _keyed(name: str, *fields: Field) -> Table:
    return Table(name, (_ID, *fields), ("id",))


def _varchar(name: str) -> Field:
    return Field(name, "varchar", VarChar(200))


def _numbered(count: int, value: str, first: int = 1) -> Snapshot:
    return tuple((str(number), value) for number in range(first, first + count))


_PAIR = Table("shifted_keys", (_varchar("one"), _varchar("two"), _varchar("value")), ("one", "two"))
_NULL_KEY = Table("null_in_key", (_varchar("one"), _varchar("two"), _varchar("value")), ("one", "two"))
_SHIFTS = ("", "-", "|", "_", ",", "||", "~", ".", ":", "/")
_LONG = "All work and no play. " * 15_000


def _shifted(values: tuple[str, str]) -> Snapshot:
    """Two keys for each separator that read the same when their columns are joined by it."""
    return tuple(
        (one, two, value)
        for shift in _SHIFTS
        for one, two, value in ((f"a{shift}b", "c", values[0]), ("a", f"b{shift}c", values[1]))
    )


CASES: tuple[Case, ...] = (
    Case(
        "changed, and back",
        _keyed("changed_and_back", _varchar("value")),
        ((("1", "a"), ("2", "x")), (("1", "b"), ("2", "x")), (("1", "a"), ("2", "x"))),
    ),
    Case(
        "deleted, and back",
        _keyed("deleted_and_back", _varchar("value")),
        (
            (("1", "a"), ("2", "b"), ("3", "c")),
            (("3", "c"),),
            (("1", "a"), ("2", "other"), ("3", "c")),
            (("1", "a"), ("3", "c")),
        ),
    ),
    Case(
        "values change places",
        _keyed("swapped", _varchar("value")),
        ((("1", "a"), ("2", "b")), (("1", "b"), ("2", "a")), (("2", "b"), ("3", "a"))),
    ),
    Case(
        "NULL, '' and 'NULL'",
        _keyed("null_and_empty", _varchar("value"), Field("note", "text", Text())),
        (
            (("1", None, ""), ("2", "", None), ("3", "NULL", "\\N")),
            (("1", "", None), ("2", None, ""), ("3", None, None)),
            (("1", None, None), ("2", "", ""), ("3", "None", "nan")),
            (("1", None, ""), ("2", "", None), ("3", "NULL", "\\N")),
        ),
    ),
    Case(
        "values shift between columns",
        _keyed("shifted_values", _varchar("one"), _varchar("two"), _varchar("three")),
        (
            (("1", "ab", "c", None), ("2", "x", None, "y"), ("3", "a|b", "c", "")),
            (("1", "a", "bc", None), ("2", None, "x", "y"), ("3", "a", "b|c", "")),
            (("1", "abc", "", None), ("2", "x", "y", None), ("3", "a", "b", "|c")),
        ),
    ),
    Case("values shift between key columns", _PAIR, (_shifted(("left", "right")), _shifted(("right", "left")))),
    Case(
        "NULL in a key",
        _NULL_KEY,
        (
            (("a", "b", "v"), ("c", "d", "v")),
            (("a", "b", "v"), ("c", "d", "v"), ("e", None, "first"), ("e", None, "second")),
            (("a", "b", "w"), ("c", "d", "v")),
        ),
    ),
    Case(
        "one key twice, other values",
        _keyed("duplicates", _varchar("value")),
        (
            (("1", "a"), ("2", "b"), ("3", "a")),
            # Whichever of the two a product takes, it is the wrong one for one of the keys.
            (("1", "a"), ("1", "c"), ("2", "b"), ("3", "c"), ("3", "a")),
            (("1", "a"), ("2", "d"), ("3", "a")),
        ),
    ),
    Case(
        "one row twice",
        _keyed("equal_rows", _varchar("value")),
        ((("1", "a"),), (("1", "a"), ("2", "b"), ("2", "b")), (("1", "a"), ("2", "b"))),
    ),
    Case(
        "numeric: sign, digits, NaN",
        _keyed("numerics", Field("value", "numeric", Decimal())),
        (
            (("1", "100"), ("2", "0.123456789012345678"), ("3", "4294967296"), ("4", "NaN")),
            (("1", "-100"), ("2", "0.123456789012345679"), ("3", "0"), ("4", "NaN")),
            (("1", "100"), ("2", "0.123456789012345678"), ("3", None), ("4", "1")),
        ),
    ),
    Case(
        "numeric: 1.0 becomes 1.00",
        _keyed("scales", Field("value", "numeric", Decimal())),
        ((("1", "1.0"),), (("1", "1.00"),), (("1", "1"),)),
    ),
    Case(
        "float: NaN, infinity, last digit",
        _keyed("floats", Field("value", "double precision", Float64())),
        (
            (("1", "NaN"), ("2", "Infinity"), ("3", "0.1")),
            (("1", "NaN"), ("2", "-Infinity"), ("3", "0.10000000000000002")),
            (("1", "1"), ("2", None), ("3", "0.1")),
        ),
    ),
    Case(
        "float: 0 becomes -0",
        _keyed("zeros", Field("value", "double precision", Float64())),
        ((("1", "0"),), (("1", "-0"),), (("1", "0"),)),
    ),
    Case(
        "timestamps: microseconds, zones",
        _keyed(
            "instants",
            Field("at", "timestamp", Timestamp()),
            Field("zoned", "timestamptz", Timestamp(timezone=True)),
        ),
        (
            (("1", "2024-03-31 02:30:00.123456", "2024-03-31 00:30:00.123456+00"),),
            (("1", "2024-03-31 02:30:00.123457", "2024-03-31 00:30:00.123456+00"),),
            (("1", "2024-03-31 02:30:00.123457", "2024-03-31 00:30:00.123457+00"),),
        ),
    ),
    Case(
        "timestamps at both ends",
        _keyed("ends", Field("at", "timestamp", Timestamp())),
        (
            (("1", "infinity"), ("2", "0044-03-15 00:00:00 BC"), ("3", "9999-12-31 23:59:59.999999")),
            (("1", "-infinity"), ("2", "0044-03-16 00:00:00 BC"), ("3", "10000-01-01 00:00:00")),
        ),
    ),
    Case(
        "unicode",
        _keyed("unicode", Field("value", "text", Text())),
        (
            (("1", "é"), ("2", "Straße"), ("3", "👩‍💻"), ("4", "ﬁ"), ("5", "a\u200bb")),
            (("1", "e\u0301"), ("2", "STRASSE"), ("3", "👩💻"), ("4", "fi"), ("5", "ab")),
        ),
    ),
    Case(
        "whitespace, quotes, separators",
        _keyed("blanks", Field("value", "text", Text())),
        (
            (("1", "a"), ("2", "a\tb"), ("3", "line\nbreak"), ("4", 'say "a", b'), ("5", "back\\slash"), ("6", " ")),
            (("1", "a "), ("2", "a b"), ("3", "line\r\nbreak"), ("4", "say 'a'; b"), ("5", "back\\\\slash"), ("6", "")),
            (("1", " a"), ("2", "a\tb"), ("3", "line\\nbreak"), ("4", 'say ""a"", b'), ("5", "\\"), ("6", "\t")),
        ),
    ),
    Case(
        "text of 330,000 characters",
        _keyed("long_texts", Field("value", "text", Text())),
        (
            (("1", f"{_LONG}a"), ("2", f"{_LONG}x")),
            (("1", f"{_LONG}b"), ("2", f"{_LONG}x")),
        ),
    ),
    Case(
        "JSON",
        _keyed("documents", Field("value", "jsonb", Json())),
        (
            (("1", '{"a": 1, "b": 2}'), ("2", "5"), ("3", "null")),
            (("1", '{"b": 2, "a": 1}'), ("2", "-5"), ("3", None)),
            (("1", '{"a": "1", "b": 2}'), ("2", '"5"'), ("3", "{}")),
        ),
    ),
    Case(
        "JSON: 1.0 becomes 1",
        _keyed("json_scales", Field("value", "jsonb", Json())),
        ((("1", '{"n": 1.0}'),), (("1", '{"n": 1}'),), (("1", '{"n": null}'),)),
    ),
    Case(
        "the source is empty for a moment",
        _keyed("emptied", _varchar("value")),
        (_numbered(150, "a"), (), _numbered(150, "a")),
    ),
    Case(
        "the source is reloaded by parts",
        _keyed("half_loaded", _varchar("value")),
        (_numbered(200, "a"), _numbered(80, "a"), _numbered(200, "a")),
    ),
    Case(
        "the reader's session is killed",
        _keyed("killed", _varchar("value")),
        (_numbered(3000, "a"), _numbered(3000, "b"), _numbered(3000, "b")),
        {2: Disturbance.KILLED},
    ),
    Case(
        "two workers at the same time",
        _keyed("twice", _varchar("value")),
        (
            _numbered(500, "a"),
            (*_numbered(400, "b"), *_numbered(100, "a", 501)),
            _numbered(500, "c"),
            _numbered(500, "d"),
            _numbered(450, "d"),
        ),
        dict.fromkeys(range(2, 6), Disturbance.TWICE),
    ),
)
