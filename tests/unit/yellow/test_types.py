"""Model types in PostgreSQL: what they are stored as, and which source types may fill them."""

import pytest

from datasurface import types
from datasurface.types import (
    Array,
    BigInt,
    Binary,
    Boolean,
    Char,
    DataType,
    Date,
    Decimal,
    Float32,
    Float64,
    Integer,
    Interval,
    Json,
    NVarChar,
    SmallInt,
    Text,
    Time,
    Timestamp,
    TinyInt,
    Uuid,
    VarChar,
    Vector,
)
from datasurface_yellow.store.types import SourceType, store_type

BASES = {
    TinyInt(): "smallint",
    SmallInt(): "smallint",
    Integer(): "integer",
    BigInt(): "bigint",
    Decimal(): "numeric",
    Decimal(10, 2): "numeric",
    Float32(): "real",
    Float64(): "double precision",
    Boolean(): "boolean",
    Char(3): "bpchar",
    VarChar(3): "varchar",
    NVarChar(3): "varchar",
    Text(): "text",
    Date(): "date",
    Time(): "time",
    Interval(): "interval",
    Timestamp(): "timestamp",
    Timestamp(timezone=True): "timestamptz",
    Binary(): "bytea",
    Uuid(): "uuid",
    Json(): "jsonb",
    Array(Integer()): "integer[]",
    Array(VarChar(3)): "varchar[]",
}


def _accepted(declared: DataType, source: SourceType) -> str | None:
    kind = store_type(declared)
    assert kind is not None
    return kind.accepts(source)


def _source(name: str, **more: int) -> SourceType:
    return SourceType(name, False, more.get("length"), more.get("precision"), more.get("scale"), name)


@pytest.mark.parametrize(("declared", "base"), BASES.items(), ids=map(repr, BASES))
def test_each_type_has_a_base_type_without_length(declared: DataType, base: str) -> None:
    kind = store_type(declared)

    assert kind is not None
    assert kind.base == base
    assert "(" not in base, "a cast to a length cuts what is longer, silently"


@pytest.mark.parametrize("declared", [Vector(3), Array(Array(Integer())), Array(Vector(3))], ids=repr)
def test_what_cannot_be_stored_has_none(declared: DataType) -> None:
    assert store_type(declared) is None


def test_every_type_of_the_model_was_thought_of() -> None:
    known = {type(declared) for declared in BASES} | {Vector}
    of_model = {found for found in vars(types).values() if isinstance(found, type) and issubclass(found, DataType)}
    assert of_model - {DataType} == known


FITTING = [
    (SmallInt(), _source("int2")),
    (Integer(), _source("int2")),
    (Integer(), _source("int4")),
    (BigInt(), _source("int8")),
    (Decimal(), _source("numeric")),
    (Decimal(), _source("numeric", precision=1000, scale=500)),
    (Decimal(10, 2), _source("numeric", precision=10, scale=2)),
    (Decimal(10, 2), _source("numeric", precision=8, scale=0)),
    (Decimal(10, 2), _source("numeric", precision=5, scale=-3)),
    (Decimal(10), _source("numeric", precision=10, scale=0)),
    (Float64(), _source("float4")),
    (VarChar(3), _source("varchar", length=3)),
    (VarChar(3), _source("bpchar", length=2)),
    (VarChar(3), _source("enum", length=3)),
    (VarChar(1), _source("char", length=1)),
    (VarChar(63), _source("name", length=63)),
    (Char(3), _source("bpchar", length=3)),
    (Text(), _source("citext")),
    (Text(), _source("varchar", length=3)),
    (Json(), _source("json")),
    (Array(VarChar(3)), SourceType("varchar", True, 2, None, None, "character varying[]")),
]

NOT_FITTING = [
    (SmallInt(), _source("int4"), "is of another family"),
    (Integer(), _source("int8"), "is of another family"),
    (BigInt(), _source("numeric", precision=5, scale=0), "is of another family"),
    (BigInt(), _source("money"), "is of another family"),
    (BigInt(), SourceType("int8", True, None, None, None, "bigint[]"), "is of another family"),
    (Decimal(), _source("int4"), "is of another family"),
    (Decimal(10, 2), _source("numeric"), "has no limit of digits"),
    (Decimal(10, 2), _source("numeric", precision=10, scale=3), "may have more digits"),
    (Decimal(10, 2), _source("numeric", precision=10, scale=1), "may have more digits"),
    (Decimal(10, 2), _source("numeric", precision=6, scale=-3), "may have more digits"),
    (Decimal(10), _source("numeric", precision=10, scale=1), "may have more digits"),
    (Float32(), _source("float8"), "is of another family"),
    (VarChar(3), _source("varchar", length=4), "may be longer than 3 characters"),
    (VarChar(3), _source("text"), "may be longer than 3 characters"),
    (VarChar(3), _source("citext"), "may be longer than 3 characters"),
    (VarChar(3), _source("enum", length=4), "may be longer than 3 characters"),
    (VarChar(62), _source("name", length=63), "may be longer than 62 characters"),
    (Char(3), _source("bpchar", length=4), "may be longer than 3 characters"),
    (Text(), _source("json"), "is of another family"),
    (Text(), _source("bytea"), "is of another family"),
    (Timestamp(), _source("timestamptz"), "is of another family"),
    (Timestamp(timezone=True), _source("timestamp"), "is of another family"),
    (Timestamp(), _source("date"), "is of another family"),
    (Time(), _source("timetz"), "is of another family"),
    (Uuid(), _source("text"), "is of another family"),
    (Boolean(), _source("int2"), "is of another family"),
    (Array(Integer()), _source("int4"), "is no array"),
    (Array(VarChar(3)), SourceType("varchar", True, 4, None, None, "character varying[]"), "may be longer than 3"),
]


@pytest.mark.parametrize(("declared", "source"), FITTING)
def test_a_source_type_that_holds_no_more_fits(declared: DataType, source: SourceType) -> None:
    assert _accepted(declared, source) is None


@pytest.mark.parametrize(("declared", "source", "reason"), NOT_FITTING)
def test_a_source_type_that_may_hold_more_or_other_values_does_not_fit(
    declared: DataType, source: SourceType, reason: str
) -> None:
    assert reason in (_accepted(declared, source) or "")
