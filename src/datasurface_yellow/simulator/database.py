"""The simulator's work on the producer database: reading it whole, and writing one change."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

import psycopg2
import psycopg2.errors
import psycopg2.extensions

from datasurface_yellow.simulator.changes import ADDRESSES, CUSTOMERS, RowChange, Snapshot, Value
from datasurface_yellow.simulator.errors import ChangeLogError, SimulatorError
from datasurface_yellow.simulator.log import ChangeLog, decode_row

Connection = psycopg2.extensions.connection

NEXT_TRY_MAY_WORK = (psycopg2.IntegrityError, psycopg2.extensions.TransactionRollbackError)
"""What another program's writing can cause: a key that is taken, a row that is referenced or gone, a deadlock."""


class RowsMoved(Exception):
    """A row is no longer as it was when the change was planned."""


def read_snapshot(connection: Connection) -> Snapshot:
    """All customers and addresses at one moment. Ends the transaction that it reads in."""
    snapshot: Snapshot = {CUSTOMERS: {}, ADDRESSES: {}}
    with connection.cursor() as cursor:
        cursor.execute(_statements()["snapshot"])
        for table, document in cursor:
            snapshot[table][document["id"]] = decode_row(table, document)
    connection.rollback()
    return snapshot


def write_rows(connection: Connection, rows: Iterable[RowChange]) -> tuple[int, datetime]:
    """Writes the rows and leaves the commit to the caller.

    Gives the transaction's id and the server's time. Raises RowsMoved, or a psycopg2 error of NEXT_TRY_MAY_WORK, when
    another program has changed the rows meanwhile.
    """
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(_statements()[f"{row.operation} {row.table}"], _parameters(row))
            if cursor.rowcount != 1:
                raise RowsMoved(f"{row.table} {row.key} was changed by another program")
        cursor.execute(_statements()["before commit"])
        [(xid, at)] = cursor.fetchall()
    return int(xid), at.astimezone(UTC)


def take_turn(connection: Connection, patience: timedelta = timedelta(seconds=5)) -> None:
    """Makes this session the one simulator of the database, until it ends. SimulatorError while another is at work.

    The patience is for a predecessor that was killed, and whose transaction the server is still ending.
    """
    try:
        with connection.cursor() as cursor:
            milliseconds = patience // timedelta(milliseconds=1)
            cursor.execute(_statements()["take turn"], {"patience": f"{milliseconds}ms"})
        connection.commit()
    except psycopg2.errors.LockNotAvailable as error:
        raise SimulatorError(
            "another simulator is changing this database", hint="stop it first, or give each its own database"
        ) from error


def settle(connection: Connection, log: ChangeLog) -> None:
    """Takes back the last line of a log that is continued, when its transaction was not committed."""
    if log.last is None:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(_statements()["transaction status"], {"xid": str(log.last.xid)})
            [(status,)] = cursor.fetchall()
    except psycopg2.errors.InvalidParameterValue:
        status = None
    connection.rollback()
    if status == "aborted":
        log.take_back_last()
    elif status != "committed":
        raise ChangeLogError(
            f"the log {log.path} was not written on this database server: it does not know transaction {log.last.xid}",
            hint="continue a log on the server where it began, or name a new file",
        )


def _parameters(row: RowChange) -> dict[str, Value]:
    before = {f"before.{column}": value for column, value in (row.before or {}).items()}
    return {**(row.row or {}), **before}


@cache
def _statements() -> Mapping[str, str]:
    text = files(__package__).joinpath("statements.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
