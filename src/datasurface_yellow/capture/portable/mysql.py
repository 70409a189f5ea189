"""Snapshots of a database of MariaDB or MySQL: one read-only transaction with a consistent snapshot."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from attrs import frozen
from sqlalchemy import Connection, create_engine, literal_column, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import quoted_name

from datasurface.credentials import Credentials, Secret
from datasurface.errors import JobError, MissingExtra, SourceDrift, SourceUnavailable
from datasurface.model import MySqlDatabase
from datasurface.model.datastore import SqlCapture
from datasurface_yellow.capture.portable.drift import readings
from datasurface_yellow.capture.portable.mysql_types import MySqlColumn, reading
from datasurface_yellow.capture.portable.reader import PortableRows, ReadTable
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import CONNECT_TIMEOUT
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

if TYPE_CHECKING:
    from datasurface_yellow.capture.portable.mysql_driver import Driver

TABLE_TYPES = ("BASE TABLE", "SYSTEM VERSIONED")
ENGINE = "InnoDB"
"""The storage engine whose tables are in the snapshot."""
IDLE_SECONDS = 31_536_000
"""The longest that the server lets a session wait."""
_PATIENCE = 30
"""Seconds after the server's own limit in which it may say that it is over."""


@frozen
class _Place:
    """A database, and under what limits it is read."""

    database: MySqlDatabase
    platform: YellowDataPlatform

    @property
    def settings(self) -> Mapping[str, object]:
        read = self.platform.read_limit.total_seconds()
        return {
            "lock_wait": max(1, round(self.platform.lock_wait.total_seconds())),
            "read_limit": max(1, round(read)),
            "read_milliseconds": max(1, int(read * 1000)),
            "idle": IDLE_SECONDS,
        }


@contextmanager
def open_rows(
    database: MySqlDatabase,
    capture: SqlCapture,
    tables: Sequence[MergeTable],
    credentials: Credentials,
    platform: YellowDataPlatform,
    application: str,
) -> Iterator[PortableRows]:
    """Take the snapshot, hold all tables against changes of their definition, check all columns against the model; no
    row has been read when this fails."""
    where = _Place(database, platform)
    read_timeout = round(platform.read_limit.total_seconds()) + _PATIENCE
    with connected(database, credentials, application, read_timeout) as connection:
        try:
            moment = _begin(connection, where)
        except DBAPIError as error:
            raise _translated(error, None) from error
        begun = monotonic()
        names = {table.name: capture.table_of(table.name) for table in tables}
        for dataset, name in sorted(names.items(), key=lambda item: item[1]):
            _hold(connection, dataset, name)
        wait = monotonic() - begun
        read = {table.name: _read_table(connection, database, names[table.name], table) for table in tables}
        yield PortableRows(connection, read, moment, wait, platform.read_limit, _translated)


def _secret(database: MySqlDatabase, credentials: Credentials) -> Secret:
    if database.credential is None:
        raise SourceUnavailable(
            f"container {database.name} has no credential", hint='give it credential=Credential("name")'
        )
    return credentials.secret(database.credential.name)


