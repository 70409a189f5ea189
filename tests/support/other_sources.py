"""Producers whose database is no PostgreSQL one: the same tables, and in them the same cells, which are the text that
Postgres prints for them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from attrs import evolve, frozen

from datasurface.milestoning.kit import TextRow
from datasurface.model import Container, Dataset
from datasurface.testing.snapshots import TableShape
from datasurface.types import DataType
from tests.support.databases import Role


class OtherProducer(Protocol):
    """One producer's database, with a table for each dataset."""

    @property
    def container(self) -> Container:
        """What the model says of it."""
        ...

    def put(self, snapshot: Mapping[str, Sequence[TextRow]]) -> None:
        """Let the tables hold these rows and no others, in one transaction."""
        ...

    def execute(self, *statements: str) -> None:
        """Run statements of its own in one transaction."""
        ...


@frozen
class OtherSource:
    """A kind of database.

    Attributes:
        stores: whether the type can be read from it.
        holds: whether it can hold the value that Postgres prints so.
        is_name: whether it takes the name for a column.
        open: makes a producer's database under a name, for datasets and the role that reads; with types of columns that
            are not those of the kind.
    """

    name: str
    stores: Callable[[DataType], bool]
    holds: Callable[[DataType, str], bool]
    is_name: Callable[[str], bool]
    open: Callable[[str, Sequence[Dataset], Role, Mapping[str, str]], AbstractContextManager[OtherProducer]]

    def named(self, shape: TableShape) -> TableShape:
        """The table with other names for the columns whose own it does not take. Upper and lower case are one there."""
        seen: set[str] = set()
        columns = []
        for place, column in enumerate(shape.columns):
            is_taken = column.name.lower() in seen or not self.is_name(column.name)
            columns.append(evolve(column, name=f"renamed {place}") if is_taken else column)
            seen.add(column.name.lower())
        return TableShape(tuple(columns))
