"""What a batch reads by a watermark, and what it does with it."""

from datetime import timedelta

import pytest

from datasurface.results import DatasetCounts
from datasurface.types import BigInt, DataType, Date, Integer, SmallInt, Timestamp
from tests.postgres.watermark.reading import (
    ORDERS,
    assert_verified,
    change,
    ingest,
    insert,
    level,
    live,
    mark,
    read_by_watermark,
    reading,
)
from tests.support.arena import Arena
from tests.support.pipeline import FORENSIC
from tests.support.stage import TextRow

NOON = "2026-01-01 12:00:00+00"


def test_new_and_changed_rows_are_read_and_the_others_stay_as_they_are(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", "2026-01-01 10:00:00+00"), ("2", "b", NOON))
        assert ingest(stage) == DatasetCounts(read=2, inserted=2)
        insert(stage, ("3", "c", "2026-01-01 13:00:00+00"))
        change(stage, "1", "A", "2026-01-01 13:00:01+00")

        assert ingest(stage) == DatasetCounts(read=3, inserted=1, updated=1, unchanged=1)

        assert [row[:2] for row in live(stage)] == [("1", "A"), ("2", "b"), ("3", "c")]
        assert {row.row[0]: row.batch_in for row in stage.stored(FORENSIC, ORDERS) if row.is_live} == {
            "1": 2,
            "2": 1,
            "3": 2,
        }
        assert {row[:2] for row in stage.as_of(ORDERS, 1)} == {("1", "a"), ("2", "b")}
        assert mark(stage) == "2026-01-01 13:00:01+00"
        assert level(stage) == "window"
        assert_verified(stage)


def test_a_batch_that_finds_nothing_new_reads_the_window_and_changes_nothing(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", "2026-01-01 11:00:00+00"), ("2", "b", NOON))
        ingest(stage)
        before = stage.stored(FORENSIC, ORDERS)

        assert ingest(stage) == DatasetCounts(read=1, unchanged=1)

        assert stage.stored(FORENSIC, ORDERS) == before
        assert mark(stage) == NOON


EDGES: dict[str, tuple[DataType, timedelta | int, str, str, str]] = {
    "an instant": (
        Timestamp(timezone=True),
        timedelta(minutes=10),
        "2026-01-01 12:00:00.000001+00",
        "2026-01-01 11:50:00.000001+00",
        "2026-01-01 11:50:00+00",
    ),
    "a time without zone": (
        Timestamp(),
        timedelta(microseconds=1),
        "2026-01-01 12:00:00",
        "2026-01-01 11:59:59.999999",
        "2026-01-01 11:59:59.999998",
    ),
    "a time before Christ": (
        Timestamp(),
        timedelta(days=1),
        "0044-03-15 12:00:00 BC",
        "0044-03-14 12:00:00 BC",
        "0044-03-14 11:59:59.999999 BC",
    ),
    "a date": (Date(), timedelta(days=2), "2026-01-03", "2026-01-01", "2025-12-31"),
    "a large number": (BigInt(), 5, "9223372036854775807", "9223372036854775802", "9223372036854775801"),
    "a small number": (SmallInt(), 40_000, "32767", "-7233", "-7234"),
    "a number below zero": (Integer(), 3, "-2147483640", "-2147483643", "-2147483644"),
}


@pytest.mark.parametrize(("kind", "window", "newest", "just_in", "just_out"), EDGES.values(), ids=EDGES.keys())
def test_a_late_row_is_read_down_to_the_end_of_the_window_and_not_below(
    arena: Arena, kind: DataType, window: timedelta | int, newest: str, just_in: str, just_out: str
) -> None:
    with reading(arena, kind, window=window) as stage:
        insert(stage, ("1", "newest", newest))
        ingest(stage)
        assert mark(stage) == newest
        insert(stage, ("2", "just in", just_in), ("3", "just out", just_out), ("4", "the same", newest))

        assert ingest(stage) == DatasetCounts(read=3, inserted=2, unchanged=1)

        assert [row[0] for row in live(stage)] == ["1", "2", "4"]
        change(stage, "3", "touched", newest)
        assert ingest(stage).inserted == 1
        assert live(stage)[2] == ("3", "touched", newest)
        assert_verified(stage)


def test_a_window_that_reaches_below_the_least_number_reads_all(arena: Arena) -> None:
    with reading(arena, BigInt(), window=10**30) as stage:
        insert(stage, ("1", "a", "-9223372036854775808"))
        ingest(stage)
        insert(stage, ("2", "b", "-9223372036854775808"))
        assert ingest(stage) == DatasetCounts(read=2, inserted=1, unchanged=1)


def test_rows_without_a_watermark_are_read_by_every_batch(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "never", None), ("2", "b", NOON), ("3", "always", "-infinity"))
        ingest(stage)
        change(stage, "1", "changed", None)
        change(stage, "3", "changed", "-infinity")

        assert ingest(stage) == DatasetCounts(read=3, updated=2, unchanged=1)

        assert [row[1] for row in live(stage)] == ["changed", "b", "changed"]
        assert mark(stage) == NOON


def test_a_table_without_any_watermark_is_read_whole(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", None))
        ingest(stage)
        assert mark(stage) is None
        insert(stage, ("2", "b", None))
        assert ingest(stage) == DatasetCounts(read=2, inserted=1, unchanged=1)
        insert(stage, ("3", "c", NOON))
        ingest(stage)
        assert mark(stage) == NOON


FUTURES: dict[str, tuple[DataType, timedelta, str, TextRow]] = {
    "an instant": (Timestamp(timezone=True), timedelta(minutes=10), NOON, ("9999-01-01 00:00:00+00", "infinity")),
    "a time": (Timestamp(), timedelta(minutes=10), "2026-01-01 12:00:00", ("9999-01-01 00:00:00", "infinity")),
    "a date": (Date(), timedelta(days=1), "2026-01-01", ("9999-01-01", "infinity")),
}


@pytest.mark.parametrize(("kind", "window", "newest", "future"), FUTURES.values(), ids=FUTURES.keys())
def test_a_row_from_the_future_keeps_no_row_of_today_from_being_read(
    arena: Arena, kind: DataType, window: timedelta, newest: str, future: TextRow
) -> None:
    with reading(arena, kind, window=window) as stage:
        insert(stage, ("1", "a", newest), *((str(at), "future", cell) for at, cell in enumerate(future, start=2)))
        ingest(stage)
        assert mark(stage) == newest
        insert(stage, ("9", "b", newest))
        change(stage, "3", "still future", future[1])

        assert ingest(stage) == DatasetCounts(read=4, inserted=1, updated=1, unchanged=2)


def test_rows_that_are_due_may_be_hashed_where_they_arrive(arena: Arena) -> None:
    with reading(arena) as stage:
        read_by_watermark(stage.pipeline, rows_per_batch=2, hash_at_source=False)
        insert(stage, ("1", "a", "2026-01-01 10:00:00+00"), ("2", "b", "2026-01-01 11:00:00+00"), ("3", "c", NOON))
        assert ingest(stage) == DatasetCounts(read=2, inserted=2)
        assert ingest(stage) == DatasetCounts(read=2, inserted=1, unchanged=1)
        stage.produce(ORDERS, "DELETE FROM {table} WHERE id < 3")
        change(stage, "3", "C", NOON)

        assert ingest(stage) == DatasetCounts(read=1, updated=1)

        assert [row[:2] for row in live(stage)] == [("1", "a"), ("2", "b"), ("3", "C")]
        assert mark(stage) == NOON
        assert_verified(stage)


def test_a_mark_never_falls(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", "2026-01-01 10:00:00+00"), ("2", "b", NOON))
        ingest(stage)
        stage.produce(ORDERS, "DELETE FROM {table} WHERE id = 2")
        insert(stage, ("3", "c", "2026-01-01 11:55:00+00"))
        ingest(stage)
        assert mark(stage) == NOON


def test_a_row_that_is_gone_stays_even_when_all_are_gone(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, *((str(at), "a", NOON) for at in range(1, 151)))
        ingest(stage)
        stage.produce(ORDERS, "DELETE FROM {table} WHERE id > 20")
        assert ingest(stage) == DatasetCounts(read=20, unchanged=20)
        stage.produce(ORDERS, "DELETE FROM {table}")

        assert ingest(stage) == DatasetCounts()

        assert len(live(stage)) == 150
        assert_verified(stage)


def test_a_row_that_changes_under_its_old_watermark_is_not_seen(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", "2026-01-01 11:00:00+00"), ("2", "b", NOON))
        ingest(stage)
        change(stage, "1", "unseen", "2026-01-01 11:00:00+00")
        ingest(stage)
        assert live(stage)[0][1] == "a"
        change(stage, "1", "seen", "2026-01-01 12:00:01+00")
        ingest(stage)
        assert live(stage)[0][1] == "seen"


def test_a_key_that_comes_back_under_another_row_is_an_update(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", NOON))
        ingest(stage)
        stage.produce(ORDERS, "DELETE FROM {table}")
        ingest(stage)
        insert(stage, ("1", "b", "2026-01-01 12:01:00+00"))
        assert ingest(stage) == DatasetCounts(read=1, updated=1)
        assert_verified(stage)
