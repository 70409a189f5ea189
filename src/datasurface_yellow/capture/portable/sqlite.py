"""Snapshots of a SQLite database: one read transaction on a file that is opened for reading only."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from urllib.parse import quote

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from datasurface.errors import JobError, SourceDrift, SourceUnavailable
from datasurface.model import SqliteDatabase
from datasurface.model.datastore import SqlCapture
from datasurface_yellow.capture.portable.drift import readings
from datasurface_yellow.capture.portable.reader import PortableRows, ReadTable
from datasurface_yellow.capture.portable.sqlite_types import affinity, reading
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

MAIN = "main"
"""What SQLite calls the file that was opened."""


@contextmanager
def open_rows(
    database: SqliteDatabase, capture: SqlCapture, tables: Sequence[MergeTable], platform: YellowDataPlatform
) -> Iterator[PortableRows]:
    """Open the file, begin the read, check all columns against the model; no row has been read when this fails."""
    engine = create_engine(
        "sqlite://", creator=lambda: connect(database.path, platform.lock_wait.total_seconds()), poolclass=NullPool
    )
    begun = monotonic()
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise SourceUnavailable(
            f"cannot open {database.name} ({database.path}): {error.orig}",
            hint="the file must exist and be readable for the jobs' user; of a database with a write-ahead log, "
            "also its folder",
        ) from error
    with connection:
        relations = _begin(connection)
        wait = monotonic() - begun
        read = {table.name: _read_table(connection, database, relations, capture, table) for table in tables}
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        yield PortableRows(connection, read, now, wait, platform.read_limit, _translated)


def connect(path: str, timeout: float) -> sqlite3.Connection:
    """A session that reads only; ``timeout`` in seconds is how long it waits for others' locks."""
    connection = sqlite3.connect(
        f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None, timeout=timeout, check_same_thread=False
    )
    # What is not UTF-8 is refused by the column that holds it; the driver's own error would show the value.
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return connection


def _begin(connection: Connection) -> dict[str, bool]:
    """Take the snapshot; the tables and views that there are, and whether their rows are in the file."""
    try:
        connection.exec_driver_sql(_sql("begin"))
        found = connection.exec_driver_sql(_sql("relations")).all()
    except DBAPIError as error:
        raise _translated(error, None) from error
    return {str(name).lower(): kind == "view" or bool(page) for name, kind, page in found}


def _read_table(
    connection: Connection,
    database: SqliteDatabase,
    relations: dict[str, bool],
    capture: SqlCapture,
    table: MergeTable,
) -> ReadTable:
    name = capture.table_of(table.name)
    if name.lower() not in relations:
        raise SourceUnavailable(
            f"{database.name} has no table {name}",
            hint="create the table, or say what it is called: SqlSnapshot(..., tables=)",
            dataset=table.name,
        )
    if not relations[name.lower()]:
        raise SourceDrift(
            f"table {name} is a virtual one, whose rows may stand outside of the snapshot",
            hint="read a table or a view",
            dataset=table.name,
        )
    found = connection.exec_driver_sql(_sql("columns"), {"table": name}).all()
    kinds = {str(column): str(kind) or "without a type" for column, kind in found}
    return ReadTable(name, MAIN, readings(table, name, kinds, lambda declared, kind: reading(declared, affinity(kind))))


def _translated(error: DBAPIError, dataset: str | None) -> JobError:
    code = getattr(error.orig, "sqlite_errorname", "")
    message = str(error.orig)
    if code.startswith("SQLITE_BUSY"):
        hint = "another process holds the file for writing; the next trigger reads again"
    elif code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        hint = "check the file with PRAGMA integrity_check"
    else:
        hint = "the next trigger reads again"
    return SourceUnavailable(f"reading the source failed: {message}", hint=hint, dataset=dataset)


def _sql(name: str) -> str:
    return statement("capture", "sqlite.sql.j2", name)
