"""Which producer database the simulator works on, and how it gets there."""

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Self

import psycopg2
import psycopg2.errors
import psycopg2.extensions
from attrs import evolve, field, frozen
from psycopg2 import sql
from psycopg2.extensions import make_dsn, parse_dsn

from datasurface.errors import UsageError
from datasurface_yellow.simulator.errors import SimulatorError

_DATABASE, _HOST, _PORT = "customer_db", "localhost", "5432"
_SECONDS_TO_CONNECT = "10"


@frozen
class Target:
    """A producer database.

    Attributes:
        parameters: libpq connection parameters by name, without the password.
        password: None leaves it to libpq: ``PGPASSWORD``, the password file, or none at all.
    """

    parameters: Mapping[str, str]
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """From ``postgresql://user@host:port/database``. UsageError when it is no such URL, or holds a password."""
        if not url.startswith(("postgresql://", "postgres://")):
            raise UsageError("--url is no PostgreSQL URL", hint="write postgresql://user@host:5432/customer_db")
        try:
            parsed = parse_dsn(url)
        except psycopg2.ProgrammingError as error:
            # libpq's own words would repeat parts of the URL, and with them a password
            raise UsageError("--url cannot be read", hint="write postgresql://user@host:5432/customer_db") from error
        if parsed.keys() & {"password", "sslpassword"}:
            raise UsageError(
                "--url holds a password, which every user of this machine can see",
                hint="put it into the environment variable CUSTOMER_DB_PASSWORD, or into a file for --password-file",
            )
        return cls.from_parts(**parsed)

    @classmethod
    def from_parts(cls, **parameters: str | None) -> Self:
        """From libpq parameters by name; left out or None, they are localhost, port 5432, database customer_db."""
        given = {name: value for name, value in parameters.items() if value is not None}
        defaults = {"host": _HOST, "port": _PORT, "dbname": _DATABASE, "connect_timeout": _SECONDS_TO_CONNECT}
        return cls({**defaults, "application_name": "datasurface simulator", **given})

    def with_password_from(self, file: Path | None) -> Self:
        """With the password of the file, else of ``CUSTOMER_DB_PASSWORD``."""
        if file is not None:
            return evolve(self, password=file.read_text(encoding="utf-8").rstrip("\r\n"))
        return evolve(self, password=os.environ.get("CUSTOMER_DB_PASSWORD"))

    def __str__(self) -> str:
        return f"{self.parameters['dbname']} at {self.parameters['host']}:{self.parameters['port']}"

    def connect(self) -> psycopg2.extensions.connection:
        """A new connection. SimulatorError when there is none to be had."""
        try:
            return psycopg2.connect(make_dsn(password=self.password, **self.parameters))
        except psycopg2.OperationalError as error:
            raise SimulatorError(
                f"cannot connect to {self}: {str(error).splitlines()[0]}",
                hint="check host, port, database, user and password; --create creates a database that is missing",
            ) from error

    def create_database(self) -> None:
        """Creates the database unless it is there. The role must be allowed to create databases."""
        try:
            self.connect().close()
        except SimulatorError as missing:
            try:
                maintenance = evolve(self, parameters={**self.parameters, "dbname": "postgres"}).connect()
            except SimulatorError:
                raise missing from None
            with closing(maintenance):
                self._create_through(maintenance, missing)

    def _create_through(self, maintenance: psycopg2.extensions.connection, missing: SimulatorError) -> None:
        maintenance.autocommit = True
        with maintenance.cursor() as cursor:
            try:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.parameters["dbname"])))
            except psycopg2.errors.DuplicateDatabase:
                # it is there, so something else is wrong with it
                raise missing from None
            except psycopg2.Error as error:
                raise SimulatorError(
                    f"cannot create database {self}: {error.diag.message_primary}",
                    hint="use a role with the right CREATEDB",
                ) from error
