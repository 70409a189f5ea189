"""Columns of MariaDB and MySQL against the model's types, and values of theirs as PostgreSQL reads them."""

import pytest

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
    SmallInt,
    Text,
    Time,
    Timestamp,
    TinyInt,
    Uuid,
    VarChar,
)
from datasurface_yellow.capture.portable.mysql_types import MySqlColumn, reading
from datasurface_yellow.capture.portable.values import Form, Misfit, Reading


def column(
    declared: str, length: int | None = None, precision: int | None = None, scale: int | None = None
) -> MySqlColumn:
    return MySqlColumn(declared.partition("(")[0].partition(" ")[0], declared, length, precision, scale)


ACCEPTED: list[tuple[DataType, MySqlColumn, Form]] = [
    (TinyInt(), column("tinyint(4)"), Form.TEXT),
    (TinyInt(), column("tinyint(3) unsigned"), Form.TEXT),
    (SmallInt(), column("smallint(6)"), Form.TEXT),
    (SmallInt(), column("year(4)"), Form.TEXT),
    (Integer(), column("smallint(5) unsigned"), Form.TEXT),
    (Integer(), column("mediumint(8) unsigned"), Form.TEXT),
    (Integer(), column("int(11)"), Form.TEXT),
    (BigInt(), column("int unsigned"), Form.TEXT),
    (BigInt(), column("bigint(20)"), Form.TEXT),
    (Decimal(), column("decimal(65,30)", precision=65, scale=30), Form.TEXT),
    (Decimal(10, 2), column("decimal(10,2)", precision=10, scale=2), Form.TEXT),
    (Decimal(20, 0), column("bigint(20) unsigned"), Form.TEXT),
    (Float32(), column("float"), Form.DOUBLE),
    (Float64(), column("float"), Form.DOUBLE),
    (Float64(), column("double"), Form.DOUBLE),
    (Boolean(), column("tinyint(1)"), Form.TEXT),
    (Boolean(), column("bit(1)"), Form.PLAIN),
    (Char(5), column("char(5)", 5), Form.PLAIN),
    (VarChar(5), column("enum('a','bbb')", 3), Form.PLAIN),
    (VarChar(255), column("tinytext", 255), Form.PLAIN),
    (Text(), column("longtext", 4294967295), Form.PLAIN),
    (Text(), column("set('x','y')", 3), Form.PLAIN),
    (Date(), column("date"), Form.TEXT),
    (Time(), column("time(6)"), Form.TEXT),
    (Interval(), column("time"), Form.TEXT),
    (Timestamp(), column("datetime(6)"), Form.TEXT),
    (Timestamp(timezone=True), column("timestamp"), Form.TEXT),
    (Binary(), column("binary(3)", 3), Form.PLAIN),
    (Binary(), column("longblob", 4294967295), Form.PLAIN),
    (Uuid(), column("uuid"), Form.TEXT),
    (Uuid(), column("char(36)", 36), Form.PLAIN),
    (Json(), column("longtext", 4294967295), Form.PLAIN),
    (Json(), column("json"), Form.PLAIN),
]


@pytest.mark.parametrize(("type_", "source", "form"), ACCEPTED, ids=str)
def test_columns_that_fit(type_: DataType, source: MySqlColumn, form: Form) -> None:
    how = reading(type_, source)
    assert isinstance(how, Reading), how
    assert how.form is form


REFUSED: list[tuple[DataType, MySqlColumn, str]] = [
    (TinyInt(), column("smallint(6)"), "may have greater numbers"),
    (SmallInt(), column("smallint(5) unsigned"), "may have greater numbers"),
    (Integer(), column("int(10) unsigned"), "may have greater numbers"),
    (BigInt(), column("bigint(20) unsigned"), "(Decimal(20, 0) takes all of them)"),
    (BigInt(), column("decimal(10,0)", precision=10, scale=0), "another family"),
    (BigInt(), column("bit(8)"), "another family"),
    (Decimal(10, 2), column("decimal(11,2)", precision=11, scale=2), "more digits"),
    (Decimal(10, 2), column("decimal(10,3)", precision=10, scale=3), "more digits"),
    (Decimal(19, 0), column("bigint(20) unsigned"), "more digits"),
    (Decimal(10, 2), column("double"), "another family"),
    (Float32(), column("double"), "another family"),
    (Boolean(), column("tinyint(4)"), "another family"),
    (Boolean(), column("bit(2)"), "another family"),
    (VarChar(5), column("varchar(6)", 6), "longer than 5 characters"),
    (VarChar(5), column("text", 65535), "longer than 5 characters"),
    (Text(), column("varbinary(5)", 5), "another family"),
    (Text(), column("json"), "another family"),
    (Date(), column("datetime"), "another family"),
    (Timestamp(), column("timestamp"), "another family"),
    (Timestamp(timezone=True), column("datetime"), "another family"),
    (Uuid(), column("binary(16)", 16), "another family"),
    (Json(), column("text", 65535), "another family"),
    (Array(Text()), column("longtext", 4294967295), "another family"),
]


@pytest.mark.parametrize(("type_", "source", "reason"), REFUSED, ids=str)
def test_columns_that_cannot_fill_the_type(type_: DataType, source: MySqlColumn, reason: str) -> None:
    how = reading(type_, source)
    assert isinstance(how, str)
    assert reason in how


READ: list[tuple[DataType, MySqlColumn, object, str]] = [
    (Boolean(), column("tinyint(1)"), "1", "t"),
    (Boolean(), column("bit(1)"), b"\x00", "f"),
    (Interval(), column("time(1)"), "-838:59:58.9", "-838:59:58.9"),
    (Timestamp(timezone=True), column("timestamp(3)"), "2024-02-29 12:00:00.500", "2024-02-29 12:00:00.500+00"),
    (Binary(), column("blob"), b"\x00\xff", "\\x00ff"),
]


@pytest.mark.parametrize(("type_", "source", "value", "cell"), READ, ids=str)
def test_values_that_fit(type_: DataType, source: MySqlColumn, value: object, cell: str) -> None:
    how = reading(type_, source)
    assert isinstance(how, Reading)
    assert how.convert(value) == cell


MISFITS: list[tuple[DataType, MySqlColumn, object, str]] = [
    (Boolean(), column("tinyint(1)"), "2", "neither 0 nor 1"),
    (Date(), column("date"), "0000-00-00", "no date"),
    (Date(), column("date"), "2024-02-00", "no date"),
    (Timestamp(), column("datetime"), "0000-00-00 00:00:00", "no date and time"),
    (Timestamp(timezone=True), column("timestamp"), "0000-00-00 00:00:00", "no date and time"),
    (Time(), column("time"), "24:00:01", "no time of day"),
    (Time(), column("time"), "-01:00:00", "no time of day"),
    (Text(), column("text"), "a\0b", "the character NUL"),
    (Uuid(), column("char(36)", 36), "x", "is no UUID"),
]


@pytest.mark.parametrize(("type_", "source", "value", "reason"), MISFITS, ids=str)
def test_values_that_do_not_fit_say_why(type_: DataType, source: MySqlColumn, value: object, reason: str) -> None:
    how = reading(type_, source)
    assert isinstance(how, Reading)
    with pytest.raises(Misfit) as misfit:
        how.convert(value)
    assert reason in str(misfit.value)
