"""The model's column types in PostgreSQL: what a column is stored and compared as, and which source types may fill
it."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from attrs import frozen

from datasurface import types as model
from datasurface.types import DataType

_TEXT_SOURCES = frozenset({"varchar", "text", "bpchar", "name", "citext", "char", "enum"})


@frozen
class SourceType:
    """The type of a source column, domains unwrapped.

    Attributes:
        name: ``pg_type.typname``; ``enum`` for enums; the element's for an array.
        is_array: whether it is an array of ``name``.
        length: characters at most (text types, enums by their longest label), None without a limit.
        precision, scale: of numeric, None without.
        sql: the type's own SQL name, without length.
    """

    name: str
    is_array: bool
    length: int | None
    precision: int | None
    scale: int | None
    sql: str


@frozen
class StoreType:
    """A model type in PostgreSQL.

    Attributes:
        base: SQL name without length or scale; the column's type, and the cast of every read and hash. ``bpchar`` and
            not ``character``,
            which would be ``char(1)``.
        accepts: says why a source type does not fit, or None when it does.
        declared: the model's type as it is written there; a table that was widened may have a wider base.
    """

    base: str
    accepts: Callable[[SourceType], str | None]
    declared: str = ""


def _one_of(*names: str) -> Callable[[SourceType], str | None]:
    def accepts(source: SourceType) -> str | None:
        return None if not source.is_array and source.name in names else "is of another family"

    return accepts


def _text(limit: int | None) -> Callable[[SourceType], str | None]:
    def accepts(source: SourceType) -> str | None:
        if source.is_array or source.name not in _TEXT_SOURCES:
            return "is of another family"
        if limit is not None and (source.length is None or source.length > limit):
            return f"may be longer than {limit} characters"
        return None

    return accepts


def _decimal(declared: model.Decimal) -> Callable[[SourceType], str | None]:
    def accepts(source: SourceType) -> str | None:
        if source.is_array or source.name != "numeric":
            return "is of another family"
        if declared.precision is None:
            return None
        scale = declared.scale or 0
        if source.precision is None or source.scale is None:
            return "has no limit of digits"
        if source.scale > scale or source.precision - source.scale > declared.precision - scale:
            return "may have more digits"
        return None

    return accepts


def _array(element: StoreType) -> Callable[[SourceType], str | None]:
    def accepts(source: SourceType) -> str | None:
        if not source.is_array:
            return "is no array"
        inner = SourceType(source.name, False, source.length, source.precision, source.scale, source.sql)
        return element.accepts(inner)

    return accepts


def unfilled(base: str) -> StoreType:
    """A type that no column of a source fills any more."""
    return StoreType(base, _one_of())


@lru_cache(maxsize=1024)  # a large model asks for every column, and has few types
def store_type(declared: DataType) -> StoreType | None:
    """The PostgreSQL side of a model type; None for a type that Yellow cannot store."""
    match declared:
        case model.TinyInt() | model.SmallInt():
            return StoreType("smallint", _one_of("int2"))
        case model.Integer():
            return StoreType("integer", _one_of("int4", "int2"))
        case model.BigInt():
            return StoreType("bigint", _one_of("int8", "int4", "int2"))
        case model.Decimal():
            return StoreType("numeric", _decimal(declared))
        case model.Float32():
            return StoreType("real", _one_of("float4"))
        case model.Float64():
            return StoreType("double precision", _one_of("float8", "float4"))
        case model.Boolean():
            return StoreType("boolean", _one_of("bool"))
        case model.Char(length):
            return StoreType("bpchar", _text(length))
        case model.VarChar(length) | model.NVarChar(length):
            return StoreType("varchar", _text(length))
        case model.Text():
            return StoreType("text", _text(None))
        case model.Date():
            return StoreType("date", _one_of("date"))
        case model.Time():
            return StoreType("time", _one_of("time"))
        case model.Interval():
            return StoreType("interval", _one_of("interval"))
        case model.Timestamp(timezone):
            return (
                StoreType("timestamptz", _one_of("timestamptz"))
                if timezone
                else StoreType("timestamp", _one_of("timestamp"))
            )
        case model.Binary():
            return StoreType("bytea", _one_of("bytea"))
        case model.Uuid():
            return StoreType("uuid", _one_of("uuid"))
        case model.Json():
            return StoreType("jsonb", _one_of("jsonb", "json"))
        case model.Array(element):
            inner = store_type(element)
            return None if inner is None or "[]" in inner.base else StoreType(f"{inner.base}[]", _array(inner))
    return None


_PLAIN_TYPES: Mapping[type[DataType], str] = {
    model.TinyInt: "smallint",
    model.SmallInt: "smallint",
    model.Integer: "integer",
    model.BigInt: "bigint",
    model.Float32: "real",
    model.Float64: "double precision",
    model.Boolean: "boolean",
    model.Text: "text",
    model.Date: "date",
    model.Time: "time",
    model.Interval: "interval",
    model.Binary: "bytea",
    model.Uuid: "uuid",
    model.Json: "jsonb",
}


def source_type(declared: DataType) -> str:
    """The SQL type that a producer would give such a column, with its length."""
    match declared:
        case model.Decimal(precision=None):
            return "numeric"
        case model.Decimal(precision=precision, scale=scale):
            return f"numeric({precision},{scale or 0})"
        case model.Char(length=length):
            return f"character({length})"
        case model.VarChar(length=length) | model.NVarChar(length=length):
            return f"character varying({length})"
        case model.Timestamp(timezone=timezone):
            return "timestamptz" if timezone else "timestamp"
        case model.Array(element=element):
            return f"{source_type(element)}[]"
        case _:
            return _PLAIN_TYPES[type(declared)]
