"""Types by their SQL names: ours come back as they were, others' are the nearest that holds every value."""

import pytest
from hypothesis import given

from datasurface import types
from datasurface.interchange.sql_types import sql_name, type_named
from datasurface.types import DataType
from tests.support.models import data_types


@given(data_types)
def test_a_name_that_we_write_is_read_as_the_same_type(type_: DataType) -> None:
    name = sql_name(type_)
    assert name is not None
    assert type_named(name) == type_
    assert type_named(name.upper().replace("(", " ( ").replace("[", " [")) == type_


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("INT", types.Integer()),
        ("int(11)", types.Integer()),
        ("int unsigned", types.BigInt()),
        ("int(10) unsigned", types.BigInt()),
        ("NUMERIC(10, 2)", types.Decimal(10, 2)),
        ("number(38,0)", types.Decimal(38, 0)),
        ("numeric", types.Decimal()),
        ("VARCHAR2(20 CHAR)", types.VarChar(20)),
        ("varchar[15]", types.VarChar(15)),
        ("varchar(max)", types.Text()),
        ("character varying(7)", types.VarChar(7)),
        ("varchar", types.Text()),
        ("char", types.Char(1)),
        ("timestamp(3) with time zone", types.Timestamp(timezone=True)),
        ("datetime(6)", types.Timestamp()),
        ("double", types.Float64()),
        ("bit", types.Boolean()),
        ("varbinary(16)", types.Binary()),
        ("STRING", types.Text()),
    ],
)
def test_names_of_others(name: str, type_: DataType) -> None:
    assert type_named(name) == type_


@pytest.mark.parametrize(
    "name",
    [
        "",
        "geometry",
        "struct<a:int>",
        "array<int>",
        "varchar(0)",
        "decimal(2,5)",
        "varchar(x)",
        "bit(8)",
        "int[",
        "(3)",
    ],
)
def test_names_that_nobody_here_knows(name: str) -> None:
    assert type_named(name) is None
