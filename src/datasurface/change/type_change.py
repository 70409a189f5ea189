"""What another type of a column means for its values."""

from enum import Enum

from datasurface.types import (
    Array,
    BigInt,
    Char,
    DataType,
    Decimal,
    Float32,
    Float64,
    Integer,
    NVarChar,
    SmallInt,
    Text,
    TinyInt,
    VarChar,
)

_LADDERS: tuple[tuple[type[DataType], ...], ...] = ((TinyInt, SmallInt, Integer, BigInt), (Float32, Float64))
_UNLIMITED = float("inf")


class TypeChange(Enum):
    """How values of a type read in another one."""

    SAME = "same"
    """As before."""
    WIDENED = "widened"
    """As before, and there is room for more."""
    RESHAPED = "reshaped"
    """Each value fits and is written otherwise: with other blanks, or other digits after the point."""
    NARROWED = "narrowed"
    """Some values do not fit."""
    OTHER = "other"
    """Another family of types: a conversion, which no table follows."""


def type_change(old: DataType, new: DataType) -> TypeChange:
    """What happens to values when a column's type changes. A type that is not ours is another family."""
    if old == new:
        return TypeChange.SAME
    match old, new:
        case Array(before), Array(after):
            return type_change(before, after)
        case Decimal(), Decimal():
            return _decimal_change(old, new)
        case Char(before), Char(after):
            return TypeChange.RESHAPED if after > before else TypeChange.NARROWED
        case (VarChar() | NVarChar() | Text(), VarChar() | NVarChar() | Text()):
            return _by_size(_length(old), _length(new))
    for ladder in _LADDERS:
        if type(old) in ladder and type(new) in ladder:
            return _by_size(ladder.index(type(old)), ladder.index(type(new)))
    return TypeChange.OTHER


def _length(text: DataType) -> float:
    return text.length if isinstance(text, VarChar | NVarChar) else _UNLIMITED


def _by_size(old: float, new: float) -> TypeChange:
    if old == new:
        return TypeChange.SAME
    return TypeChange.WIDENED if new > old else TypeChange.NARROWED


def _decimal_change(old: Decimal, new: Decimal) -> TypeChange:
    if new.precision is None:
        return TypeChange.WIDENED
    if old.precision is None:
        return TypeChange.NARROWED
    before, after = old.scale or 0, new.scale or 0
    if after < before or new.precision - after < old.precision - before:
        return TypeChange.NARROWED
    if after > before:
        return TypeChange.RESHAPED
    return _by_size(old.precision, new.precision)
