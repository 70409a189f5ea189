"""A whole platform in memory, driven by the same commands as any other: classes, runtime, control store, hooks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime

from attrs import asdict, define, evolve, field, frozen

from datasurface.access import AccessCell, AccessReport, Seen
from datasurface.deployment import Deployment, HandOver
from datasurface.errors import JobError, NotApplied, SourceDrift, StoreUnavailable
from datasurface.milestoning import laws
from datasurface.milestoning.oracle import ForensicTable, merge
from datasurface.milestoning.rows import Layout, Row
from datasurface.model import Container, DataPlatform, Ecosystem
from datasurface.plugins.hookspecs import hookimpl
from datasurface.plugins.minimal import MinimalRuntime
from datasurface.results import (
    BatchState,
    BatchStatus,
    CopiedRows,
    DatasetCounts,
    JobFailure,
    JobResult,
    JobSeconds,
    LawCheck,
    ListedView,
    PhysicalObject,
    ResultCode,
    Step,
    ViewState,
    ViewSummary,
)
from datasurface.runtime import Generation, GenerationChange, PastGeneration
from datasurface.unused import UnusedDataset, UnusedTable
from tests.unit.cli.memory_erasure import MemoryErasure
from tests.unit.cli.memory_observatory import MemoryObservatory
from tests.unit.cli.memory_operations import MemoryOperations

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
    """The hooks, the control store, and all data: rows of the producer in ``source``, why views stay in ``held``,
    workspaces whose own databases cannot be reached in ``away``, records of jobs of no stream in ``results``."""

    source: dict[str, list[Row]] = field(factory=dict)
    tables: dict[tuple[str, str, str], ForensicTable] = field(factory=dict)
    batches: dict[tuple[str, str], list[BatchState]] = field(factory=dict)
    views: dict[str, set[str]] = field(factory=dict)
    held: dict[str, str] = field(factory=dict)
    away: set[str] = field(factory=set)
    results: dict[tuple[str, str, str], JobResult] = field(factory=dict)
    generations: list[Generation] = field(factory=list)
    models: list[Ecosystem] = field(factory=list)
    changes: list[GenerationChange | None] = field(factory=list)
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
        return MemoryRuntime(deployment, generation, self)

    @hookimpl
    def open_control_store(self) -> "MemoryPlugin":
        return self

    @hookimpl
    def control_objects(self, platforms: Sequence[str]) -> Sequence[PhysicalObject]:
        return [PhysicalObject("list", "memory", None, f"generations of {len(platforms)} platforms", "")]

    @contextmanager
    def lock(self) -> Iterator[None]:
        yield

    def current(self) -> Generation | None:
        return self.generations[-1] if self.generations else None

    def generation(self, number: int) -> Generation:
        if not 0 < number <= len(self.generations):
            raise NotApplied(f"no generation {number}")
        return self.generations[number - 1]

    def model_of(self, generation: int) -> Ecosystem:
        return self.models[generation - 1]

    def change_of(self, generation: int) -> GenerationChange | None:
        return self.changes[generation - 1]

    def history(self, last: int) -> Sequence[PastGeneration]:
        return [
            PastGeneration(
                number=it.number,
                commit=it.commit,
                applied_at=it.applied_at,
                applied_by=it.applied_by,
                streams=sum(len(deployment.streams) for deployment in it.deployments),
                summary=change.summary if change else None,
                rollback_to=change.rollback_to if change else None,
            )
            for it, change in list(zip(self.generations, self.changes, strict=True))[: -last - 1 : -1]
        ]

    def restore(self, generation: Generation, *, dry_run: bool = False) -> Mapping[str, Sequence[Step]]:
        assert dry_run or generation == self.current(), "there are no rows for schedulers here"
        return {}

    def publish(
        self,
        model: Ecosystem,
        deployments: Sequence[Deployment],
        commit: str | None,
        change: GenerationChange | None = None,
    ) -> Generation:
        self.models.append(model)
        self.changes.append(change)
        number = len(self.generations) + 1
        self.generations.append(Generation(number, tuple(deployments), commit, datetime.now(UTC), "tester"))
        return self.generations[-1]


@frozen
class MemoryRuntime(MemoryOperations, MemoryErasure, MinimalRuntime):
    """Every stream's datasets are merged by the oracle, all or none; every table keeps its history."""

    world: MemoryPlugin

    def apply(
        self,
        *,
        dry_run: bool = False,
        handed_over: Sequence[HandOver] = (),  # noqa: ARG002 its tables are nobody's
    ) -> Sequence[Step]:
        world = deepcopy(self.world) if dry_run else self.world
        names = {(self.name, stream.key, data.name) for stream in self.deployment.streams for data in stream.datasets}
        new = sorted(names - world.tables.keys())
        world.tables |= dict.fromkeys(new, ForensicTable())
        found = evolve(self, world=world).reconcile_views()
        views = [Step(f"{done} view", name) for done in ("created", "removed") for name in getattr(found, done)]
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
        state = BatchState(stream, number, status, now, None if error else now, counts, error, *origin)
        batches[number - 1 :] = [state]
        return JobResult(self.name, stream, run_id, number, code, *origin, counts, JobSeconds(), error)

    def keep_result(self, result: JobResult) -> None:
        self.world.results[result.platform, result.stream, result.run_id] = result

    def status(self, stream: str, *, last: int = 10) -> Sequence[BatchState]:
        return self.world.batches.get((self.name, stream), [])[: -last - 1 : -1]

    @contextmanager
    def observe(self) -> Iterator[MemoryObservatory]:
        log = {stream: tuple(batches) for (name, stream), batches in self.world.batches.items() if name == self.name}
        yield MemoryObservatory(
            self.deployment, log, dict(self.world.results), dict(self.world.tables), datetime.now(UTC)
        )

    def verify(self, stream: str) -> Sequence[LawCheck]:
        checks = []
        for data in self.deployment.stream(stream).datasets:
            law, versions = laws.ONE_LIVE, self.world.tables[self.name, stream, data.name].versions
            broken = "; ".join(f"{v.key}: {v.message}" for v in laws.one_live_version(versions))
            checks.append(LawCheck(law.id, law.statement, stream, data.name, not broken, len(versions), broken))
        return checks

    def objects(self) -> Sequence[PhysicalObject]:
        return [
            PhysicalObject("table", "memory", None, f"{self.name}_{stream.key}_{data.name}", stream.path)
            for stream in self.deployment.streams
            for data in stream.datasets
        ]

    def list_views(self) -> Sequence[ListedView]:
        there = self.world.views.get(self.name, set())
        paths = {f"{view.workspace}.{view.group}_{view.name}": view.path for view in self.deployment.views}
        states = {(True, True): ViewState.STANDS, (True, False): ViewState.UNWANTED, (False, True): ViewState.MISSING}
        return [
            ListedView(name, states[name in there, name in paths], (), (), paths.get(name))
            for name in sorted(there | paths.keys())
        ]

    def check_access(self, credential: str | None = None) -> Sequence[AccessReport]:
        views = sorted(self.world.views.get(self.name, ()))
        asked = credential or "everybody"
        cells = tuple(AccessCell(asked, name, None, "SELECT", Seen.ALLOWED, Seen.ALLOWED) for name in views)
        return [AccessReport("Memory", cells, {asked: "nothing"})]

    def unused(self, *, count: bool = False) -> Sequence[UnusedDataset]:
        views = {(self.name, view.stream, view.dataset.name) for view in self.deployment.views}
        used = views | {
            (self.name, stream.key, it.name) for stream in self.deployment.streams for it in stream.datasets
        }
        return [
            UnusedDataset(stream, stream, name, "somebody", (self._stored(platform, stream, name, count=count),))
            for platform, stream, name in sorted(self.world.tables.keys() - used)
            if platform == self.name
        ]

    def _stored(self, *key: str, count: bool) -> UnusedTable:
        platform, stream, name = key
        rows = len(self.world.tables[platform, stream, name].versions)
        return UnusedTable("_".join(key), rows if count else None, 1000 * rows)

    def drop_unused(self, seen: Sequence[UnusedDataset], *, dry_run: bool = False) -> Sequence[Step]:
        for each in seen if not dry_run else ():
            del self.world.tables[self.name, each.stream, each.dataset]
        return [Step("dropped table", table.name) for each in seen for table in each.tables]

    def refresh_copies(self, workspace: str, group: str, *, whole: bool = False) -> Sequence[CopiedRows]:
        found = self.deployment.copied_group(workspace, group)
        rows = sum(len(table.versions) for (name, *_), table in self.world.tables.items() if name == self.name)
        if workspace in self.world.away:
            raise StoreUnavailable(f"the database of {workspace} is away", hint="start it")
        return [CopiedRows(group, found.streams[0], 1, None, "whole" if whole else "changes", rows, rows, 0)]

    def reconcile_views(self) -> ViewSummary:
        wanted = {f"{view.workspace}.{view.group}_{view.name}" for view in self.deployment.views}
        there = self.world.views.get(self.name, set())
        held = {name: why for name, why in self.world.held.items() if name in there - wanted}
        self.world.views[self.name] = wanted | held.keys()
        kinds = (wanted - there, wanted & there, there - wanted - held.keys(), held)
        created, unchanged, removed, failed = (tuple(sorted(it)) for it in kinds)
        return ViewSummary(created=created, unchanged=unchanged, removed=removed, failed=failed, reasons=held)

    def remove_views(self) -> ViewSummary:
        summary = self.reconcile_views()
        return ViewSummary(removed=summary.removed, failed=summary.failed, reasons=summary.reasons)
