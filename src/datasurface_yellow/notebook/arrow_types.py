"""What a column becomes in Arrow: a type that holds each of its values exactly, and how the server is asked for it."""

import re
from collections.abc import Mapping

import pyarrow as pa
from attrs import frozen

from datasurface_yellow.notebook.offers import ReadColumn

_DIGITS = re.compile(r"(?:Array\()?Decimal\((\d+)(?:, (\d+))?\)+")
_MOST_DIGITS = 76

_PLAIN: Mapping[str, pa.DataType] = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "time without time zone": pa.time64("us"),
    "timestamp without time zone": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    "interval": pa.month_day_nano_interval(),
    "bytea": pa.binary(),
}
"""The others arrive as text: as the server writes them."""


@frozen
class ArrowColumn:
    """A column on its way.

    Attributes:
        type: that it has in the end.
        asked: what the server is asked for, of the column's quoted name.
        sent: the type that arrives, which is another one for decimals alone.
    """

    name: str
    type: pa.DataType
    asked: str
    sent: pa.DataType

    @property
    def is_array(self) -> bool:
        """Whether its values are arrays."""
        return pa.types.is_list(self.type)

    @property
    def element(self) -> pa.DataType:
        """The type of its values, or of what is in them."""
        return self.type.value_type if isinstance(self.type, pa.ListType) else self.type


def arrow_column(column: ReadColumn) -> ArrowColumn:
    """How a column is read."""
    is_array = column.sql_type.endswith("[]")
    element = column.sql_type.removesuffix("[]")
    sent = _PLAIN.get(element, pa.string())
    final = _decimal(column.type) if element == "numeric" else sent
    asked = column.quoted
    if element not in _PLAIN:
        asked = f"{asked}::text{'[]' if is_array else ''} AS {asked}"
    if is_array:
        return ArrowColumn(column.name, pa.list_(final), asked, pa.list_(sent))
    return ArrowColumn(column.name, final, asked, sent)


def _decimal(declared: str) -> pa.DataType:
    """The decimal of as many digits as the model says; text where it does not say, or Arrow has none so long."""
    found = _DIGITS.fullmatch(declared)
    if found is None or int(found[1]) > _MOST_DIGITS:
        return pa.string()
    precision, scale = int(found[1]), int(found[2] or 0)
    return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)
