"""What an operator can do to batches in memory: whole tables are kept from before, so nothing has to be worked out."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import evolve

from datasurface.errors import BatchStuck, Fenced, OperationRefused
from datasurface.milestoning.oracle import ForensicTable, as_of, merge, rollback
from datasurface.milestoning.rows import Layout
from datasurface.results import BatchState, BatchStatus, DatasetPreview, Preview, consumers_of
from tests.unit.cli.memory_part import MemoryPart


class MemoryOperations(MemoryPart, Protocol):
    """The half of a runtime in memory that plain work has no need of."""

    def preview_reset(self, stream: str) -> Preview:
        newest = next(iter(self.status(stream)), None)
        if newest is None or newest.status is not BatchStatus.STARTED:
            raise BatchStuck(f"stream {stream} has no uncommitted batch", hint="there is nothing to reset")
        return self._preview("reset", stream, [newest], None, self.world.tables)

    def reset(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        self._check(stream, seen)
        [number] = self.preview_reset(stream).batches
        return self.world.batches[self.name, stream][number - 1]

    def preview_repair(self, stream: str) -> Preview:
        newest = next(iter(self.status(stream)), None)
        if newest is None:
            raise OperationRefused(f"no batch of {stream} is committed", hint="nothing to repair")
        number = newest.batch + (newest.status is not BatchStatus.STARTED)
        return self._preview("repair", stream, [evolve(newest, batch=number)], None, self.world.tables)

    def repair(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        self._check(stream, seen)
        [number] = self.preview_repair(stream).batches
        batches = self.world.batches[self.name, stream]
        batches[number - 1 :] = [
            evolve(batches[-1], batch=number, status=BatchStatus.STARTED, committed_at=None, reason="repair")
        ]
        return batches[-1]

    def preview_rollback(self, stream: str, to: int) -> Preview:
        done = [state for state in self.status(stream) if state.batch > to and state.status is BatchStatus.COMMITTED]
        if not done:
            raise OperationRefused(f"no batch of {stream} after {to} is committed", hint="nothing to roll back")
        return self._preview("rollback", stream, done, to, self._back(stream, to))

    def rollback(self, stream: str, to: int, *, seen: Preview | None = None) -> Sequence[BatchState]:
        self._check(stream, seen)
        undone, old = self.preview_rollback(stream, to).batches, dict(self.world.tables)
        self.world.tables |= self._back(stream, to)
        batches, reason = self.world.batches[self.name, stream], f"rolled back to batch {to}"
        for number in undone:
            batches[number - 1] = evolve(batches[number - 1], status=BatchStatus.ROLLED_BACK, reason=reason)
        self.world.taken_back[self.name, stream] = [(batches[number - 1], old) for number in reversed(undone)]
        return [batches[number - 1] for number in undone]

    def preview_replay(self, stream: str, *, up_to: int | None = None) -> Preview:
        old = self.world.taken_back.get((self.name, stream), [])
        todo = [state for state, _ in old if up_to is None or state.batch <= up_to]
        if not todo:
            raise OperationRefused(f"no batch of {stream} is to be replayed", hint="roll back first")
        return self._preview("replay", stream, todo, None, old[len(todo) - 1][1])

    def replay(self, stream: str, *, up_to: int | None = None, seen: Preview | None = None) -> Sequence[BatchState]:
        self._check(stream, seen)
        todo, batches = len(self.preview_replay(stream, up_to=up_to).batches), self.world.batches[self.name, stream]
        done = []
        for state, tables in self.world.taken_back[self.name, stream][:todo]:
            number = len(batches) + 1
            for data in self.deployment.stream(stream).datasets:
                name = (self.name, stream, data.name)
                rows = list(as_of(tables[name], state.batch).values())
                self.world.tables[name], _ = merge(self.world.tables[name], rows, Layout.of(data.columns), number)
            reason = f"replay of batch {state.batch}"
            done.append(evolve(state, batch=number, status=BatchStatus.COMMITTED, reason=reason))
            batches.append(done[-1])
        del self.world.taken_back[self.name, stream][:todo]
        return done[::-1]

    def _back(self, stream: str, to: int) -> dict[tuple[str, str, str], ForensicTable]:
        names = [(self.name, stream, data.name) for data in self.deployment.stream(stream).datasets]
        return {name: rollback(self.world.tables[name], to) for name in names}

    def _preview(
        self,
        action: str,
        stream: str,
        batches: Sequence[BatchState],
        to: int | None,
        after: Mapping[tuple[str, str, str], ForensicTable],
    ) -> Preview:
        datasets = {}
        for data in self.deployment.stream(stream).datasets:
            old, new = ({v for v in table.versions if v.is_live} for table in self._both(stream, data.name, after))
            datasets[data.name] = DatasetPreview(len(old), len(new), len(new - old), len(old - new))
        numbers, token = tuple(state.batch for state in batches), len(self.status(stream))
        return Preview(action, stream, numbers, to, token, datasets, consumers_of(self.deployment, stream))

    def _both(
        self, stream: str, dataset: str, after: Mapping[tuple[str, str, str], ForensicTable]
    ) -> tuple[ForensicTable, ForensicTable]:
        name = (self.name, stream, dataset)
        return self.world.tables[name], after[name]

    def _check(self, stream: str, seen: Preview | None) -> None:
        if seen is not None and seen.token != len(self.status(stream)):
            raise Fenced(f"stream {stream} has moved on", hint="look again")
