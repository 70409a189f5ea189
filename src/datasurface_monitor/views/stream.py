"""One stream: who waits for it, its batches, its rows over time, and where its time goes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from attrs import asdict, fields, frozen

from datasurface.deployment import StreamConfig
from datasurface.observing import ObservedBatch, RowsAt, SecondsAt
from datasurface.results import BatchStatus, JobSeconds
from datasurface_monitor.views.overview import StreamRow
from datasurface_monitor.views.plots import Plot, Series, lines, stacked
from datasurface_monitor.wording import number, seconds

SPANS: Mapping[str, timedelta] = {
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
}
"""Of the plots; the second unless told."""
DEFAULT_SPAN = "1 day"
BATCHES = 25
"""Of one page."""
_MOST_LINES = 4


@frozen
class BatchRow:
    """One batch in the list.

    Attributes:
        took: seconds of all its parts.
        read: rows of the source that it looked at, in all datasets.
        inserted, updated, deleted: keys, in all datasets.
    """

    batch: ObservedBatch
    took: float
    read: int
    inserted: int
    updated: int
    deleted: int

    @property
    def tone(self) -> str:
        """The look of its status."""
        status = self.batch.state.status
        if self.batch.state.error is not None or status is BatchStatus.FAILED:
            return "bad"
        return "good" if status is BatchStatus.COMMITTED else "warn" if status is BatchStatus.ROLLED_BACK else ""


@frozen
class StreamPage:
    """One stream. ``older``: the number before which older batches are; None where these are the last."""

    row: StreamRow
    config: StreamConfig
    span: str
    batches: tuple[BatchRow, ...]
    before: int | None
    older: int | None
    rows_plot: Plot
    seconds_plot: Plot


def stream_page(
    row: StreamRow,
    config: StreamConfig,
    span: str,
    batches: Sequence[ObservedBatch],
    before: int | None,
    rows: Sequence[RowsAt],
    times: Sequence[SecondsAt],
) -> StreamPage:
    """The page. ``batches``: newest first, one more than BATCHES where there are as many."""
    shown = batches[:BATCHES]
    return StreamPage(
        row=row,
        config=config,
        span=span,
        batches=tuple(map(_batch_row, shown)),
        before=before,
        older=shown[-1].state.batch if len(batches) > BATCHES else None,
        rows_plot=_rows_plot(rows),
        seconds_plot=_seconds_plot(times),
    )


def _batch_row(batch: ObservedBatch) -> BatchRow:
    counts = batch.state.datasets.values()
    return BatchRow(
        batch=batch,
        took=sum(asdict(batch.seconds).values()),
        read=sum(it.read for it in counts),
        inserted=sum(it.inserted for it in counts),
        updated=sum(it.updated for it in counts),
        deleted=sum(it.deleted for it in counts),
    )


def _rows_plot(found: Sequence[RowsAt]) -> Plot:
    """A line for each of the largest datasets, and one for all others."""
    names = sorted(_names(found), key=lambda name: (-(found[-1].rows.get(name) or 0), name))
    alone = names if len(names) <= _MOST_LINES else names[: _MOST_LINES - 1]
    rest = names[len(alone) :]
    series = [Series(name, tuple(it.rows.get(name) for it in found)) for name in alone]
    if rest:
        sums = tuple(float(sum(it.rows.get(name) or 0 for name in rest)) for it in found)
        series.append(Series(f"{len(rest)} others", sums))
    return lines("Live rows", [it.at for it in found], series, number)


def _names(found: Iterable[RowsAt]) -> set[str]:
    return {name for it in found for name in it.rows}


def _seconds_plot(found: Sequence[SecondsAt]) -> Plot:
    series = [
        Series(part.name, tuple(float(getattr(it.mean, part.name)) for it in found)) for part in fields(JobSeconds)
    ]
    return stacked("Where the time of a batch goes", [it.at for it in found], series, seconds)
