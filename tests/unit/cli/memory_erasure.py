"""How data leaves the platform in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from attrs import evolve

from datasurface.erasure import CopiedErasure, Erasure, Key, Pruning
from datasurface.errors import Fenced, OperationRefused
from datasurface.milestoning.oracle import ForensicTable
from datasurface.milestoning.rows import Layout
from datasurface.results import BatchStatus, consumers_of
from tests.unit.cli.memory_part import MemoryPart


class MemoryErasure(MemoryPart, Protocol):
    """The part of a runtime in memory that takes data away."""

    def preview_forget(
        self, stream: str, dataset: str, keys: Sequence[Key], *, even_if_at_source: bool = False
    ) -> Erasure:
        [data] = [data for data in self.deployment.stream(stream).datasets if data.name == dataset]
        layout = Layout.of(data.columns)
        if not even_if_at_source and {layout.key_of(row) for row in self.world.rows(dataset)} & {*keys}:
            raise OperationRefused(f"the source of {dataset} still has the key", hint="delete it there")
        gone = [version for version in self.world.tables[self.name, stream, dataset].versions if version.key in keys]
        live = sum(version.is_live for version in gone)
        counts = (len({*keys}), live, len(gone) - live, 0, 0)
        copies = tuple(
            CopiedErasure(each.workspace, each.group, (f"{each.group}_{dataset}",))
            for each in self.deployment.copied_groups
        )
        consumers = consumers_of(self.deployment, stream)
        return Erasure(stream, dataset, *counts, consumers, len(self.status(stream)), copies)

    def forget(
        self,
        stream: str,
        dataset: str,
        keys: Sequence[Key],
        *,
        even_if_at_source: bool = False,
        seen: Erasure | None = None,
    ) -> Erasure:
        found = self.preview_forget(stream, dataset, keys, even_if_at_source=even_if_at_source)
        if seen is not None and seen.token != found.token:
            raise Fenced(f"stream {stream} has moved on", hint="look again")
        table = self.world.tables[self.name, stream, dataset]
        kept = tuple(version for version in table.versions if version.key not in keys)
        self.world.tables[self.name, stream, dataset] = ForensicTable(kept)
        away = (evolve(it, left="it is away" if it.workspace in self.world.away else None) for it in found.copies)
        return evolve(found, copies=tuple(away))

    def vacuum(self, stream: str, dataset: str) -> Sequence[str]:
        return [f"memory of {stream}.{dataset} is freed when the process ends"]

    def preview_retention(self, stream: str) -> Sequence[Pruning]:
        return [self._due(stream, data.name) for data in self.deployment.stream(stream).datasets]

    def prune_history(self, stream: str, *, seen: Sequence[Pruning] | None = None) -> Sequence[Pruning]:
        found = self.preview_retention(stream) if seen is None else seen
        for pruning in found:
            table = self.world.tables[self.name, stream, pruning.dataset]
            kept = tuple(version for version in table.versions if version.batch_out >= (pruning.horizon or 0))
            self.world.tables[self.name, stream, pruning.dataset] = ForensicTable(kept)
        return found

    def _due(self, stream: str, dataset: str) -> Pruning:
        keep = self.deployment.stream(stream).keep(dataset)
        now = datetime.now(UTC)
        for state in self.status(stream, last=1000) if keep is not None else ():
            at = state.committed_at
            if state.status is BatchStatus.COMMITTED and at is not None and keep is not None and now - at >= keep:
                versions = self.world.tables[self.name, stream, dataset].versions
                old = sum(version.batch_out < state.batch for version in versions)
                return Pruning(stream, dataset, keep, state.batch, at, old)
        return Pruning(stream, dataset, keep, None, None, 0)
