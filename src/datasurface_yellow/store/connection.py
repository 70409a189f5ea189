"""Connections: opened here and nowhere else, with settings that make every value read the same on every server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

import psycopg2
from attrs import frozen
from psycopg2 import errorcodes
from psycopg2.extensions import TRANSACTION_STATUS_INERROR, TRANSACTION_STATUS_INTRANS
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials, Secret
from datasurface.errors import DataSurfaceError, StoreUnavailable
from datasurface.model import Container, PostgresDatabase
from datasurface_yellow.store.interruptible import interruptibly
from datasurface_yellow.store.statements import statement

CONNECT_TIMEOUT = 10
"""Seconds."""

# Roles and databases may have other defaults. Names resolve in pg_catalog alone: no object of the database can stand in
# for a function of ours.
SETTINGS: Mapping[str, str] = {
    "search_path": "pg_catalog",
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "jit": "off",
    "idle_in_transaction_session_timeout": "0",
}
"""What makes every value read the same, in any transaction. A session may stand idle in one while the other database
works."""

# A transaction sees what others commit: jobs wait for each other's locks and then read.
_OF_SESSIONS: Mapping[str, str] = {
    "default_transaction_isolation": r"read\ committed",
    "default_transaction_read_only": "off",
    "standard_conforming_strings": "on",
    "idle_session_timeout": "0",
}

Row = tuple[object, ...]


class PlannedSession(Connection):
    """A session that reads only: what ``execute`` is told to do is written down instead."""

    def __init__(self, dsn: str, **settings: int) -> None:
        super().__init__(dsn, **settings)
        self.statements: list[str] = []
        self.labelled: dict[str, tuple[str, ...]] = {}

    def label(self, name: str) -> None:
        """Put what was written down since the last call under a name."""
        self.labelled[name] = self.take()

    def take(self) -> tuple[str, ...]:
        """What was written down since the last call."""
        taken, self.statements = tuple(self.statements), []
        return taken


class ConnectionFailed(DataSurfaceError):
    """A database cannot be reached, or refused the credential."""


@frozen
class Place:
    """A database and the secret that opens it."""

    container: PostgresDatabase
    secret: Secret

    def __str__(self) -> str:
        return f"{self.container.name} ({self.container.host}:{self.container.port}/{self.container.database})"


def place(container: Container, credentials: Credentials) -> Place:
    """The container with its secret; errors before anything is connected."""
    if not isinstance(container, PostgresDatabase):
        raise ConnectionFailed(f"{container.name} is no PostgresDatabase", hint="Yellow reads and writes PostgreSQL")
    if container.credential is None:
        raise ConnectionFailed(
            f"container {container.name} has no credential", hint='give it credential=Credential("name")'
        )
    return Place(container, credentials.secret(container.credential.name))


def connect(
    where: Place, application: str, lock_wait: timedelta | None = None, kind: type[Connection] = Connection
) -> Connection:
    """A new session of our own; transactions begin with the first statement.

    It keeps locks and temporary tables from one transaction to the next, so a pooler that stands before the server is
    refused: what it gives away with the session, another job would have too.

    Args:
        application: shows in the server's activity view.
        kind: PlannedSession for one that changes nothing.
        lock_wait: how long a statement may wait for a lock; for ever without. Who waits for a table keeps all later
            readers of it waiting.
    """
    settings = {**SETTINGS, **_OF_SESSIONS}
    if lock_wait is not None:
        settings["lock_timeout"] = f"{max(1, int(lock_wait.total_seconds() * 1000))}ms"
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    connection = _connected(where, application, options, kind)
    try:
        connection.autocommit = True
        speaks_to_server = one(connection, statement("store", "connection.sql.j2", "server_process")) == (
            connection.info.backend_pid,
        )
        connection.autocommit = False
    except psycopg2.Error as error:
        connection.close()
        raise _failed(where, error) from error
    if not speaks_to_server:
        connection.close()
        raise _pooled(where)
    return connection


def connect_for_one_transaction(where: Place, application: str) -> Connection:
    """A new connection whose caller needs one transaction, and makes the SETTINGS in it: a pooler that lends sessions
    for a transaction will do, and would refuse or ignore settings of the connection.

    How the driver quotes strings is left as the server says it at the start, where the driver looks.
    """
    return _connected(where, application, "")


def _connected(where: Place, application: str, options: str, kind: type[Connection] = Connection) -> Connection:
    container = where.container
    try:
        connection: Connection = psycopg2.connect(
            host=container.host,
            port=container.port,
            dbname=container.database,
            user=where.secret.user,
            password=where.secret.password,
            connect_timeout=CONNECT_TIMEOUT,
            application_name=application[:63],
            client_encoding="UTF8",
            options=options,
            connection_factory=kind,
            keepalives_idle=30,
            sslmode=container.sslmode,
            sslrootcert=container.sslrootcert,
        )
    except psycopg2.OperationalError as error:
        if "unsupported startup parameter" in str(error):
            raise _pooled(where) from error
        raise _failed(where, error) from error
    return connection


def _failed(where: Place, error: psycopg2.Error) -> ConnectionFailed:
    return ConnectionFailed(f"cannot connect to {where}: {_reason(error)}", hint=_hint(where, str(error)))


def _pooled(where: Place) -> ConnectionFailed:
    return ConnectionFailed(
        f"cannot work on {where}: a connection pooler answers there, which lends its sessions",
        hint="locks and temporary tables need a session of our own: give the container the host and port of the server "
        "itself. Only a source may stand behind a pooler",
    )


def _reason(error: psycopg2.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].split("FATAL: ")[-1].strip() if lines else type(error).__name__


def _hint(where: Place, text: str) -> str:
    credential = where.container.credential.name if where.container.credential else "?"
    if "authentication" in text or "no password" in text:
        return f"check user and password of credential '{credential}'"
    if "does not exist" in text or "permission denied" in text:
        return f"check that the database exists and that the user of credential '{credential}' may connect"
    if "unrecognized configuration parameter" in text:
        return "Yellow works on PostgreSQL 14 and later"
    return "check that the server runs and that host and port are right"


@contextmanager
def closing(connection: Connection) -> Iterator[Connection]:
    """Close at the end; what was not committed is gone, with the locks that it held: a server may notice later that a
    session has ended, and who comes next would wait until then, or be refused."""
    try:
        yield connection
    finally:
        if connection.info.transaction_status in (TRANSACTION_STATUS_INTRANS, TRANSACTION_STATUS_INERROR):
            with suppress(psycopg2.Error):
                connection.rollback()
        connection.close()


def execute(connection: Connection, sql: str, parameters: Mapping[str, object] | None = None) -> int:
    """Run one statement; the number of rows it touched. A planned session writes it down, and touches none."""
    if isinstance(connection, PlannedSession):
        connection.statements.append(bound(connection, sql, parameters) if parameters else sql)
        return 0
    return execute_always(connection, sql, parameters)


def execute_always(connection: Connection, sql: str, parameters: Mapping[str, object] | None = None) -> int:
    """Run one statement in a planned session, too: for what belongs to the transaction, and changes nothing."""
    with connection.cursor() as cursor:
        interruptibly(connection, lambda: cursor.execute(sql, parameters or {}))
        return cursor.rowcount


def rows(connection: Connection, sql: str, parameters: Mapping[str, object] | None = None) -> Sequence[Row]:
    """All rows of a query that returns few."""
    with connection.cursor() as cursor:
        interruptibly(connection, lambda: cursor.execute(sql, parameters or {}))
        return cursor.fetchall()


def one(connection: Connection, sql: str, parameters: Mapping[str, object] | None = None) -> Row | None:
    """The first row of a query, or None."""
    found = rows(connection, sql, parameters)
    return found[0] if found else None


def bound(connection: Connection, sql: str, parameters: Mapping[str, object] | None = None) -> str:
    """The statement with its parameters written into it by the driver: COPY takes none."""
    with connection.cursor() as cursor:
        return cursor.mogrify(sql, parameters or {}).decode()


def primary_message(error: psycopg2.Error) -> str:
    """The server's main message without its detail, which may hold values. Of an error whose main message may hold them
    too only the condition's name and code.
    """
    if error.pgcode is not None and speaks_of_values(error):
        return f"{_condition(error.pgcode)} ({error.pgcode})"
    return error.diag.message_primary or _reason(error)


def hint_for_store(error: psycopg2.Error, otherwise: str) -> str:
    """What to do about an error of a database that we write to."""
    if error.pgcode == errorcodes.READ_ONLY_SQL_TRANSACTION:
        return "it is a standby, or read-only for another reason: give the container the host and port of the primary"
    if error.pgcode == errorcodes.QUERY_CANCELED and "statement timeout" in primary_message(error):
        return "its role or database has a statement_timeout that is too short for the work: ALTER ROLE … SET it to 0"
    return otherwise


@contextmanager
def told_of(what: str, otherwise: str) -> Iterator[None]:
    """Turn the driver's errors into one message: ``what`` failed, why, and what to do about it."""
    try:
        yield
    except psycopg2.Error as error:
        raise StoreUnavailable(
            f"{what} failed: {primary_message(error)}", hint=hint_for_store(error, otherwise)
        ) from error


def speaks_of_values(error: psycopg2.Error) -> bool:
    """Whether the main message may hold values: of wrong input and overflows (class 22), and what functions of the
    database's owners raise, with the server's codes or their own.
    """
    code = error.pgcode
    if code is None:  # the connection failed: the words are the driver's
        return False
    return code[:2] in ("22", "P0") or error.diag.source_function == "exec_stmt_raise" or _condition(code) == _OTHER


_OTHER = "an error of another kind"


def _condition(code: str) -> str:
    try:
        return errorcodes.lookup(code).lower()
    except KeyError:
        return _OTHER
