"""The type that a column of a source is read as: the narrowest that the reader accepts it for.

The readers say which column may fill a type; here each is asked for the types in turn.
"""

from collections.abc import Callable, Iterable

from attrs import evolve

from datasurface import types as model
from datasurface.errors import ModelValueError
from datasurface.interchange.sql_types import type_named
from datasurface.types import DataType
from datasurface_yellow.capture.portable import mysql_types, sqlite_types
from datasurface_yellow.capture.portable.mysql_types import MySqlColumn
from datasurface_yellow.capture.portable.sqlite_types import Affinity, affinity
from datasurface_yellow.capture.portable.values import Reading
from datasurface_yellow.store.types import SourceType, store_type

_WHOLE = (model.SmallInt(), model.Integer(), model.BigInt())
_OTHERS = (
    model.Float32(),
    model.Float64(),
    model.Boolean(),
    model.Date(),
    model.Time(),
    model.Timestamp(),
    model.Timestamp(timezone=True),
    model.Interval(),
    model.Binary(),
    model.Uuid(),
)

_BY_AFFINITY = {
    Affinity.INTEGER: model.BigInt(),
    Affinity.NUMERIC: model.Decimal(),
    Affinity.REAL: model.Float64(),
    Affinity.TEXT: model.Text(),
    Affinity.BLOB: model.Binary(),
}


def postgres_type(source: SourceType) -> DataType | None:
    """The type that a column of PostgreSQL is read as; None where Yellow cannot read it."""
    if source.is_array:
        element = postgres_type(evolve(source, is_array=False))
        return None if element is None else _first([model.Array(element)], lambda type_: _fits(type_, source))
    length = model.Char if source.name == "bpchar" else model.VarChar
    candidates = [
        *_WHOLE,
        *_decimals(source.precision, source.scale),
        *_texts(length, source.length),
        *_OTHERS,
        model.Json(),
    ]
    return _first(candidates, lambda type_: _fits(type_, source))


def _fits(type_: DataType, source: SourceType) -> bool:
    stored = store_type(type_)
    return stored is not None and stored.accepts(source) is None


def mysql_type(source: MySqlColumn) -> DataType | None:
    """The type that a column of MariaDB or MySQL is read as; None where Yellow cannot read it."""
    length = model.Char if source.name == "char" else model.VarChar
    candidates = [
        model.Boolean(),
        model.TinyInt(),
        *_WHOLE,
        *(_decimals(source.precision, source.scale) if source.name == "decimal" else [model.Decimal(20, 0)]),
        # The types without a length of their own have one in bytes.
        *_texts(length, None if source.name.endswith("text") else source.length),
        *_OTHERS,
        model.Json(),
    ]
    return _first(candidates, lambda type_: isinstance(mysql_types.reading(type_, source), Reading))


def sqlite_type(declared: str) -> tuple[DataType, str | None]:
    """The type that a column of SQLite is read as, and what there is to doubt: its values may be of any kind."""
    named = type_named(declared) if declared else None
    if isinstance(named, model.TinyInt | model.SmallInt | model.Integer):
        named = model.BigInt()
    if isinstance(named, model.Float32):
        named = model.Float64()
    kind = affinity(declared)
    if named is not None and isinstance(sqlite_types.reading(named, kind), Reading):
        return named, None
    by_affinity = _BY_AFFINITY[kind]
    return by_affinity, f"its type {declared or 'is not declared and'} says little, so it is {by_affinity!r}"


def key_type(type_: DataType) -> DataType:
    """The type of a key column: text of a fixed length without the blanks at its end, which a key may not have."""
    return model.VarChar(type_.length) if isinstance(type_, model.Char) else type_


def _decimals(precision: int | None, scale: int | None) -> list[DataType]:
    """With as many digits as the column may have, and without a limit."""
    if precision is None or scale is None:
        return [model.Decimal()]
    try:
        return [model.Decimal(precision, scale), model.Decimal()]
    except ModelValueError:  # PostgreSQL has scales below zero, and above the precision
        return [model.Decimal()]


def _texts(sized: Callable[[int], DataType], length: int | None) -> list[DataType]:
    return [sized(length), model.Text()] if length else [model.Text()]


def _first(candidates: Iterable[DataType], fits: Callable[[DataType], bool]) -> DataType | None:
    return next(filter(fits, candidates), None)
