"""A server of their own for the tests of the pages: its roles and databases have the names that the pages give them."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from attrs import frozen

from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.unit.docs.markdown import blocks, page

Rows = list[tuple[object, ...]]


@frozen
class Statement:
    """One statement of a page, with the database in which it is run."""

    database: str
    sql: str


def statements() -> list[Statement]:
    """The statements of the page on privileges, in order."""
    return [
        Statement(block.text.splitlines()[0].removeprefix("-- in the database "), sql.strip())
        for block in blocks(page("privileges.md"), "sql")
        for sql in block.text.partition("\n")[2].split(";")
        if sql.strip()
    ]


@frozen
class Cluster:
    """A server, and a folder for files."""

    server: PostgresServer
    folder: Path

    def run(self, database: str, *sql: str, user: str | None = None, password: str | None = None) -> Rows:
        """Run statements, each on its own; the rows of the last one that gives any."""
        connection = psycopg2.connect(
            host=self.server.host,
            port=self.server.port,
            dbname=database,
            user=user or self.server.user,
            password=password or self.server.password,
        )
        connection.autocommit = True
        found: Rows = []
        try:
            with connection.cursor() as cursor:
                for statement in sql:
                    cursor.execute(statement)
                    found = cursor.fetchall() if cursor.description else found
        finally:
            connection.close()
        return found


@pytest.fixture(scope="module")
def cluster(postgres_binaries: Binaries) -> Iterator[Cluster]:
    careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with (
        temporary_folder("datasurface-docs-") as folder,
        PostgresServer(folder / "server" / "data", settings=careless, binaries=postgres_binaries) as server,
    ):
        yield Cluster(server, folder)
