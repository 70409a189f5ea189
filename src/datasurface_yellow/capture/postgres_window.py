"""Snapshots of a PostgreSQL source that show of each table the rows which are due by their watermark."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic

from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.errors import JobError
from datasurface.model import SqlWatermark
from datasurface_yellow.capture.postgres import PostgresSnapshot, SourceTable, open_snapshot, source_errors
from datasurface_yellow.capture.window import Mark
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import Place, bound, one
from datasurface_yellow.store.rowhash import StoredColumn
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

_CLOCKS = ("timestamptz", "timestamp", "date")
"""The types of watermarks that are times, in the order in which ``clock`` tells the time."""


@contextmanager
def open_window(
    where: Place,
    capture: SqlWatermark,
    tables: Sequence[MergeTable],
    platform: YellowDataPlatform,
    application: str,
    marks: Mapping[str, Mark],
) -> Iterator[PostgresSnapshot]:
    """As ``open_snapshot``; of every table only what is due is there.

    ``marks``: how far each dataset was read by the last batch; one that is missing is read from its first row on.
    """
    with open_snapshot(where, capture, tables, platform, application) as snapshot:
        begun = monotonic()
        with source_errors(snapshot.connection, None):
            clock = dict(zip(_CLOCKS, one(snapshot.connection, _sql("clock")) or (), strict=True))
        for name, source in snapshot.tables.items():
            with source_errors(snapshot.connection, name):
                _narrow(snapshot, source, capture, clock, f"{where} {source.name}", marks.get(name))
        snapshot.read_seconds += monotonic() - begun
        yield snapshot


def _narrow(
    snapshot: PostgresSnapshot,
    source: SourceTable,
    capture: SqlWatermark,
    clock: Mapping[str, object],
    place: str,
    last: Mark | None,
) -> None:
    """Let a table be what is due of it, and note how far it is read then."""
    name, column = source.table.name, _watermark(capture, source.table)
    kind = column.type.base if column.type.base in clock else "bigint"
    mark = Mark(place, column.name, kind, None).since(last)
    parameters = {
        "mark": mark.value,
        "now": clock.get(kind),
        "window": capture.window,
        "others": (capture.rows_per_batch or 1) - 1,
    }
    context = {
        "table": source.name,
        "column": column.quoted,
        "type": kind,
        "mark": mark.value is not None,
        "now": kind in clock,
    }
    part = None
    if capture.rows_per_batch is not None:
        part = _text(snapshot.connection, _sql("part", **context), parameters)
    greatest = part or _text(snapshot.connection, _sql("greatest", **context), parameters)
    snapshot.marks[name] = evolve(mark, value=greatest or mark.value, has_more=part is not None)
    if part is None and mark.value is None:
        return
    low = _sql("low_of_time" if kind in clock else "low_of_number", type=kind)
    select = _sql("window", columns=source.table.columns, bound=part is not None, low=low, **context)
    text = bound(snapshot.connection, select, {**parameters, "bound": part})
    # It becomes a part of statements that are bound once more.
    snapshot.tables[name] = evolve(source, name=text.replace("%", "%%"))


def _watermark(capture: SqlWatermark, table: MergeTable) -> StoredColumn:
    name = capture.column_of(table.name)
    for column in table.columns:
        if column.name == name:
            return column
    raise JobError(
        f"the watermark {name} is no column of dataset {table.name}",
        hint="`datasurface validate` finds this before anything is applied",
        dataset=table.name,
    )


def _text(connection: Connection, sql: str, parameters: Mapping[str, object]) -> str | None:
    found = one(connection, sql, parameters)
    return None if found is None or found[0] is None else str(found[0])


def _sql(name: str, **context: object) -> str:
    return statement("capture", "window.sql.j2", name, **context)
