"""Every generated cell is the text that Postgres prints for it, so equal text means equal bytes."""

from collections import Counter
from collections.abc import Iterator

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Composable, Identifier

from datasurface import types
from datasurface.testing.cells import cells
from datasurface.testing.shapes import column_types, key_types
from datasurface.testing.snapshots import Case, cases
from tests.support.databases import MakeDatabase

FORMS = SQL(
    "SET DateStyle = ISO; SET TimeZone = 'UTC'; SET IntervalStyle = postgres; SET bytea_output = hex; "
    "SET extra_float_digits = 3"
)

# The database is the test's; each example begins with a rollback.
ROUND_TRIP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def connection(make_database: MakeDatabase) -> Iterator[Connection]:
    connection = psycopg2.connect(make_database("round_trip").url)
    with connection.cursor() as cursor:
        cursor.execute(FORMS)
    connection.commit()
    yield connection
    connection.close()


def postgres_type(type_: types.DataType) -> str:
    match type_:
        case types.TinyInt() | types.SmallInt():
            return "smallint"
        case types.Decimal(precision=None):
            return "numeric"
        case types.Decimal(precision=precision, scale=scale):
            return f"numeric({precision}, {scale})"
        case types.Float32():
            return "real"
        case types.Float64():
            return "double precision"
        case types.Char(length=length):
            return f"character({length})"
        case types.VarChar(length=length) | types.NVarChar(length=length):
            return f"character varying({length})"
        case types.Timestamp(timezone=True):
            return "timestamp with time zone"
        case types.Binary():
            return "bytea"
        case types.Json():
            return "jsonb"
        case types.Array(element=element):
            return f"{postgres_type(element)}[]"
        case _:  # integer, bigint, boolean, text, date, time, timestamp, interval, uuid
            return type(type_).__name__.lower()


@ROUND_TRIP
@given(
    typed=st.one_of(column_types(), key_types()).flatmap(
        lambda type_: st.tuples(st.just(type_), st.lists(cells(type_), min_size=1, max_size=20))
    )
)
def test_every_cell_comes_back_as_it_was_written(
    typed: tuple[types.DataType, list[str]], connection: Connection
) -> None:
    type_, written = typed
    selected = SQL(", ").join(SQL("(%s::{})::text").format(SQL(postgres_type(type_))) for _ in written)
    with connection, connection.cursor() as cursor:
        cursor.execute(SQL("SELECT {}").format(selected), written)
        assert cursor.fetchone() == tuple(written)


@ROUND_TRIP
@given(case=cases())
def test_every_snapshot_comes_back_from_a_table_with_its_key(case: Case, connection: Connection) -> None:
    names = [Identifier(column.name) for column in case.shape.columns]
    sql_types = [SQL(postgres_type(column.type)) for column in case.shape.columns]
    keys = [name for name, column in zip(names, case.shape.columns, strict=True) if column.primary_key]
    nulls = [SQL("NULL" if column.nullable else "NOT NULL") for column in case.shape.columns]
    insert = SQL("INSERT INTO snapshot VALUES ({})").format(_list(SQL("%s::{}"), sql_types))
    connection.rollback()
    with connection.cursor() as cursor:
        cursor.execute(
            SQL("CREATE TABLE snapshot ({}, PRIMARY KEY ({}))").format(
                _list(SQL("{} {} {}"), names, sql_types, nulls), _list(SQL("{}"), keys)
            )
        )
        for rows in case.snapshots:
            cursor.execute(SQL("TRUNCATE snapshot"))
            for row in rows:
                cursor.execute(insert, row)
            cursor.execute(SQL("SELECT {} FROM snapshot").format(_list(SQL("{}::text"), names)))
            assert Counter(cursor.fetchall()) == Counter(rows)
    connection.rollback()


def _list(form: SQL, *parts: list[Identifier] | list[SQL]) -> Composable:
    return SQL(", ").join(form.format(*items) for items in zip(*parts, strict=True))
