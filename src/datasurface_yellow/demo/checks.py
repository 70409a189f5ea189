"""The checks at the end: what the consumer reads, against the producer itself and against the simulator's log."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.milestoning import oracle
from datasurface.milestoning.oracle import ForensicTable, LiveTable, Table
from datasurface.milestoning.rows import Layout
from datasurface.model import Dataset
from datasurface.results import LawCheck
from datasurface_yellow.batch.records import counts_of
from datasurface_yellow.demo.consumer import ConsumerViews
from datasurface_yellow.demo.report import Check
from datasurface_yellow.simulator.changes import Change, Snapshot, replay, visible
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.naming import batch_metrics
from datasurface_yellow.store.statements import statement

Row = tuple[object, ...]


@frozen
class SeenBatch:
    """A committed batch: which of the producer's transactions it saw, and what it says it did, per dataset."""

    number: int
    source_snapshot: str
    datasets: Mapping[str, Mapping[str, object]]


def seen_batches(merge: Connection, platform: str) -> Sequence[SeenBatch]:
    """The batch log of a platform, in order."""
    sql = statement("demo", "consumer.sql.j2", "batches", metrics=batch_metrics(platform))
    found = cast(Sequence[tuple[int, str, dict[str, dict[str, object]]]], rows(merge, sql))
    return [SeenBatch(*row) for row in found]


def live_equals_producer(
    views: ConsumerViews, platform: str, datasets: Iterable[Dataset], producer: Snapshot
) -> Iterator[Check]:
    """The consumer's live view against the producer's table, row by row, once the platform has caught up."""
    for dataset in datasets:
        expected = Counter(_row(dataset, row) for row in producer[dataset.name].values())
        found = Counter(tuple(row) for row in views.live(platform, dataset))
        yield _compared(f"{platform}: live {dataset.name} equal the producer's", expected, found)


@frozen
class Replay:
    """The simulator's log, replayed to what each batch of a platform saw."""

    batches: Sequence[SeenBatch]
    snapshots: Sequence[Snapshot]

    @classmethod
    def of(cls, batches: Sequence[SeenBatch], initial: Snapshot, changes: Sequence[Change]) -> "Replay":
        """Start from the producer's first rows and apply to each batch the changes that its snapshot sees."""
        seen = [[change for change in changes if visible(change.xid, batch.source_snapshot)] for batch in batches]
        return cls(batches, [replay(initial, each) for each in seen])

    def merged(self, dataset: Dataset, table: Table) -> tuple[Table, list[int]]:
        """What the oracle makes of a dataset, beginning with an empty table, and the batches whose metrics differ
        from its own."""
        layout = Layout.of(dataset.columns)
        wrong = []
        for batch, snapshot in zip(self.batches, self.snapshots, strict=True):
            content = [_row(dataset, row) for row in snapshot[dataset.name].values()]
            table, counts = oracle.merge(table, content, layout, batch.number, allow_deletes=True)
            if counts != counts_of(batch.datasets[dataset.name]):
                wrong.append(batch.number)
        return table, wrong


def live_follows_log(replayed: Replay, datasets: Iterable[Dataset]) -> Iterator[Check]:
    """The live platform's metrics against those of the oracle on the same changes."""
    for dataset in datasets:
        yield _metrics("YellowLive", dataset, replayed, replayed.merged(dataset, LiveTable())[1])


def history_equals_log(views: ConsumerViews, replayed: Replay, datasets: Iterable[Dataset]) -> Iterator[Check]:
    """The consumer's history view against the oracle's versions on the same changes; and the metrics likewise."""
    for dataset in datasets:
        table, wrong = replayed.merged(dataset, ForensicTable())
        expected = Counter((*version.row, version.batch_in, version.batch_out) for version in table.versions)
        found = Counter(tuple(row) for row in views.history(dataset))
        yield _compared(f"YellowForensic: history of {dataset.name} equals the log", expected, found)
        yield _metrics("YellowForensic", dataset, replayed, wrong)


def _metrics(platform: str, dataset: Dataset, replayed: Replay, wrong: Sequence[int]) -> Check:
    return Check(
        f"{platform}: metrics of {dataset.name} equal the log's",
        not wrong,
        {"batches": len(replayed.batches), "wrong": len(wrong)},
        f"batches {', '.join(map(str, wrong[:5]))}" if wrong else "",
    )


def laws_hold(checks: Mapping[str, Sequence[LawCheck]]) -> Iterator[Check]:
    """What ``verify`` found, per platform."""
    for platform, found in checks.items():
        broken = [check for check in found if not check.holds]
        detail = "; ".join(f"{check.law} {check.dataset}: {check.detail}" for check in broken)
        yield Check(f"{platform}: laws hold", not broken, {"laws": len(found), "broken": len(broken)}, detail)


def _compared(name: str, expected: Counter[Row], found: Counter[Row]) -> Check:
    missing, unexpected = (expected - found).total(), (found - expected).total()
    detail = f"{missing} rows missing, {unexpected} unexpected" if missing or unexpected else ""
    counts = {"expected": expected.total(), "found": found.total(), "missing": missing, "unexpected": unexpected}
    return Check(name, not detail, counts, detail)


def _row(dataset: Dataset, row: Mapping[str, object]) -> Row:
    return tuple(row[column.name] for column in dataset.columns)
