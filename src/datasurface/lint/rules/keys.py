"""Datasets and their primary keys: what a merge needs to tell rows apart."""

from collections.abc import Iterator

from datasurface import types
from datasurface.lint.parts import datasets
from datasurface.lint.registry import Problem, rule
from datasurface.model import Dataset, Ecosystem
from datasurface.types import DataType

_MOST_BYTES = 2600
_BYTES_PER_CHARACTER = 4
_FIXED = (
    types.TinyInt,
    types.SmallInt,
    types.Integer,
    types.BigInt,
    types.Boolean,
    types.Date,
    types.Time,
    types.Timestamp,
    types.Uuid,
)


def _fits_a_key(type_: DataType) -> bool:
    match type_:
        case types.VarChar() | types.NVarChar():
            return True
        case types.Decimal(scale=scale):
            return scale is not None
        case _:
            return isinstance(type_, _FIXED)


def _key_bytes(dataset: Dataset) -> int:
    """What the key takes in an index at most, without its columns of a small fixed size."""
    total = 0
    for column in dataset.key_columns:
        match column.type:
            case types.VarChar(length=length) | types.NVarChar(length=length):
                total += length * _BYTES_PER_CHARACTER
            case types.Decimal(precision=int(precision)):
                total += precision // 2
    return total


@rule("DS201", "A dataset has columns")
def has_columns(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A dataset without columns has no table to be read from and none to be merged into."""
    for dataset in datasets(ecosystem):
        if not dataset.columns:
            yield Problem(dataset, f"dataset '{dataset.name}' has no columns", "list the columns of the source table")


@rule("DS202", "A dataset has a primary key")
def has_primary_key(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A merge tells by the primary key which row of the source is which row of the merge table; without one it could
    not say what was changed.

    Mark the columns that identify a row with `primary_key=True`. Where a table has no such columns, offer a view of the
    source that has them.
    """
    for dataset in datasets(ecosystem):
        if dataset.columns and not any(column.primary_key for column in dataset.columns):
            yield Problem(dataset, f"dataset '{dataset.name}' has no primary key", "mark columns with primary_key=True")


@rule("DS203", "Key columns have types whose equality is equality of bytes")
def key_types(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A key must be equal in SQL exactly when its bytes are equal, and must fit into an index.

    That holds for whole numbers, `Decimal` with a scale, `VarChar`, `NVarChar`, `Date`, `Time`, `Timestamp`, `Boolean`
    and `Uuid`. It does not hold for `Decimal()` (1.0 equals 1.00), floating point (-0 equals 0), `Char` (blanks at the
    end), `Interval` (a month equals 30 days); the others may be larger than an index can hold.
    """
    for dataset in datasets(ecosystem):
        for column in dataset.key_columns:
            if not _fits_a_key(column.type):
                kind = type(column.type).__name__
                decimal = isinstance(column.type, types.Decimal)
                yield Problem(
                    column,
                    f"key column '{column.name}' of dataset '{dataset.name}' cannot be a {kind}",
                    "give it a scale, as in Decimal(10, 2)"
                    if decimal
                    else "use a whole number, VarChar(n), Date or Uuid",
                )


@rule("DS204", "A primary key fits into an index")
def key_size(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The columns of a key take at most 2,600 bytes together, at four bytes a character: what an index can hold.

    Say the true length of the columns, or choose a shorter key.
    """
    for dataset in datasets(ecosystem):
        size = _key_bytes(dataset)
        if size > _MOST_BYTES:
            yield Problem(
                dataset,
                f"the key of dataset '{dataset.name}' may take {size:,} bytes, more than {_MOST_BYTES:,}",
                "shorten the key's columns, or choose another key",
            )
