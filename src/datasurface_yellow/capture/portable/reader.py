"""Streams of rows out of one open snapshot, chunk by chunk: at no time more than one chunk is in memory."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from time import monotonic

import psycopg2
from attrs import define, field, frozen
from psycopg2.extensions import connection as Session
from sqlalchemy import CHAR, DOUBLE, ColumnElement, Connection, Executable, cast, column, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import quoted_name

from datasurface.errors import JobError, RefusedData, SourceUnavailable
from datasurface_yellow.capture.portable.values import Form, Misfit, Reading
from datasurface_yellow.capture.window import Mark
from datasurface_yellow.store.connection import primary_message, speaks_of_values
from datasurface_yellow.store.copy_text import copy_lines, line
from datasurface_yellow.store.masking import SHOWN_KEYS, shown_keys
from datasurface_yellow.store.table import MergeTable

CHUNK = 2000
"""Rows that are in memory at once."""

Translate = Callable[[DBAPIError, str | None], JobError]
"""An error of the driver, and the dataset that was read, as one message with what to do."""


@frozen
class ReadTable:
    """A table of the source, checked against the model: how each of the model's columns is read from it."""

    name: str
    schema: str | None
    readings: Mapping[str, Reading]


@define
class PortableRows:
    """SentRows out of a snapshot that one connection holds open.

    Attributes:
        limit: how long the reading of one table may take.
    """

    connection: Connection
    tables: Mapping[str, ReadTable]
    identity: str
    wait_seconds: float
    limit: timedelta
    translate: Translate
    marks: dict[str, Mark] = field(factory=dict)

    def copy_all(self, table: MergeTable, target: Session, into: str) -> int:
        """Every row of a dataset; the number of rows. Rows with a value that does not fit are counted, and refused
        when all have been seen."""
        read = self.tables[table.name]
        lines = _Lines(table, read)
        columns = [column.quoted.replace("%%", "%") for column in table.columns]
        try:
            arrived = copy_lines(target, into, columns, self._pieces(lines, query(table, read)))
        except DBAPIError as error:
            raise self.translate(error, table.name) from error
        except psycopg2.DataError as error:
            raise _refused(table, error) from error
        finally:
            if not lines.complete:  # a driver that is to close a result reads it to its end
                self.connection.invalidate()
        lines.refuse()
        if arrived != lines.rows:
            raise SourceUnavailable(
                f"{lines.rows} rows were read, {arrived} arrived",
                hint="the next trigger reads again",
                dataset=table.name,
            )
        return arrived

    def _pieces(self, lines: "_Lines", rows: Executable) -> Iterator[str]:
        end = monotonic() + self.limit.total_seconds()
        result = self.connection.execution_options(stream_results=True, max_row_buffer=CHUNK).execute(rows)
        for chunk in result.partitions(CHUNK):
            yield lines.of(chunk)
            if monotonic() > end:
                raise SourceUnavailable(
                    f"reading {lines.table.name} took longer than {self.limit}",
                    hint="a table may be read as long as the platform's read_limit says; the next trigger reads again",
                    dataset=lines.table.name,
                )
        lines.complete = True


def query(merge_table: MergeTable, read: ReadTable) -> Executable:
    """The one statement that reads a table: the model's columns in their order, of every row."""
    columns = [_expression(column.name, read.readings[column.name].form) for column in merge_table.columns]
    return select(*columns).select_from(table(quoted_name(read.name, True), schema=read.schema))


def _expression(name: str, form: Form) -> ColumnElement[object]:
    plain: ColumnElement[object] = column(quoted_name(name, True))
    match form:
        case Form.PLAIN:
            return plain
        case Form.TEXT:
            return cast(plain, CHAR)
        case Form.DOUBLE:
            return cast(cast(plain, DOUBLE), CHAR)


class _Lines:
    """The rows as lines of COPY, and what does not fit among them."""

    def __init__(self, table: MergeTable, read: ReadTable) -> None:
        self.table, self.rows, self.complete = table, 0, False
        self._converts = [read.readings[column.name].convert for column in table.columns]
        self._misfits: dict[tuple[int, str], tuple[int, list[Sequence[object]]]] = {}

    def of(self, rows: Sequence[Sequence[object]]) -> str:
        """A chunk. Rows with a value that does not fit are left out: the batch will be refused."""
        return "".join(map(self._line, rows))

    def _line(self, row: Sequence[object]) -> str:
        cells: list[str | None] = []
        try:
            for value, convert in zip(row, self._converts, strict=True):
                cells.append(None if value is None else convert(value))
        except Misfit as misfit:
            self._note(len(cells), str(misfit), row)
            return ""
        self.rows += 1
        return line(cells)

    def _note(self, position: int, reason: str, row: Sequence[object]) -> None:
        count, keys = self._misfits.get((position, reason), (0, []))
        if len(keys) < SHOWN_KEYS:
            keys.append(tuple(value for value, column in zip(row, self.table.columns, strict=True) if column.is_key))
        self._misfits[position, reason] = (count + 1, keys)

    def refuse(self) -> None:
        """RefusedData where there were values that do not fit."""
        for (position, reason), (count, keys) in self._misfits.items():
            name = self.table.columns[position].name
            raise RefusedData(
                f"a value of column {name} of {self.table.name} {reason}, in {count} rows, "
                f"among them {shown_keys(self.table.dataset, keys)}",
                hint="mend the source, or give the column another type in the model; the next trigger reads again",
                dataset=self.table.name,
            )


_CONTEXT = re.compile(r"COPY ds_surf_arrived_\d+, line \d+, column (?P<column>.*)", re.DOTALL)


def _refused(table: MergeTable, error: psycopg2.DataError) -> JobError:
    """What PostgreSQL itself could not read as a value of its type, as JSON that is none. Its context has the value in
    it, behind the column's name."""
    context = _CONTEXT.search(error.diag.context or "")
    names = [c.name for c in table.columns if context and context["column"].startswith(f"{c.name}: ")]
    where = f"column {max(names, key=len)} of {table.name}" if names else table.name
    reason = primary_message(error) if speaks_of_values(error) else "a value of another kind"
    return RefusedData(
        f"a value of {where} is none that PostgreSQL takes: {reason}",
        hint="mend the source, or give the column another type in the model; the next trigger reads again",
        dataset=table.name,
    )
