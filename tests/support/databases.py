"""Databases and roles of the test server that live as long as their fixture."""

from itertools import count
from typing import Protocol

import psycopg2
from attrs import field, frozen
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Composable, Identifier, Literal

from datasurface_yellow.local.postgres_server import PostgresServer


@frozen
class Database:
    """A database of the test server; ``url`` is the superuser's, with the password."""

    name: str
    url: str


@frozen
class Role:
    """A login role of the test server that may nothing yet."""

    name: str
    password: str = field(repr=False)


class MakeDatabase(Protocol):
    """What the fixture ``make_database`` gives to a test."""

    def __call__(self, name_hint: str, template: str | None = None) -> Database:
        """A new database, empty or a copy of the database ``template``."""
        ...


class Databases:
    """Makes databases and roles with names that no other fixture has, and drops them in ``close``."""

    _numbers = count(1)

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._databases: list[str] = []
        self._roles: list[str] = []
        self._connection: Connection = psycopg2.connect(server.url("postgres"))
        self._connection.autocommit = True

    def create(self, name_hint: str, template: str | None = None) -> Database:
        """A new database, empty or a copy of the database ``template``, to which nobody may be connected."""
        name = self._name(name_hint)
        statement = SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template or "template1"))
        self._execute(statement)
        self._databases.append(name)
        return Database(name, self.server.url(name))

    def role(self, name_hint: str) -> Role:
        """A new login role with a password."""
        role = Role(self._name(name_hint), password=f"password-of-{name_hint}")
        self._execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(role.name), Literal(role.password)))
        self._roles.append(role.name)
        return role

    def close(self) -> None:
        """Drop everything that was made, whoever is still connected."""
        for database in self._databases:
            self._execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(database)))
        for role in self._roles:
            self._execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)))
        self._connection.close()

    def _name(self, hint: str) -> str:
        return f"{hint}_{next(self._numbers)}"

    def _execute(self, statement: Composable) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
