"""The type that a column is read as is one that the reader accepts it for, and the narrowest."""

import pytest

from datasurface import types
from datasurface.types import DataType
from datasurface_yellow.capture.portable.mysql_types import MySqlColumn
from datasurface_yellow.catalogue.types import mysql_type, postgres_type, sqlite_type
from datasurface_yellow.store.types import SourceType


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        (SourceType("int2", False, None, None, None, "smallint"), types.SmallInt()),
        (SourceType("int4", False, None, None, None, "integer"), types.Integer()),
        (SourceType("int8", False, None, None, None, "bigint"), types.BigInt()),
        (SourceType("numeric", False, None, 10, 2, "numeric"), types.Decimal(10, 2)),
        (SourceType("numeric", False, None, 3, -2, "numeric"), types.Decimal()),
        (SourceType("numeric", False, None, None, None, "numeric"), types.Decimal()),
        (SourceType("float4", False, None, None, None, "real"), types.Float32()),
        (SourceType("varchar", False, 8, None, None, "varchar"), types.VarChar(8)),
        (SourceType("varchar", False, None, None, None, "varchar"), types.Text()),
        (SourceType("bpchar", False, 2, None, None, "character"), types.Char(2)),
        (SourceType("enum", False, 5, None, None, "mood"), types.VarChar(5)),
        (SourceType("citext", False, None, None, None, "citext"), types.Text()),
        (SourceType("timestamptz", False, None, None, None, "timestamptz"), types.Timestamp(timezone=True)),
        (SourceType("json", False, None, None, None, "json"), types.Json()),
        (SourceType("varchar", True, 8, None, None, "varchar[]"), types.Array(types.VarChar(8))),
        (SourceType("point", False, None, None, None, "point"), None),
        (SourceType("point", True, None, None, None, "point[]"), None),
        (SourceType("money", False, None, None, None, "money"), None),
    ],
)
def test_types_of_postgresql(source: SourceType, type_: DataType | None) -> None:
    assert postgres_type(source) == type_


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        (MySqlColumn("tinyint", "tinyint(4)"), types.TinyInt()),
        (MySqlColumn("tinyint", "tinyint(1)"), types.Boolean()),
        (MySqlColumn("bit", "bit(1)"), types.Boolean()),
        (MySqlColumn("bit", "bit(8)"), None),
        (MySqlColumn("int", "int(10) unsigned"), types.BigInt()),
        (MySqlColumn("bigint", "bigint(20) unsigned"), types.Decimal(20, 0)),
        (MySqlColumn("decimal", "decimal(8,3)", None, 8, 3), types.Decimal(8, 3)),
        (MySqlColumn("float", "float"), types.Float32()),
        (MySqlColumn("double", "double"), types.Float64()),
        (MySqlColumn("char", "char(36)", 36), types.Char(36)),
        (MySqlColumn("varchar", "varchar(20)", 20), types.VarChar(20)),
        (MySqlColumn("mediumtext", "mediumtext", 2**24 - 1), types.Text()),
        (MySqlColumn("year", "year(4)"), types.SmallInt()),
        (MySqlColumn("time", "time"), types.Time()),
        (MySqlColumn("json", "json"), types.Json()),
        (MySqlColumn("geometry", "geometry"), None),
    ],
)
def test_types_of_mysql(source: MySqlColumn, type_: DataType | None) -> None:
    assert mysql_type(source) == type_


@pytest.mark.parametrize(
    ("declared", "type_", "is_doubtful"),
    [
        ("INTEGER", types.BigInt(), False),
        ("VARCHAR(20)", types.VarChar(20), False),
        ("FLOAT", types.Float64(), False),
        ("REAL", types.Float64(), False),
        ("DATETIME", types.Timestamp(), False),
        ("UUID", types.Uuid(), False),
        ("INTERVAL", types.BigInt(), True),
        ("STRING", types.Decimal(), True),
        ("", types.Binary(), True),
    ],
)
def test_types_of_sqlite(declared: str, type_: DataType, is_doubtful: bool) -> None:
    found, doubt = sqlite_type(declared)
    assert found == type_
    assert (doubt is not None) is is_doubtful
