"""How the conformance kit opens the strategies: each store is a database in memory, a session a connection to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType

import duckdb
from attrs import evolve, frozen

from datasurface import types
from datasurface.milestoning.kit import Lie, Reading, Snapshot, reading
from datasurface.milestoning.rows import Layout, Version
from datasurface.milestoning.strategy import Fingerprint
from datasurface.model import Column, Dataset, Milestoning
from datasurface.types import DataType
from datasurface_duckdb.column_types import column_type
from datasurface_duckdb.rows import Extract, TextRow, fingerprint_of
from datasurface_duckdb.strategy import DuckDbMerge
from datasurface_duckdb.tables import StoredTable


def stores(type_: DataType) -> bool:
    """Of what DuckDB stores, not what the kit tries with values that PostgreSQL alone has: NaN as a decimal, years
    beyond 294246."""
    return column_type(type_) is not None and not isinstance(type_, types.Decimal | types.Timestamp)


@frozen
class DuckDbSession:
    """A connection of its own; what is not committed is gone when it closes."""

    strategy: DuckDbMerge

    def keep(self) -> None:
        """Commit."""
        self.strategy.keep()

    @contextmanager
    def read(self, snapshot: Snapshot, lie: Lie | None = None) -> Iterator[Reading]:
        """The rows in parts of three, with the sums that their source says they have."""
        datasets = {name: table.dataset for name, table in self.strategy.tables.items()}
        texts = {name: [_of_duckdb(row, datasets[name]) for row in rows] for name, rows in snapshot.items()}
        sums = {name: fingerprint_of(rows) for name, rows in texts.items()}
        if lie is not None:
            first = next(iter(self.strategy.tables))
            sums[first] = _untrue(sums[first], lie)

        def parts(dataset: Dataset) -> Iterator[Sequence[TextRow]]:
            rows = texts[dataset.name]
            yield from (rows[at : at + 3] for at in range(0, len(rows), 3))

        yield reading(self.strategy, Extract(parts, sums))


def _untrue(true: Fingerprint, lie: Lie) -> Fingerprint:
    return evolve(true, rows=true.rows + 1) if lie is Lie.COUNT else evolve(true, xor=true.xor ^ 1)


def _of_duckdb(row: Sequence[str | None], dataset: Dataset) -> TextRow:
    return tuple(
        cell.replace(" BC", " (BC)") if cell is not None and isinstance(column.type, types.Date) else cell
        for cell, column in zip(row, dataset.columns, strict=True)
    )


def _of_postgres(cells: Sequence[str | None], dataset: Dataset) -> TextRow:
    return tuple(
        cell.replace(" (BC)", " BC") if cell is not None and isinstance(column.type, types.Date) else cell
        for cell, column in zip(cells, dataset.columns, strict=True)
    )


@frozen
class DuckDbStore:
    """A database in memory."""

    database: duckdb.DuckDBPyConnection
    tables: Mapping[str, StoredTable]
    milestoning: Milestoning

    @contextmanager
    def session(self) -> Iterator[DuckDbSession]:
        """A connection, closed without a commit."""
        with self.database.cursor() as connection:
            strategy = DuckDbMerge(connection, self.tables, self.milestoning, "kit", "stream")
            yield DuckDbSession(strategy)
            strategy.abort()

    def versions(self, dataset: Dataset) -> Sequence[Version]:
        """What is committed."""
        layout = Layout.of(dataset.columns)
        with self.database.cursor() as connection:
            rows = connection.execute(self.tables[dataset.name].sql("versions")).fetchall()
        texts = ((_of_postgres(cells, dataset), batch_in, batch_out) for *cells, batch_in, batch_out in rows)
        return [Version(layout.key_of(row), row, batch_in, batch_out) for row, batch_in, batch_out in texts]

    def damage(self, dataset: Dataset, row: Version, column: Column, cell: str | None) -> None:
        """Another cell under the old hash."""
        table = self.tables[dataset.name]
        texts = _of_duckdb([None if each is None else str(each) for each in row.row], dataset)
        keys = [text for text, each in zip(texts, table.columns, strict=True) if each.key]
        with self.database.cursor() as connection:
            connection.execute(table.sql("damage", column=table.column(column)), [cell, row.batch_in, *keys])


@frozen
class DuckDbWorkshop:
    """Gives a new database in memory for every store."""

    milestoning: Milestoning

    @contextmanager
    def store(self, datasets: Sequence[Dataset]) -> Iterator[DuckDbStore]:
        """An empty database."""
        with duckdb.connect(":memory:", config={"threads": 1}) as database:
            tables = {each.name: StoredTable.numbered(each, "kit", f"table {n}") for n, each in enumerate(datasets)}
            yield DuckDbStore(database, tables, self.milestoning)

    def __enter__(self) -> "DuckDbWorkshop":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