@contextmanager
def connected(
    database: MySqlDatabase, credentials: Credentials, application: str, read_timeout: int
) -> Iterator[Connection]:
    """A session; ``read_timeout`` in seconds is how long an answer may take."""
    secret = _secret(database, credentials)
    try:
        from datasurface_yellow.capture.portable.mysql_driver import Driver
    except ModuleNotFoundError as missing:
        raise MissingExtra("reading MariaDB or MySQL", "mysql") from missing

    def open_session() -> "Driver":
        return _connect(database, secret, application, read_timeout, Driver)

    engine = create_engine("mysql+pymysql://", creator=open_session, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise _not_connected(database, error) from error
    with connection:
        yield connection


def _connect(
    database: MySqlDatabase, secret: Secret, application: str, read_timeout: int, driver: "type[Driver]"
) -> "Driver":
    try:
        return driver(
            host=database.host,
            port=database.port,
            user=secret.user,
            password=secret.password or "",
            database=database.database,
            charset="utf8mb4",
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=read_timeout,
            program_name=application,
            ssl=_tls(database),
        )
    except RuntimeError as error:  # an authentication that the driver alone cannot do
        raise SourceUnavailable(
            f"cannot connect to {_shown(database)}: {error}",
            hint="MySQL wants the password over an encrypted connection: set tls=True on the container",
        ) from error


def _shown(database: MySqlDatabase) -> str:
    return f"{database.name} ({database.host}:{database.port}/{database.database})"


def _tls(database: MySqlDatabase) -> ssl.SSLContext | None:
    if not database.tls and database.tls_ca is None:
        return None
    context = ssl.create_default_context(cafile=database.tls_ca)
    if database.tls_ca is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _begin(connection: Connection, where: _Place) -> str:
    """Settings and snapshot; the server's time when it was taken."""
    limit = "limit_mariadb" if getattr(connection.dialect, "is_mariadb", False) else "limit_mysql"
    connection.exec_driver_sql(_sql("settings"), dict(where.settings))
    connection.exec_driver_sql(_sql(limit), dict(where.settings))
    connection.exec_driver_sql(_sql("isolation"))
    connection.exec_driver_sql(_sql("begin"))
    return str(connection.exec_driver_sql(_sql("moment")).scalar_one())


def _hold(connection: Connection, dataset: str, name: str) -> None:
    """Take the table's metadata lock: until the transaction ends, ALTER and TRUNCATE wait. One that came between the
    snapshot and this is an error of the server's when rows are read, never a table without rows."""
    try:
        connection.execute(select(literal_column("1")).select_from(table(quoted_name(name, True))).limit(0)).all()
    except DBAPIError as error:
        raise _translated(error, dataset) from error


def _read_table(connection: Connection, database: MySqlDatabase, name: str, merge_table: MergeTable) -> ReadTable:
    place = {"database": database.database, "table": name}
    try:
        relations = connection.exec_driver_sql(_sql("relations"), place).all()
        found = columns_of(connection, database.database, name)
    except DBAPIError as error:
        raise _translated(error, merge_table.name) from error
    for _, kind, engine in relations:
        what = problem_of(str(kind), str(engine))
        if what is not None:
            raise SourceDrift(
                f"{name} is {what}, which may stand outside of the snapshot",
                hint=f"read tables of the engine {ENGINE}: their rows are all of one moment",
                dataset=merge_table.name,
            )
    return ReadTable(name, None, readings(merge_table, name, found, reading))


def columns_of(connection: Connection, database: str, table: str) -> dict[str, MySqlColumn]:
    """The columns of a table, by name."""
    rows = connection.exec_driver_sql(_sql("columns"), {"database": database, "table": table}).all()
    return {str(row[0]): _column(*row[1:]) for row in rows}


def relations_of(connection: Connection, database: str) -> dict[str, str | None]:
    """Why each table and view of a database could not be read in a snapshot, by name; None where it could."""
    rows = connection.exec_driver_sql(_sql("all_relations"), {"database": database}).all()
    return {str(name): problem_of(str(kind), str(engine)) for name, kind, engine in rows}


def problem_of(kind: str, engine: str) -> str | None:
    """What is wrong with a table of this kind and engine, in words; None where it is in the snapshot."""
    if kind not in TABLE_TYPES:
        return f"a {kind.lower()}"
    return None if engine == ENGINE else f"a table of the engine {engine}"


def _column(name: object, declared: object, length: object, precision: object, scale: object) -> MySqlColumn:
    return MySqlColumn(_text(name), _text(declared), _number(length), _number(precision), _number(scale))


def _text(value: object) -> str:
    """MySQL has some of its catalogue's columns as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


_NO_SUCH_TABLE = 1146
_HINTS: Mapping[int, str] = {
    _NO_SUCH_TABLE: "create the table, or say what it is called: SqlSnapshot(..., tables=)",
    1142: "GRANT SELECT on the table to the reader",
    1143: "GRANT SELECT on all columns of the model to the reader",
    1205: "another session of the producer holds the table (ALTER, TRUNCATE); the next run tries again",
    1412: "the table was altered or truncated while its snapshot was open; the next trigger reads again",
    1969: "a statement may take as long as the platform's read_limit says; the next trigger reads again",
    3024: "a statement may take as long as the platform's read_limit says; the next trigger reads again",
    1053: "the server was stopped; the next trigger reads again",
    1317: "the query was ended at the server; the next trigger reads again",
    1927: "the session was ended at the server; the next trigger reads again",
    2006: "the connection was lost; the next trigger reads again",
    2013: "the connection was lost; the next trigger reads again",
}
"""Errors whose messages name no values, and what to do."""


def _translated(error: DBAPIError, dataset: str | None) -> JobError:
    code, message = _parts(error)
    shown = message if code in _HINTS else f"error {code}"
    return SourceUnavailable(
        f"reading the source failed: {shown}",
        hint=_HINTS.get(code, "read the table as the reader to see the message, which may hold values"),
        dataset=dataset,
    )


def _not_connected(database: MySqlDatabase, error: DBAPIError) -> JobError:
    code, message = _parts(error)
    if code in (1044, 1045, 1698):
        credential = database.credential.name if database.credential else "?"
        hint = f"check user and password of credential '{credential}', and that the user may read the database"
    elif code == 1049:
        hint = "check that the database exists"
    else:
        hint = "check that the server runs and that host and port are right"
    return SourceUnavailable(f"cannot connect to {_shown(database)}: {message}", hint=hint)


def _parts(error: DBAPIError) -> tuple[int, str]:
    arguments = error.orig.args if error.orig is not None else ()
    match arguments:
        case (int(code), str(message), *_):
            return code, message
        case _:
            return 0, type(error.orig).__name__


def _sql(name: str) -> str:
    return statement("capture", "mysql.sql.j2", name)
