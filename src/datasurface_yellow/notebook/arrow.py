"""The rows of a statement as batches of Arrow: they come from the server in its binary format, and are not copied again
but for what has another type in the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as driver
import pyarrow as pa
import pyarrow.compute as pc

from datasurface_yellow.notebook.arrow_types import ArrowColumn
from datasurface_yellow.notebook.errors import ReadRefused
from datasurface_yellow.notebook.session import Session, refused

if TYPE_CHECKING:
    Values = pa.Array[pa.Scalar[pa.DataType]]

FLAT = "ds_surf_flat"
"""A column more, where there are arrays: whether each of a row's is a plain list."""

_BATCH_BYTES = 4 * 1024 * 1024
"""About so much of what the server sends becomes one batch: memory is bounded, and a batch is worth its while."""

# Infinity has no number in Arrow, and what the driver makes of it is none that a date of the server could be.
_EARLIEST_DAY = -3_000_000
_EARLIEST_MICROSECOND = -220_000_000_000_000_000

_ERROR, _HINT = re.compile(r"ERROR:  (.*)"), re.compile(r"^HINT:  (.*)", re.MULTILINE)
"""In the words of a server that speaks English."""


def batches(session: Session, sql: str, columns: Sequence[ArrowColumn]) -> Iterator[pa.RecordBatch]:
    """The rows of a statement, batch by batch, in a session of their own, which ends with them.

    Raises:
        ReadRefused: the server refuses, or a value is none that Arrow has.
    """
    schema = schema_of(columns)
    with (
        _explained(session),
        closing(driver.connect(session.url(), autocommit=True)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
        cursor.execute(sql)
        for sent in cursor.fetch_record_batch():
            yield _as_asked(sent, columns, schema)


def schema_of(columns: Sequence[ArrowColumn]) -> pa.Schema:
    """Of the batches."""
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def _as_asked(sent: pa.RecordBatch, columns: Sequence[ArrowColumn], schema: pa.Schema) -> pa.RecordBatch:
    if sent.num_columns > len(columns) and not pc.all(sent.column(len(columns)), min_count=0).as_py():
        raise ReadRefused(
            "an array has several dimensions, or does not begin with 1: Arrow has lists",
            hint="select the other columns, or read it with rows()",
        )
    return pa.RecordBatch.from_arrays(
        [_values(column, values) for column, values in zip(columns, sent.columns, strict=False)], schema=schema
    )


def _values(column: ArrowColumn, values: Values) -> Values:
    flat = values.flatten() if isinstance(values, pa.ListArray) else values
    if _is_infinite(flat):
        raise ReadRefused(
            f"column {column.name} has a time that Arrow has no number for, as infinity",
            hint="ask for the others by a condition, select other columns, or read it as text in SQL",
        )
    if column.sent == column.type:
        return values
    try:
        return pc.cast(values, column.type)
    except pa.ArrowInvalid as error:
        raise ReadRefused(
            f"column {column.name} has a value that is no {column.element}: {error}",
            hint="NaN and infinity are none, which a column of the server can have: read it with rows()",
        ) from error


def _is_infinite(values: Values) -> bool:
    if pa.types.is_date32(values.type):
        earliest = pc.min(values.view(pa.int32()))
        return earliest.is_valid and earliest.as_py() < _EARLIEST_DAY
    if pa.types.is_timestamp(values.type):
        since = pc.min(values.view(pa.int64()))
        return since.is_valid and since.as_py() < _EARLIEST_MICROSECOND
    return False


@contextmanager
def _explained(session: Session) -> Iterator[None]:
    try:
        yield
    except adbc_driver_manager.Error as error:
        details = {name: text.decode(errors="replace") for name, text in error.details}
        message = details.get("PG_DIAG_MESSAGE_PRIMARY") or str(error).split("Query was: ")[0].strip()
        raise refused(session.where, message, details.get("PG_DIAG_MESSAGE_HINT"), error.sqlstate) from error
    except pa.ArrowException as error:  # while rows come the driver passes on what was printed, and nothing else
        said, hint = _ERROR.search(str(error)), _HINT.search(str(error))
        raise refused(session.where, said[1] if said else str(error), hint and hint[1], None) from error
