"""A source's columns against the model's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasurface.errors import SourceDrift
from datasurface.model import Column, Dataset
from datasurface.types import Array, BigInt, Decimal, Integer, Text, VarChar
from datasurface_yellow.capture.drift import check, source_types
from datasurface_yellow.store.layout import LaidColumn, TableLayout
from datasurface_yellow.store.rowhash import stored_columns
from datasurface_yellow.store.types import SourceType

COLUMNS = stored_columns(
    Dataset(
        "orders",
        columns=[
            Column("id", BigInt(), primary_key=True),
            Column("note", VarChar(20)),
            Column("amount", Decimal(10, 2)),
            Column("tags", Array(VarChar(5))),
        ],
    )
)
FITTING = {
    "id": SourceType("int8", False, None, None, None, "bigint"),
    "note": SourceType("varchar", False, 20, None, None, "character varying"),
    "amount": SourceType("numeric", False, None, 10, 2, "numeric"),
    "tags": SourceType("varchar", True, 5, None, None, "character varying[]"),
}


def test_columns_that_fit_are_no_drift_and_neither_are_more_of_them() -> None:
    check("orders", "public.orders", COLUMNS, FITTING)
    check("orders", "public.orders", COLUMNS, {**FITTING, "more": FITTING["id"]})


def test_every_column_that_does_not_fit_is_named() -> None:
    found = {
        "note": SourceType("varchar", False, 21, None, None, "character varying"),
        "amount": SourceType("numeric", False, None, None, None, "numeric"),
        "tags": FITTING["note"],
    }

    with pytest.raises(SourceDrift) as drift:
        check("orders", "sales.orders", COLUMNS, found)

    assert drift.value.dataset == "orders"
    assert drift.value.message == (
        "table sales.orders is not what the model says of dataset orders: column id is missing; "
        "column note is character varying(21), which may be longer than 20 characters "
        "(the model says VarChar(20)); "
        "column amount is numeric, which has no limit of digits (the model says Decimal(10, 2)); "
        "column tags is character varying(20), which is no array (the model says Array(VarChar(5)))"
    )


def test_names_of_columns_are_taken_to_the_letter() -> None:
    with pytest.raises(SourceDrift, match="column id is missing"):
        check("orders", "public.orders", COLUMNS, {name.upper(): kind for name, kind in FITTING.items()})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("a", "int8", False, -1, None, "bigint"), SourceType("int8", False, None, None, None, "bigint")),
        (
            ("a", "varchar", False, 24, None, "character varying"),
            SourceType("varchar", False, 20, None, None, "character varying"),
        ),
        (
            ("a", "varchar", False, -1, None, "character varying"),
            SourceType("varchar", False, None, None, None, "character varying"),
        ),
        (("a", "bpchar", False, 5, None, "bpchar"), SourceType("bpchar", False, 1, None, None, "bpchar")),
        (("a", "enum", False, -1, 7, "mood"), SourceType("enum", False, 7, None, None, "mood")),
        (("a", "enum", False, -1, None, "none"), SourceType("enum", False, 0, None, None, "none")),
        (("a", "name", False, -1, None, "name"), SourceType("name", False, 63, None, None, "name")),
        (("a", "char", False, -1, None, '"char"'), SourceType("char", False, 1, None, None, '"char"')),
        (("a", "numeric", False, -1, None, "numeric"), SourceType("numeric", False, None, None, None, "numeric")),
        (
            ("a", "timestamp", False, 3, None, "timestamp without time zone"),
            SourceType("timestamp", False, None, None, None, "timestamp without time zone"),
        ),
    ],
)
def test_types_of_the_catalogue(row: tuple[object, ...], expected: SourceType) -> None:
    assert source_types([row]) == {"a": expected}


@given(st.integers(1, 1000), st.integers(-1000, 1000))
def test_digits_of_numeric_are_unpacked(precision: int, scale: int) -> None:
    modifier = (precision << 16 | scale & 0x7FF) + 4  # as PostgreSQL packs them

    found = source_types([("a", "numeric", False, modifier, None, "numeric")])["a"]

    assert (found.precision, found.scale) == (precision, scale)


def test_the_words_for_an_unlimited_text() -> None:
    columns = stored_columns(Dataset("d", columns=[Column("t", VarChar(3), primary_key=True), Column("u", Text())]))
    text = SourceType("text", False, None, None, None, "text")

    with pytest.raises(SourceDrift, match=r"column t is text, which may be longer than 3 characters"):
        check("d", "d", columns, {"t": text, "u": text})


def test_the_message_names_the_models_type_where_the_table_is_wider() -> None:
    orders = Dataset("orders", columns=[Column("id", Integer(), primary_key=True)])
    wide = TableLayout(((LaidColumn("id", "bigint", is_key=True),),))

    with pytest.raises(
        SourceDrift, match=r"column id is bigint, which is of another family \(the model says Integer\(\)\)"
    ):
        check("orders", "orders", stored_columns(orders, wide), FITTING)
