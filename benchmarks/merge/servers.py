"""The two servers of a benchmark, their databases, and the state that they are in when a clock starts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection

from benchmarks.merge.cases import Change
from benchmarks.merge.model import SOURCE_CREDENTIAL, TARGET_CREDENTIAL, WORKSPACE, model
from datasurface.credentials import Credentials, EnvironmentVariables, variable_prefix
from datasurface.interchange.canonical import Canonical
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.local.postgres_binaries import find_binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import PostgresServerError, temporary_folder
from datasurface_yellow.runtime import YellowRuntime
from datasurface_yellow.store.connection import execute, one, place
from datasurface_yellow.store.control import PostgresControlStore
from datasurface_yellow.store.naming import reader_role

SETTINGS: Mapping[str, str] = {"autovacuum": "off"}
"""All else is PostgreSQL's default, fsync among it. What autovacuum does in a pause, ``settle`` does before each clock
starts, so that it never runs into a measurement."""


@frozen
class Servers:
    """Both servers, running."""

    source: PostgresServer
    target: PostgresServer

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that resolve the model's credentials."""
        variables: dict[str, str] = {}
        for credential, server in ((SOURCE_CREDENTIAL, self.source), (TARGET_CREDENTIAL, self.target)):
            prefix = variable_prefix(credential)
            variables |= {f"{prefix}_USER": server.user, f"{prefix}_PASSWORD": server.password}
        return variables

    @property
    def store(self) -> str:
        """The URL of the control database, as ``datasurface ingest --store`` takes it."""
        return f"postgresql://{self.target.host}:{self.target.port}/merge?credential={TARGET_CREDENTIAL}"

    def create(self, rows: int) -> None:
        """The producer's table with so many rows, and the tables for the floors."""
        with _administration(self.source) as session:
            execute(session, "CREATE DATABASE producer")
        with producer(self) as session:
            execute(session, sql("create"))
            execute(session, sql("insert"), {"first": 1, "last": rows})
        with _administration(self.target) as session:
            execute(session, "CREATE DATABASE floors")
            execute(session, f'CREATE ROLE "{reader_role(WORKSPACE)}" NOLOGIN')
        with session_of(self.target, "floors") as session:
            execute(session, sql("floors"))

    def apply(self) -> None:
        """A new, empty merge database with the model in force."""
        with _administration(self.target) as session:
            execute(session, "DROP DATABASE IF EXISTS merge WITH (FORCE)")
            execute(session, "CREATE DATABASE merge")
        credentials = Credentials([EnvironmentVariables(self.variables)])
        in_force = model(self.source.port, self.target.port, self.source.host)
        for deployment in in_force:
            assert isinstance(deployment.platform, YellowDataPlatform)
            YellowRuntime(deployment, deployment.platform, None, credentials).apply()
        where = place(in_force[0].platform.merge_store, credentials)
        PostgresControlStore(where, Canonical([YellowDataPlatform])).publish(in_force, None)

    def settle(self) -> None:
        """What autovacuum and the checkpointer would have done after a while."""
        for server, database in ((self.source, "producer"), (self.target, "merge")):
            with session_of(server, database) as session:
                session.autocommit = True
                execute(session, "VACUUM (ANALYZE)")
                execute(session, "CHECKPOINT")


@contextmanager
def servers(major: str) -> Iterator[Servers]:
    """Two servers of this major version on new data folders, gone at the end."""
    binaries = find_binaries(major)
    if binaries.major != major:
        raise PostgresServerError(
            f"no PostgreSQL {major} was found, only {binaries.version} in {binaries.bin}",
            hint="set DATASURFACE_PG_BIN to the bin folder of an installation",
        )
    with (
        temporary_folder("datasurface-benchmark-") as folder,
        PostgresServer(folder / "source" / "data", settings=SETTINGS, binaries=binaries) as source,
        PostgresServer(folder / "target" / "data", settings=SETTINGS, binaries=binaries) as target,
    ):
        yield Servers(source, target)


def change_rows(at: Servers, change: Change, seed: int) -> None:
    """Let the producer change rows all over the table, other ones for each seed, in one transaction."""
    if change == Change():
        return
    parameters = {"seed": seed, "updated": change.updated, "limit": change.updated + change.deleted}
    with producer(at) as session:
        found = one(session, "SELECT max(id) FROM public.customers")
        assert found is not None
        last = int(str(found[0]))
        execute(session, sql("choose"), parameters)
        execute(session, sql("update"), parameters)
        execute(session, sql("delete"), parameters)
        execute(session, sql("insert"), {"first": last + 1, "last": last + change.inserted})


@contextmanager
def session_of(server: PostgresServer, database: str) -> Iterator[Connection]:
    """A session of a database; the caller commits."""
    connection = psycopg2.connect(server.url(database))
    try:
        yield connection
        if not connection.autocommit:
            connection.commit()
    finally:
        connection.close()


@contextmanager
def producer(at: Servers) -> Iterator[Connection]:
    """A session of the producer's database."""
    with session_of(at.source, "producer") as session:
        yield session


@contextmanager
def _administration(server: PostgresServer) -> Iterator[Connection]:
    with session_of(server, "postgres") as session:
        session.autocommit = True
        yield session


def sql(name: str) -> str:
    """The text of one statement file."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
