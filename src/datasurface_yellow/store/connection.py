"""Connections: opened here and nowhere else, with settings that make every value read the same on every server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta

import psycopg2
from attrs import frozen
from psycopg2 import errorcodes
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials, Secret
from datasurface.errors import DataSurfaceError
from datasurface.model import Container, PostgresDatabase

CONNECT_TIMEOUT = 10
"""Seconds."""

# Roles and databases may have other defaults. Names resolve in pg_catalog alone: no object of the database can stand in
# for a function of ours. A transaction sees what others commit: jobs wait for each other's locks and then read.
_SETTINGS: Mapping[str, str] = {
    "search_path": "pg_catalog",
    "default_transaction_isolation": r"read\ committed",
    "default_transaction_read_only": "off",
    "standard_conforming_strings": "on",
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "jit": "off",
}

Row = tuple[object, ...]


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


def connect(where: Place, application: str, lock_wait: timedelta | None = None) -> Connection:
    """A new connection; transactions begin with the first statement.

    Args:
        application: shows in the server's activity view.
        lock_wait: how long a statement may wait for a lock; for ever without. Who waits for a table keeps all later
            readers of it waiting.
    """
    container = where.container
    settings = dict(_SETTINGS)
    if lock_wait is not None:
        settings["lock_timeout"] = f"{max(1, int(lock_wait.total_seconds() * 1000))}ms"
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
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
            keepalives_idle=30,
            sslmode=container.sslmode,
            sslrootcert=container.sslrootcert,
        )
    except psycopg2.OperationalError as error:
        raise ConnectionFailed(f"cannot connect to {where}: {_reason(error)}", hint=_hint(where, str(error))) from error
    return connection


def _reason(error: psycopg2.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].split("FATAL: ")[-1].strip() if lines else type(error).__name__


def _hint(where: Place, text: str) -> str:
    credential = where.container.credential.name if where.container.credential else "?"
    if "authentication" in text or "no password" in text:
        return f"check user and password of credential '{credential}'"
    if "does not exist" in text or "permission denied" in text:
        return f"check that the database exists and that the user of credential '{credential}' may connect"
    return "check that the server runs and that host and port are right"


@contextmanager
def closing(connection: Connection) -> Iterator[Connection]:
    """Close at the end; what was not committed is gone."""
    try:
        yield connection
    finally:
        connection.close()


def execute(connection: Connection, sql: str, parameters: Mapping[str, object] | None = None) -> int:
    """Run one statement; the number of rows it touched."""
    with connection.cursor() as cursor:
        _interruptibly(connection, lambda: cursor.execute(sql, parameters or {}))
        return cursor.rowcount


def rows(connection: Connection, sql: str, parameters: Mapping[str, object] | None = None) -> Sequence[Row]:
    """All rows of a query that returns few."""
    with connection.cursor() as cursor:
        _interruptibly(connection, lambda: cursor.execute(sql, parameters or {}))
        return cursor.fetchall()


def _interruptibly(connection: Connection, call: Callable[[], None]) -> None:
    """Make the driver's call, and end it at Ctrl+C.

    A call that waits for a server hears no signal, however long it waits. So it is made beside the main thread, which
    does.
    """
    if threading.current_thread() is not threading.main_thread():
        call()
        return
    with ThreadPoolExecutor(1) as beside:
        try:
            beside.submit(call).result()
        except KeyboardInterrupt:
            with suppress(psycopg2.Error):
                connection.cancel()
            raise


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
