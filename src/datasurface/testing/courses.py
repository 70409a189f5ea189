"""A course: a stream played through a strategy to its end, beside the oracle, with all that was seen on the way."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from datasurface.milestoning import oracle
from datasurface.milestoning.kit import Workshop
from datasurface.milestoning.rows import Key, Layout, Row, Version
from datasurface.model import Milestoning
from datasurface.results import DatasetCounts, LawCheck
from datasurface.testing.runs import Done, Runner
from datasurface.testing.streams import Stream


@frozen
class Expected:
    """The oracle's tables of one dataset after one batch, and its counts of the batch."""

    live: oracle.LiveTable
    forensic: oracle.ForensicTable
    counts: DatasetCounts

    def versions(self, milestoning: Milestoning) -> tuple[Version, ...]:
        """The table of that milestoning."""
        return (self.forensic if milestoning is Milestoning.FORENSIC else self.live).versions


@frozen
class DatasetCourse:
    """What one dataset went through.

    Attributes:
        batches: every batch, in order; of number 1 and up.
        expected: what the oracle has after each.
        checks: what ``verify`` says at the end.
    """

    name: str
    layout: Layout
    milestoning: Milestoning
    batches: Sequence[Done]
    expected: Sequence[Expected]
    checks: Sequence[LawCheck]

    @property
    def is_forensic(self) -> bool:
        """Whether every version is kept."""
        return self.milestoning is Milestoning.FORENSIC

    def versions(self, batch: int) -> tuple[Version, ...]:
        """What consumers saw after a batch; nothing before the first."""
        return self.batches[batch - 1].after[self.name] if batch else ()

    def snapshot(self, batch: int) -> Mapping[Key, Row]:
        """The source's rows at a batch by key; none before the first."""
        rows = self.batches[batch - 1].snapshot[self.name] if batch else ()
        return {self.layout.key_of(row): row for row in rows}

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of all batches."""
        return [done.number for done in self.batches]


def play(workshop: Workshop, milestoning: Milestoning, stream: Stream) -> tuple[DatasetCourse, ...]:
    """The whole stream, and at the end its last snapshot once more."""
    snapshots = [*stream.snapshots, stream.snapshots[-1]]
    with workshop.store(stream.datasets) as store:
        runner = Runner.begin(store, stream.datasets)
        batches = [runner.batch(snapshot) for snapshot in snapshots]
        checks = {dataset.name: verified(runner, dataset.name) for dataset in stream.datasets}
    return tuple(
        DatasetCourse(
            dataset.name,
            stream.layout(dataset.name),
            milestoning,
            batches,
            list(expect(stream, dataset.name, [done.snapshot[dataset.name] for done in batches])),
            checks[dataset.name],
        )
        for dataset in stream.datasets
    )


def expect(stream: Stream, name: str, snapshots: Sequence[Sequence[Row]]) -> Iterator[Expected]:
    """What the oracle has after each of these batches of one dataset."""
    layout = stream.layout(name)
    live, forensic = oracle.LiveTable(), oracle.ForensicTable()
    for batch, rows in enumerate(snapshots, start=1):
        live, _ = oracle.merge(live, rows, layout, batch, allow_deletes=True)
        forensic, counts = oracle.merge(forensic, rows, layout, batch, allow_deletes=True)
        yield Expected(live, forensic, counts)


def verified(runner: Runner, name: str) -> Sequence[LawCheck]:
    """What the strategy's own check says of a dataset."""
    dataset = next(dataset for dataset in runner.datasets if dataset.name == name)
    with runner.session() as session:
        return session.strategy.verify(dataset, runner.committed.get(name, []))
