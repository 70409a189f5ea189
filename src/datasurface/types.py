"""Column types of the model, by constructor: ``VarChar(20)``, ``Decimal(10, 2)``, ``Timestamp(timezone=True)``.

They describe a column without naming a database; each store maps them to its own types, and lint refuses a type that
the assigned
platform cannot store.
"""

from attrs import field, frozen
from attrs.validators import and_, ge, instance_of, optional


@frozen
class DataType:
    """Base of all column types."""


@frozen
class TinyInt(DataType):
    """Whole number of one byte."""


@frozen
class SmallInt(DataType):
    """Whole number of two bytes."""


@frozen
class Integer(DataType):
    """Whole number of four bytes."""


@frozen
class BigInt(DataType):
    """Whole number of eight bytes."""


@frozen
class Decimal(DataType):
    """Exact decimal number; without arguments of any size, with ``precision`` digits of which ``scale`` after the
    point."""

    precision: int | None = field(default=None, validator=optional(and_(instance_of(int), ge(1))))
    scale: int | None = field(default=None, validator=optional(and_(instance_of(int), ge(0))))


@frozen
class Float32(DataType):
    """Binary floating point of four bytes (IEEE 754)."""


@frozen
class Float64(DataType):
    """Binary floating point of eight bytes (IEEE 754)."""


@frozen
class Boolean(DataType):
    """True or false."""


@frozen
class Char(DataType):
    """Text of fixed ``length`` in characters, padded with blanks."""

    length: int = field(validator=and_(instance_of(int), ge(1)))


@frozen
class VarChar(DataType):
    """Text of at most ``length`` characters."""

    length: int = field(validator=and_(instance_of(int), ge(1)))


@frozen
class NVarChar(DataType):
    """Text of at most ``length`` characters of the national character set; in Postgres the same as VarChar."""

    length: int = field(validator=and_(instance_of(int), ge(1)))


@frozen
class Text(DataType):
    """Text without a limit."""


@frozen
class Date(DataType):
    """Calendar date."""


@frozen
class Time(DataType):
    """Time of day without zone."""


@frozen
class Interval(DataType):
    """Span of time in months, days and microseconds."""


@frozen
class Timestamp(DataType):
    """Date and time; with ``timezone=True`` an instant."""

    timezone: bool = field(default=False, validator=instance_of(bool))


@frozen
class Binary(DataType):
    """Bytes without a limit."""


@frozen
class Uuid(DataType):
    """Universally unique identifier (RFC 9562)."""


@frozen
class Json(DataType):
    """JSON value, kept parsed where the store can."""


@frozen
class Array(DataType):
    """Array of ``element``."""

    element: DataType = field(validator=instance_of(DataType))


@frozen
class Vector(DataType):
    """Vector of ``dimensions`` floating point numbers."""

    dimensions: int = field(validator=and_(instance_of(int), ge(1)))
