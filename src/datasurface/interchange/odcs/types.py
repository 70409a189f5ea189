"""Column types in a contract: the logical type that all its readers know, and the physical one, which is exact."""

from collections.abc import Mapping
from typing import TypeGuard

from attrs import frozen
from open_data_contract_standard.model import SchemaProperty

from datasurface import types
from datasurface.interchange.canonical import JsonValue
from datasurface.interchange.sql_types import sql_name, type_named
from datasurface.types import DataType

_NO_OPTIONS: Mapping[str, JsonValue] = {}

_LOGICAL: Mapping[type[DataType], tuple[str, Mapping[str, JsonValue]]] = {
    types.TinyInt: ("integer", {"format": "i8"}),
    types.SmallInt: ("integer", {"format": "i16"}),
    types.Integer: ("integer", {"format": "i32"}),
    types.BigInt: ("integer", {"format": "i64"}),
    types.Decimal: ("number", _NO_OPTIONS),
    types.Float32: ("number", {"format": "f32"}),
    types.Float64: ("number", {"format": "f64"}),
    types.Boolean: ("boolean", _NO_OPTIONS),
    types.Text: ("string", _NO_OPTIONS),
    types.Date: ("date", _NO_OPTIONS),
    types.Time: ("time", {"timezone": False}),
    types.Interval: ("string", _NO_OPTIONS),
    types.Binary: ("string", {"format": "binary"}),
    types.Uuid: ("string", {"format": "uuid"}),
    types.Json: ("object", _NO_OPTIONS),
    types.Vector: ("array", _NO_OPTIONS),
}
"""The logical type and its options, of the types for which nothing else decides."""

_WHOLE: Mapping[str, DataType] = {
    "i8": types.TinyInt(),
    "u8": types.SmallInt(),
    "i16": types.SmallInt(),
    "u16": types.Integer(),
    "i32": types.Integer(),
    "u32": types.BigInt(),
    "i64": types.BigInt(),
    "u64": types.Decimal(20, 0),
    "i128": types.Decimal(39, 0),
    "u128": types.Decimal(39, 0),
}
"""The smallest type that holds every whole number of a format."""


def type_document(type_: DataType) -> dict[str, JsonValue]:
    """The fields of a property that say its type."""
    logical, options = _logical(type_)
    document: dict[str, JsonValue] = {"logicalType": logical}
    if options:
        document["logicalTypeOptions"] = dict(options)
    physical = sql_name(type_)
    if physical is not None:
        document["physicalType"] = physical
    match type_:
        case types.Array(element):
            document["items"] = type_document(element)
        case types.Vector():
            document["items"] = type_document(types.Float32())
    return document


def _logical(type_: DataType) -> tuple[str, Mapping[str, JsonValue]]:
    match type_:
        case types.Char(length):
            return "string", {"minLength": length, "maxLength": length}
        case types.VarChar(length) | types.NVarChar(length):
            return "string", {"maxLength": length}
        case types.Timestamp(timezone):
            return "timestamp", {"timezone": timezone}
        case types.Array():
            return "array", _NO_OPTIONS
        case _:
            return _LOGICAL.get(type(type_), ("string", _NO_OPTIONS))


@frozen
class TypeFound:
    """The type that a property was read as; ``doubt`` says what of it was chosen, and None where nothing was."""

    type: DataType
    doubt: str | None = None


def type_of(found: SchemaProperty) -> TypeFound:
    """The physical type where it is known, else what the logical one says."""
    physical = type_named(found.physicalType) if found.physicalType else None
    if physical is not None:
        return TypeFound(physical, _lost_inside(found, physical))
    chosen = _by_logical_type(found)
    if found.physicalType:
        doubt = f"its physical type {found.physicalType} is unknown, so it is {chosen.type!r}"
        return TypeFound(chosen.type, f"{doubt} by its logical type" if found.logicalType else doubt)
    return chosen


def _by_logical_type(found: SchemaProperty) -> TypeFound:
    options = found.logicalTypeOptions or {}
    match found.logicalType:
        case "string":
            return _text(options)
        case "integer":
            return TypeFound(_WHOLE.get(str(options.get("format")), types.BigInt()))
        case "number":
            formats: dict[str, DataType] = {"f32": types.Float32(), "f64": types.Float64()}
            return TypeFound(formats.get(str(options.get("format")), types.Decimal()))
        case "boolean":
            return TypeFound(types.Boolean())
        case "date":
            return TypeFound(types.Date())
        case "time":
            return TypeFound(types.Time())
        case "timestamp":
            return TypeFound(types.Timestamp(timezone=options.get("timezone") is not False))
        case "array" | "vector":
            return _list(found)
        case "object" | "map":
            json = types.Json()
            return TypeFound(json, _lost_inside(found, json))
        case None:
            return TypeFound(types.Text(), "it has no type, so it is Text()")
        case other:
            return TypeFound(types.Text(), f"its logical type {other} is unknown, so it is Text()")


def _text(options: Mapping[str, object]) -> TypeFound:
    length = options.get("maxLength")
    if options.get("format") == "uuid":
        return TypeFound(types.Uuid())
    if options.get("format") == "binary":
        return TypeFound(types.Binary())
    if _is_length(length):
        return TypeFound(types.VarChar(length))
    return TypeFound(types.Text(), None if length is None else f"its maxLength {length!r} is none, so it is Text()")


def _is_length(found: object) -> TypeGuard[int]:
    return isinstance(found, int) and not isinstance(found, bool) and found > 0


def _list(found: SchemaProperty) -> TypeFound:
    dimensions = (found.logicalTypeOptions or {}).get("dimensions")
    if found.logicalType == "vector" and _is_length(dimensions):
        return TypeFound(types.Vector(dimensions))
    if found.items is None or found.items.logicalType in ("object", "map"):
        return TypeFound(types.Json(), "a list of objects has no type in a model, so it is Json()")
    element = type_of(found.items)
    return TypeFound(types.Array(element.type), element.doubt)


def _lost_inside(found: SchemaProperty, type_: DataType) -> str | None:
    """What there is to say of a property that has properties of its own."""
    if found.properties or getattr(found, "map", None):
        return f"what is inside of it has no place in a model: it is one column of {type_!r}"
    return None
