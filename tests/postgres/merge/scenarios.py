"""Short sequences made for one kind of mistake each: what random sequences meet sooner or later, met at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from attrs import frozen

from datasurface.model import Column, Dataset
from datasurface.types import BigInt, Decimal, Float64, Integer, Interval, Json, Text, Timestamp, VarChar
from datasurface_yellow.merge import changed_keys
from tests.postgres.merge.differences import Difference
from tests.postgres.merge.play import Step, play
from tests.postgres.merge.tables import TABLE, key, table
from tests.support.arena import Arena
from tests.support.stage import Rows, TextRow


@frozen
class Scenario:
    """A name for people, and what it finds on an engine: nothing, if the engine is right.

    Attributes:
        is_only_here: whether it makes something happen that random sequences hold never or hardly ever.
    """

    name: str
    run: Callable[[Arena], list[Difference]]
    is_only_here: bool = False


@contextmanager
def pieces_of(keys: int) -> Iterator[None]:
    """Keys are asked for so many at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changed_keys, "PIECE", keys)
        yield


def snapshots(
    name: str,
    dataset: Dataset,
    *rows: Rows,
    source_types: Mapping[str, str] | None = None,
    create: Sequence[str] = (),
) -> Scenario:
    """A scenario of snapshots with any number of deletes."""
    played = [Step({TABLE: held}) for held in rows]
    return steps(name, dataset, played, source_types=source_types, create=create, is_only_here=bool(source_types))


def steps(
    name: str,
    dataset: Dataset,
    played: Sequence[Step],
    *,
    source_types: Mapping[str, str] | None = None,
    create: Sequence[str] = (),
    is_only_here: bool = False,
) -> Scenario:
    """A scenario of steps, compared with the oracle."""

    def run(arena: Arena) -> list[Difference]:
        with pieces_of(2), arena.stage(dataset, source_types=source_types, create=create) as stage:
            return play(stage, played)

    return Scenario(name, run, is_only_here)


_PLAIN = table(key("id", BigInt()), Column("value", Text()))

LIFE = steps(
    "a key's life",
    _PLAIN,
    [
        Step({TABLE: [("1", "a"), ("2", "a"), ("3", "a"), ("4", "a")]}),
        Step({TABLE: [("1", "a"), ("2", "b"), ("4", "a"), ("5", "a")]}, in_two_jobs=True),
        Step({TABLE: [("1", "a"), ("2", "b"), ("3", "a"), ("5", "a")]}),
        Step({TABLE: [("1", "a"), ("2", "c"), ("3", "b"), ("4", "b")]}),
        Step({TABLE: [("1", "a"), ("2", "c"), ("3", "b"), ("4", "b")]}, in_two_jobs=True),
        Step({TABLE: ()}),
        Step({TABLE: [("2", "c"), ("3", "a")]}),
        Step({TABLE: [("3", "a"), ("2", "d")]}),
    ],
)

NULLS = snapshots(
    "NULL and ''",
    table(key("id", BigInt()), Column("first", VarChar(20)), Column("second", VarChar(20))),
    [("1", None, ""), ("2", "", ""), ("3", None, None)],
    [("1", "", None), ("2", None, ""), ("3", None, None)],
    [("1", "", None), ("2", None, None), ("3", "", None)],
)

BORDERS = snapshots(
    "borders of cells",
    table(key("a", VarChar(20)), key("b", VarChar(20)), Column("c", Text()), Column("d", Text())),
    [("ab", "c", "x", "yz"), ("a", "bc", "x", "yz"), ("a", "b", "x", "yz")],
    [("ab", "c", "xy", "z"), ("a", "bc", "x", "yz"), ("a", "b", "x", "yz")],
    [("a", "bc", "x|y", "z"), ("", "abc", "x", "y"), ("a", "b", "x", "y")],
    [("a", "bc", "x", "y|z"), ("ab", "c", "xy", "z"), ("a", "b", "x", "y")],
)

_NUMBERS: Sequence[tuple[TextRow, TextRow]] = (
    (("1", "100", "0", "0", "5", "1 mon"), ("1", "-100", "0", "0", "5", "1 mon")),
    (("2", "1.0", "0", "0", "5", "1 mon"), ("2", "1.00", "0", "0", "5", "1 mon")),
    (("3", "100", "0", "0", "5", "1 mon"), ("3", "100", "4294967297", "0", "5", "1 mon")),
    (("4", "100", "0", "0", "5", "1 mon"), ("4", "100", "0", "-0", "5", "1 mon")),
    (("5", "100", "0", "0", "5", "1 mon"), ("5", "100", "0", None, "5", "1 mon")),
    (("6", "100", "0", "0", "5", "1 mon"), ("6", "100", "0", "0", "-5", "1 mon")),
    (("7", "100", "0", "0", "5", "1 mon"), ("7", "100", "0", "0", "5", "30 days")),
)
NUMBERS = snapshots(
    "numbers that hash alike",
    table(
        key("id", BigInt()),
        Column("n", Decimal()),
        Column("i", BigInt()),
        Column("f", Float64()),
        Column("j", Json()),
        Column("d", Interval()),
    ),
    *([pair[side] for pair in _NUMBERS] for side in (0, 1, 0)),
)

