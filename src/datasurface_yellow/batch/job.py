"""One job: one batch of one stream, from the counter row to the result record."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic

import psycopg2
from attrs import define, evolve, field, frozen
from psycopg2 import errorcodes
from psycopg2.extensions import connection as Connection

from datasurface.deployment import StreamConfig
from datasurface.errors import (
    DataSurfaceError,
    Fenced,
    JobError,
    OperationRefused,
    ReceiptMismatch,
    StoreUnavailable,
    StreamBusy,
)
from datasurface.milestoning.strategy import Batch, Fingerprint, Guard, Prepared, Staged
from datasurface.results import (
    BatchStatus,
    DatasetCounts,
    JobFailure,
    JobResult,
    JobSeconds,
    ResultCode,
)
from datasurface_yellow.batch.backfill import backfill
from datasurface_yellow.batch.housekeeping import prune
from datasurface_yellow.batch.records import Records
from datasurface_yellow.batch.state import Decision, Move, after_mismatch, decide
from datasurface_yellow.batch.store import StreamStore, refuse_dropped, refuse_older_model
from datasurface_yellow.capture.source import SourceSnapshot
from datasurface_yellow.capture.sources import Source
from datasurface_yellow.capture.window import Mark
from datasurface_yellow.merge.descent import Level
from datasurface_yellow.merge.repair import describe, make_true
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import ConnectionFailed, Place, connect, hint_for_store, primary_message

LARGE_PART = 0.1
"""The part of a dataset's rows that a batch must change for the planner's statistics to be renewed."""


@frozen
class Order:
    """What the caller asked for."""

    run_id: str
    budget: float | None = None
    allow_deletes: bool = False


@frozen
class Workplace:
    """All that a job needs to know of its stream before it has it; nothing of it changes while it runs."""

    platform: YellowDataPlatform
    stream: StreamConfig
    generation: int
    commit: str | None
    source: Source
    target: Place

    @property
    def application(self) -> str:
        """How the job's sessions call themselves."""
        return self.source.application


@define
class _Progress:
    """How far a job has come: what its result says, whatever happens next.

    Attributes:
        marks: how far the datasets that are read by a watermark were read before the batch, and once it has looked at
            the source, how far they are read by it.
    """

    begun: float = field(factory=monotonic)
    batch: Batch | None = None
    counts: Mapping[str, DatasetCounts] = field(factory=dict)
    seconds: JobSeconds = field(factory=JobSeconds)
    source_snapshot: str | None = None
    marks: Mapping[str, Mark] = field(factory=dict)

    @property
    def end(self) -> ResultCode:
        """What a batch that is committed asks for: the next at once, where this one left rows to it."""
        has_more = any(mark.has_more for mark in self.marks.values())
        return ResultCode.KEEP_WORKING if has_more else ResultCode.DONE


