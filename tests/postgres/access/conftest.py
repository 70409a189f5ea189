"""One pipeline for all tests here: clients and their calls, merged, and read by two workspaces."""

import re
from collections.abc import Iterator

import psycopg2
import pytest
from attrs import define, field
from psycopg2.extensions import connection as Connection

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.clients import CALLS, CLIENTS, CREATE, FILL, WithKey, deploy, with_masks
from tests.support.databases import Databases, Role
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline

NAMES = {
    "MINE": "consumer2.yellowlive_consumer2_livedsg_clients_view",
    "MY_PAST": "consumer2.yellowforensic_consumer2_forensicdsg_clients_history",
    "MY_STATE": "consumer2.yellowforensic_consumer2_forensicdsg_clients_as_of_batch",
    "CALLS_CHANGED": "consumer2.yellowforensic_consumer2_forensicdsg_calls_changes",
    "MY_CALLS": "consumer2.yellowlive_consumer2_livedsg_calls_view",
    "OTHERS": "consumer1.yellowlive_consumer1_livedsg_clients_view",
    "SCHEMA": "of_the_second",
}
"""What stands in statements for views of both workspaces, and for a schema that the second reader owns."""


def named(sql: str) -> str:
    """A statement with the names in it."""
    return re.sub(r"\b[A-Z_]+\b", lambda word: NAMES.get(word[0], word[0]), sql)


@define
class Readers:
    """The pipeline, and logins of both workspaces that may make functions of their own."""

    pipeline: Pipeline
    first: Role
    second: Role
    _open: list[Connection] = field(factory=list)

    def session(self, role: Role) -> Connection:
        """A session of a reader in the merge database."""
        server = self.pipeline.server
        connection = psycopg2.connect(
            host=server.host,
            port=server.port,
            dbname=self.pipeline.target.name,
            user=role.name,
            password=role.password,
        )
        connection.autocommit = True
        self._open.append(connection)
        return connection

    def read(self, role: Role, sql: str) -> list[tuple[object, ...]]:
        """Rows that a reader gets."""
        session = self.session(role)
        with session.cursor() as cursor:
            cursor.execute(named(sql))
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """End all sessions."""
        for connection in self._open:
            connection.close()


def with_reader_roles(pipeline: Pipeline) -> None:
    """Roles of both workspaces, in a database that is closed to everybody else."""
    name, builders = pipeline.target.name, ("consumer1_reader", "consumer2_reader", pipeline.access.writer.name)
    pipeline.store(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'consumer2_reader') "
        "THEN CREATE ROLE consumer2_reader NOLOGIN; END IF; END $$",
        f"REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        *(f"GRANT CONNECT ON DATABASE {name} TO {role}" for role in builders),
    )


@pytest.fixture(scope="session")
def readers(pg_server: PostgresServer, session_databases: Databases) -> Iterator[Readers]:
    pipeline = make_pipeline(
        pg_server, session_databases.create, session_databases.role, [CLIENTS, CALLS], *CREATE, *FILL
    )
    first, second = session_databases.role("first"), session_databases.role("second")
    with_reader_roles(pipeline)
    pipeline.store(
        f"GRANT consumer1_reader TO {first.name}",
        f"GRANT consumer2_reader TO {second.name}",
        f"CREATE SCHEMA of_the_second AUTHORIZATION {second.name}",
    )
    deploy(pipeline, with_masks(pipeline.model), WithKey(pipeline).credentials)
    for platform in (LIVE, FORENSIC):
        assert pipeline.run(platform).error is None
    found = Readers(pipeline, first, second)
    yield found
    found.close()
