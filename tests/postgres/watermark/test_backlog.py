"""A backlog is read in parts, each of which is a batch, until nothing is left."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface.results import DatasetCounts, ResultCode
from datasurface.types import BigInt
from tests.postgres.watermark.reading import (
    ORDERS,
    assert_verified,
    done,
    ingest,
    insert,
    level,
    live,
    logged,
    mark,
    reading,
)
from tests.support.arena import Arena
from tests.support.length import long_or
from tests.support.pipeline import FORENSIC
from tests.support.stage import PLATFORMS, Stage, TextRow

KEEP_WORKING, DONE = ResultCode.KEEP_WORKING, ResultCode.DONE
LEAST = timedelta(microseconds=1)


def at(minute: int) -> str:
    """A time of the day, to the minute."""
    return f"2026-01-01 12:{minute:02d}:00+00"


def part(stage: Stage) -> tuple[DatasetCounts, ResultCode]:
    """One batch on both platforms: what it did, and what it asks for."""
    results = [done(stage, platform) for platform in PLATFORMS]
    assert results[0].datasets == results[1].datasets
    assert results[0].code is results[1].code
    return results[0].datasets[ORDERS], results[0].code


def test_each_batch_reads_its_part_from_the_first_load_on(arena: Arena) -> None:
    with reading(arena, window=LEAST, rows_per_batch=3) as stage:
        insert(stage, *((str(minute), "a", at(minute)) for minute in range(8)))

        assert part(stage) == (DatasetCounts(read=3, inserted=3), KEEP_WORKING)
        assert (level(stage), mark(stage)) == ("load", at(2))
        assert part(stage) == (DatasetCounts(read=4, inserted=3, unchanged=1), KEEP_WORKING)
        assert (level(stage), mark(stage)) == ("window", at(5))
        assert part(stage) == (DatasetCounts(read=3, inserted=2, unchanged=1), DONE)
        assert mark(stage) == at(7)
        assert part(stage) == (DatasetCounts(read=1, unchanged=1), DONE)
        assert [stage.as_of(ORDERS, batch)[-1][0] for batch in (1, 2, 3)] == ["2", "5", "7"]
        assert_verified(stage)


def test_as_many_rows_as_a_batch_may_read_are_one_part(arena: Arena) -> None:
    with reading(arena, rows_per_batch=3) as stage:
        insert(stage, *((str(minute), "a", at(minute)) for minute in range(3)))
        assert part(stage) == (DatasetCounts(read=3, inserted=3), DONE)


def test_rows_of_one_watermark_are_read_together(arena: Arena) -> None:
    with reading(arena, window=LEAST, rows_per_batch=2) as stage:
        insert(stage, ("1", "a", at(0)), *((str(key), "b", at(1)) for key in range(2, 7)), ("7", "c", at(2)))
        assert part(stage) == (DatasetCounts(read=6, inserted=6), KEEP_WORKING)
        assert part(stage) == (DatasetCounts(read=6, inserted=1, unchanged=5), DONE)


def test_a_window_that_holds_more_than_a_batch_may_read_stops_nothing(arena: Arena) -> None:
    with reading(arena, window=timedelta(days=1), rows_per_batch=1) as stage:
        insert(stage, *((str(minute), "a", at(minute)) for minute in range(5)))
        parts = [part(stage) for _ in range(5)]
        assert [(counts.read, counts.inserted) for counts, _ in parts] == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]
        assert [code for _, code in parts] == [*[KEEP_WORKING] * 4, DONE]


def test_rows_without_a_watermark_and_from_the_future_are_in_the_last_part(arena: Arena) -> None:
    with reading(arena, rows_per_batch=1) as stage:
        insert(stage, ("1", "a", at(0)), ("2", "b", at(1)), ("3", "c", None), ("4", "d", "9999-01-01 00:00:00+00"))
        assert part(stage) == (DatasetCounts(read=1, inserted=1), KEEP_WORKING)
        assert part(stage) == (DatasetCounts(read=4, inserted=3, unchanged=1), DONE)
        assert mark(stage) == at(1)


def test_a_part_that_one_job_stages_and_the_next_one_merges_asks_for_more(arena: Arena) -> None:
    with reading(arena, window=LEAST, rows_per_batch=1) as stage:
        insert(stage, *((str(minute), "a", at(minute)) for minute in range(3)))
        assert done(stage, FORENSIC).code is KEEP_WORKING
        staged = done(stage, FORENSIC, budget=0.0)
        assert (staged.code, staged.batch) == (KEEP_WORKING, 2)
        merged = done(stage, FORENSIC)
        assert (merged.code, merged.batch) == (KEEP_WORKING, 2)
        noted = logged(stage)["watermark"]
        assert isinstance(noted, dict)
        assert (noted["value"], noted["has_more"]) == (at(1), True)
        assert done(stage, FORENSIC).code is DONE


numbers = st.none() | st.integers(-3, 3)


@st.composite
def backlogs(draw: st.DrawFn) -> tuple[list[TextRow], list[TextRow], int, int]:
    """Rows that are there at first, rows that come after the first batch, the window, and the rows of a batch."""
    first, later = draw(st.lists(numbers, max_size=8)), draw(st.lists(numbers, max_size=4))
    rows: list[TextRow] = [
        (str(key), "a", None if number is None else str(number)) for key, number in enumerate([*first, *later])
    ]
    return rows[: len(first)], rows[len(first) :], draw(st.integers(1, 7)), draw(st.integers(1, 4))


@pytest.mark.slow
def test_a_backlog_is_drained_whatever_it_holds(arena: Arena) -> None:
    @settings(max_examples=long_or(100, 10), suppress_health_check=[HealthCheck.too_slow])
    @given(backlogs())
    def drained(drawn: tuple[list[TextRow], list[TextRow], int, int]) -> None:
        first, later, window, most = drawn
        with reading(arena, BigInt(), window=window, rows_per_batch=most) as stage:
            if first:
                insert(stage, *first)
            _, code = part(stage)
            read_to = mark(stage)
            if later:
                insert(stage, *later)
            for _ in range(len({row[2] for row in (*first, *later)}) + 1):
                before = mark(stage)
                counts, code = part(stage)
                after = mark(stage)
                assert code is DONE or (after is not None and (before is None or int(after) > int(before)))
                assert counts.deleted == 0
                if code is DONE:
                    break
            assert code is DONE
            lost = {
                row[0]
                for row in later
                if row[2] is not None and read_to is not None and int(row[2]) < int(read_to) - window
            }
            assert {row[0] for row in live(stage)} == {row[0] for row in (*first, *later)} - lost
            assert_verified(stage)
            assert ingest(stage).inserted == 0

    drained()
