"""How the conformance kit tries a merge strategy: what a plugin gives it through the hook ``merge_strategies``.

The kit knows rows and batches, and nothing of the store. A plugin gives it a place to work (``Workshop``), in it fresh
stores (``Store``), and sessions on them (``Session``), as its own jobs have. Cells are texts as PostgreSQL prints them
(see ``datasurface.testing.cells``) or None for NULL, each with its column's type in the dataset: a plugin makes of them
whatever its strategy reads, and gives them back in the same form. One value has one text.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import Never, Protocol, TypeVar

from attrs import field, frozen

from datasurface.milestoning.rows import Version
from datasurface.milestoning.strategy import Batch, Fingerprint, Guard, MergeStrategy, Prepared, Staged
from datasurface.model import Column, Dataset, Milestoning
from datasurface.types import DataType

TextRow = tuple[str | None, ...]
"""The cells of one row, in the order of the dataset's columns."""

Snapshot = Mapping[str, Sequence[TextRow]]
"""What the source holds: every dataset of the stream by name. Rows may break the datasets' rules."""

SourceT = TypeVar("SourceT")


class Lie(Enum):
    """What an untrue source says of its first dataset, so that a receipt can be seen to refuse it.

    >>> Lie.COUNT.value
    'one row more than it gives'
    """

    COUNT = "one row more than it gives"
    HASH = "another hash than that of the rows that it gives"


@frozen
class Reading:
    """A strategy with an open snapshot of the source: the two calls that read.

    Attributes:
        load: ``MergeStrategy.load`` on this snapshot.
        stage: ``MergeStrategy.stage`` on this snapshot.

    >>> def changes(opened: Reading, dataset: Dataset) -> int:
    ...     '''How many rows a first batch inserts.'''
    ...     return opened.stage(dataset, Batch(1, 1), None, Guard()).counts.inserted
    """

    load: Callable[[Batch], Prepared]
    stage: Callable[[Dataset, Batch, Fingerprint | None, Guard], Staged]


def reading(strategy: MergeStrategy[SourceT], source: SourceT) -> Reading:
    """The strategy, reading from this open snapshot."""
    return Reading(
        load=lambda batch: strategy.load(batch, source),
        stage=lambda dataset, batch, before, guard: strategy.stage(dataset, batch, source, before, guard),
    )


class Session(Protocol):
    """One process at work on a store. What it did and neither kept nor committed is lost when it ends.

    >>> def fill(session: Session, snapshot: Snapshot) -> None:
    ...     '''A first batch, by one process.'''
    ...     session.strategy.ensure()
    ...     session.keep()
    ...     with session.read(snapshot) as opened:
    ...         session.strategy.commit(opened.load(Batch(1, 1)), record=lambda: None)
    """

    @property
    def strategy(self) -> MergeStrategy[Never]:
        """The strategy, on this session. The kit reads a source through ``read`` only."""
        ...

    def keep(self) -> None:
        """Make durable what was done by ``ensure``, ``stage`` or ``reset``, as the platform's jobs do with the record
        that they write beside it. Nothing to do where these calls are durable by themselves."""
        ...

    def read(self, snapshot: Snapshot, lie: Lie | None = None) -> AbstractContextManager[Reading]:
        """The snapshot as a source that the strategy reads, open; see ``reading``. With a lie, an untrue one."""
        ...


class Store(Protocol):
    """A store of one stream, in which nothing is but what the strategy puts there.

    >>> def visible_rows(store: Store, dataset: Dataset) -> int:
    ...     '''What consumers can see of a dataset, past versions too.'''
    ...     return len(store.versions(dataset))
    """

    def session(self) -> AbstractContextManager[Session]:
        """A new session. Left by whatever way, it ends as a process does that is killed."""
        ...

    def versions(self, dataset: Dataset) -> Sequence[Version]:
        """All rows that a consumer can see now, past ones too where they are kept; in any order. A row of a live table
        is a version that nothing has closed."""
        ...

    def damage(self, dataset: Dataset, row: Version, column: Column, cell: str | None) -> None:
        """Put another cell into this row behind the strategy's back, at once and durably."""
        ...


class Workshop(Protocol):
    """Where stores are made: a database server, a folder, or nothing but memory.

    >>> def is_empty_at_first(workshop: Workshop, dataset: Dataset) -> bool:
    ...     '''Every store is fresh.'''
    ...     with workshop.store([dataset]) as store, store.session() as session:
    ...         session.strategy.ensure()
    ...         return session.strategy.is_new()
    """

    def store(self, datasets: Sequence[Dataset]) -> AbstractContextManager[Store]:
        """A fresh store for a stream of these datasets; ``ensure`` was not called yet. Gone at the end."""
        ...


def _any_type(_type: DataType) -> bool:
    return True


@frozen
class StrategyKit:
    """One strategy, as the conformance kit opens it.

    Attributes:
        name: what ``pytest --datasurface-strategy=`` calls it: the store's engine and the milestoning, ``yellow-live``.
        milestoning: what it keeps.
        open: opens the workshop, once a run; what it needs beyond this module is imported inside.
        stores: which column types it can store; all that the kit has cells for, unless it says otherwise. BigInt and
            Text are asked of every strategy.

    >>> from contextlib import nullcontext
    >>> def open_workshop() -> AbstractContextManager[Workshop]:
    ...     from my_package.workshop import LakeWorkshop  # with its drivers
    ...     return nullcontext(LakeWorkshop())
    >>> StrategyKit("lake-forensic", Milestoning.FORENSIC, open_workshop).name
    'lake-forensic'
    """

    name: str
    milestoning: Milestoning
    open: Callable[[], AbstractContextManager[Workshop]]
    stores: Callable[[DataType], bool] = field(default=_any_type)
