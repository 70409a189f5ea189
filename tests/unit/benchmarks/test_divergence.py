"""What the right history is, and which verdict a found one gets."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pytest

from benchmarks.divergence.cases import CASES, Case, Row, Snapshot
from benchmarks.divergence.history import History, Span, Verdict, expected, judge, run_of
from benchmarks.divergence.limits import LIMITS
from benchmarks.peers.tables import Field, Table
from datasurface.types import BigInt, VarChar

TABLE = Table("things", (Field("id", "bigint", BigInt()), Field("value", "varchar", VarChar(9))), ("id",))
TWICE: Snapshot = (("1", "a"), ("1", "b"))
GOOD: Snapshot = (("1", "a"),)
CHANGED: Snapshot = (("1", "c"),)


def spans(*rows: tuple[Row, int, int | None]) -> History:
    return Counter(Span(*row) for row in rows)


def test_a_changed_row_and_a_deleted_one_end_with_the_run_that_saw_it() -> None:
    found = expected(TABLE, [(("1", "a"), ("2", "b")), (("1", "c"),), (("1", "c"), ("2", "b"))])
    assert found.history == spans((("1", "a"), 1, 2), (("2", "b"), 1, 2), (("1", "c"), 2, None), (("2", "b"), 3, None))
    assert not found.refused


def test_a_snapshot_with_a_key_twice_must_be_refused_and_leave_nothing() -> None:
    found = expected(TABLE, [GOOD, TWICE, CHANGED])
    assert found.refused == {2}
    assert found.history == spans((("1", "a"), 1, 3), (("1", "c"), 3, None))


def test_the_right_history_is_right_whether_or_not_it_came_with_an_error_that_was_due() -> None:
    history = spans((("1", "a"), 1, 3), (("1", "c"), 3, None))
    assert judge(TABLE, [GOOD, TWICE, CHANGED], (), {2: "a key is there twice"}, history).verdict is Verdict.RIGHT


def test_a_run_that_failed_without_need_and_said_so_is_an_error_and_not_wrong() -> None:
    found = judge(TABLE, [GOOD, CHANGED], (), {2: "out of memory"}, spans((("1", "a"), 1, None)))
    assert (found.verdict, found.reason) == (Verdict.STOPPED, "run 2: out of memory")


@pytest.mark.parametrize(
    "history",
    [
        spans((("1", "a"), 1, None)),
        spans((("1", "a"), 1, 2), (("1", "c"), 2, None), (("1", "c"), 2, None)),
        spans((("1", "a"), 1, 2), (("1", None), 2, None)),
    ],
    ids=["change forgotten", "twice", "another value"],
)
def test_another_history_without_an_error_is_wrong(history: History) -> None:
    assert judge(TABLE, [GOOD, CHANGED], (), {}, history).verdict is Verdict.WRONG


def test_an_error_does_not_excuse_a_history_that_is_wrong_beside_it() -> None:
    assert judge(TABLE, [GOOD, CHANGED], (), {2: "killed"}, spans()).verdict is Verdict.WRONG


def test_a_snapshot_that_was_taken_in_where_it_must_be_refused_is_said_first() -> None:
    history = spans((("1", "a"), 1, 3), (("1", "b"), 2, 3), (("1", "c"), 3, None))
    assert judge(TABLE, [GOOD, TWICE, CHANGED], (), {}, history).reason.startswith("run 2 was taken in")


def test_a_disturbed_run_must_come_to_nothing() -> None:
    history = spans((("1", "a"), 1, 3), (("1", "c"), 3, None))
    assert judge(TABLE, [GOOD, CHANGED, CHANGED], {2}, {2: "session ended"}, history).verdict is Verdict.RIGHT


def test_a_history_that_cannot_be_read_is_an_error_only_where_one_was_said() -> None:
    assert judge(TABLE, [GOOD], (), {1: "no such type"}, "no table").verdict is Verdict.STOPPED
    assert judge(TABLE, [GOOD], (), {}, "no table").verdict is Verdict.WRONG


def test_a_time_belongs_to_the_first_run_that_ended_after_it_in_any_zone() -> None:
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    assert run_of(datetime(1970, 1, 1), moments) == 1
    assert run_of(moments[1], moments) == 2
    assert run_of(moments[1].astimezone(timezone(timedelta(hours=5))), moments) == 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_sequence_fits_its_table_and_begins_with_a_good_snapshot(case: Case) -> None:
    assert {len(row) for snapshot in case.snapshots for row in snapshot} == {len(case.table.fields)}
    assert set(case.disturbances) <= set(range(2, len(case.snapshots) + 1))
    assert 1 not in expected(case.table, case.snapshots).refused


def test_limits_are_of_sequences_that_there_are() -> None:
    assert {name for of_product in LIMITS.values() for name in of_product} <= {case.name for case in CASES}


def test_sequences_have_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
