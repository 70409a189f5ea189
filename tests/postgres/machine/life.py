"""What a stream must be after whatever was done to it: the oracle's table, and the batch that is not committed yet."""

from collections.abc import Iterator

from attrs import define, evolve, field, frozen

from datasurface.milestoning import laws
from datasurface.milestoning.oracle import ForensicTable, LiveTable, RefusedSnapshot, live_rows, merge, rollback
from datasurface.milestoning.rows import LIVE as NEVER_CLOSED
from datasurface.milestoning.rows import Version
from datasurface.results import BatchStatus, DatasetCounts
from tests.postgres.machine.model import Model, Schema
from tests.support.pipeline import LIVE
from tests.support.stage import Rows, TextRow

Table = ForensicTable | LiveTable


@frozen
class Read:
    """What a batch found at the source, and the columns that it knew; ``rows`` is None where it only marks that hashes
    were made anew."""

    schema: Schema
    rows: Rows | None


@frozen
class Pending:
    """A batch that has begun; ``read`` is what it has staged, once it has."""

    number: int
    read: Read | None = None


@define
class Life:
    """One platform's stream as it must be.

    Attributes:
        number: the newest batch's; none is used twice.
        merged: what the batches in force have read.
        undone: what the batches had read that were rolled back, until they are replayed.
        is_new: whether nothing was ever merged.
    """

    platform: str
    model: Model
    table: Table = field(init=False)
    number: int = 0
    pending: Pending | None = None
    merged: dict[int, Read] = field(factory=dict)
    undone: dict[int, Read] = field(factory=dict)
    counts: dict[int, DatasetCounts] = field(factory=dict)
    is_new: bool = True

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
            status = BatchStatus.STARTED if self.pending.read is None else BatchStatus.INGESTED
            return self.pending.number, status
        if not self.number:
            return None
        return self.number, BatchStatus.COMMITTED if self.number in self.merged else BatchStatus.ROLLED_BACK

    @property
    def is_staged(self) -> bool:
        """Whether the batch that is pending has read the source."""
        return self.pending is not None and self.pending.read is not None

    def is_stuck(self, schema: Schema) -> bool:
        """Whether a job with these columns cannot merge what is staged, which has others."""
        staged = self.pending.read if self.pending is not None else None
        return staged is not None and staged.schema != schema

    def begin(self) -> None:
        """A job has begun a batch, or goes on with the one that is pending."""
        if self.pending is None:
            self.number += 1
            self.pending = Pending(self.number)

    def stage(self, snapshot: Rows, schema: Schema, allow_deletes: bool) -> RefusedSnapshot | None:
        """A job that has begun reads the source, unless a snapshot is staged already; why it refuses it."""
        assert self.pending is not None
        if self.pending.read is None:
            read = Read(schema, tuple(map(schema.blank, snapshot)))
            try:
                self._after(read, self.pending.number, allow_deletes)
            except RefusedSnapshot as refused:
                return refused
            self.pending = evolve(self.pending, read=read)
        return None

    def commit(self) -> None:
        """What is staged is merged."""
        assert self.pending is not None
        assert self.pending.read is not None
        number, read = self.pending.number, self.pending.read
        self.table, self.counts[number] = self._after(read, number, allow_deletes=True)
        self.merged[number], self.pending, self.is_new = read, None, False

    def _after(self, read: Read, number: int, allow_deletes: bool) -> tuple[Table, DatasetCounts]:
        if read.rows is None:
            count = len(live_rows(self.table))
            return self.table, DatasetCounts(count, 0, 0, 0, count)
        rows, layout = tuple(self._completed(read.schema, read.rows)), self.model.layout
        if isinstance(self.table, LiveTable):
            return merge(self.table, rows, layout, number, allow_deletes=allow_deletes)
        return merge(self.table, rows, layout, number, allow_deletes=allow_deletes)

    def _completed(self, schema: Schema, rows: Rows) -> Iterator[tuple[object, ...]]:
        """A row that is the same in all columns that are known is the one that is there; another has no more."""
        there = live_rows(self.table)
        for row in rows:
            old = there.get(self.model.layout.key_of(row))
            yield old if old is not None and _known(schema, old) == schema.known(row) else row

    def can_roll_back(self, to: int) -> bool:
        """Whether the past is kept, nothing is staged, ``to`` is in force, and something after it is, too."""
        is_there = to == 0 or to in self.merged
        keeps_past = isinstance(self.table, ForensicTable)
        return keeps_past and not self.is_staged and is_there and max(self.merged, default=0) > to

    def rollback(self, to: int) -> None:
        """The batches after ``to`` are taken back."""
        assert isinstance(self.table, ForensicTable)
        self.table = rollback(self.table, to)
        for number in [number for number in self.merged if number > to]:
            self.undone[number] = self.merged.pop(number)
            del self.counts[number]

    @property
    def can_replay(self) -> bool:
        """Whether what was taken back is surely replayed: the newest batches, whose staging is kept, under the columns
        of today, and none of them a first load."""
        return (
            self.pending is None
            and bool(self.undone)
            and set(self.undone) <= {self.number, self.number - 1}
            and 1 not in self.undone
            and all(read.schema == self.model.schema for read in self.undone.values())
        )

    def replay(self, former: int) -> None:
        """What was taken back is merged again, as a new batch; never with columns that are not those of today."""
        read = self.undone.pop(former)
        assert read.schema == self.model.schema, former
        self.begin()
        assert self.pending is not None
        self.pending = evolve(self.pending, read=read)
        self.commit()

    def reset(self) -> None:
        """What is pending starts afresh."""
        assert self.pending is not None
        self.pending = evolve(self.pending, read=None)

    def refuses(self, rewrites: bool) -> bool:
        """Whether the tables cannot become another model's: hashes would be made anew that something staged stands
        on."""
        return rewrites and self.is_staged and not self.is_new

    def become(self, model: Model, rewrites: bool) -> None:
        """The tables are another model's; hashes that are made anew are marked by a batch, where any is in force."""
        self.model = model
        if rewrites and self.merged:
            self.begin()
            assert self.pending is not None
            self.pending = evolve(self.pending, read=Read(model.schema, None))
            self.commit()

    def violations(self, versions: tuple[Version, ...]) -> Iterator[laws.Violation]:
        """What breaks the laws in versions that were found, by functions that share nothing with the oracle. The rows
        as of a batch are its source's in the columns that it knew."""
        yield from laws.versions_hold_together(versions)
        yield from laws.counts_are_true(versions, self.counts)
        for number, read in self.merged.items():
            if read.rows is not None:
                known = [evolve(version, row=_known(read.schema, version.row)) for version in versions]
                snapshot = {self.model.layout.key_of(row): read.schema.known(row) for row in read.rows}
                yield from laws.as_of_is_source(known, {number: snapshot})

    def has_value(self, place: int) -> bool:
        """Whether a live row has a value there."""
        return any(v.row[place] is not None for v in self.versions if v.batch_out == NEVER_CLOSED)


def _known(schema: Schema, row: tuple[object, ...]) -> TextRow:
    return schema.known(tuple(cell if cell is None else str(cell) for cell in row))
