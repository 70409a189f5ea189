"""Layouts: how the rows of a merge table are hashed and stored.

A table begins with one layer, which holds all its columns. Columns that are added later stand in layers of their own,
so that the hashes of rows that have no value in them stay what they are. What is written here of a column is what the
table has, whatever the model says of it today.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

from attrs import evolve, frozen

from datasurface.errors import ApplyRefused
from datasurface.interchange.canonical import JsonValue
from datasurface.model import Column, Dataset
from datasurface.types import DataType
from datasurface_yellow.store.types import StoreType, store_type


@frozen
class LaidColumn:
    """A column as the table has it.

    Attributes:
        base: the type that it is stored and hashed as.
        former: the names that it had before, the oldest first.
        is_retired: the model has it no longer. Its values stay, and take no part in the hashes.
    """

    name: str
    base: str
    is_key: bool = False
    former: tuple[str, ...] = ()
    is_retired: bool = False

    @property
    def origin(self) -> str:
        """The name that it was made under: what recipes call it."""
        return self.former[0] if self.former else self.name

    def renamed(self, name: str) -> "LaidColumn":
        """Under another name; the one it has is remembered."""
        former = self.former if self.name in self.former else (*self.former, self.name)
        return evolve(self, name=name, former=former)


@frozen
class TableLayout:
    """The layers of a table in the order in which they were added; columns in the order in which they are hashed."""

    layers: tuple[tuple[LaidColumn, ...], ...]

    @property
    def columns(self) -> Iterator[LaidColumn]:
        """All columns, retired ones too."""
        for layer in self.layers:
            yield from layer

    def find(self, name: str) -> LaidColumn | None:
        """The column that has this name now."""
        return next((column for column in self.columns if column.name == name), None)

    def of_model(self, name: str, names: Collection[str]) -> LaidColumn | None:
        """The column that holds what the model calls ``name``; the model has the columns ``names``.

        A name that the table has no longer is a column's that had it before, where the model does not know the one that
        it has now: the model was taken back, or is the one that was in force until the column was renamed.
        """
        return self.find(name) or next(
            (column for column in self.columns if name in column.former and column.name not in names), None
        )

    def other_than(self, names: Collection[str]) -> Iterator[LaidColumn]:
        """The columns that rows are hashed by and that are none of these."""
        return (column for column in self.columns if not column.is_retired and column.name not in names)

    def document(self) -> JsonValue:
        """As plain JSON values."""
        return [[_document(column) for column in layer] for layer in self.layers]

    @classmethod
    def read(cls, document: JsonValue) -> "TableLayout":
        """What ``document`` wrote."""
        layers = cast(Sequence[Sequence[Mapping[str, object]]], document)
        return cls(tuple(tuple(_column(column) for column in layer) for layer in layers))


def first_layout(dataset: Dataset) -> TableLayout:
    """The layout of a table that is made for a dataset: one layer, in the order of the names, so that a model that
    lists its columns in another order has the same hashes."""
    columns = sorted(dataset.columns, key=lambda column: column.name)
    return TableLayout(
        (tuple(LaidColumn(column.name, type_of(dataset, column).base, column.primary_key) for column in columns),)
    )


def type_of(dataset: Dataset, column: Column) -> StoreType:
    """The type of a column in the store."""
    kind = _declared(column.type)
    if kind is None:
        raise ApplyRefused(
            f"dataset {dataset.name}, column {column.name}: Yellow cannot store {column.type!r}",
            hint="`datasurface validate` finds this before anything is applied",
        )
    return kind


@lru_cache(1024)
def _declared(type_: DataType) -> StoreType | None:
    """A large model has many columns of a few types."""
    kind = store_type(type_)
    return None if kind is None else evolve(kind, declared=repr(type_))


def _document(column: LaidColumn) -> JsonValue:
    found: dict[str, JsonValue] = {"name": column.name, "type": column.base}
    if column.is_key:
        found["key"] = True
    if column.former:
        found["former"] = list(column.former)
    if column.is_retired:
        found["retired"] = True
    return found


def _column(document: Mapping[str, object]) -> LaidColumn:
    return LaidColumn(
        str(document["name"]),
        str(document["type"]),
        bool(document.get("key", False)),
        tuple(str(name) for name in cast(Sequence[str], document.get("former", ()))),
        bool(document.get("retired", False)),
    )
