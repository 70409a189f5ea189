"""Fixtures of the Postgres ring: pipelines on new databases, and a look at what their sessions do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Protocol

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from datasurface.model import Dataset
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.conftest import missing_ring
from tests.support import poolers
from tests.support.arena import Arena
from tests.support.databases import Databases, MakeDatabase, Role
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import Pipeline, make_pipeline
from tests.support.sessions import Watch
from tests.support.templates import Templates


class OpenPooler(Protocol):
    """What the fixture ``open_pooler`` gives to a test."""

    def __call__(self, pipeline: Pipeline, mode: str, *settings: str) -> int:
        """The port of a new pooler in this mode, with more lines of settings, that lets the pipeline's roles in."""
        ...


class NewPipeline(Protocol):
    """What the fixture ``new_pipeline`` gives to a test."""

    def __call__(self, datasets: Sequence[Dataset], *create: str) -> Pipeline:
        """A pipeline on new databases, applied; ``create`` makes the producer's tables."""
        ...


@pytest.fixture(scope="session")
def server_that_crashes(postgres_binaries: Binaries) -> Iterator[PostgresServer]:
    """A server of these tests' own: a crash ends everybody's sessions. It keeps what was committed when one of its
    processes is killed; only a machine that stops could make it lose that.
    """
    careless = {"fsync": "off", "full_page_writes": "off"}
    with (
        temporary_folder("datasurface-crash-") as folder,
        PostgresServer(folder / "data", settings=careless, binaries=postgres_binaries) as server,
    ):
        yield server


@pytest.fixture
def new_pipeline(
    pg_server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role]
) -> NewPipeline:
    def make(datasets: Sequence[Dataset], *create: str) -> Pipeline:
        return make_pipeline(pg_server, make_database, make_role, datasets, *create)

    return make


@pytest.fixture(scope="session")
def _templates(session_databases: Databases) -> Templates:
    return Templates(session_databases)


@pytest.fixture
def copied_pipeline(_templates: Templates, make_database: MakeDatabase) -> NewPipeline:
    """As ``new_pipeline``, for what several tests begin with: databases of the test's own, and roles that are not."""

    def make(datasets: Sequence[Dataset], *create: str) -> Pipeline:
        return _templates.copy(make_database, datasets, *create)

    return make


@pytest.fixture
def people_and_pets(copied_pipeline: NewPipeline) -> Pipeline:
    """500 people and 100 pets at a producer without constraints, not ingested yet."""
    return copied_pipeline([PEOPLE, PETS], *CREATE, *fill(people=500, pets=100))


@pytest.fixture
def arena(session_databases: Databases) -> Iterator[Arena]:
    """Two databases that a test fills and empties as often as it likes."""
    arena = Arena(session_databases, session_databases)
    yield arena
    arena.close()


@pytest.fixture
def open_pooler(pg_server: PostgresServer) -> Iterator[OpenPooler]:
    """``open_pooler(pipeline, mode, *settings)``: a PgBouncer before the server until the test ends, and its port."""
    if poolers.PROGRAM is None:
        missing_ring("PgBouncer is not installed")
    with ExitStack() as opened:
        yield lambda pipeline, mode, *settings: opened.enter_context(
            poolers.pooler(pg_server, pipeline.access.reader, pipeline.access.writer, mode=mode, settings=settings)
        )


@pytest.fixture
def administrator(pg_server: PostgresServer) -> Iterator[Connection]:
    """A session that may see and end all others."""
    connection = psycopg2.connect(pg_server.url("postgres"))
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def watch(pg_server: PostgresServer) -> Iterator[Watch]:
    """What the server's sessions wait for."""
    with Watch.over(pg_server) as watching:
        yield watching
