"""What a merge strategy is: one milestoning on one store engine.

A strategy gets values (tables' schemas, batch, token) and its store's own session. It never sees the model, the
source's address or the
scheduler, and nothing here speaks of SQL: a store may move COPY streams, Arrow batches or files. Hashes are computed
once, at the source,
and travel as signed 64-bit integers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from attrs import field, frozen

from datasurface.model import Dataset, Milestoning
from datasurface.results import DatasetCounts, LawCheck, Step

SourceT_contra = TypeVar("SourceT_contra", contravariant=True)
"""What a strategy reads from: an open snapshot of the source, of a kind that the store engine can pull from."""


@frozen
class Capabilities:
    """What a strategy can do.

    Attributes:
        milestoning: what it keeps.
        source: the kind of snapshot that it reads: ``copy`` streams, ``arrow`` batches, or a ``partitioned`` reader.
        keeps_past: whether ``as_of`` and a rollback to an earlier batch are possible.
        merges_parts: whether it merges a source that shows a part of its rows (``Guard.is_partial``). One that does not
            is given none.

    >>> Capabilities(Milestoning.FORENSIC, source="arrow", keeps_past=True).merges_parts
    False
    """

    milestoning: Milestoning
    source: str
    keeps_past: bool
    merges_parts: bool = False


@frozen
class Fingerprint:
    """Count of rows and the exclusive or of their row hashes (signed 64 bits); comparable only within one recipe.

    Attributes:
        versions: the exclusive or of the rows' hashes each bound to the batch that the row began in. None at a source,
            which knows no batches; so it takes no part in comparisons.

    >>> before = Fingerprint(rows=2, xor=0b0110, recipe="v1")
    >>> before.plus(1, 0b0001).without(1, 0b0001) == before
    True
    """

    rows: int
    xor: int
    recipe: str
    versions: int | None = field(default=None, kw_only=True, eq=False)

    def without(self, rows: int, xor: int) -> "Fingerprint":
        """After rows left whose hashes xor to ``xor``."""
        return Fingerprint(self.rows - rows, self.xor ^ xor, self.recipe)

    def plus(self, rows: int, xor: int) -> "Fingerprint":
        """After rows came whose hashes xor to ``xor``."""
        return Fingerprint(self.rows + rows, self.xor ^ xor, self.recipe)


@frozen
class Batch:
    """One batch at work: its number, and the fencing token of the job that works on it.

    >>> Batch(number=7, token=12).number
    7
    """

    number: int
    token: int


@frozen
class Guard:
    """How a batch treats what it finds.

    Attributes:
        allow_deletes: it may delete any part of the rows, whatever ``max_delete_fraction`` says.
        compare_all: it trusts no sum and compares every row, because a receipt did not hold.
        is_partial: the source shows a part of its rows. It inserts and updates; a row that is absent stays as it is.
        expected: how many rows the last batch changed, from which a strategy may guess how to look for this one's;
            None where nothing is known.

    >>> Guard(allow_deletes=True).is_partial
    False
    """

    allow_deletes: bool = False
    compare_all: bool = False
    is_partial: bool = False
    expected: int | None = None


@frozen
class Staged:
    """What a batch found: counts by kind of change, and the source's fingerprint.

    Attributes:
        source: of all rows of the source. Where it shows a part of them: of the live rows with this part merged, made
            from what the last batch left and the hashes that the source sent.
        level: how the strategy found it, in its own word: for the log, where what a batch costs is looked up.

    >>> Staged(DatasetCounts(read=3, inserted=1, unchanged=2), Fingerprint(3, 0b0110, "v1")).counts.inserted
    1
    """

    counts: DatasetCounts
    source: Fingerprint
    level: str = ""


@frozen
class Prepared:
    """A merge that is done but not yet visible: per dataset the counts by the statements that did it, the fingerprint
    it leaves, and how the strategy found it (see ``Staged``).

    >>> done = Prepared(
    ...     Batch(7, 12),
    ...     counts={"orders": DatasetCounts(read=1, inserted=1)},
    ...     fingerprints={"orders": Fingerprint(1, 0b0110, "v1")},
    ... )
    >>> done.fingerprints["orders"].rows
    1
    """

    batch: Batch
    counts: Mapping[str, DatasetCounts]
    fingerprints: Mapping[str, Fingerprint]
    levels: Mapping[str, str] = field(factory=dict)


@frozen
class Undone:
    """What a rollback did to one dataset: versions that are live again, and versions that are gone.

    >>> Undone(reopened=2, removed=3).removed
    3
    """

    reopened: int
    removed: int


class MergeStrategy(Protocol[SourceT_contra]):
    """One milestoning on one store engine, for the datasets of one stream.

    The order of calls in a batch: ``stage`` per dataset, the caller's own record, ``prepare``, ``commit``; or ``load``
    and ``commit`` for
    a first load. What was staged or prepared and not committed is as if it had not been, after ``abort`` or after a
    crash. Every method
    that writes runs inside the caller's fence: the caller has checked the batch's token in the same atomic step.

    >>> def first_load(strategy: MergeStrategy[SourceT_contra], source: SourceT_contra) -> Prepared:
    ...     '''All of it in one go: what was not committed is as if it had not been.'''
    ...     done = strategy.load(Batch(number=1, token=1), source)
    ...     strategy.commit(done, record=lambda: None)
    ...     return done
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this strategy can do."""
        ...

    def ensure(self) -> Sequence[Step]:
        """Make all objects of the datasets exist; idempotent, for apply."""
        ...

    def is_new(self) -> bool:
        """Whether no dataset holds a row, live or past, so that ``load`` may fill them."""
        ...

    def load(self, batch: Batch, source: SourceT_contra) -> Prepared:
        """First load: all rows of all datasets, straight into the empty tables."""
        ...

    def stage(
        self, dataset: Dataset, batch: Batch, source: SourceT_contra, before: Fingerprint | None, guard: Guard
    ) -> Staged:
        """Find what changed between the source and the live rows, and keep it under the batch's number. ``before`` is
        the fingerprint of the
        live rows that the last batch left. RefusedData where the snapshot breaks a rule of its dataset.
        """
        ...

    def prepare(self, batch: Batch, staged: Mapping[str, Staged], before: Mapping[str, Fingerprint]) -> Prepared:
        """Merge what was staged, for all datasets; ReceiptMismatch where the result is not what the source sent."""
        ...

    def commit(self, prepared: Prepared, /, record: Callable[[], None]) -> None:
        """Make the merge visible, all datasets at once, together with the batch's record, which ``record`` writes."""
        ...

    def abort(self) -> None:
        """Forget what was not committed."""
        ...

    def reset(self, batch: Batch) -> None:
        """Clear what an uncommitted batch has staged."""
        ...

    def rollback(
        self,
        to: int,
        before: Mapping[str, Fingerprint],
        after: Mapping[str, Fingerprint],
        record: Callable[[], None],
    ) -> Mapping[str, Undone]:
        """Take all datasets back to what batch ``to`` left: open again what later batches closed, remove what they
        opened. Visible all at once, together with what ``record`` writes.

        ``before``, ``after``: the fingerprints that the newest batch and batch ``to`` left; a dataset that has none is
        empty. ReceiptMismatch where the live rows would not be ``after``. Only where ``capabilities.keeps_past``.
        """
        ...

    def verify(self, dataset: Dataset, committed: Sequence[tuple[int, Fingerprint]]) -> Sequence[LawCheck]:
        """Check the laws on the real table; ``committed`` lists every committed batch with the fingerprint that it
        left, in order."""
        ...

    def maintain(self) -> None:
        """Housekeeping after a large batch; never needed for correctness."""
        ...
