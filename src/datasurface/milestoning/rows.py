"""Rows, versions, counts and changes as plain values, and when two cells are the same.

Two cells are equal when a store would keep the same bytes for them: NULL equals NULL only and is not ``''``, text is
compared byte by byte, numeric 1.0 is not 1.00, and in floating point -0 is not 0 while NaN is NaN.
"""

import datetime
import decimal
from collections.abc import Sequence
from enum import Enum

from attrs import field, frozen

from datasurface.model.schema import Column

LIVE = 2147483647
"""``batch_out`` of a version that is live."""

Row = tuple[object, ...]
"""The cells of one row, in column order."""

Key = tuple[object, ...]
"""The key cells of a row, in column order; key types are those where ``==`` says what ``cell_image`` says."""

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def cell_image(value: object) -> object:
    """A hashable image of a cell; two images are equal exactly when the cells are the same bytes to a store.

    Takes what database drivers return: None, str, bool, int, float, Decimal, date and time types, bytes, lists
    (arrays), dicts (JSON), and any other hashable value, which equals values of its own type only.
    """
    match value:
        case None | str():
            return value
        case float():
            return ("float", value.hex())  # keeps the sign of zero; every NaN is 'nan'
        case decimal.Decimal():
            return ("numeric", _numeric_text(value))
        case datetime.datetime() if value.tzinfo is not None:
            return ("timestamptz", value - _EPOCH)  # an instant: the zone it was written in is not kept
        case datetime.time() if value.tzinfo is not None:
            return ("timetz", value.replace(tzinfo=None), value.utcoffset())
        case bytes() | bytearray() | memoryview():
            return ("bytes", bytes(value))
        case list() | tuple():
            return ("list", tuple(map(cell_image, value)))
        case dict():
            return ("dict", frozenset((key, cell_image(item)) for key, item in value.items()))
        case _:
            return (type(value).__name__, value)  # the name keeps True from 1, and a datetime from a date


def _numeric_text(value: decimal.Decimal) -> str:
    """Digits, sign and scale as text. Numeric has no -0, no exponent above the units, and one NaN."""
    if value.is_nan():
        return "NaN"
    return format(abs(value) if value.is_zero() else value, "f")


def row_image(row: Row) -> tuple[object, ...]:
    """The images of a row's cells."""
    return tuple(map(cell_image, row))


@frozen
class Layout:
    """Where the key of a row is, and what may not be NULL.

    Attributes:
        key: positions of the key columns.
        required: positions of the columns, key included, that are not nullable.
    """

    key: tuple[int, ...]
    required: frozenset[int]

    @classmethod
    def of(cls, columns: Sequence[Column]) -> "Layout":
        """The layout of rows with these columns."""
        return cls(
            key=tuple(position for position, column in enumerate(columns) if column.primary_key),
            required=frozenset(position for position, column in enumerate(columns) if not column.nullable),
        )

    def key_of(self, row: Row) -> Key:
        """The key cells of the row."""
        return tuple(row[position] for position in self.key)


@frozen
class Version:
    """A row as it was in the batches from ``batch_in`` to ``batch_out``, both inclusive; equal by its row's images."""

    key: Key
    row: Row = field(eq=row_image)
    batch_in: int
    batch_out: int = LIVE

    @property
    def is_live(self) -> bool:
        """Whether no batch has closed it."""
        return self.batch_out == LIVE


class Operation(Enum):
    """What a change does to its key."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@frozen
class Change:
    """The net change of one key between two batches; ``row`` is the row after it, None for a delete."""

    operation: Operation
    key: Key
    row: Row | None = field(eq=lambda row: None if row is None else row_image(row))
