"""Snapshots of a SQLite file: one read transaction, rows as the texts that DuckDB prints for them."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from datasurface import types
from datasurface.errors import RefusedData, SourceDrift, SourceUnavailable
from datasurface.milestoning.strategy import Fingerprint
from datasurface.model import Dataset, SqliteDatabase, SqlSnapshot
from datasurface.types import DataType
from datasurface_duckdb.rows import Extract, TextRow, fingerprint, row_hash
from datasurface_duckdb.statements import quoted

T = TypeVar("T")

PART = 10_000
"""Rows that are in memory at once."""


@contextmanager
def snapshot(capture: SqlSnapshot, database: SqliteDatabase, patience: float) -> Iterator[Extract]:
    """The datasets' tables as of one moment.

    Raises:
        SourceUnavailable: the file cannot be read.
        SourceDrift, RefusedData: while parts are read, what is there is not what the model says.
    """
    sums: dict[str, Fingerprint] = {}
    try:
        connection = sqlite3.connect(
            f"file:{quote(database.path)}?mode=ro", uri=True, isolation_level=None, timeout=patience
        )
        with closing(connection):
            connection.execute("BEGIN")
            yield Extract(lambda dataset: _parts(connection, capture, dataset, sums), sums)
    except sqlite3.Error as error:
        raise SourceUnavailable(
            f"cannot read {database.name} ({database.path}): {error}", hint="the file must be readable for the jobs"
        ) from error


def _parts(
    connection: sqlite3.Connection, capture: SqlSnapshot, dataset: Dataset, sums: dict[str, Fingerprint]
) -> Iterator[Sequence[TextRow]]:
    table = capture.table_of(dataset.name)
    there = {str(name) for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", [table])}
    if missing := [column.name for column in dataset.columns if column.name not in there]:
        raise SourceDrift(
            f"table {table} has no column {', '.join(missing)}" if there else f"there is no table {table}",
            hint="mend the table or the model",
            dataset=dataset.name,
        )
    names = ", ".join(quoted(column.name) for column in dataset.columns)
    cursor = connection.execute(f"SELECT {names} FROM {quoted(table)}")  # noqa: S608 quoted names
    written = [_writer(column.type) for column in dataset.columns]
    count, hashes = 0, 0
    while part := cursor.fetchmany(PART):
        texts = [_texts(row, written, dataset) for row in part]
        count += len(texts)
        for text in texts:
            hashes ^= row_hash(text)
        yield texts
    sums[dataset.name] = fingerprint(count, hashes)


def _texts(row: Sequence[object], written: Sequence[Callable[[object], str]], dataset: Dataset) -> TextRow:
    texts: list[str | None] = []
    for cell, write, column in zip(row, written, dataset.columns, strict=True):
        try:
            texts.append(None if cell is None else write(cell))
        except (ValueError, InvalidOperation, TypeError):  # which would show the value
            raise RefusedData(
                f"column {column.name} of {dataset.name} has a value that is no {column.type!r}",
                hint="mend the source or the model",
                dataset=dataset.name,
            ) from None
    return tuple(texts)


def _writer(type_: DataType) -> Callable[[object], str]:
    """What writes a value of SQLite as DuckDB prints it; it raises where it is no value of the type."""
    match type_:
        case types.TinyInt() | types.SmallInt() | types.Integer() | types.BigInt():
            return lambda cell: str(_of(cell, int))
        case types.Boolean():
            return lambda cell: {0: "false", 1: "true"}[_of(cell, int)]
        case types.Decimal(scale=scale):
            unit = Decimal(1).scaleb(-(scale or 0))
            return lambda cell: _decimal(cell, unit)
        case types.Date():
            return lambda cell: date.fromisoformat(_of(cell, str)).isoformat()
        case types.Timestamp():
            return lambda cell: _instant(_of(cell, str))
        case types.Uuid():
            return lambda cell: str(UUID(_of(cell, str)))
        case types.Char():
            return lambda cell: _of(cell, str).rstrip(" ")
        case _:
            return lambda cell: _of(cell, str)


def _of(cell: object, kind: type[T]) -> T:
    if not isinstance(cell, kind):
        raise TypeError
    return cell


def _decimal(cell: object, unit: Decimal) -> str:
    value = Decimal(str(cell))
    written = value.quantize(unit)
    if written != value:
        raise ValueError
    return format(abs(written) if written.is_zero() else written, "f")


def _instant(cell: str) -> str:
    value = datetime.fromisoformat(cell)
    if value.tzinfo is not None:
        raise ValueError
    written = value.isoformat(" ")
    return written.rstrip("0") if value.microsecond else written
