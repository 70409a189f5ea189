"""The two servers of a benchmark, their databases, and the state that they are in when a clock starts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection

from benchmarks.merge.cases import Change
from benchmarks.merge.model import SOURCE_CREDENTIAL, TARGET_CREDENTIAL, WORKSPACE, model, producer_of
from benchmarks.merge.shapes import Shape
from datasurface.credentials import Credentials, EnvironmentVariables, variable_prefix
from datasurface.graph import deployments
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

    def create(self, rows: int, shape: Shape) -> None:
        """The producer's table with so many rows, and the tables for the floors."""
        with administration(self.source) as session:
            execute(session, f"CREATE DATABASE {producer_of(shape)}")
        with producer(self, shape) as session:
            execute(session, sql("create", shape))
            execute(session, sql("insert", shape), {"first": 1, "last": rows})
        with administration(self.target) as session:
            execute(session, f"CREATE DATABASE {floors_of(shape)}")
            execute(session, sql("reader").replace("READER", reader_role(WORKSPACE)))
        with session_of(self.target, floors_of(shape)) as session:
            execute(session, sql("floors", shape))

    def drop(self, shape: Shape) -> None:
        """Give back the space of a table that is measured."""
        for server, database in ((self.source, producer_of(shape)), (self.target, floors_of(shape))):
            with administration(server) as session:
                execute(session, f"DROP DATABASE {database} WITH (FORCE)")

    def apply(self, shape: Shape) -> None:
        """A new, empty merge database with the model in force."""
        with administration(self.target) as session:
            execute(session, "DROP DATABASE IF EXISTS merge WITH (FORCE)")
            execute(session, "CREATE DATABASE merge")
        credentials = Credentials([EnvironmentVariables(self.variables)])
        ecosystem = model(shape, self.source.port, self.target.port, self.source.host)
        in_force = deployments(ecosystem)
        for deployment in in_force:
            assert isinstance(deployment.platform, YellowDataPlatform)
            YellowRuntime(deployment, deployment.platform, None, credentials).apply()
        where = place(in_force[0].platform.merge_store, credentials)
        PostgresControlStore(where, Canonical([YellowDataPlatform])).publish(ecosystem, in_force, None)

    def settle(self, shape: Shape) -> None:
        """What autovacuum and the checkpointer would have done after a while."""
        for server, database in ((self.source, producer_of(shape)), (self.target, "merge")):
            with session_of(server, database) as session:
                session.autocommit = True
                execute(session, "VACUUM (ANALYZE)")
                execute(session, "CHECKPOINT")


@contextmanager
def servers(major: str, settings: Mapping[str, str] = SETTINGS) -> Iterator[Servers]:
    """Two servers of this major version on new data folders, gone at the end."""
    binaries = find_binaries(major)
    if binaries.major != major:
        raise PostgresServerError(
            f"no PostgreSQL {major} was found, only {binaries.version} in {binaries.bin}",
            hint="set DATASURFACE_PG_BIN to the bin folder of an installation",
        )
    with (
        temporary_folder("datasurface-benchmark-") as folder,
        PostgresServer(folder / "source" / "data", settings=settings, binaries=binaries) as source,
        PostgresServer(folder / "target" / "data", settings=settings, binaries=binaries) as target,
    ):
        yield Servers(source, target)


def change_rows(at: Servers, shape: Shape, change: Change, seed: int) -> None:
    """Let the producer change rows all over the table, other ones for each seed, in one transaction."""
    if change == Change():
        return
    parameters = {"seed": seed, "updated": change.updated, "limit": change.updated + change.deleted}
    with producer(at, shape) as session:
        found = one(session, "SELECT max(id) FROM public.customers")
        assert found is not None
        last = int(str(found[0]))
        execute(session, sql("choose"), parameters)
        execute(session, sql("update", shape), parameters)
        execute(session, sql("delete"), parameters)
        execute(session, sql("insert", shape), {"first": last + 1, "last": last + change.inserted})


def floors_of(shape: Shape) -> str:
    """The database where a table's floors are measured."""
    return f"floors_{shape.name}"


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
def producer(at: Servers, shape: Shape) -> Iterator[Connection]:
    """A session of the producer's database."""
    with session_of(at.source, producer_of(shape)) as session:
        yield session


@contextmanager
def administration(server: PostgresServer) -> Iterator[Connection]:
    """A session that can make databases."""
    with session_of(server, "postgres") as session:
        session.autocommit = True
        yield session


def sql(name: str, shape: Shape | None = None) -> str:
    """The text of one statement file; of those that differ by kind of table, the one of this kind."""
    folder = files(__package__).joinpath("sql")
    return (folder.joinpath(shape.name) if shape else folder).joinpath(f"{name}.sql").read_text(encoding="utf-8")
