"""What one batch after another makes of a table, by small examples and by the laws over random snapshots."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given

from datasurface.milestoning import laws
from datasurface.milestoning.oracle import (
    ForensicTable,
    LiveTable,
    Reason,
    RefusedSnapshot,
    as_of,
    changes,
    live_rows,
    merge,
    rollback,
)
from datasurface.milestoning.rows import LIVE, Change, Key, Layout, Operation, Row, Version
from datasurface.results import DatasetCounts
from datasurface.testing.snapshots import Case, cases

LAYOUT = Layout(key=(0,), required=frozenset({0, 1}))
"""Rows are (key, required text, optional text)."""


def forensic(*snapshots: Sequence[Row]) -> ForensicTable:
    """The table after these snapshots, in batches 1, 2, …."""
    table = ForensicTable()
    for batch, snapshot in enumerate(snapshots, start=1):
        table, _ = merge(table, snapshot, LAYOUT, batch, allow_deletes=True)
    return table


def row(key: str, name: str = "x", note: str | None = None) -> Row:
    return (key, name, note)


def many(count: int, start: int = 0) -> list[Row]:
    return [row(str(number)) for number in range(start, start + count)]


def test_first_batch_inserts_every_row() -> None:
    table, counts = merge(ForensicTable(), [row("a"), row("b")], LAYOUT, 1)
    assert table.versions == (Version(("a",), row("a"), 1), Version(("b",), row("b"), 1))
    assert counts == DatasetCounts(read=2, inserted=2, updated=0, deleted=0, unchanged=0)


def test_changed_row_gets_a_new_version_and_closes_the_old_one_at_the_batch_before() -> None:
    table, counts = merge(forensic([row("a", "old"), row("b")]), [row("a", "new"), row("b")], LAYOUT, 2)
    assert set(table.versions) == {
        Version(("a",), row("a", "old"), 1, 1),
        Version(("a",), row("a", "new"), 2, LIVE),
        Version(("b",), row("b"), 1, LIVE),
    }
    assert counts == DatasetCounts(read=2, inserted=0, updated=1, deleted=0, unchanged=1)


def test_null_is_a_change_from_empty_text() -> None:
    table, counts = merge(forensic([row("a", note="")]), [row("a", note=None)], LAYOUT, 2)
    assert counts.updated == 1
    assert live_rows(table) == {("a",): row("a", note=None)}


def test_row_that_is_absent_is_closed_and_one_that_comes_back_is_a_new_version() -> None:
    table = forensic([row("a"), row("b")], [row("b")], [row("a"), row("b")])
    assert set(table.versions) == {
        Version(("a",), row("a"), 1, 1),
        Version(("a",), row("a"), 3, LIVE),
        Version(("b",), row("b"), 1, LIVE),
    }


def test_changed_key_is_a_delete_and_an_insert() -> None:
    _, counts = merge(forensic([row("a"), row("b")]), [row("c"), row("b")], LAYOUT, 2)
    assert counts == DatasetCounts(read=2, inserted=1, updated=0, deleted=1, unchanged=1)


def test_live_table_keeps_only_live_versions_with_the_batch_that_last_wrote_them() -> None:
    table, _ = merge(LiveTable(), [row("a"), row("b"), row("c")], LAYOUT, 1)
    table, counts = merge(table, [row("a"), row("b", "new")], LAYOUT, 4)
    assert set(table.versions) == {Version(("a",), row("a"), 1), Version(("b",), row("b", "new"), 4)}
    assert counts == DatasetCounts(read=2, inserted=0, updated=1, deleted=1, unchanged=1)


def test_merging_leaves_the_table_that_was_given_as_it_was() -> None:
    before = forensic([row("a")])
    merge(before, [row("a", "new")], LAYOUT, 2)
    assert before == forensic([row("a")])


@pytest.mark.parametrize(
    ("snapshot", "reason", "keys"),
    [
        ([row("a"), (None, "x", None)], Reason.NULL_KEY, ((None,),)),
        ([row("a"), ("b", None, None)], Reason.NULL_VALUE, (("b",),)),
        ([row("a"), row("b"), row("a", "other")], Reason.DUPLICATE_KEY, (("a",),)),
        ([row(str(n)) for n in range(9)] * 2, Reason.DUPLICATE_KEY, tuple((str(n),) for n in range(5))),
    ],
)
def test_snapshot_that_breaks_a_rule_is_refused_with_up_to_five_keys(
    snapshot: list[Row], reason: Reason, keys: tuple[Key, ...]
) -> None:
    with pytest.raises(RefusedSnapshot) as refused:
        merge(ForensicTable(), snapshot, LAYOUT, 1, allow_deletes=True)
    assert refused.value.reason is reason
    assert refused.value.keys == keys
    assert reason.value in refused.value.message
    assert refused.value.hint


def test_no_rows_where_there_were_some_is_refused_whatever_the_fraction() -> None:
    with pytest.raises(RefusedSnapshot) as refused:
        merge(forensic([row("a")]), [], LAYOUT, 2, max_delete_fraction=1)
    assert refused.value.reason is Reason.EMPTY_SNAPSHOT


def test_no_rows_where_there_were_none_is_a_batch_without_changes() -> None:
    table, counts = merge(ForensicTable(), [], LAYOUT, 1)
    assert (table, counts) == (ForensicTable(), DatasetCounts(0, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("before", "left", "fraction", "is_refused"),
    [
        (100, 1, None, False),  # a small table has no limit of its own
        (101, 51, None, False),
        (101, 50, None, True),
        (200, 100, None, False),  # exactly half
        (200, 99, None, True),
        (200, 1, 1.0, False),
        (10, 9, 0.0, True),
        (30, 27, 0.1, False),  # 3 of 30 is exactly 0.1
        (30, 26, 0.1, True),
    ],
)
def test_batch_that_deletes_more_than_the_fraction_is_refused(
    before: int, left: int, fraction: float | None, is_refused: bool
) -> None:
    table, snapshot = forensic(many(before)), many(left)
    if is_refused:
        with pytest.raises(RefusedSnapshot) as refused:
            merge(table, snapshot, LAYOUT, 2, max_delete_fraction=fraction)
        assert refused.value.reason is Reason.TOO_MANY_DELETES
    else:
        _, counts = merge(table, snapshot, LAYOUT, 2, max_delete_fraction=fraction)
        assert counts.deleted == before - left


def test_changed_keys_count_as_deletes() -> None:
    with pytest.raises(RefusedSnapshot) as refused:
        merge(forensic(many(200)), many(200, start=150), LAYOUT, 2)
    assert refused.value.reason is Reason.TOO_MANY_DELETES


@pytest.mark.parametrize("snapshot", [[], [row("0")]])
def test_allowed_deletes_are_merged_however_many(snapshot: list[Row]) -> None:
    _, counts = merge(forensic(many(200)), snapshot, LAYOUT, 2, allow_deletes=True)
    assert counts.deleted == 200 - len(snapshot)


@pytest.mark.parametrize("batch", [0, 1, 2, LIVE])
def test_batch_number_must_be_new(batch: int) -> None:
    with pytest.raises(ValueError, match=f"batch {batch} must be greater than 2"):
        merge(forensic([row("a")], [row("b")]), [row("b")], LAYOUT, batch)


def test_batch_that_only_deleted_has_used_its_number_too() -> None:
    with pytest.raises(ValueError, match="batch 2 must be greater than 2"):
        merge(forensic([row("a"), row("b")], [row("b")]), [row("b")], LAYOUT, 2)


def test_as_of_gives_the_rows_of_that_batch_and_none_before_the_first() -> None:
    table = forensic([row("a")], [row("a", "new"), row("b")], [row("b")])
    assert as_of(table, 0) == {}
    assert as_of(table, 1) == {("a",): row("a")}
    assert as_of(table, 2) == {("a",): row("a", "new"), ("b",): row("b")}
    assert as_of(table, 3) == {("b",): row("b")}


def test_changes_are_net_with_the_first_batch_exclusive() -> None:
    table = forensic([row("a"), row("b"), row("c")], [row("a", "new"), row("d")], [row("a", "new"), row("c"), row("e")])
    assert set(changes(table, 1, 3)) == {
        Change(Operation.UPDATE, ("a",), row("a", "new")),
        Change(Operation.DELETE, ("b",), None),
        Change(Operation.INSERT, ("e",), row("e")),
    }
    assert changes(table, 3, 3) == ()
    assert {change.operation for change in changes(table, 0, 1)} == {Operation.INSERT}


def test_rollback_reopens_what_later_batches_closed_and_removes_what_they_opened() -> None:
    snapshots = [[row("a"), row("b")], [row("a", "new")], [row("c")]]
    assert set(rollback(forensic(*snapshots), 1).versions) == set(forensic(*snapshots[:1]).versions)
    assert set(rollback(forensic(*snapshots), 2).versions) == set(forensic(*snapshots[:2]).versions)
    assert rollback(forensic(*snapshots), 0) == ForensicTable()


@given(cases())
def test_every_sequence_of_snapshots_keeps_every_law(case: Case) -> None:
    layout, table, live = case.shape.layout, ForensicTable(), LiveTable()
    snapshots: dict[int, dict[Key, Row]] = {}
    counts: dict[int, DatasetCounts] = {}
    for number, rows in enumerate(case.snapshots):
        batch = 3 * number + 1  # batch numbers may have gaps
        before = len(live_rows(live))
        table, counts[batch] = merge(table, rows, layout, batch, allow_deletes=True)
        live, live_counts = merge(live, rows, layout, batch, allow_deletes=True)
        snapshots[batch] = {layout.key_of(row): row for row in rows}

        assert live_counts == counts[batch]
        assert laws.counts_add_up(batch, before, counts[batch], len(rows)) == []
        assert laws.live_is_forensic(live.versions, table.versions) == []
        assert laws.one_live_version(live.versions) == []

    assert laws.versions_hold_together(table.versions) == []
    assert laws.as_of_is_source(table.versions, snapshots) == []
    assert laws.counts_are_true(table.versions, counts) == []
    for after, up_to in [*pairwise(snapshots), (0, max(snapshots)), (max(snapshots), min(snapshots))]:
        between = changes(table, after, up_to)
        assert laws.changes_connect(as_of(table, after), between, as_of(table, up_to)) == []


@given(cases())
def test_rollback_to_any_batch_is_the_table_of_that_batch_and_takes_the_same_snapshots_again(case: Case) -> None:
    layout = case.shape.layout
    tables = [ForensicTable()]
    for batch, rows in enumerate(case.snapshots, start=1):
        tables.append(merge(tables[-1], rows, layout, batch, allow_deletes=True)[0])
    for batch, table in enumerate(tables):
        rolled_back = rollback(tables[-1], batch)
        assert set(rolled_back.versions) == set(table.versions)
        for number, rows in enumerate(case.snapshots[batch:], start=batch + 1):
            rolled_back, _ = merge(rolled_back, rows, layout, number, allow_deletes=True)
        assert set(rolled_back.versions) == set(tables[-1].versions)


@given(cases())
def test_merging_the_same_snapshot_again_changes_nothing(case: Case) -> None:
    table = ForensicTable()
    for number, rows in enumerate(case.snapshots):
        table, _ = merge(table, rows, case.shape.layout, 2 * number + 1, allow_deletes=True)
        again, counts = merge(table, rows[::-1], case.shape.layout, 2 * number + 2, allow_deletes=True)
        assert again == table
        assert counts == DatasetCounts(read=len(rows), inserted=0, updated=0, deleted=0, unchanged=len(rows))
