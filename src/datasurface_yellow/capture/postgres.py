"""Snapshots of a PostgreSQL source: locks, then one snapshot, then streams of keys and rows out of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import cast

import psycopg2
from attrs import define, field, frozen
from psycopg2 import errorcodes
from psycopg2.extensions import connection as Connection

from datasurface.errors import JobError, SourceUnavailable
from datasurface.model.datastore import SqlCapture
from datasurface_yellow.capture import drift
from datasurface_yellow.capture.nulls import null_columns
from datasurface_yellow.capture.source import Bucket
from datasurface_yellow.capture.window import Mark
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import (
    SETTINGS,
    ConnectionFailed,
    Place,
    bound,
    closing,
    connect_for_one_transaction,
    execute,
    one,
    primary_message,
    rows,
    speaks_of_values,
)
from datasurface_yellow.store.copy_pipe import SourceEnded, copy_between
from datasurface_yellow.store.masking import SHOWN_KEYS
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable
from datasurface_yellow.store.types import SourceType

OLDEST_SERVER = 120000
"""``server_version`` of the oldest PostgreSQL that is read."""
FIRST_WITH_HASHES = 140000
"""``server_version`` of the first PostgreSQL with ``hash_record_extended``. Older ones only send their rows."""
FIRST_WITH_TRANSACTION_TIMEOUT = 170000


@frozen
class SourceTable:
    """A table of the source, locked and checked: ready to be read."""

    table: MergeTable
    name: str
    """Quoted, with schema; or the query of the rows that are shown of it."""
    key_types: tuple[str, ...]
    """The SQL types that the key's columns have at the source."""


@define
class PostgresSnapshot:
    """One open snapshot: every read sees the same moment of the source."""

    connection: Connection
    tables: dict[str, SourceTable]
    identity: str
    """``pg_current_snapshot()`` at the source: which of its transactions are seen."""
    encoding: str
    """What the source's database keeps text in."""
    wait_seconds: float
    read_seconds: float = field(default=0.0)
    transfer_seconds: float = field(default=0.0)
    marks: dict[str, Mark] = field(factory=dict)

    def fingerprint(self, dataset: str) -> Bucket:
        """All rows, counted and hashed as one bucket."""
        [sums] = self._sums("fingerprint", dataset)
        return Bucket(*sums)

    def buckets(self, dataset: str) -> Mapping[int, Bucket]:
        """All rows, counted and hashed by bucket, in one scan of which nothing but the sums is sent."""
        return {bucket: Bucket(count, xor) for bucket, count, xor in self._sums("buckets", dataset)}

    def _sums(self, name: str, dataset: str) -> Sequence[tuple[int, ...]]:
        begun = monotonic()
        with source_errors(self.connection, dataset):
            found = rows(self.connection, self._statement(name, self.tables[dataset]))
        self.read_seconds += monotonic() - begun
        return cast(Sequence[tuple[int, ...]], found)

    def copy_keys(self, dataset: str, target: Connection, into: str, buckets: Sequence[int] | None = None) -> int:
        """Key and row hash of every row, or of those in some buckets, into a table of the target; the number of
        rows."""
        name, parameters = ("keys", None) if buckets is None else ("keys_of_buckets", {"buckets": list(buckets)})
        begun = monotonic()
        count = self._copy(dataset, self._statement(name, self.tables[dataset]), target, into, parameters)
        self.read_seconds += monotonic() - begun
        return count

    def copy_rows(
        self, dataset: str, target: Connection, into: str, batch: int, token: int, keys: Sequence[str] | None = None
    ) -> int:
        """Whole rows in staging's order: all, or those whose keys are given as one array literal per key column."""
        source = self.tables[dataset]
        parameters: dict[str, object] = {"batch": batch, "token": token}
        parameters |= {f"keys{index}": literal for index, literal in enumerate(keys or ())}
        begun = monotonic()
        count = self._copy(
            dataset, self._statement("rows" if keys is None else "rows_of_keys", source), target, into, parameters
        )
        self.transfer_seconds += monotonic() - begun
        return count

    def copy_live(self, dataset: str, target: Connection, into: str, batch: int) -> int:
        """Whole rows in the order of a merge table's live rows."""
        source = self.tables[dataset]
        begun = monotonic()
        count = self._copy(dataset, self._statement("live_rows", source), target, into, {"batch": batch})
        self.transfer_seconds += monotonic() - begun
        return count

    def copy_all(self, table: MergeTable, target: Connection, into: str) -> int:
        """Every row of a dataset as it is, without hashes, its columns in the model's order; the number of rows."""
        return self._copy(table.name, self._statement("plain_rows", self.tables[table.name]), target, into)

    def hashes_as(self, target: Connection) -> bool:
        """Whether the server has the functions that row hashes are made with, and text in the bytes that the merge
        database has it in."""
        encoding = target.info.parameter_status("server_encoding")
        return self.connection.server_version >= FIRST_WITH_HASHES and self.encoding == encoding

    def duplicate_keys(self, dataset: str) -> Sequence[tuple[object, ...]]:
        """Some keys that more than one row has."""
        return self._some("duplicate_keys", self.tables[dataset])

    def nulls(self, dataset: str) -> Sequence[tuple[str, int, Sequence[tuple[object, ...]]]]:
        """For each required column that lacks values: its name, how many rows lack it, and some of their keys."""
        source = self.tables[dataset]
        return null_columns(source.table, lambda name, /, **context: self._some(name, source, **context))

    def _some(self, name: str, source: SourceTable, **context: object) -> Sequence[tuple[object, ...]]:
        with source_errors(self.connection, source.table.name):
            return rows(self.connection, self._statement(name, source, **context), {"limit": SHOWN_KEYS})

    def _statement(self, name: str, source: SourceTable, **context: object) -> str:
        return _sql(
            name,
            table=source.name,
            columns=source.table.columns,
            keys=source.table.keys,
            key_types=source.key_types,
            forensic=source.table.is_forensic,
            **context,
        )

    def _copy(
        self, dataset: str, select: str, target: Connection, into: str, parameters: Mapping[str, object] | None = None
    ) -> int:
        with source_ended(self.connection, dataset):
            return copy_between(
                self.connection, bound(self.connection, select, parameters), target, bound(target, into)
            )


