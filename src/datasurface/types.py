"""Column types of the model, by constructor: ``VarChar(20)``, ``Decimal(10, 2)``, ``Timestamp(timezone=True)``.

They describe a column without naming a database; each store maps them to its own types, and lint refuses a type that
the assigned platform cannot store.
"""

from collections.abc import Callable
from typing import TypeVar

from attrs import Attribute, field, frozen

from datasurface.errors import ModelValueError
from datasurface.python_text import as_python

T = TypeVar("T", bound=int | None)


def _whole(minimum: int, *, optional: bool = False) -> Callable[[object, "Attribute[T]", T], None]:
    """Validator: a whole number of at least ``minimum``; None too where it is optional."""

    def check(instance: object, attribute: "Attribute[T]", value: T) -> None:
        if optional and value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            raise ModelValueError(
                f"{type(instance).__name__}: {attribute.name} must be a whole number from {minimum} up, not {value!r}",
                hint=f"as in {type(instance).__name__}({minimum or 1})",
            )

    return check


@frozen(repr=False)
class DataType:
    """Base of all column types.

    >>> isinstance(VarChar(20), DataType)
    True
    """

    def __repr__(self) -> str:
        return as_python(self)


@frozen(repr=False)
class TinyInt(DataType):
    """Whole number of one byte.

    >>> from datasurface import Column
    >>> Column("floor", TinyInt()).type
    TinyInt()
    """


@frozen(repr=False)
class SmallInt(DataType):
    """Whole number of two bytes.

    >>> from datasurface import Column
    >>> Column("year", SmallInt()).type
    SmallInt()
    """


@frozen(repr=False)
class Integer(DataType):
    """Whole number of four bytes.

    >>> from datasurface import Column
    >>> Column("pieces", Integer(), nullable=False).type
    Integer()
    """


@frozen(repr=False)
class BigInt(DataType):
    """Whole number of eight bytes.

    >>> from datasurface import Column
    >>> Column("id", BigInt(), primary_key=True).type
    BigInt()
    """


@frozen(repr=False)
class Decimal(DataType):
    """Exact decimal number of any size; or of ``precision`` digits, ``scale`` of them after the point.

    >>> Decimal(10, 2)
    Decimal(10, 2)
    >>> Decimal(2, 10)
    Traceback (most recent call last):
    datasurface.errors.ModelValueError: Decimal: a scale of 10 needs a precision of at least 10, not 2
    """

    precision: int | None = field(default=None, validator=_whole(1, optional=True))
    scale: int | None = field(default=None, validator=_whole(0, optional=True))

    @scale.validator
    def _of_a_precision(self, _attribute: object, value: int | None) -> None:
        if value is not None and (self.precision is None or value > self.precision):
            raise ModelValueError(
                f"Decimal: a scale of {value} needs a precision of at least {max(value, 1)}, not {self.precision}",
                hint="Decimal(10, 2) has ten digits, two of them after the point",
            )


@frozen(repr=False)
class Float32(DataType):
    """Binary floating point of four bytes (IEEE 754).

    >>> from datasurface import Column
    >>> Column("temperature", Float32()).type
    Float32()
    """


@frozen(repr=False)
class Float64(DataType):
    """Binary floating point of eight bytes (IEEE 754).

    >>> from datasurface import Column
    >>> Column("latitude", Float64()).type
    Float64()
    """


@frozen(repr=False)
class Boolean(DataType):
    """True or false.

    >>> from datasurface import Column
    >>> Column("isPaid", Boolean(), nullable=False).type
    Boolean()
    """


@frozen(repr=False)
class Char(DataType):
    """Text of fixed ``length`` in characters, padded with blanks.

    >>> from datasurface import Column
    >>> Column("country", Char(2)).type.length
    2
    """

    length: int = field(validator=_whole(1))


@frozen(repr=False)
class VarChar(DataType):
    """Text of at most ``length`` characters.

    >>> from datasurface import Column
    >>> Column("email", VarChar(100)).type.length
    100
    """

    length: int = field(validator=_whole(1))


@frozen(repr=False)
class NVarChar(DataType):
    """Text of at most ``length`` characters of the national character set; in Postgres the same as VarChar.

    >>> from datasurface import Column
    >>> Column("name", NVarChar(100)).type.length
    100
    """

    length: int = field(validator=_whole(1))


@frozen(repr=False)
class Text(DataType):
    """Text without a limit.

    >>> from datasurface import Column
    >>> Column("remarks", Text()).type
    Text()
    """


@frozen(repr=False)
class Date(DataType):
    """Calendar date.

    >>> from datasurface import Column
    >>> Column("dob", Date()).type
    Date()
    """


@frozen(repr=False)
class Time(DataType):
    """Time of day without zone.

    >>> from datasurface import Column
    >>> Column("opens", Time()).type
    Time()
    """


@frozen(repr=False)
class Interval(DataType):
    """Span of time in months, days and microseconds.

    >>> from datasurface import Column
    >>> Column("warranty", Interval()).type
    Interval()
    """


@frozen(repr=False)
class Timestamp(DataType):
    """Date and time; with ``timezone=True`` an instant.

    >>> Timestamp().timezone, Timestamp(timezone=True).timezone
    (False, True)
    """

    timezone: bool = field(default=False)

    @timezone.validator
    def _true_or_false(self, _attribute: object, value: object) -> None:
        if not isinstance(value, bool):
            raise ModelValueError(
                f"Timestamp: timezone must be True or False, not {value!r}",
                hint="Timestamp(timezone=True) is an instant",
            )


@frozen(repr=False)
class Binary(DataType):
    """Bytes without a limit.

    >>> from datasurface import Column
    >>> Column("photo", Binary()).type
    Binary()
    """


@frozen(repr=False)
class Uuid(DataType):
    """Universally unique identifier (RFC 9562).

    >>> from datasurface import Column
    >>> Column("id", Uuid(), primary_key=True).type
    Uuid()
    """


@frozen(repr=False)
class Json(DataType):
    """JSON value, kept parsed where the store can.

    >>> from datasurface import Column
    >>> Column("settings", Json()).type
    Json()
    """


@frozen(repr=False)
class Array(DataType):
    """Array of ``element``.

    >>> Array(VarChar(20)).element
    VarChar(20)
    """

    element: DataType = field()

    @element.validator
    def _a_type(self, _attribute: object, value: object) -> None:
        if not isinstance(value, DataType):
            raise ModelValueError(f"Array: element must be a type, not {value!r}", hint="as in Array(Integer())")


@frozen(repr=False)
class Vector(DataType):
    """Vector of ``dimensions`` floating point numbers.

    >>> from datasurface import Column
    >>> Column("embedding", Vector(768)).type.dimensions
    768
    """

    dimensions: int = field(validator=_whole(1))
