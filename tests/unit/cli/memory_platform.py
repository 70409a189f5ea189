"""A whole platform in memory, driven by the same commands as any other: classes, runtime, control store, hooks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from attrs import asdict, define, evolve, field, frozen

from datasurface.deployment import Deployment
from datasurface.errors import BatchStuck, Fenced, JobError, OperationRefused, SourceDrift
from datasurface.milestoning import laws
from datasurface.milestoning.oracle import ForensicTable, as_of, merge, rollback
from datasurface.milestoning.rows import Layout, Row
from datasurface.model import Container, DataPlatform
from datasurface.plugins.hookspecs import hookimpl
from datasurface.runtime import (
    BatchState,
    BatchStatus,
    DatasetCounts,
    DatasetPreview,
    Generation,
    JobFailure,
    JobResult,
    JobSeconds,
    LawCheck,
    Preview,
    ResultCode,
    Step,
    ViewSummary,
    consumers_of,
)

DONE, ERROR = ResultCode.DONE, ResultCode.ERROR


@frozen
class MemoryDatabase(Container):
    """Tables of this process."""


@frozen
class MemoryPlatform(DataPlatform):
    """Keeps its merge tables in this process."""

    store: MemoryDatabase = field(kw_only=True)

    @property
    def merge_store(self) -> MemoryDatabase:
        return self.store


@define
class MemoryPlugin:
    """The hooks, the control store, and all data: ``source`` holds the producer's rows by table."""

    source: dict[str, list[Row]] = field(factory=dict)
    tables: dict[tuple[str, str, str], ForensicTable] = field(factory=dict)
    batches: dict[tuple[str, str], list[BatchState]] = field(factory=dict)
    views: dict[str, set[str]] = field(factory=dict)
    generations: list[Generation] = field(factory=list)
    taken_back: dict[tuple[str, str], list[tuple[BatchState, dict[tuple[str, str, str], ForensicTable]]]] = field(
        factory=dict
    )

    def rows(self, table: str) -> list[Row]:
        """The rows of a producer's table."""
        if table not in self.source:
            raise SourceDrift(f"no such table {table}", hint="create it", dataset=table)
        return self.source[table]

    @hookimpl
    def platform_classes(self) -> Sequence[type[DataPlatform]]:
        return [MemoryPlatform]

    @hookimpl
    def container_classes(self) -> Sequence[type[Container]]:
        return [MemoryDatabase]

    @hookimpl
    def open_runtime(self, deployment: Deployment, generation: Generation | None) -> "MemoryRuntime":
        return MemoryRuntime(self, deployment, generation)

    @hookimpl
    def open_control_store(self) -> "MemoryPlugin":
        return self

    @contextmanager
    def lock(self) -> Iterator[None]:
        yield

    def current(self) -> Generation | None:
        return self.generations[-1] if self.generations else None

    def publish(self, deployments: Sequence[Deployment], commit: str | None) -> Generation:
        number = len(self.generations) + 1
        self.generations.append(Generation(number, tuple(deployments), commit, datetime.now(UTC), "tester"))
        return self.generations[-1]


@frozen
class MemoryRuntime:
    """Every stream's datasets are merged by the oracle, all or none; every table keeps its history."""

    world: MemoryPlugin
    deployment: Deployment
    generation: Generation | None

    @property
    def name(self) -> str:
        return self.deployment.platform.name

    def apply(self) -> Sequence[Step]:
        names = {(self.name, stream.key, data.name) for stream in self.deployment.streams for data in stream.datasets}
        new = sorted(names - self.world.tables.keys())
        self.world.tables |= dict.fromkeys(new, ForensicTable())
        views = [Step("created view", name) for name in self.reconcile_views().created]
        return [*(Step("created table", "_".join(name)) for name in new), *views]

    def run_batch(
        self, stream: str, run_id: str, *, budget: float | None = None, allow_deletes: bool = False
    ) -> JobResult:
        assert budget is None, "merges in memory take no time"
        assert self.generation is not None
        in_force, batches = self.generation, self.world.batches.setdefault((self.name, stream), [])
        number = sum(state.status is not BatchStatus.STARTED for state in batches) + 1
        merged, counts, error = dict(self.world.tables), dict[str, DatasetCounts](), None
        try:
            for data in self.deployment.stream(stream).datasets:
                table, rows = (self.name, stream, data.name), self.world.rows(data.name)
                merged[table], counted = merge(
                    merged[table], rows, Layout.of(data.columns), number, allow_deletes=allow_deletes
                )
                counts[data.name] = DatasetCounts(**asdict(counted))
            self.world.tables = merged
        except JobError as refused:
            error = JobFailure(type(refused).__name__, refused.message, refused.dataset, refused.hint)
        code, status = (ERROR, BatchStatus.STARTED) if error else (DONE, BatchStatus.COMMITTED)
        now, origin = datetime.now(UTC), (in_force.number, in_force.commit)
        batches[number - 1 :] = [
            BatchState(stream, number, status, now, None if error else now, counts, error, *origin)
        ]
        return JobResult(self.name, stream, run_id, number, code, *origin, counts, JobSeconds(), error)

    def status(self, stream: str, *, last: int = 10) -> Sequence[BatchState]:
        return self.world.batches.get((self.name, stream), [])[: -last - 1 : -1]

    def preview_reset(self, stream: str) -> Preview:
        newest = next(iter(self.status(stream)), None)
        if newest is None or newest.status is not BatchStatus.STARTED:
            raise BatchStuck(f"stream {stream} has no uncommitted batch", hint="there is nothing to reset")
        return self._preview("reset", stream, [newest], None, self.world.tables)

    def reset(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        self._check(stream, seen)
        [number] = self.preview_reset(stream).batches
        return self.world.batches[self.name, stream][number - 1]

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

    def verify(self, stream: str) -> Sequence[LawCheck]:
        checks = []
        for data in self.deployment.stream(stream).datasets:
            law, versions = laws.ONE_LIVE, self.world.tables[self.name, stream, data.name].versions
            broken = "; ".join(f"{v.key}: {v.message}" for v in laws.one_live_version(versions))
            checks.append(LawCheck(law.id, law.statement, stream, data.name, not broken, len(versions), broken))
        return checks

    def reconcile_views(self) -> ViewSummary:
        wanted = {f"{view.workspace}.{view.group}_{view.name}" for view in self.deployment.views}
        there = self.world.views.get(self.name, set())
        self.world.views[self.name] = wanted
        created, unchanged, removed = (tuple(sorted(it)) for it in (wanted - there, wanted & there, there - wanted))
        return ViewSummary(created=created, unchanged=unchanged, removed=removed)
