# ruff: noqa: S608 every name in these statements is quoted
"""A producer in a database of MariaDB."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from attrs import frozen

from datasurface import types
from datasurface.milestoning.kit import TextRow
from datasurface.model import Credential, Dataset, MySqlDatabase
from datasurface.types import DataType
from datasurface_yellow.local.liveness import HOST
from tests.support.databases import Role
from tests.support.mariadb_server import MariaDbServer
from tests.support.other_sources import OtherSource
from tests.unit.docs.markdown import blocks, page

_KINDS: Mapping[type[DataType], str] = {
    types.TinyInt: "tinyint",
    types.SmallInt: "smallint",
    types.Integer: "int",
    types.BigInt: "bigint",
    types.Float32: "float",
    types.Float64: "double",
    types.Boolean: "tinyint(1)",
    types.Text: "longtext",
    types.Date: "date",
    types.Time: "time(6)",
    types.Interval: "time(6)",
    types.Binary: "longblob",
    types.Uuid: "uuid",
    types.Json: "json",
}


def declared(type_: DataType) -> str:
    """The type that a producer would give such a column."""
    match type_:
        case types.Decimal(precision=precision, scale=scale):
            return f"decimal({precision}, {scale or 0})"
        case types.Char(length):
            return f"char({length})"
        case types.VarChar(length) | types.NVarChar(length):
            return f"varchar({length})"
        case types.Timestamp(timezone):
            return "timestamp(6) NULL DEFAULT NULL" if timezone else "datetime(6)"
        case _:
            return _KINDS[type(type_)]


def stores(type_: DataType) -> bool:
    match type_:
        case types.Decimal(precision=precision):
            return precision is not None
        case types.Char(length) | types.VarChar(length) | types.NVarChar(length):
            return length <= 1000  # All columns of a table share 65,535 bytes.
        case types.Timestamp():
            return True
        case _:
            return type(type_) in _KINDS


_CLOCK = re.compile(r"-?\d{2,3}:\d\d:\d\d(\.\d+)?")


def holds(type_: DataType, cell: str) -> bool:
    match type_:
        case types.Decimal():
            return cell != "NaN"
        case types.Float32() | types.Float64():
            return cell not in ("NaN", "-0") and "Infinity" not in cell
        case types.Date() | types.Timestamp(timezone=False):
            return re.match(r"\d{4}-", cell) is not None and not cell.endswith(" BC")
        case types.Timestamp(timezone=True):
            return re.match(r"(19[7-9]\d|20[0-2]\d)-", cell) is not None and not cell.startswith("1970-01-01 00:00:00")
        case types.Interval():
            return _CLOCK.fullmatch(cell) is not None and abs(int(cell.lstrip("-").partition(":")[0])) < 838
        case types.Uuid():
            return cell[14] < "8"  # It refuses most of version 8 and above, by bits that name their variant.
        case types.Char() | types.VarChar() | types.NVarChar() if "\x00" in cell:
            return False
        case types.Char():
            return cell == cell.rstrip(" ")
        case _:
            return True


def value_of(type_: DataType, cell: str | None) -> object:
    """What a producer's program would write."""
    if cell is None:
        return None
    match type_:
        case types.Boolean():
            return cell == "true"
        case types.Binary():
            return bytes.fromhex(cell[2:])
        case types.Timestamp(timezone=True):
            return cell.removesuffix("+00")
        case types.Float32() | types.Float64():
            return float(cell)
        case _:
            return cell


@frozen
class MariaDbProducer:
    """One database of the server, and the datasets in it."""

    server: MariaDbServer
    database: str
    datasets: Sequence[Dataset]

    @property
    def container(self) -> MySqlDatabase:
        """What the model says of it."""
        return MySqlDatabase(
            "shop", host=HOST, port=self.server.port, database=self.database, credential=Credential("reader")
        )

    def create(self, source_types: Mapping[str, str]) -> None:
        """Make the tables, without constraints."""
        for dataset in self.datasets:
            columns = ", ".join(
                f"{_quoted(column.name)} {source_types.get(column.name) or declared(column.type)}"
                for column in dataset.columns
            )
            self.execute(f"CREATE TABLE {_quoted(dataset.name)} ({columns})")

    def put(self, snapshot: Mapping[str, Sequence[TextRow]]) -> None:
        """Let the tables hold these rows and no others, in one transaction."""
        with self.server.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute("START TRANSACTION")
            for dataset in self.datasets:
                if dataset.name in snapshot:
                    cursor.execute(f"DELETE FROM {_quoted(dataset.name)}")
                    kinds = [column.type for column in dataset.columns]
                    places = ", ".join(["%s"] * len(kinds))
                    insert = f"INSERT INTO {_quoted(dataset.name)} VALUES ({places})"
                    cursor.executemany(insert, [[*map(value_of, kinds, row)] for row in snapshot[dataset.name]])
            cursor.execute("COMMIT")

    def execute(self, *statements: str) -> None:
        """Run statements; those that define tables commit by themselves."""
        with self.server.connect(self.database) as connection, connection.cursor() as cursor:
            cursor.execute("START TRANSACTION")
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("COMMIT")


def mariadb_source(server: MariaDbServer) -> OtherSource:
    """Databases of this server, with the rights that the documentation grants to the reader."""

    @contextmanager
    def opened(
        name: str, datasets: Sequence[Dataset], reader: Role, source_types: Mapping[str, str]
    ) -> Iterator[MariaDbProducer]:
        server.execute(f"CREATE DATABASE {_quoted(name)} CHARACTER SET utf8mb4", *_grants(name, reader))
        producer = MariaDbProducer(server, name, datasets)
        try:
            producer.create(source_types)
            yield producer
        finally:
            server.execute(f"DROP DATABASE {_quoted(name)}")

    return OtherSource("MariaDB", stores, holds, is_name, opened)


def _grants(database: str, reader: Role) -> Sequence[str]:
    """The statements of the page on sources, for this database and reader."""
    [block] = blocks(page("sources.md"), "sql")
    text = block.text.replace("`shop`", _quoted(database)).replace("'shop_reader'@'%'", f"'{reader.name}'@'{HOST}'")
    text = text.replace("CREATE USER", "CREATE USER IF NOT EXISTS").replace("choose one", reader.password)
    return [statement for statement in text.split(";") if statement.strip()]


def is_name(name: str) -> bool:
    """Names of up to 64 characters that do not end with a blank; other alphabets have collations of their own."""
    return name.isascii() and name.isprintable() and not name.endswith(" ") and "%" not in name and len(name) <= 64


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
