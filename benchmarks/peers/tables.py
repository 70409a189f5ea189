"""The tables that every contender is given, as each needs to know them."""

from attrs import frozen

from datasurface import Column, Dataset
from datasurface.types import DataType, VarChar


@frozen
class Field:
    """One column.

    Attributes:
        sql: its type at the source, without a length.
        type: in our model.
    """

    name: str
    sql: str
    type: DataType

    @property
    def declared(self) -> str:
        """Its type as the source's table declares it."""
        return f"{self.sql}({self.type.length})" if isinstance(self.type, VarChar) else self.sql


@frozen
class Table:
    """One table of the source, and which columns are its key."""

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, in order."""
        return tuple(each.name for each in self.fields)

    @property
    def others(self) -> tuple[str, ...]:
        """The columns that are not key."""
        return tuple(name for name in self.names if name not in self.key)

    @property
    def texts(self) -> str:
        """A select list of all cells as the source's type writes them."""
        return ", ".join(f'"{each.name}"::{each.sql}::text' for each in self.fields)

    @property
    def dataset(self) -> Dataset:
        """The table in our model."""
        columns = [
            Column(each.name, each.type, primary_key=each.name in self.key, nullable=each.name not in self.key)
            for each in self.fields
        ]
        return Dataset(self.name, columns=columns)
