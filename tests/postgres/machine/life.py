"""What a stream must be after whatever was done to it: the oracle's table, and the batch that is not committed yet."""

from attrs import define, evolve, field, frozen

from datasurface.milestoning.oracle import ForensicTable, LiveTable, RefusedSnapshot, merge
from datasurface.milestoning.rows import Layout, Version
from datasurface.runtime import BatchStatus, DatasetCounts
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
    """One platform's stream as it must be."""

    platform: str
    layout: Layout
    table: Table = field(init=False)
    pending: Pending | None = None
    snapshots: dict[int, Rows] = field(factory=dict)
    counts: dict[int, DatasetCounts] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.table = LiveTable() if self.platform == LIVE else ForensicTable()

    @property
    def committed(self) -> int:
        """The newest committed batch."""
        return max(self.snapshots, default=0)

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
        return (self.committed, BatchStatus.COMMITTED) if self.snapshots else None

    def begin(self) -> None:
        """A job has begun a batch, or goes on with the one that is pending."""
        self.pending = self.pending or Pending(self.committed + 1)

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
