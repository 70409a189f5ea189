"""Key columns of any name and of every type whose equality is equality of bytes, fetched key by key."""

import pytest

from datasurface.model import Column
from datasurface.types import (
    BigInt,
    Boolean,
    DataType,
    Date,
    Decimal,
    SmallInt,
    Text,
    Time,
    Timestamp,
    Uuid,
    VarChar,
)
from tests.postgres.merge.play import Step, play
from tests.postgres.merge.tables import TABLE, key, table
from tests.support.arena import Arena
from tests.support.stage import Rows

ROWS = 20


def _one_of_each(rows: Rows) -> list[Step]:
    """A load; one update, which is fetched by its key; one delete and one update; the first snapshot again."""
    changed = [*rows[:-1], (*rows[-1][:-1], "changed")]
    return [Step({TABLE: snapshot}) for snapshot in (rows, changed, rows[1:], rows)]


@pytest.mark.parametrize("name", ["operation", "number", "former", "same", "batch", "s", "t", "wanted", '%s"{{a}}'])
def test_a_key_column_may_have_a_name_that_the_engine_uses_itself(arena: Arena, name: str) -> None:
    rows = [(str(number), "as it was") for number in range(ROWS)]
    with arena.stage(table(key(name, BigInt()), Column("value", Text()))) as stage:
        assert play(stage, _one_of_each(rows)) == []


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (SmallInt(), "{}"),
        (VarChar(12), "a '{}\\,\""),
        (Decimal(7, 2), "{}.50"),
        (Date(), "2024-01-{:02d}"),
        (Time(), "00:00:00.{:03d}1"),
        (Timestamp(), "0001-12-31 23:59:59.999{:02d}1 BC"),
        (Timestamp(timezone=True), "2024-01-01 00:00:{:02d}+00"),
        (Uuid(), "00000000-0000-0000-0000-0000000000{:02d}"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, DataType) else "",
)
def test_rows_are_found_by_keys_of_this_type(arena: Arena, type_: DataType, text: str) -> None:
    rows = [(text.format(number), "true", "as it was") for number in range(11, 11 + ROWS)]
    with arena.stage(table(key("key", type_), key("part", Boolean()), Column("value", Text()))) as stage:
        assert play(stage, _one_of_each(rows)) == []


@pytest.mark.parametrize("source", ["character(5)", "name", "text_of_five", "one_of_many", "varchar(4)"])
def test_rows_are_found_by_text_keys_of_another_source_type(arena: Arena, source: str) -> None:
    rows = [(f"ab{number}", "as it was") for number in range(ROWS)]
    labels = ", ".join(f"'{row[0]}'" for row in rows)
    create = ["CREATE DOMAIN text_of_five AS varchar(5)", f"CREATE TYPE one_of_many AS ENUM ({labels})"]
    dataset = table(key("key", VarChar(63)), Column("value", Text()))
    with arena.stage(dataset, source_types={"key": source}, create=create) as stage:
        assert play(stage, _one_of_each(rows)) == []