@contextmanager
def open_snapshot(
    where: Place, capture: SqlCapture, tables: Sequence[MergeTable], platform: YellowDataPlatform, application: str
) -> Iterator[PostgresSnapshot]:
    """Lock every table, take the snapshot, check all columns against the model; nothing has been read when this
    fails."""
    try:
        connection = connect_for_one_transaction(where, application)
    except ConnectionFailed as error:
        raise SourceUnavailable(error.message, hint=error.hint) from error
    with closing(connection):
        if connection.server_version < OLDEST_SERVER:
            raise SourceUnavailable(
                f"{where} runs PostgreSQL {connection.server_version // 10000}",
                hint=f"Yellow reads PostgreSQL {OLDEST_SERVER // 10000} and later",
            )
        names = {table.name: (capture.schema, capture.table_of(table.name)) for table in tables}
        wait = _lock(connection, names, platform)
        with source_errors(connection, None):
            identity, encoding = one(connection, _sql("snapshot")) or ("", "")
        found = {table.name: _columns(connection, *names[table.name]) for table in tables}
        for table in tables:
            drift.check(table.name, ".".join(names[table.name]), table.columns, found[table.name])
        yield PostgresSnapshot(
            connection,
            {table.name: _source_table(table, names[table.name], found[table.name]) for table in tables},
            str(identity),
            str(encoding),
            wait,
        )


def _source_table(table: MergeTable, name: tuple[str, str], found: dict[str, SourceType]) -> SourceTable:
    return SourceTable(table, qualified(*name), tuple(found[key.name].sql.replace("%", "%%") for key in table.keys))


def _lock(connection: Connection, names: dict[str, tuple[str, str]], platform: YellowDataPlatform) -> float:
    """Begin, set, lock; the seconds that the locks took. In one order for all jobs, so that two never wait for each
    other."""
    begun = monotonic()
    settings = _settings(platform, connection.server_version)
    try:
        execute(connection, _sql("begin", settings=settings), settings)
    except psycopg2.Error as error:
        raise SourceUnavailable(
            f"the source does not let a transaction begin: {primary_message(error)}",
            hint="a pooler must lend its sessions for a transaction at least (pool_mode transaction or session); where "
            "there is none, the next trigger reads again",
        ) from error
    for dataset, name in sorted(names.items(), key=lambda item: item[1]):
        with source_errors(connection, dataset):
            execute(connection, _sql("lock", table=qualified(*name)))
    return monotonic() - begun


