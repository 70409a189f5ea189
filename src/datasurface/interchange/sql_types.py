"""Column types by the names that SQL has for them: ours, and those of databases and contracts that we did not write."""

import re
from collections.abc import Callable, Mapping

from datasurface import types
from datasurface.errors import ModelValueError
from datasurface.types import DataType

_PLAIN: Mapping[str, DataType] = {
    "tinyint": types.TinyInt(),
    "smallint": types.SmallInt(),
    "integer": types.Integer(),
    "bigint": types.BigInt(),
    "decimal": types.Decimal(),
    "real": types.Float32(),
    "double precision": types.Float64(),
    "boolean": types.Boolean(),
    "text": types.Text(),
    "date": types.Date(),
    "time": types.Time(),
    "interval": types.Interval(),
    "timestamp": types.Timestamp(),
    "timestamptz": types.Timestamp(timezone=True),
    "bytea": types.Binary(),
    "uuid": types.Uuid(),
    "json": types.Json(),
}
"""The names that we write of types without parameters."""

_SAME: Mapping[str, str] = {
    **dict.fromkeys(("int1", "byteint"), "tinyint"),
    **dict.fromkeys(("int2", "short", "smallserial", "tinyint unsigned", "year"), "smallint"),
    **dict.fromkeys(("int", "int4", "serial", "mediumint", "mediumint unsigned", "smallint unsigned"), "integer"),
    **dict.fromkeys(("int8", "long", "bigserial", "int unsigned", "integer unsigned"), "bigint"),
    **dict.fromkeys(("numeric", "dec", "number"), "decimal"),
    **dict.fromkeys(("float4", "binary_float"), "real"),
    **dict.fromkeys(("double", "float", "float8", "float64", "binary_double"), "double precision"),
    **dict.fromkeys(("bool", "bit"), "boolean"),
    **dict.fromkeys(("string", "clob", "nclob", "ntext", "citext", "tinytext", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("varchar", "character varying", "varchar2", "nvarchar", "nvarchar2"), "text"),
    "time without time zone": "time",
    **dict.fromkeys(("timestamp without time zone", "timestamp_ntz", "datetime", "datetime2"), "timestamp"),
    **dict.fromkeys(
        ("timestamp with time zone", "timestamp with local time zone", "timestamp_tz", "timestamp_ltz"), "timestamptz"
    ),
    "datetimeoffset": "timestamptz",
    **dict.fromkeys(("binary", "varbinary", "bytes", "blob", "tinyblob", "mediumblob", "longblob", "raw"), "bytea"),
    "uniqueidentifier": "uuid",
    **dict.fromkeys(("jsonb", "variant"), "json"),
}
"""What others call them."""

_SIZED: Mapping[str, Callable[[int], DataType]] = {
    **dict.fromkeys(("char", "character", "bpchar", "nchar"), types.Char),
    **dict.fromkeys(("varchar", "character varying", "varchar2", "string"), types.VarChar),
    **dict.fromkeys(("nvarchar", "nvarchar2", "national character varying"), types.NVarChar),
    "vector": types.Vector,
}
"""Types with a length, by all their names."""

_DEEPEST = 6
"""Lists in lists that PostgreSQL has; a name can go on with [] for thousands."""
_FORM = re.compile(r"(?P<name>[a-z_][a-z0-9_ ]*)(?:\((?P<arguments>[^()]*)\)(?P<rest>[a-z ]*))?")


def sql_name(type_: DataType) -> str | None:
    """The name that we write; None for a type that a plugin brought."""
    match type_:
        case types.Decimal(precision=int(precision), scale=scale):
            return f"decimal({precision})" if scale is None else f"decimal({precision},{scale})"
        case types.Char(length):
            return f"char({length})"
        case types.VarChar(length):
            return f"varchar({length})"
        case types.NVarChar(length):
            return f"nvarchar({length})"
        case types.Vector(dimensions):
            return f"vector({dimensions})"
        case types.Array(element):
            inner = sql_name(element)
            return None if inner is None else f"{inner}[]"
        case _:
            return next((name for name, plain in _PLAIN.items() if plain == type_), None)


def type_named(name: str) -> DataType | None:
    """The type that a name means, ours or another's; None for one that nobody here knows.

    What a type of ours has no word for is dropped: digits of seconds, the width of a display, the length of bytes.
    """
    words = re.sub(r"\[(\d+)\]", r"(\1)", " ".join(name.lower().split()).replace(" (", "("))
    if words.endswith("[]" * (_DEEPEST + 1)):
        return None
    if words.endswith("[]"):
        element = type_named(words[:-2])
        return None if element is None else types.Array(element)
    found = _FORM.fullmatch(words)
    if found is None:
        return None
    word = f"{found['name']} {(found['rest'] or '').strip()}".strip()
    arguments = [part.strip() for part in (found["arguments"] or "").split(",") if part.strip()]
    try:
        return _built(word, arguments)
    except (ModelValueError, ValueError):
        return None


def _built(word: str, arguments: list[str]) -> DataType | None:
    if arguments == ["max"]:
        arguments = []
    plain = _PLAIN.get(_SAME.get(word, word))
    if plain == types.Decimal() and arguments:
        return types.Decimal(*(int(argument) for argument in arguments[:2]))
    if arguments and word in _SIZED:
        return _SIZED[word](int(re.split(r"\s", arguments[0])[0]))  # Oracle's varchar2(20 char)
    if word in ("char", "character", "nchar"):
        return types.Char(1)
    if word == "bit" and arguments not in ([], ["1"]):
        return None
    return plain