class Job:
    """One run on one stream. ``run`` does not raise for what goes wrong with the batch: the result says it.

    ``open_store`` is called once the job has the stream: until then an apply may change its tables.
    """

    def __init__(
        self,
        workplace: Workplace,
        order: Order,
        session: Connection,
        records: Records,
        open_store: Callable[[], StreamStore],
    ) -> None:
        self._at, self._order = workplace, order
        self._session, self._records, self._open_store = session, records, open_store
        self._progress = _Progress()
        self._opened: StreamStore | None = None

    def run(self) -> JobResult:
        """Do the batch that is due."""
        try:
            self._take_stream()
        except (DataSurfaceError, psycopg2.Error) as error:
            return self._fail(error)
        try:
            self._opened = self._open_store()
            return self._result(self._work(self._begin()))
        except (DataSurfaceError, psycopg2.Error) as error:
            return self._fail(error)
        finally:
            self._records.unlock()

    def _take_stream(self) -> None:
        self._records.take()
        self._session.commit()

    def _begin(self) -> Decision:
        """The small transaction that begins a batch: decide, take a new token, log."""
        begun = monotonic()
        current, token = self._records.lock_counter()
        self._progress.seconds = evolve(self._progress.seconds, wait=monotonic() - begun)
        refuse_dropped(self._session, self._store.tables)
        refuse_older_model(self._store.tables, self._records.has_read)
        last = self._records.newest()
        self._progress.batch = Batch(last.number if last else current, token)  # what an error here speaks of
        decision = decide(last, current, self._store.schema.hash, self._store.schema.columns)
        self._progress.batch = Batch(decision.batch, token + 1)
        self._records.advance(self._progress.batch)
        if decision.move is not Move.MERGE:
            self._progress.marks = self._records.last_marks(self._names, self._store.schema.hash)
            self._records.start(
                self._progress.batch, self._order.run_id, self._at.generation, self._at.commit, self._store.schema
            )
        self._session.commit()
        return decision

    def _work(self, decision: Decision) -> ResultCode:
        batch = self._batch
        if decision.move is not Move.MERGE:
            tables = tuple(table.at_source for table in self._store.tables)
            with self._at.source.open(tables, self._session, self._progress.marks) as source:
                self._progress.source_snapshot = source.identity
                self._progress.marks = source.marks
                self._records.fence(batch)
                before = self._records.last_fingerprints(self._names)
                if decision.repair:
                    self._repair(batch, source, before)
                    return self._progress.end
                if not before and self._store.strategy.is_new():
                    self._load(batch, source)
                    return self._progress.end
                self._stage(batch, source, before, decision.compare_all)
            if self._is_out_of_time():
                self._keep(self._result(ResultCode.KEEP_WORKING))
                return ResultCode.KEEP_WORKING
        self._merge(batch)
        return self._progress.end

    def _load(self, batch: Batch, source: SourceSnapshot) -> None:
        begun = monotonic()
        prepared = self._store.strategy.load(batch, source)
        self._note_source(source)
        self._note_merge(begun + source.transfer_seconds)
        self._commit(prepared, {})

    def _repair(self, batch: Batch, source: SourceSnapshot, left: Mapping[str, Fingerprint]) -> None:
        """Make the tables true, compare all of their rows with the source and merge: in one transaction, as a load."""
        if source.marks:
            raise OperationRefused(
                "a source that shows a part of its rows cannot repair the others",
                hint="`datasurface batch reset` gives the repair up",
            )
        begun = monotonic()
        found = {table.name: make_true(self._session, table, batch) for table in self._store.tables}
        before = {name: table.live for name, table in found.items()}
        guard = Guard(self._order.allow_deletes, compare_all=True)
        staged = {
            dataset.name: self._store.strategy.stage(dataset, batch, source, before[dataset.name], guard)
            for dataset in self._at.stream.datasets
        }
        prepared = self._store.strategy.prepare(batch, staged, before)
        self._records.repaired(batch, describe(found, left))
        self._note_source(source)
        self._note_merge(begun + source.read_seconds + source.transfer_seconds)
        self._commit(evolve(prepared, levels=dict.fromkeys(staged, Level.REPAIR.value)), before)

    def _stage(
        self, batch: Batch, source: SourceSnapshot, before: Mapping[str, Fingerprint], compare_all: bool
    ) -> None:
        begun = monotonic()
        changes = self._records.last_changes(self._names)
        staged: dict[str, Staged] = {}
        for dataset in self._at.stream.datasets:
            guard = Guard(
                self._order.allow_deletes,
                compare_all,
                is_partial=bool(source.marks),
                expected=changes.get(dataset.name),
            )
            staged[dataset.name] = self._store.strategy.stage(dataset, batch, source, before.get(dataset.name), guard)
        self._note_source(source)
        self._note_merge(begun + source.read_seconds + source.transfer_seconds)
        self._progress.counts = {name: found.counts for name, found in staged.items()}
        self._records.ingested(batch, staged, source.marks, self._progress.seconds, source.identity)
        self._session.commit()

    def _merge(self, batch: Batch) -> None:
        begun = monotonic()
        self._records.fence(batch)
        found, self._progress.marks, seconds = self._records.staged(batch)
        self._progress.seconds = seconds
        staged = backfill(self._records, self._store.tables, batch, {name: found[name] for name in self._names})
        before = self._records.last_fingerprints(self._names)
        prepared = self._store.strategy.prepare(batch, staged, before)
        self._note_merge(begun)
        self._commit(prepared, before)

    def _commit(self, prepared: Prepared, before: Mapping[str, Fingerprint]) -> None:
        self._progress.counts = prepared.counts

        def record() -> None:
            progress = self._progress
            self._records.committed(
                prepared,
                before,
                progress.marks,
                self._order.run_id,
                progress.seconds,
                progress.source_snapshot,
            )
            self._records.result(self._result(progress.end))

        self._store.strategy.commit(prepared, record)
        with suppress(psycopg2.Error):  # the batch is committed: housekeeping that fails must not make it an error
            if any(_is_large(counts, prepared.fingerprints[name].rows) for name, counts in prepared.counts.items()):
                self._store.strategy.maintain()
            prune(self._records, self._at.platform)

    def _note_source(self, source: SourceSnapshot) -> None:
        seconds = self._progress.seconds
        self._progress.seconds = evolve(
            seconds,
            wait=seconds.wait + source.wait_seconds,
            source=source.read_seconds,
            transfer=source.transfer_seconds,
        )

    def _note_merge(self, begun: float) -> None:
        seconds = self._progress.seconds
        self._progress.seconds = evolve(seconds, merge=seconds.merge + monotonic() - begun)

    def _is_out_of_time(self) -> bool:
        return self._order.budget is not None and monotonic() - self._progress.begun >= self._order.budget

    def _fail(self, error: DataSurfaceError | psycopg2.Error) -> JobResult:
        """Undo what was not committed, and record why. What cannot be recorded any more is still in the result."""
        failure = failure_of(error, self._at)
        result = self._result(ResultCode.ERROR, failure)
        if isinstance(error, StreamBusy):
            result = evolve(result, batch=None)
        with suppress(psycopg2.Error):
            self._session.rollback()
            if self._progress.batch is not None and not isinstance(error, Fenced | StreamBusy):
                self._record_failure(self._progress.batch, failure, isinstance(error, ReceiptMismatch))
            self._keep(result)
        return result

    def _record_failure(self, batch: Batch, failure: JobFailure, is_mismatch: bool) -> None:
        if self._records.lock_counter()[1] != batch.token:
            return
        status: BatchStatus | None = None
        if is_mismatch:
            last = self._records.newest()
            status = after_mismatch(last.receipt_failures if last else 0)
        self._records.failed(batch, failure, status, mismatch=is_mismatch)

    def _keep(self, result: JobResult) -> None:
        self._records.result(result)
        self._session.commit()

    def _result(self, code: ResultCode, error: JobFailure | None = None) -> JobResult:
        progress = self._progress
        return JobResult(
            platform=self._at.platform.name,
            stream=self._at.stream.key,
            run_id=self._order.run_id,
            batch=progress.batch.number if progress.batch else None,
            code=code,
            generation=self._at.generation,
            commit=self._at.commit,
            datasets=progress.counts if code is not ResultCode.ERROR else {},
            seconds=progress.seconds,
            error=error,
        )

    @property
    def _store(self) -> StreamStore:
        if self._opened is None:
            raise RuntimeError("the job does not have the stream")
        return self._opened

    @property
    def _batch(self) -> Batch:
        if self._progress.batch is None:
            raise RuntimeError("no batch has begun")
        return self._progress.batch

    @property
    def _names(self) -> Sequence[str]:
        return [dataset.name for dataset in self._at.stream.datasets]


