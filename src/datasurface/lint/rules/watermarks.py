"""Watermarks: what a capture needs of the datasets that it reads by a rising column."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from datasurface import types
from datasurface.findings import Severity
from datasurface.hints import did_you_mean
from datasurface.lint.registry import Problem, rule
from datasurface.model import Column, Dataset, Datastore, Ecosystem, OnAdd, SqlWatermark
from datasurface.types import DataType

_NUMBERS = (types.TinyInt, types.SmallInt, types.Integer, types.BigInt)
_DAY = timedelta(days=1)


def _columns(capture: SqlWatermark) -> Callable[[str], str | None]:
    """The watermark's column by dataset, for a capture with many datasets."""
    column = capture.column
    return dict(column).get if not isinstance(column, str) else lambda _: column


def _captures(ecosystem: Ecosystem) -> Iterator[tuple[Datastore, SqlWatermark]]:
    for store in ecosystem.datastores():
        if isinstance(store.capture, SqlWatermark):
            yield store, store.capture


def _watermarks(ecosystem: Ecosystem) -> Iterator[tuple[SqlWatermark, Dataset, Column]]:
    """Every capture with each of its datasets that has the column that is named for it."""
    for store, capture in _captures(ecosystem):
        column_of = _columns(capture)
        for dataset in store.datasets:
            name = column_of(dataset.name)
            for column in dataset.columns:
                if column.name == name:
                    yield capture, dataset, column


@rule("DS209", "A watermark is a column of its dataset")
def known_watermark(ecosystem: Ecosystem) -> Iterator[Problem]:
    """`SqlWatermark(..., column=...)` names a column of every dataset of the datastore, and of no other. The column is
    also one of the model, because the drift check looks at these."""
    for store, capture in _captures(ecosystem):
        column_of = _columns(capture)
        for dataset in store.datasets:
            name = column_of(dataset.name)
            names = {column.name for column in dataset.columns}
            if name is None:
                yield Problem(
                    capture,
                    f"the capture of '{store.name}' names no watermark for dataset '{dataset.name}'",
                    f'name its column, as in column={{"{dataset.name}": "updatedAt"}}',
                )
            elif name not in names:
                yield Problem(
                    capture,
                    f"the watermark '{name}' of dataset '{dataset.name}' is none of its columns",
                    did_you_mean(name, names),
                )
        by_dataset = () if isinstance(capture.column, str) else capture.column
        known = {dataset.name for dataset in store.datasets}
        for name, column in by_dataset:
            if name not in known:
                yield Problem(
                    capture,
                    f"the capture of '{store.name}' has watermark '{column}' for dataset '{name}', which is not there",
                    did_you_mean(name, known),
                )


@rule("DS210", "A watermark is a Timestamp, a Date or a whole number")
def ordered_watermark(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A watermark rises with every change, and a window before it can be counted in time or in steps. Other types have
    no such order."""
    for _, dataset, column in _watermarks(ecosystem):
        if not isinstance(column.type, (types.Timestamp, types.Date, *_NUMBERS)):
            yield Problem(
                column,
                f"column '{column.name}' of dataset '{dataset.name}' is a watermark and cannot be a "
                f"{type(column.type).__name__}",
                "use a Timestamp, a Date or a whole number, or read with SqlSnapshot",
            )


@rule("DS211", "The window of a capture is measured as its watermark is")
def measured_window(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The window before a watermark is a span of time for a `Timestamp`, of whole days for a `Date`, and a number for
    whole numbers. One window is for all datasets of a capture, so their watermarks are of one kind."""
    for capture, dataset, column in _watermarks(ecosystem):
        needed = _needed(column.type)
        if needed is not None and not _fits(capture.window, column.type):
            yield Problem(
                capture,
                f"the window {_shown(capture.window)} does not fit watermark '{column.name}' of dataset "
                f"'{dataset.name}', a {type(column.type).__name__}",
                needed,
            )


@rule("DS212", "New columns are filled by captures that read all rows")
def filled_by_whole_reads(ecosystem: Ecosystem) -> Iterator[Problem]:
    """`on_add=OnAdd.BACKFILL` fills a new column in the first batch that reads it. A capture by watermark may need many
    batches to read all rows, and the later ones could not tell a value that was always there from a new one."""
    for store, _ in _captures(ecosystem):
        for dataset in store.datasets:
            if dataset.on_add is OnAdd.BACKFILL:
                yield Problem(
                    dataset,
                    f"dataset '{dataset.name}' fills new columns, and '{store.name}' is read by a watermark",
                    "take on_add away, or read with SqlSnapshot",
                )


@rule("DS213", "A limit of deletes is for captures that can see them", Severity.WARNING)
def deletes_are_seen(ecosystem: Ecosystem) -> Iterator[Problem]:
    """`max_delete_fraction` refuses a batch that would delete too many rows. A capture by watermark never deletes: a
    row that is absent from what it reads is no delete. So the limit protects nothing there."""
    for store, _ in _captures(ecosystem):
        for dataset in store.datasets:
            if dataset.max_delete_fraction is not None:
                yield Problem(
                    dataset,
                    f"max_delete_fraction of dataset '{dataset.name}' has no effect: '{store.name}' is read by a "
                    "watermark and deletes nothing",
                    "take max_delete_fraction away, or read with SqlSnapshot",
                )


def _needed(type_: DataType) -> str | None:
    match type_:
        case types.Timestamp():
            return "give a span, as in window=timedelta(minutes=10)"
        case types.Date():
            return "give whole days, as in window=timedelta(days=2)"
        case _ if isinstance(type_, _NUMBERS):
            return "give a number, as in window=1000"
    return None


def _fits(window: timedelta | int, type_: DataType) -> bool:
    if not isinstance(window, timedelta):
        return isinstance(type_, _NUMBERS)
    return isinstance(type_, types.Timestamp) or (isinstance(type_, types.Date) and window % _DAY == timedelta(0))


def _shown(window: timedelta | int) -> str:
    return f"of {window}" if isinstance(window, timedelta) else f"of {window} steps"
