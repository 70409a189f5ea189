"""Observatory over PostgreSQL: one session of the merge database that sees one moment and cannot write."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import cast

from attrs import fields, frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.observing import (
    Commit,
    KeyHistory,
    ObservedBatch,
    ObservedStream,
    RowsAt,
    Run,
    Runs,
    SecondsAt,
    other_keys,
)
from datasurface.results import BatchStatus, JobSeconds, ResultCode
from datasurface_yellow.batch.records import batch_state, counts_of, failure_of, fingerprint_of, lock_key
from datasurface_yellow.observing.key_history import key_history
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import Row, one, rows
from datasurface_yellow.store.layouts import read_layouts
from datasurface_yellow.store.naming import LIVE
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import stream_tables

MOST = 10_000
"""Batches of a stream that a series is made of at most."""
_Documents = dict[str, dict[str, object]]
"""What the log says of each dataset."""
_STEPS = tuple(each.name for each in fields(JobSeconds))


@frozen(slots=False)
class PostgresObservatory:
    """One platform, seen by one session."""

    session: Connection
    names: PlatformNames
    deployment: Deployment

    @cached_property
    def now(self) -> datetime:
        """The moment, by the server's clock."""
        [found] = cast("tuple[datetime]", one(self.session, self._sql("now")))
        return found

    def commits(self) -> Mapping[str, Commit]:
        """The newest committed batch of every stream in force."""
        found = rows(self.session, self._sql("commits"), {"streams": self._keys(None)})
        return {
            stream: Commit(batch, read_at, committed_at)
            for stream, batch, read_at, committed_at in cast("list[tuple[str, int, datetime, datetime]]", found)
        }

    def streams(self, keys: Collection[str] | None = None) -> Sequence[ObservedStream]:
        """Streams as they are now."""
        parameters = {"streams": self._keys(keys), "now": self.now}
        held = {number for (number,) in rows(self.session, self._sql("held_locks"))}
        return [
            _stream(row, lock_key(self.names, str(row[0])) in held)
            for row in rows(self.session, self._sql("streams"), parameters)
        ]

    def others(self) -> Mapping[str, Run]:
        """The newest result of what is no stream."""
        found = rows(self.session, self._sql("others"), {"streams": list(other_keys(self.deployment))})
        return {str(row[0]): _run(row[1:]) for row in found}

    def batches(self, stream: str, *, before: int | None = None, last: int = 100) -> Sequence[ObservedBatch]:
        """The newest batches, newest first."""
        parameters = {"stream": stream, "before": LIVE if before is None else before, "last": last}
        return [_batch(stream, row) for row in rows(self.session, self._sql("batches"), parameters)]

    def rows_over_time(self, stream: str, since: datetime, *, points: int = 200) -> Sequence[RowsAt]:
        """Live rows as committed batches left them."""
        found = cast(
            "list[tuple[datetime, dict[str, int] | None]]", self._series("rows_over_time", stream, since, points)
        )
        return [RowsAt(at, by_dataset or {}) for at, by_dataset in found]

    def seconds_over_time(self, stream: str, since: datetime, *, points: int = 200) -> Sequence[SecondsAt]:
        """Where the time of committed batches went."""
        found = self._series("seconds_over_time", stream, since, points)
        return [
            SecondsAt(at, batches, JobSeconds(*mean), longest)
            for at, batches, longest, *mean in cast(
                "list[tuple[datetime, int, float, float, float, float, float]]", found
            )
        ]

    def key_history(self, stream: str, dataset: str, key: Sequence[str], *, last: int = 200) -> KeyHistory:
        """Every version of the row of a key."""
        config = self.deployment.stream(stream)
        layouts = read_layouts(self.session, self.names)
        tables = stream_tables(self.deployment, config, self.names.schema, layouts)
        return key_history(self.session, self.names, stream, tables, dataset, key, last)

    def _series(self, block: str, stream: str, since: datetime, points: int) -> Sequence[Row]:
        parameters = {"stream": stream, "since": since, "points": points, "most": MOST}
        return rows(self.session, self._sql(block, steps=_STEPS), parameters)

    def _keys(self, keys: Collection[str] | None) -> list[str]:
        return [stream.key for stream in self.deployment.streams if keys is None or stream.key in keys]

    def _sql(self, block: str, **context: object) -> str:
        return statement("observing", "observing.sql.j2", block, names=self.names, schema=self.names.schema, **context)


def _stream(row: Row, is_running: bool) -> ObservedStream:
    stream, batch, read_at, committed_at, logged, status, mismatches = cast(
        "tuple[str, int | None, datetime, datetime, _Documents | None, str | None, int]", row[:7]
    )
    hour, hour_failed, day, day_failed, failures = cast("tuple[int, int, int, int, int]", row[13:])
    return ObservedStream(
        stream=stream,
        commit=None if batch is None else Commit(batch, read_at, committed_at),
        status=None if status is None else BatchStatus(status),
        newest=None if row[7] is None else _run(row[7:13]),
        is_running=is_running,
        hour=Runs(hour, hour_failed),
        day=Runs(day, day_failed),
        failures_in_a_row=failures,
        receipt_failures=mismatches,
        rows=_rows(logged or {}),
        counts={name: counts_of(document) for name, document in (logged or {}).items()},
    )


def _run(row: Row) -> Run:
    run_id, batch, code, at, seconds, error = cast(
        "tuple[str, int | None, int, datetime, dict[str, float] | float | None, dict[str, str | None] | None]", row
    )
    steps = JobSeconds(**seconds) if isinstance(seconds, dict) else JobSeconds()
    return Run(run_id, batch, ResultCode(code), at, steps, failure_of(error))


def _batch(stream: str, row: Row) -> ObservedBatch:
    state = batch_state(stream, row[:9])
    run_id, seconds, mismatches = cast("tuple[str, dict[str, float], int]", row[9:])
    return ObservedBatch(state, run_id, JobSeconds(**seconds), mismatches, _rows(cast(_Documents, row[4])))


def _rows(documents: _Documents) -> dict[str, int]:
    return {name: fingerprint_of(document).rows for name, document in documents.items()}
