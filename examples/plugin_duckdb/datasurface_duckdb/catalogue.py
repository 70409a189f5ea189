"""The tables of a SQLite file, for ``import sql``."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import quote

from datasurface.errors import SourceUnavailable
from datasurface.interchange.remarks import Remark
from datasurface.interchange.source_tables import FoundColumn, FoundSource, FoundTable
from datasurface.interchange.sql_types import type_named
from datasurface.model import SqliteDatabase
from datasurface_duckdb.column_types import column_type

_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
_COLUMNS = """SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid"""


def found_source(database: SqliteDatabase, tables: Sequence[str]) -> FoundSource:
    """All tables, or those that are named; types by the names that they were declared with."""
    try:
        uri = f"file:{quote(database.path)}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            there = [str(name) for (name,) in connection.execute(_TABLES)]
            found = tuple(_table(connection, name) for name in there if name in tables or not tables)
    except sqlite3.Error as error:
        raise SourceUnavailable(
            f"cannot read {database.name} ({database.path}): {error}", hint="name a file of SQLite"
        ) from error
    missing = sorted(set(tables) - set(there))
    return FoundSource(found, tuple(Remark(name, "there is no such table", "see its name") for name in missing))


def _table(connection: sqlite3.Connection, name: str) -> FoundTable:
    columns, key = [], {}
    for column, declared, not_null, place in connection.execute(_COLUMNS, [name]):
        type_ = type_named(declared)
        is_stored = type_ is not None and column_type(type_) is not None
        columns.append(FoundColumn(column, type_ if is_stored else None, declared, not (not_null or place)))
        if place:
            key[place] = column
    return FoundTable(name, tuple(columns), tuple(key[place] for place in sorted(key)))
