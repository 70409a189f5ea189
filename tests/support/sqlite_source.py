# ruff: noqa: S608 every name in these statements is quoted
"""A producer in a SQLite file."""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from attrs import frozen

from datasurface import types
from datasurface.milestoning.kit import TextRow
from datasurface.model import Dataset, SqliteDatabase
from datasurface.types import DataType
from datasurface_yellow.capture.portable.sqlite_types import EXACT_DIGITS
from datasurface_yellow.local.server_account import temporary_folder
from tests.support.databases import Role
from tests.support.other_sources import OtherSource

_KINDS: Mapping[type[DataType], str] = {
    types.TinyInt: "tinyint",
    types.SmallInt: "smallint",
    types.Integer: "int",
    types.BigInt: "bigint",
    types.Float64: "double",
    types.Boolean: "boolean",
    types.Text: "text",
    types.Date: "date",
    types.Time: "time",
    types.Timestamp: "datetime",
    types.Binary: "blob",
    types.Uuid: "uuid",
    types.Json: "json_text",
}


def declared(type_: DataType) -> str:
    """The type that a producer would give such a column."""
    match type_:
        case types.Decimal(precision=int() as precision, scale=scale) if precision <= EXACT_DIGITS:
            return f"decimal({precision}, {scale or 0})"
        case types.Decimal():
            return "text"
        case types.Char(length) | types.VarChar(length) | types.NVarChar(length):
            return f"varchar({length})"
        case _:
            return _KINDS[type(type_)]


def stores(type_: DataType) -> bool:
    return type(type_) in {*_KINDS, types.Decimal, types.Char, types.VarChar, types.NVarChar}


def holds(type_: DataType, cell: str) -> bool:
    match type_:
        case types.Decimal():
            return "Infinity" not in cell
        case types.Float64():
            return cell not in ("NaN", "-0")
        case types.Date() | types.Timestamp():
            return re.match(r"\d{4}-", cell) is not None and not cell.endswith(" BC")
        case _:
            return True


def value_of(type_: DataType, cell: str | None) -> object:
    """What a producer's program would write."""
    if cell is None:
        return None
    match type_:
        case types.TinyInt() | types.SmallInt() | types.Integer() | types.BigInt():
            return int(cell)
        case types.Float64():
            return float(cell)
        case types.Boolean():
            return cell == "true"
        case types.Binary():
            return bytes.fromhex(cell[2:])
        case _:
            return cell


@frozen
class SqliteProducer:
    """The file, and the datasets in it."""

    path: Path
    datasets: Sequence[Dataset]

    @property
    def container(self) -> SqliteDatabase:
        """What the model says of it."""
        return SqliteDatabase("shop", path=str(self.path))

    def create(self, source_types: Mapping[str, str]) -> None:
        """Make the tables, without constraints."""
        for dataset in self.datasets:
            columns = ", ".join(
                f"{_quoted(column.name)} {source_types.get(column.name) or declared(column.type)}"
                for column in dataset.columns
            )
            self.execute(f"CREATE TABLE {_quoted(dataset.name)} ({columns})")

    def put(self, snapshot: Mapping[str, Sequence[TextRow]]) -> None:
        """Let the tables hold these rows and no others."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            for dataset in self.datasets:
                if dataset.name in snapshot:
                    connection.execute(f"DELETE FROM {_quoted(dataset.name)}")
                    places = ", ".join("?" for _ in dataset.columns)
                    kinds = [column.type for column in dataset.columns]
                    connection.executemany(
                        f"INSERT INTO {_quoted(dataset.name)} VALUES ({places})",
                        [[*map(value_of, kinds, row)] for row in snapshot[dataset.name]],
                    )

    def execute(self, *statements: str) -> None:
        """Run statements in one transaction."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                connection.execute(statement)
            connection.execute("COMMIT")


@contextmanager
def sqlite_producer(
    name: str, datasets: Sequence[Dataset], _reader: Role, source_types: Mapping[str, str]
) -> Iterator[SqliteProducer]:
    """A new file with a write-ahead log, gone at the end."""
    with temporary_folder("datasurface-sqlite-") as folder:
        producer = SqliteProducer(folder / f"{name}.db", datasets)
        with closing(sqlite3.connect(producer.path)) as connection:
            connection.execute("PRAGMA journal_mode = wal")
            connection.execute("PRAGMA synchronous = off")
        producer.create(source_types)
        yield producer


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


SQLITE = OtherSource("SQLite", stores, holds, lambda _name: True, sqlite_producer)