_PRECISE: Rows = [
    ("1", " a ", "0.30000000000000004", "2020-01-01 00:00:00.123456", "1.50"),
    ("2", "a ", "123456789.123456", "9999-12-31 23:59:59.999999", "100.000"),
    ("3", "", "1e+30", "infinity", "NaN"),
    ("4", "\t\n", "-0", "0001-12-31 00:00:00 BC", "0.00"),
]
PRECISION = snapshots(
    "every digit and blank",
    table(
        key("id", BigInt()),
        Column("text", Text()),
        Column("double", Float64()),
        Column("time", Timestamp()),
        Column("number", Decimal()),
    ),
    _PRECISE[:2],
    _PRECISE,
)

SWAPS = snapshots(
    "swapped cells and keys",
    table(key("id", BigInt()), Column("first", Text()), Column("second", Text())),
    [("1", "a", "b"), ("2", "c", "d"), ("3", "e", "f")],
    [("1", "c", "b"), ("2", "a", "d"), ("3", "f", "e")],
    [("2", "c", "b"), ("1", "a", "d"), ("3", "f", "e")],
    [("2", "c", "d"), ("1", "a", "b"), ("3", "f", "e")],
    [("2", "c", "d"), ("1", "a", "b"), ("3", "e", "f")],
)

_MANY: list[TextRow] = [(str(number), "a") for number in range(40)]
MANY_ROWS = snapshots(
    "few changes in many rows",
    _PLAIN,
    _MANY,
    [*((number, "b") for number, _ in _MANY[:5]), *_MANY[5:-1], ("100", "a"), ("101", "a")],
    [("0", "c"), *_MANY[1:]],
)

REFUSED = steps(
    "bad snapshots",
    table(key("id", BigInt()), key("part", Text()), Column("value", Text(), nullable=False)),
    [
        Step({TABLE: [("1", "a", "x"), ("1", "a", "x")]}),
        Step({TABLE: [("1", "a", "x"), ("2", "a", "x")]}),
        Step({TABLE: [("1", "a", "x"), ("2", "a", "x"), ("2", "a", "x")]}),
        Step({TABLE: [("1", "a", "x"), ("2", "a", "x"), ("3", "a", "x"), ("3", "a", "y")]}),
        Step({TABLE: [("1", "a", "x"), ("2", "a", "x"), (None, "a", "x")]}),
        Step({TABLE: [("1", "a", "x"), ("2", "a", "x"), ("3", None, "x")]}),
        Step({TABLE: [("1", "a", "x"), ("2", "a", None)]}),
        Step({TABLE: [("1", "a", "x"), ("2", "a", "y"), ("3", "a", "y")]}),
    ],
)

_HUNDRED: Rows = [(str(number), "a") for number in range(101)]
GUARD = steps(
    "the delete guard",
    _PLAIN,
    [
        Step({TABLE: _HUNDRED}),
        Step({TABLE: _HUNDRED[51:]}, allow_deletes=False),
        Step({TABLE: _HUNDRED[1:]}, allow_deletes=False),
        Step({TABLE: ()}, allow_deletes=False),
        Step({TABLE: _HUNDRED[91:]}, allow_deletes=False),
        Step({TABLE: _HUNDRED}),
        Step({TABLE: _HUNDRED[51:]}),
    ],
    is_only_here=True,
)

GUARD_AT_ITS_LINE = steps(
    "the delete guard at its line",
    table(key("id", BigInt()), Column("value", Text()), max_delete_fraction=0.29),
    [
        Step({TABLE: _HUNDRED[:100]}),
        Step({TABLE: _HUNDRED[30:100]}, allow_deletes=False),
        Step({TABLE: _HUNDRED[29:100]}, allow_deletes=False),
    ],
    is_only_here=True,
)

OTHER_SOURCE_TYPES = snapshots(
    "source types of the same family",
    table(
        key("id", BigInt()),
        Column("number", BigInt()),
        Column("double", Float64()),
        Column("mood", VarChar(20)),
        Column("word", Text()),
        Column("document", Json()),
        Column("small", Integer()),
    ),
    [("1", "1", "0.5", "glad", "a", '{"a": 1}', "7"), ("2", None, "1", "sad", "", "[]", None)],
    [("1", "2", "0.25", "sad", "b", '{"a": 2}', "7"), ("2", None, "1", "sad", "", "[]", None)],
    source_types={
        "id": "integer",
        "number": "smallint",
        "double": "real",
        "mood": "mood",
        "word": "word",
        "document": "json",
        "small": "smallint",
    },
    create=["CREATE TYPE mood AS ENUM ('sad', 'glad')", "CREATE DOMAIN word AS varchar(10)"],
)