def _is_large(counts: DatasetCounts, rows: int) -> bool:
    changed = counts.inserted + counts.updated + counts.deleted
    return changed > 0 and changed >= LARGE_PART * rows


def failure_of(error: DataSurfaceError | psycopg2.Error, at: Workplace) -> JobFailure:
    """The error as the result record has it; the message begins with where it happened."""
    where = f"{at.platform.name}, stream {at.stream.key}"
    if isinstance(error, psycopg2.Error):
        hint = hint_for_store(error, "the next trigger tries again; nothing was half done")
        if error.pgcode == errorcodes.LOCK_NOT_AVAILABLE:
            hint = f"another session of the merge database holds what the job has to write; {hint}"
        return failure_of(StoreUnavailable(f"the merge database failed: {primary_message(error)}", hint=hint), at)
    dataset = error.dataset if isinstance(error, JobError) else None
    place = f"{where}, dataset {dataset}" if dataset else where
    return JobFailure(type(error).__name__, f"{place}: {error.message}", dataset, error.hint)


def kept_out(at: Workplace, order: Order, error: DataSurfaceError | psycopg2.Error) -> JobResult:
    """The result when the merge database could not be reached, or its tables are of another version: nothing is
    stored, so a caller that looks finds no record."""
    if isinstance(error, ConnectionFailed):
        error = StoreUnavailable(error.message, hint=error.hint)
    failure = failure_of(error, at)
    return JobResult(
        at.platform.name,
        at.stream.key,
        order.run_id,
        None,
        ResultCode.ERROR,
        at.generation,
        at.commit,
        {},
        JobSeconds(),
        failure,
    )


def open_session(at: Workplace, order: Order) -> Connection:
    """The job's session in the merge database. It waits for no lock longer than the platform says: a job that waits for
    ever would keep the stream from every later one.
    """
    return connect(at.target, f"{at.application} {order.run_id}", at.platform.lock_wait)
