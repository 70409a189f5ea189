"""Refused snapshots: named for what is wrong with them, at any size, and without a trace."""

import pytest

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset
from datasurface.types import Date, Integer, Text
from tests.postgres.merge.play import Step, play
from tests.postgres.merge.tables import TABLE, key, table
from tests.support.arena import Arena
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.stage import PLATFORMS, TextRow

DAYS = Dataset(
    TABLE,
    columns=[
        Column("day", Date(), primary_key=True),
        Column("value", Text(), nullable=False),
    ],
    classification=PUBLIC,
)


@pytest.mark.parametrize("day", ["4714-11-24 BC", "5874897-12-31", "-infinity", "2024-02-29"])
def test_keys_that_no_date_of_python_can_hold_are_named_in_every_message(arena: Arena, day: str) -> None:
    good: TextRow = (day, "as it was")
    with arena.stage(DAYS) as stage:
        for rows, said in (
            ([good, good], f"more than one row for a key (day): ({day})"),
            ([(day, None)], f"value of {TABLE} is NULL in 1 rows, among them ({day})"),
        ):
            stage.put({TABLE: rows})
            error = stage.run(FORENSIC).error
            assert error is not None
            assert error.message.endswith(said)
        stage.put({TABLE: [good]})
        assert stage.run(FORENSIC).error is None
        stage.tamper(stage.merge_table(FORENSIC, TABLE), "UPDATE {table} SET value = 'tampered'")
        details = [check.detail for check in stage.verify(FORENSIC) if not check.holds]
        assert details == [f"changed behind the engine's back: ({day})"]


@pytest.mark.parametrize("bad", [(None, "x"), ("5", None), ("5", "x")], ids=["NULL key", "NULL value", "key twice"])
@pytest.mark.parametrize("is_first", [True, False], ids=["first load", "later batch"])
def test_one_bad_row_before_many_good_ones_is_named_and_stops_the_batch(
    arena: Arena, bad: TextRow, is_first: bool
) -> None:
    """More rows follow than fit into the pipe, so the source still sends when the target refuses."""
    many: list[TextRow] = [(str(number), "x" * 50) for number in range(10, 20_000)]
    steps = [Step({TABLE: [("5", "y"), bad, *many]}), Step({TABLE: many})]
    if not is_first:
        steps.insert(0, Step({TABLE: [("5", "y")]}))
    with arena.stage(table(key("id", Integer()), Column("value", Text(), nullable=False))) as stage:
        assert play(stage, steps) == []


def test_a_table_that_lost_a_row_behind_the_engines_back_is_not_merged_into(arena: Arena) -> None:
    rows: list[TextRow] = [("1", "x"), ("2", "x"), ("3", "x")]
    with arena.stage(table(key("id", Integer()), Column("value", Text()))) as stage:
        stage.put({TABLE: rows})
        for platform in PLATFORMS:
            assert stage.run(platform).error is None
            stage.tamper(stage.merge_table(platform, TABLE), "DELETE FROM {table} WHERE id = 2")
        stage.put({TABLE: [*rows, ("4", "x")]})
        for platform in (LIVE, FORENSIC):
            error = stage.run(platform).error
            assert error is not None
            assert error.type == "ReceiptMismatch"
            assert "the last batch left 3 live rows, 2 are there" in error.message
            assert len(stage.stored(platform, TABLE)) == 2
