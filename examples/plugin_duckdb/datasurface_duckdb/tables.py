"""How a dataset is stored: the names of its tables and the types of its columns."""

from collections.abc import Sequence

from attrs import frozen

from datasurface.model import Column, Dataset
from datasurface_duckdb.column_types import column_type
from datasurface_duckdb.statements import quoted, statement


@frozen
class StoredColumn:
    """A column as it stands in a table."""

    name: str
    type: str
    key: bool
    required: bool


@frozen
class StoredTable:
    """A dataset's tables, in a schema of the file.

    Attributes:
        name: of the merge table; that of staging follows from it.
        columns: in the dataset's order.
    """

    dataset: Dataset
    schema: str
    name: str
    columns: tuple[StoredColumn, ...]

    @classmethod
    def of(cls, dataset: Dataset, schema: str, name: str) -> "StoredTable":
        """With the columns' own names."""
        return cls(dataset, schema, name, tuple(_stored(column, column.name) for column in dataset.columns))

    @classmethod
    def numbered(cls, dataset: Dataset, schema: str, name: str) -> "StoredTable":
        """With columns ``c1``, ``c2``, …: DuckDB takes names for one that differ in upper and lower case only."""
        columns = (_stored(column, f"c{place}") for place, column in enumerate(dataset.columns, start=1))
        return cls(dataset, schema, name, tuple(columns))

    @property
    def place(self) -> str:
        """The merge table, quoted."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def sql(self, block: str, **more: object) -> str:
        """A statement of ``merge.sql.j2`` on these tables."""
        return statement(
            "merge.sql.j2",
            block,
            table=self.place,
            staging=f"{quoted(self.schema)}.{quoted(self.name + ' staging')}",
            incoming=quoted(self.name + " incoming"),
            columns=self.columns,
            **more,
        )

    def column(self, column: Column) -> StoredColumn:
        """The column as it stands in the table."""
        return self.columns[self.dataset.columns.index(column)]


def table_name(store: str, dataset: Dataset) -> str:
    """What the merge table of a datastore's dataset is called."""
    return f"{store}.{dataset.name}"


def _stored(column: Column, name: str) -> StoredColumn:
    type_ = column_type(column.type)
    if type_ is None:
        raise TypeError(f"{column.type!r} of column {column.name} is not stored; lint should have said so")
    return StoredColumn(name, type_, column.primary_key, not column.nullable)


def text_columns(rows: Sequence[tuple[str | None, ...]], columns: int) -> list[list[str | None]]:
    """Rows turned into lists of the cells of each column."""
    return [list(cells) for cells in zip(*rows, strict=True)] if rows else [[] for _ in range(columns)]
