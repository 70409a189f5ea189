"""The meaning of milestoning, in pure Python: what every engine must do, row for row and count for count.

It takes whole snapshots and keeps whole tables in memory. A table is an immutable value: functions return a new one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from attrs import evolve, frozen

from datasurface.errors import RefusedData
from datasurface.milestoning.rows import LIVE, Change, Key, Layout, Operation, Row, Version, row_image
from datasurface.results import DatasetCounts

DEFAULT_DELETE_FRACTION = 0.5
"""The part of the live rows that a batch may delete where the dataset says nothing."""

SMALL_TABLE = 100
"""Up to this many live rows the default fraction does not apply."""

_SHOWN_KEYS = 5


class Reason(Enum):
    """Why a snapshot is refused."""

    NULL_KEY = "NULL in a key column"
    NULL_VALUE = "NULL in a column that is not nullable"
    DUPLICATE_KEY = "more than one row with the same key"
    EMPTY_SNAPSHOT = "no rows where there were some"
    TOO_MANY_DELETES = "more deletes than max_delete_fraction allows"


class RefusedSnapshot(RefusedData):
    """The snapshot breaks a rule; the table stays as it was. ``keys`` holds up to five of the keys concerned."""

    def __init__(self, reason: Reason, keys: Iterable[Key] = ()) -> None:
        super().__init__(f"the snapshot was refused: {reason.value}", hint=_HINTS[reason])
        self.reason = reason
        self.keys = tuple(keys)[:_SHOWN_KEYS]


_CURE_THE_SOURCE = "correct the rows at the source, or the model; the next batch reads them again"
_ALLOW_DELETES = "if the rows are really gone, allow deletes for one batch"
_HINTS = {
    Reason.NULL_KEY: _CURE_THE_SOURCE,
    Reason.NULL_VALUE: _CURE_THE_SOURCE,
    Reason.DUPLICATE_KEY: _CURE_THE_SOURCE,
    Reason.EMPTY_SNAPSHOT: _ALLOW_DELETES,
    Reason.TOO_MANY_DELETES: _ALLOW_DELETES,
}


@frozen
class LiveTable:
    """A LIVE_ONLY table: one live version per key, whose ``batch_in`` is the batch that last inserted or changed it."""

    versions: tuple[Version, ...] = ()


@frozen
class ForensicTable:
    """A FORENSIC table: every version of every key."""

    versions: tuple[Version, ...] = ()


Table = TypeVar("Table", LiveTable, ForensicTable)


def merge(
    table: Table,
    snapshot: Sequence[Row],
    layout: Layout,
    batch: int,
    *,
    max_delete_fraction: float | None = None,
    allow_deletes: bool = False,
) -> tuple[Table, DatasetCounts]:
    """Merge the complete rows of the source as of ``batch``: keys that are not among them are deleted.

    Args:
        batch: greater than the number of any batch merged before.
        max_delete_fraction: None for 0.5 where there were more than 100 live rows, and no limit where there were not.
        allow_deletes: let this batch delete any number of rows.

    Raises:
        RefusedSnapshot: the rows break a rule of the dataset.
        ValueError: the batch number was used before.
    """
    _check_batch_is_new(table.versions, batch)
    rows = _by_key(snapshot, layout)
    before = live_rows(table)
    counts = _count(before, rows)
    if not allow_deletes:
        _check_deletes(before, rows, counts, max_delete_fraction)
    versions = _next_versions(table.versions, rows, batch)
    if isinstance(table, LiveTable):
        versions = [version for version in versions if version.is_live]
    return evolve(table, versions=tuple(versions)), counts


def live_rows(table: LiveTable | ForensicTable) -> dict[Key, Row]:
    """The rows that are live now."""
    return {version.key: version.row for version in table.versions if version.is_live}


def as_of(table: ForensicTable, batch: int) -> dict[Key, Row]:
    """The rows that were live when ``batch`` had been merged."""
    return {version.key: version.row for version in table.versions if version.batch_in <= batch <= version.batch_out}


def changes(table: ForensicTable, after: int, up_to: int) -> tuple[Change, ...]:
    """The net change of every key between two batches: ``after`` exclusive, ``up_to`` inclusive."""
    old, new = as_of(table, after), as_of(table, up_to)
    written = [
        Change(Operation.UPDATE if key in old else Operation.INSERT, key, row)
        for key, row in new.items()
        if key not in old or row_image(old[key]) != row_image(row)
    ]
    return (*written, *(Change(Operation.DELETE, key, None) for key in old if key not in new))


def rollback(table: ForensicTable, to_batch: int) -> ForensicTable:
    """Undo all batches after ``to_batch``: reopen what they closed, remove what they opened."""
    return ForensicTable(
        tuple(
            evolve(version, batch_out=LIVE) if version.batch_out >= to_batch else version
            for version in table.versions
            if version.batch_in <= to_batch
        )
    )


def _next_versions(versions: Iterable[Version], rows: Mapping[Key, Row], batch: int) -> list[Version]:
    """Keep what is equal as it is, close what changed or is gone at the batch before, open what is new."""
    result: list[Version] = []
    unchanged: set[Key] = set()
    for version in versions:
        if not version.is_live:
            result.append(version)
        elif version.key in rows and row_image(rows[version.key]) == row_image(version.row):
            result.append(version)
            unchanged.add(version.key)
        else:
            result.append(evolve(version, batch_out=batch - 1))
    result += [Version(key, row, batch) for key, row in rows.items() if key not in unchanged]
    return result


def _count(before: Mapping[Key, Row], rows: Mapping[Key, Row]) -> DatasetCounts:
    stayed = before.keys() & rows.keys()
    updated = sum(row_image(before[key]) != row_image(rows[key]) for key in stayed)
    return DatasetCounts(
        read=len(rows),
        inserted=len(rows) - len(stayed),
        updated=updated,
        deleted=len(before) - len(stayed),
        unchanged=len(stayed) - updated,
    )


def _by_key(snapshot: Sequence[Row], layout: Layout) -> dict[Key, Row]:
    """The rows by their keys, once they are known to have one each and no NULL where none may be."""
    keys = [layout.key_of(row) for row in snapshot]
    if null_keys := [key for key in keys if None in key]:
        raise RefusedSnapshot(Reason.NULL_KEY, null_keys)
    if null_values := [
        key
        for key, row in zip(keys, snapshot, strict=True)
        if any(row[position] is None for position in layout.required)
    ]:
        raise RefusedSnapshot(Reason.NULL_VALUE, null_values)
    if duplicates := [key for key, times in Counter(keys).items() if times > 1]:
        raise RefusedSnapshot(Reason.DUPLICATE_KEY, duplicates)
    return dict(zip(keys, snapshot, strict=True))


def _check_deletes(
    before: Mapping[Key, Row], rows: Mapping[Key, Row], counts: DatasetCounts, max_delete_fraction: float | None
) -> None:
    if not before:
        return
    if not rows:
        raise RefusedSnapshot(Reason.EMPTY_SNAPSHOT)
    if max_delete_fraction is None:
        max_delete_fraction = DEFAULT_DELETE_FRACTION if len(before) > SMALL_TABLE else 1.0
    # Divided, not multiplied: 3 of 30 is then exactly the number that 0.1 is.
    if counts.deleted / len(before) > max_delete_fraction:
        raise RefusedSnapshot(Reason.TOO_MANY_DELETES, (key for key in before if key not in rows))


def _check_batch_is_new(versions: Iterable[Version], batch: int) -> None:
    """A version that batch n closed ends at n - 1, so its end tells of a batch too."""
    newest = max((v.batch_in if v.is_live else v.batch_out + 1 for v in versions), default=0)
    if not newest < batch < LIVE:
        raise ValueError(f"batch {batch} must be greater than {newest}, the newest merged before, and less than {LIVE}")
