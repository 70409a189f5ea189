"""Statements of tests on a database of the test server, as its superuser."""

from collections.abc import Sequence

import psycopg2
from psycopg2.sql import SQL, Composable, Identifier

from tests.support.databases import Database


def fetch(database: Database, query: str | Composable, *parameters: object) -> list[tuple[object, ...]]:
    """The rows of a query."""
    connection = psycopg2.connect(database.url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall()
    finally:
        connection.close()


def execute(database: Database, *statements: str | Composable) -> None:
    """Run statements in one transaction."""
    connection = psycopg2.connect(database.url)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def execute_each(database: Database, *statements: str) -> None:
    """Run statements, each in a transaction of its own, as VACUUM and its like want it."""
    connection = psycopg2.connect(database.url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def rows_of(database: Database, schema: str, tables: Sequence[str]) -> dict[str, list[str]]:
    """The rows of tables as text, in order, by table."""
    connection = psycopg2.connect(database.url)
    found: dict[str, list[str]] = {}
    try:
        with connection, connection.cursor() as cursor:
            for table in tables:
                cursor.execute(SQL("SELECT t::text FROM {} t ORDER BY 1").format(Identifier(schema, table)))
                found[table] = [str(row) for (row,) in cursor]
    finally:
        connection.close()
    return found
