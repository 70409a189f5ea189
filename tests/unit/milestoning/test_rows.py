"""When two cells are the same bytes, and where the key of a row is."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from datasurface import Column
from datasurface.milestoning.rows import Layout, Version, cell_image
from datasurface.types import BigInt, Text

EAST = timezone(timedelta(hours=2))

DIFFERENT = [
    (None, ""),
    (None, 0),
    (None, "None"),
    ("a", "A"),
    ("a", "a "),
    ("é", "e\u0301"),
    ("1", 1),
    (1, True),
    (0, False),
    (1, 1.0),
    (1, Decimal(1)),
    (0.0, -0.0),
    (float("inf"), float("-inf")),
    (float("nan"), 0.0),
    (Decimal("1.0"), Decimal("1.00")),
    (Decimal("100"), Decimal("-100")),
    (Decimal("NaN"), Decimal("Infinity")),
    (date(2020, 1, 1), datetime(2020, 1, 1)),
    (datetime(2020, 1, 1), datetime(2020, 1, 1, tzinfo=UTC)),
    (time(1, tzinfo=UTC), time(3, tzinfo=EAST)),
    (timedelta(days=30), "30 days"),
    (b"a", "a"),
    ([1, 2], [2, 1]),
    ([1], 1),
    ([], None),
    ([[1, 2], [3, 4]], [1, 2, 3, 4]),
    ([True], [1]),
    ({"a": 1}, {"a": 1.0}),
    ({"a": None}, {}),
    ({}, []),
    (UUID(int=1), 1),
]

SAME = [
    (None, None),
    ("", ""),
    (float("nan"), -float("nan")),
    (Decimal("NaN"), Decimal("-NaN")),
    (Decimal("0.00"), Decimal("-0.00")),
    (Decimal("1E+2"), Decimal("100")),
    (datetime(2020, 1, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, 3, tzinfo=EAST)),
    (b"\x00a", bytearray(b"\x00a")),
    (b"\x00a", memoryview(b"\x00a")),
    ([1, None], (1, None)),
    ({"a": 1, "b": [2]}, {"b": [2], "a": 1}),
    (UUID(int=1), UUID(int=1)),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_cells_that_a_store_tells_apart_have_different_images(one: object, other: object) -> None:
    assert cell_image(one) != cell_image(other)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_cells_that_a_store_keeps_alike_have_equal_images(one: object, other: object) -> None:
    assert cell_image(one) == cell_image(other)
    assert hash(cell_image(one)) == hash(cell_image(other))


def test_versions_are_equal_by_the_bytes_of_their_rows() -> None:
    assert Version(("a",), ("a", 0.0), 1) != Version(("a",), ("a", -0.0), 1)
    assert Version(("a",), ("a", float("nan")), 1) == Version(("a",), ("a", float("nan")), 1)
    assert len({Version(("a",), ("a", {"b": 1}), 1), Version(("a",), ("a", {"b": 1}), 1)}) == 1


def test_a_layout_finds_the_key_among_the_columns() -> None:
    columns = [
        Column("note", Text()),
        Column("b", BigInt(), primary_key=True),
        Column("name", Text(), nullable=False),
        Column("a", BigInt(), primary_key=True),
    ]
    layout = Layout.of(columns)
    assert layout == Layout(key=(1, 3), required=frozenset({1, 2, 3}))
    assert layout.key_of((None, "1", "x", "2")) == ("1", "2")