def _settings(platform: YellowDataPlatform, server_version: int) -> Mapping[str, str]:
    """What holds in the one transaction, whatever the role's defaults are. Row security off turns rows that a policy
    would hide into an error: hidden rows look like deletes. The planner holds that workers are not worth it where they
    hand on every row; what costs here is the hash, of which it knows nothing. How many there are stays the server's to
    say. Nor does it know that a sum by bucket has few groups, for which a sort would spill.
    """
    settings = {
        "statement_timeout": f"{int(platform.read_limit.total_seconds() * 1000)}ms",
        "lock_timeout": f"{int(platform.lock_wait.total_seconds() * 1000)}ms",
        **SETTINGS,
        "client_encoding": "UTF8",
        "row_security": "off",
        "parallel_tuple_cost": "0",
        "enable_sort": "off",
    }
    if server_version >= FIRST_WITH_TRANSACTION_TIMEOUT:
        settings["transaction_timeout"] = "0"
    return settings


def _columns(connection: Connection, schema: str, table: str) -> dict[str, SourceType]:
    with source_errors(connection, None):
        return drift.source_types(rows(connection, _sql("columns"), {"schema": schema, "table": table}))


def _sql(name: str, **context: object) -> str:
    return statement("capture", "source.sql.j2", name, **context)


_CONFLICT = (
    "the primary has removed or locked what was being read; the next trigger reads again. On the standby set "
    "hot_standby_feedback = on, or max_standby_streaming_delay longer than a read takes"
)


@contextmanager
def source_errors(connection: Connection, dataset: str | None) -> Iterator[None]:
    """Turn the driver's errors on the source's connection into one message with what to do."""
    try:
        yield
    except psycopg2.Error as error:
        raise _translated(connection, error, dataset) from error


@contextmanager
def source_ended(connection: Connection, dataset: str) -> Iterator[None]:
    """The same for a stream between two servers, where the driver's own errors are the target's."""
    try:
        yield
    except SourceEnded as error:
        cause = error.__cause__
        if isinstance(cause, psycopg2.Error):
            raise _translated(connection, cause, dataset) from error
        raise SourceUnavailable(
            f"the source ended its stream early: {error}", hint="the next trigger reads again", dataset=dataset
        ) from error


def _translated(connection: Connection, error: psycopg2.Error, dataset: str | None) -> JobError:
    message, code = primary_message(error), error.pgcode
    if code == errorcodes.SERIALIZATION_FAILURE:  # the one cause that there is for a transaction that only reads
        message, hint = f"the standby cancelled the read: {message}", _CONFLICT
    elif connection.closed and connection.info.parameter_status("in_hot_standby") == "on":
        message, hint = f"the standby ended the session, perhaps for a recovery conflict: {message}", _CONFLICT
    elif code == errorcodes.UNDEFINED_TABLE or code == errorcodes.INVALID_SCHEMA_NAME:
        hint = "create the table, or say where it is: SqlSnapshot(..., schema=, tables=)"
    elif code == errorcodes.WRONG_OBJECT_TYPE:
        hint = "read a table or a view: foreign tables and materialized views stand outside the snapshot"
    elif code == errorcodes.LOCK_NOT_AVAILABLE:
        hint = "another session of the producer holds the table (ALTER, TRUNCATE); the next run tries again"
    elif code == errorcodes.INSUFFICIENT_PRIVILEGE and "row-level security" in message:
        hint = "rows would be hidden, which looks like deletes: give the reader BYPASSRLS, or read a view"
    elif code == errorcodes.INSUFFICIENT_PRIVILEGE:
        hint = "GRANT USAGE on the schema and SELECT on the table to the reader"
    elif speaks_of_values(error):
        hint = "read the table as the reader to see the source's own message, which may hold values and is not shown"
    elif code == errorcodes.QUERY_CANCELED:
        hint = "a statement may take as long as the platform's read_limit says; the next trigger reads again"
    else:
        hint = "the next trigger reads again"
    return SourceUnavailable(f"reading the source failed: {message}", hint=hint, dataset=dataset)
