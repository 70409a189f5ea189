"""Columns of SQLite against the model's types, and values of theirs as PostgreSQL reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from datasurface_yellow.capture.portable.sqlite_types import Affinity, affinity, reading
from datasurface_yellow.capture.portable.values import Misfit, Reading

AFFINITIES = {
    "INT": Affinity.INTEGER,
    "UNSIGNED BIG INT": Affinity.INTEGER,
    "CHARINT": Affinity.INTEGER,
    "varchar(255)": Affinity.TEXT,
    "NATIVE CHARACTER(70)": Affinity.TEXT,
    "clob": Affinity.TEXT,
    "BLOB": Affinity.BLOB,
    "": Affinity.BLOB,
    "DOUBLE PRECISION": Affinity.REAL,
    "FLOAT": Affinity.REAL,
    "DECIMAL(10,5)": Affinity.NUMERIC,
    "BOOLEAN": Affinity.NUMERIC,
    "DATETIME": Affinity.NUMERIC,
    "STRING": Affinity.NUMERIC,
    "UUID": Affinity.NUMERIC,
}


@pytest.mark.parametrize("declared", AFFINITIES)
def test_affinities_are_those_of_sqlite(declared: str) -> None:
    assert affinity(declared) is AFFINITIES[declared]


REFUSED = {
    (BigInt(), Affinity.REAL): "turns whole numbers into floating point numbers",
    (BigInt(), Affinity.TEXT): "turns numbers into text",
    (VarChar(5), Affinity.NUMERIC): "turns text that looks like a number into one",
    (Text(), Affinity.INTEGER): "turns text that looks like a number into one",
    (Char(5), Affinity.REAL): "turns text that looks like a number into one",
    (Float64(), Affinity.TEXT): "turns numbers into text",
    (Boolean(), Affinity.TEXT): "turns numbers into text",
    (Float32(), Affinity.REAL): "read it as Float64",
    (Interval(), Affinity.TEXT): "has no such type",
    (Array(Text()), Affinity.TEXT): "has no such type",
}


@pytest.mark.parametrize(("type_", "column"), REFUSED, ids=str)
def test_affinities_that_change_what_is_written_are_refused(type_: DataType, column: Affinity) -> None:
    how = reading(type_, column)
    assert isinstance(how, str)
    assert REFUSED[type_, column] in how


READ = [
    (TinyInt(), -128, "-128"),
    (SmallInt(), 32767, "32767"),
    (Integer(), -(2**31), "-2147483648"),
    (BigInt(), 2**63 - 1, "9223372036854775807"),
    (Decimal(), "1.00", "1.00"),
    (Decimal(), 5, "5"),
    (Decimal(38, 19), "1234567890123456789.1234567890123456789", "1234567890123456789.1234567890123456789"),
    (Decimal(10, 2), 5, "5.00"),
    (Decimal(10, 2), 1.1, "1.10"),
    (Decimal(10, 2), "-0.5", "-0.50"),
    (Decimal(10, 2), "+.5", "0.50"),
    (Decimal(10, 2), "12345678.900", "12345678.90"),
    (Decimal(5), 12.0, "12"),
    (Decimal(15, 12), 1e-12, "0.000000000001"),
    (Decimal(10, 2), "NaN", "NaN"),
    (Float64(), 0.1, "0.1"),
    (Float64(), 2**53, "9007199254740992"),
    (Float64(), float("-inf"), "-Infinity"),
    (Boolean(), 1, "t"),
    (Boolean(), 0, "f"),
    (Char(3), "äöü", "äöü"),
    (VarChar(3), "", ""),
    (Text(), "a\tb\\", "a\tb\\"),
    (Date(), "2024-02-29", "2024-02-29"),
    (Time(), "23:59:59.999999", "23:59:59.999999"),
    (Time(), "07:30", "07:30"),
    (Time(), "24:00:00", "24:00:00"),
    (Timestamp(), "2024-02-29 12:00:00", "2024-02-29 12:00:00"),
    (Timestamp(), "2024-02-29T12:00:00.5", "2024-02-29T12:00:00.5"),
    (Timestamp(timezone=True), "2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
    (Timestamp(timezone=True), "2024-02-29 12:00:00+05:30", "2024-02-29 12:00:00+05:30"),
    (Binary(), b"\x00\xff", "\\x00ff"),
    (Uuid(), "00000000-0000-4000-8000-00000000000A", "00000000-0000-4000-8000-00000000000A"),
    (Uuid(), bytes(16), "0" * 32),
    (Json(), '{"a": 1.0}', '{"a": 1.0}'),
]


@pytest.mark.parametrize(("type_", "value", "cell"), READ, ids=repr)
def test_values_that_fit(type_: DataType, value: object, cell: str) -> None:
    assert _read(type_, value) == cell


MISFITS = [
    (TinyInt(), 128, "needs more than 1 bytes"),
    (SmallInt(), -32769, "needs more than 2 bytes"),
    (BigInt(), "5", "is text, not a whole number"),
    (BigInt(), 5.0, "is a floating point number, not a whole number"),
    (Decimal(), 0.5, "no exact decimal number"),
    (Decimal(16, 2), 0.5, "no exact decimal number"),
    (Decimal(10, 2), float("inf"), "no exact decimal number"),
    (Decimal(10, 2), 0.1 + 0.2, "more digits than Decimal(10, 2)"),
    (Decimal(10, 2), 123456789, "more digits than Decimal(10, 2)"),
    (Decimal(10, 2), "1e5", "is no decimal number"),
    (Decimal(10, 2), b"5", "is bytes, not text"),
    (Float64(), 2**53 + 1, "no double holds"),
    (Float64(), "0.5", "is text, not a number"),
    (Boolean(), 2, "neither 0 nor 1"),
    (Boolean(), 1.0, "neither 0 nor 1"),
    (Boolean(), "true", "neither 0 nor 1"),
    (Char(3), "äöüß", "longer than 3 characters"),
    (Text(), "a\0b", "the character NUL"),
    (Text(), "a\udcff", "not valid UTF-8"),
    (Text(), 5, "is a whole number, not text"),
    (Date(), "2023-02-29", "no date"),
    (Date(), "0000-01-01", "no date"),
    (Date(), "2024-02-29 00:00:00", "no date"),
    (Date(), 19_782, "is a whole number, not text"),
    (Time(), "25:00:00", "no time of day"),
    (Time(), "24:00:01", "no time of day"),
    (Time(), "12:00:00.1234567", "no time of day"),
    (Timestamp(), "2024-02-30 12:00:00", "no date and time"),
    (Timestamp(), "2024-02-29 12:00:00Z", "without a zone"),
    (Timestamp(timezone=True), "2024-02-29 12:00:00", "with a zone"),
    (Timestamp(timezone=True), "2024-02-29 12:00:00 Europe/Berlin", "with a zone"),
    (Binary(), "ff", "is text, not bytes"),
    (Uuid(), bytes(15), "no UUID of 16 bytes"),
    (Uuid(), "{00000000-0000-4000-8000-00000000000a}", "is no UUID"),
    (Json(), 5, "is a whole number, not text"),
]


@pytest.mark.parametrize(("type_", "value", "reason"), MISFITS, ids=repr)
def test_values_that_do_not_fit_say_why_and_show_nothing(type_: DataType, value: object, reason: str) -> None:
    with pytest.raises(Misfit) as misfit:
        _read(type_, value)
    assert reason in str(misfit.value)


@given(st.integers(1, 15).flatmap(lambda digits: st.tuples(st.just(digits), st.integers(0, digits))), st.data())
def test_a_decimal_of_at_most_15_digits_comes_back_from_the_double_that_sqlite_keeps(
    size: tuple[int, int], data: st.DataObject
) -> None:
    precision, scale = size
    units = data.draw(st.integers(1 - 10**precision, 10**precision - 1))
    sign, digits = "-" if units < 0 else "", f"{abs(units):0{scale + 1}d}"
    written = f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"

    read = _read(Decimal(precision, scale), float(written))

    assert read == written


def _read(type_: DataType, value: object) -> str:
    how = reading(type_, Affinity.NUMERIC if not isinstance(type_, VarChar | Text | Char) else Affinity.TEXT)
    assert isinstance(how, Reading)
    return how.convert(value)
