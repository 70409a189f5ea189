"""How the conformance kit opens the strategies: a dictionary needs no server, and a session is a view of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType

from attrs import evolve, frozen

from datasurface.milestoning.kit import Lie, Reading, Snapshot, reading
from datasurface.milestoning.rows import Version
from datasurface.milestoning.strategy import Fingerprint
from datasurface.model import Column, Dataset, Milestoning
from memory_strategy.strategy import Extract, Memory, MemoryMerge, Stored, fingerprint


@frozen
class MemorySession:
    """One process: what it changed is in its strategy until it is published."""

    strategy: MemoryMerge

    def keep(self) -> None:
        """Publish what was staged."""
        self.strategy.publish()

    @contextmanager
    def read(self, snapshot: Snapshot, lie: Lie | None = None) -> Iterator[Reading]:
        """The rows, with the sums that their source says they have."""
        sums = {name: fingerprint(rows) for name, rows in snapshot.items()}
        if lie is not None:
            first = self.strategy.datasets[0].name
            sums[first] = _untrue(sums[first], lie)
        yield reading(self.strategy, Extract(snapshot, sums))


def _untrue(true: Fingerprint, lie: Lie) -> Fingerprint:
    return evolve(true, rows=true.rows + 1) if lie is Lie.COUNT else evolve(true, xor=true.xor ^ 1)


@frozen
class MemoryStore:
    """One dictionary."""

    memory: Memory
    datasets: Sequence[Dataset]
    milestoning: Milestoning

    @contextmanager
    def session(self) -> Iterator[MemorySession]:
        """A new strategy: nothing of it outlives the session but what it published."""
        yield MemorySession(MemoryMerge(self.memory, self.datasets, self.milestoning))

    def versions(self, dataset: Dataset) -> Sequence[Version]:
        """What is published."""
        return [stored.version for stored in self.memory.tables[dataset.name]]

    def damage(self, dataset: Dataset, row: Version, column: Column, cell: str | None) -> None:
        """Another cell under the old hash."""
        at = dataset.columns.index(column)
        other = evolve(row, row=(*row.row[:at], cell, *row.row[at + 1 :]))
        table = self.memory.tables[dataset.name]
        damaged = tuple(Stored(other, stored.hash) if stored.version == row else stored for stored in table)
        self.memory.tables = {**self.memory.tables, dataset.name: damaged}


@frozen
class MemoryWorkshop:
    """Gives a new dictionary for every store; there is nothing to open or to close."""

    milestoning: Milestoning

    @contextmanager
    def store(self, datasets: Sequence[Dataset]) -> Iterator[MemoryStore]:
        """An empty dictionary."""
        yield MemoryStore(Memory(), datasets, self.milestoning)

    def __enter__(self) -> "MemoryWorkshop":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
