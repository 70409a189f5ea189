"""The platform at work: PlatformRuntime on a file of DuckDB."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from time import monotonic

import duckdb
from attrs import evolve, frozen

from datasurface.deployment import HandOver, StreamConfig
from datasurface.errors import ApplyRefused, DataSurfaceError, NotApplied
from datasurface.milestoning.strategy import Batch, Guard, Prepared
from datasurface.model import SqliteDatabase, SqlSnapshot
from datasurface.plugins.minimal import MinimalRuntime
from datasurface.results import (
    BatchState,
    BatchStatus,
    JobFailure,
    JobResult,
    JobSeconds,
    LawCheck,
    ListedView,
    PhysicalObject,
    ResultCode,
    Step,
    ViewSummary,
)
from datasurface_duckdb.platform import DuckDbDataPlatform
from datasurface_duckdb.records import KeptBatch, Records
from datasurface_duckdb.source import snapshot
from datasurface_duckdb.statements import statement
from datasurface_duckdb.store import opened, rehearsal, rows
from datasurface_duckdb.strategy import DuckDbMerge
from datasurface_duckdb.tables import StoredTable, table_name
from datasurface_duckdb.views import Place, Views, WantedView, wanted


@frozen
class DuckDbRuntime(MinimalRuntime):
    """Every batch is one transaction: rows, views' answers and the record of the batch change at once."""

    platform: DuckDbDataPlatform

    def apply(self, *, dry_run: bool = False, handed_over: Sequence[HandOver] = ()) -> Sequence[Step]:
        """Make schema, tables and views exist, in one transaction; a dry run takes it back."""
        file = rehearsal(self.platform.file) if dry_run else self.platform.file
        with opened(file, self.platform.patience, creates=True) as connection:
            connection.begin()
            Records(connection, self._schema).ensure()
            self._refuse_other_columns(connection)
            steps: list[Step] = []
            for stream in self.deployment.streams:
                strategy = self._strategy(connection, stream)
                strategy.is_open = True
                steps += strategy.ensure()
            steps += Views(connection, self.platform.name).reconcile(self._views(), removes=False).steps({})
            if dry_run:
                connection.rollback()
            else:
                connection.commit()
            return steps

    def run_batch(
        self, stream: str, run_id: str, *, budget: float | None = None, allow_deletes: bool = False
    ) -> JobResult:
        """One batch; it never stops half-way, whatever the budget."""
        config, begun = self.deployment.stream(stream), monotonic()
        if self.generation is None:
            raise NotApplied(f"platform {self.platform.name} is not in force", hint="run `datasurface apply` first")
        generation = self.generation
        result = JobResult(
            self.platform.name,
            stream,
            run_id,
            batch=None,
            code=ResultCode.ERROR,
            generation=generation.number,
            commit=generation.commit,
            datasets={},
            seconds=JobSeconds(),
        )
        try:
            with self._opened() as connection:
                done = self._batch(connection, config, Guard(allow_deletes=allow_deletes), generation.number)
                code = ResultCode.ERROR if done.error else ResultCode.DONE
                result = evolve(result, batch=done.batch, code=code, datasets=done.datasets, error=done.error)
                result = evolve(result, seconds=JobSeconds(merge=monotonic() - begun))
                Records(connection, self._schema).keep_result(result)
        except DataSurfaceError as error:  # the file itself is away
            return evolve(result, error=_failure(error))
        return result

    def _batch(
        self, connection: duckdb.DuckDBPyConnection, config: StreamConfig, guard: Guard, generation: int
    ) -> BatchState:
        """The batch, committed; or as it was tried, with its error."""
        records, strategy = Records(connection, self._schema), self._strategy(connection, config)
        strategy.begin()
        kept = [each for each in records.batches(config.key) if each.state.status is BatchStatus.COMMITTED]
        number, before = (kept[0].state.batch + 1, kept[0].left) if kept else (1, {})
        commit = self.generation.commit if self.generation else None
        state = BatchState(config.key, number, BatchStatus.STARTED, _now(), None, {}, None, generation, commit)
        try:
            with snapshot(_capture(config), _database(config), self.platform.patience) as source:
                batch = Batch(number, number)
                if strategy.is_new():
                    prepared = strategy.load(batch, source)
                else:
                    staged = {
                        each.name: strategy.stage(each, batch, source, before.get(each.name), guard)
                        for each in config.datasets
                    }
                    prepared = strategy.prepare(batch, staged, before)
        except DataSurfaceError as error:
            strategy.abort()
            state = evolve(state, error=_failure(error))
            records.keep(KeptBatch(state, {}))
            return state
        return _committed(strategy, records, state, prepared)

    def keep_result(self, result: JobResult) -> None:
        """Beside those of the streams."""
        with self._opened() as connection:
            Records(connection, self._schema).keep_result(result)

    def status(self, stream: str, *, last: int = 10) -> Sequence[BatchState]:
        """As the log has them."""
        with self._opened() as connection:
            return [kept.state for kept in Records(connection, self._schema).batches(stream, last)]

    def verify(self, stream: str) -> Sequence[LawCheck]:
        """The laws on every dataset of the stream."""
        config = self.deployment.stream(stream)
        with self._opened() as connection:
            strategy = self._strategy(connection, config)
            log = [kept for kept in Records(connection, self._schema).batches(stream) if kept.left][::-1]
            checks: list[LawCheck] = []
            for dataset in config.datasets:
                left = [(kept.state.batch, kept.left[dataset.name]) for kept in log if dataset.name in kept.left]
                checks += strategy.verify(dataset, left)
            strategy.abort()
            return checks

    def reconcile_views(self) -> ViewSummary:
        """In one transaction."""
        return self._reconciled(removes=True)

    def remove_views(self) -> ViewSummary:
        """Likewise."""
        summary = self._reconciled(removes=True)
        return ViewSummary(removed=summary.removed)

    def list_views(self) -> Sequence[ListedView]:
        """As the file's catalogue has them."""
        with self._opened() as connection:
            return Views(connection, self.platform.name).listed(self._views())

    def objects(self) -> Sequence[PhysicalObject]:
        """Tables and views."""
        file = self.platform.file.name
        tables = [
            PhysicalObject("table", file, self._schema, table.name, self.deployment.stream(stream).path)
            for (stream, _), table in self._tables().items()
        ]
        return [*tables, *(PhysicalObject("view", file, it.schema, it.name, it.path) for it in self._views().values())]

    def _reconciled(self, *, removes: bool) -> ViewSummary:
        with self._opened() as connection:
            connection.begin()
            summary = Views(connection, self.platform.name).reconcile(self._views(), removes=removes)
            connection.commit()
            return summary

    @property
    def _schema(self) -> str:
        return f"ds {self.platform.name}"

    def _opened(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return opened(self.platform.file, self.platform.patience)

    def _tables(self) -> Mapping[tuple[str, str], StoredTable]:
        return {
            (stream.key, dataset.name): StoredTable.of(dataset, self._schema, table_name(stream.store, dataset))
            for stream in self.deployment.streams
            for dataset in stream.datasets
        }

    def _views(self) -> Mapping[Place, WantedView]:
        return wanted(self.deployment, self._schema)

    def _strategy(self, connection: duckdb.DuckDBPyConnection, stream: StreamConfig) -> DuckDbMerge:
        tables = {name: table for (key, name), table in self._tables().items() if key == stream.key}
        return DuckDbMerge(connection, tables, self.platform.milestoning, self._schema, stream.key)

    def _refuse_other_columns(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Tables stay as they were made: this platform changes none."""
        found: dict[str, list[tuple[str, str]]] = {}
        for table, name, kind in rows(connection, statement("platform.sql.j2", "tables"), [self._schema]):
            found.setdefault(str(table), []).append((str(name), str(kind)))
        for table in self._tables().values():
            columns = [(each.name, each.type.replace(", ", ",")) for each in table.columns]
            if table.name in found and found[table.name][: len(columns)] != columns:
                raise ApplyRefused(
                    f"{table.place} has other columns than dataset {table.dataset.name} has now",
                    hint="give the dataset another name, or keep its columns: this platform changes no table",
                )


def _committed(strategy: DuckDbMerge, records: Records, state: BatchState, prepared: Prepared) -> BatchState:
    done = evolve(state, status=BatchStatus.COMMITTED, committed_at=_now(), datasets=prepared.counts)
    strategy.commit(prepared, lambda: records.keep(KeptBatch(done, prepared.fingerprints)))
    return done


def _capture(config: StreamConfig) -> SqlSnapshot:
    if not isinstance(config.capture, SqlSnapshot):
        raise TypeError(f"{config.key} is no SqlSnapshot; lint should have said so")
    return config.capture


def _database(config: StreamConfig) -> SqliteDatabase:
    container = config.capture.container
    if not isinstance(container, SqliteDatabase):
        raise TypeError(f"{container.name} is no SqliteDatabase; lint should have said so")
    return container


def _failure(error: DataSurfaceError) -> JobFailure:
    return JobFailure(type(error).__name__, error.message, getattr(error, "dataset", None), error.hint)


def _now() -> datetime:
    return datetime.now(UTC)
