"""What a stream must be after whatever was done to it: the oracle's table, and the batch that is not committed yet."""

from attrs import define, evolve, field, frozen

from datasurface.milestoning.oracle import ForensicTable, LiveTable, RefusedSnapshot, merge, rollback
from datasurface.milestoning.rows import Layout, Version
from datasurface.results import BatchStatus, DatasetCounts
from tests.support.pipeline import LIVE
from tests.support.stage import Rows

Table = ForensicTable | LiveTable


@frozen
class Pending:
    """A batch that has begun; ``staged`` is the snapshot that it found, once it has."""

    number: int
    staged: Rows | None = None


@define
class Life:
    """One platform's stream as it must be.

    Attributes:
        number: the newest batch's; none is used twice.
        snapshots: what the batches in force merged.
        undone: what the batches merged that were rolled back, until they are replayed.
    """

    platform: str
    layout: Layout
    table: Table = field(init=False)
    number: int = 0
    pending: Pending | None = None
    snapshots: dict[int, Rows] = field(factory=dict)
    undone: dict[int, Rows] = field(factory=dict)
    counts: dict[int, DatasetCounts] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.table = LiveTable() if self.platform == LIVE else ForensicTable()

    @property
    def versions(self) -> tuple[Version, ...]:
        """What the merge table must hold."""
        return self.table.versions

    @property
    def status(self) -> tuple[int, BatchStatus] | None:
        """Number and status of the newest batch, as the log must have them."""
        if self.pending is not None:
            status = BatchStatus.STARTED if self.pending.staged is None else BatchStatus.INGESTED
            return self.pending.number, status
        if not self.number:
            return None
        return self.number, BatchStatus.COMMITTED if self.number in self.snapshots else BatchStatus.ROLLED_BACK

    def begin(self) -> None:
        """A job has begun a batch, or goes on with the one that is pending."""
        if self.pending is None:
            self.number += 1
            self.pending = Pending(self.number)

    def stage(self, snapshot: Rows, allow_deletes: bool) -> RefusedSnapshot | None:
        """A job that has begun reads the source, unless a snapshot is staged already; why it refuses it."""
        assert self.pending is not None
        if self.pending.staged is None:
            try:
                _merged(self.table, snapshot, self.layout, self.pending.number, allow_deletes)
            except RefusedSnapshot as refused:
                return refused
            self.pending = evolve(self.pending, staged=snapshot)
        return None

    def commit(self) -> None:
        """What is staged is merged."""
        assert self.pending is not None
        assert self.pending.staged is not None
        number, snapshot = self.pending.number, self.pending.staged
        self.table, self.counts[number] = _merged(self.table, snapshot, self.layout, number, allow_deletes=True)
        self.snapshots[number], self.pending = snapshot, None

    def can_roll_back(self, to: int) -> bool:
        """Whether the past is kept, nothing is staged, ``to`` is in force, and something after it is, too."""
        is_staged = self.pending is not None and self.pending.staged is not None
        is_there = to == 0 or to in self.snapshots
        return (
            isinstance(self.table, ForensicTable) and not is_staged and is_there and max(self.snapshots, default=0) > to
        )

    def rollback(self, to: int) -> None:
        """The batches after ``to`` are taken back."""
        assert isinstance(self.table, ForensicTable)
        self.table = rollback(self.table, to)
        for number in [number for number in self.snapshots if number > to]:
            self.undone[number] = self.snapshots.pop(number)
            del self.counts[number]

    def replay(self, former: int) -> None:
        """What was taken back is merged again, as a new batch."""
        self.begin()
        assert self.stage(self.undone.pop(former), allow_deletes=True) is None
        self.commit()

    def reset(self) -> None:
        """What is pending starts afresh."""
        assert self.pending is not None
        self.pending = evolve(self.pending, staged=None)


def _merged(
    table: Table, snapshot: Rows, layout: Layout, batch: int, allow_deletes: bool
) -> tuple[Table, DatasetCounts]:
    if isinstance(table, LiveTable):
        return merge(table, snapshot, layout, batch, allow_deletes=allow_deletes)
    return merge(table, snapshot, layout, batch, allow_deletes=allow_deletes)
