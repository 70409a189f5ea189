"""An arena: two databases that stay, and in them, for every example, a stage with tables of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count

import psycopg2
from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.graph import deployments
from datasurface.model import Credential, Dataset, PostgresDatabase, SqlSnapshot
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.store.types import source_type
from tests.support.databases import Database, Databases
from tests.support.other_sources import OtherProducer, OtherSource
from tests.support.pipeline import Access, Pipeline, ecosystem
from tests.support.stage import Stage

# With these a cell has the one text that it is compared by.
_PRINTING = (
    "-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=3 "
    "-c search_path=pg_catalog -c client_min_messages=warning"
)


class Arena:
    """A producer's and a merge database, on one server or on two, with the roles of the credentials."""

    def __init__(self, source: Databases, target: Databases) -> None:
        self._source_server, self._target_server = source.server, target.server
        self._source, self._target = source.create("arena_source"), target.create("arena_merge")
        self._access = Access(source.role("arena_reader"), target.role("arena_writer"))
        self._producer, self._consumer = _session(self._source), _session(self._target)
        self._numbers = count(1)
        writer, merge = identifier(self._access.writer.name), identifier(self._target.name)
        _run(
            self._consumer,
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'consumer1_reader') "
            "THEN CREATE ROLE consumer1_reader NOLOGIN; END IF; END $$",
            f"GRANT CREATE, TEMPORARY ON DATABASE {merge} TO {writer}",
        )

    def close(self) -> None:
        """End the sessions; the databases end with what made them."""
        self._producer.close()
        self._consumer.close()

    @contextmanager
    def stage(
        self,
        *datasets: Dataset,
        source_types: Mapping[str, str] | None = None,
        create: Sequence[str] = (),
        other: OtherSource | None = None,
        hash_at_source: bool = True,
    ) -> Iterator[Stage]:
        """A stage for these datasets of one store, applied on both platforms; gone at the end.

        Args:
            source_types: SQL types by column name, where the producer's are not those that the model says.
            create: statements that make them, run in the producer's schema before its tables are made.
            other: what the producer's database is, where it is no PostgreSQL one.
            hash_at_source: whether the producer's server hashes its rows.
        """
        schema = f"stage_{next(self._numbers)}"
        source = _container(self._source_server, self._source, "reader")
        capture = SqlSnapshot(source, schema=schema, hash_at_source=hash_at_source)
        producer: OtherProducer | None = None
        with ExitStack() as stack:
            stack.callback(self._clear, schema)
            if other is None:
                self._make_source(schema, datasets, source_types or {}, create)
            else:
                producer = stack.enter_context(other.open(schema, datasets, self._access.reader, source_types or {}))
                capture = SqlSnapshot(producer.container)
            _run(
                self._consumer,
                f"CREATE SCHEMA {identifier(schema)} AUTHORIZATION {identifier(self._access.writer.name)}",
            )
            pipeline = self._pipeline(schema, datasets, source, capture)
            for platform in pipeline.by_name:
                pipeline.runtime(platform).apply()
            yield Stage(schema, datasets, pipeline, self._producer, self._consumer, producer)

    def _clear(self, schema: str) -> None:
        for session in (self._producer, self._consumer):
            _run(session, "ROLLBACK", f"DROP SCHEMA IF EXISTS {identifier(schema)} CASCADE")

    def _make_source(
        self, schema: str, datasets: Sequence[Dataset], source_types: Mapping[str, str], create: Sequence[str]
    ) -> None:
        name, reader = identifier(schema), identifier(self._access.reader.name)
        _run(self._producer, f"CREATE SCHEMA {name}", f"SET search_path = {name}, pg_catalog")
        _run(self._producer, *create)
        for dataset in datasets:
            columns = ", ".join(
                f"{identifier(column.name)} {source_types.get(column.name) or source_type(column.type)}"
                for column in dataset.columns
            )
            _run(self._producer, f"CREATE TABLE {name}.{identifier(dataset.name)} ({columns})")
        _run(
            self._producer,
            "RESET search_path",
            f"GRANT USAGE ON SCHEMA {name} TO {reader}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {reader}",
        )

    def _pipeline(
        self, schema: str, datasets: Sequence[Dataset], source: PostgresDatabase, capture: SqlSnapshot
    ) -> Pipeline:
        target = _container(self._target_server, self._target, "writer")
        model = ecosystem(datasets, source, target, capture=capture)
        placed = {}
        for deployment in deployments(model):
            assert isinstance(deployment.platform, YellowDataPlatform)
            platform = evolve(deployment.platform, schema=schema)
            placed[platform.name] = evolve(deployment, platform=platform)
        return Pipeline(self._target_server, self._source, self._target, self._access, datasets, placed)


def _container(server: PostgresServer, database: Database, credential: str) -> PostgresDatabase:
    return PostgresDatabase(
        database.name,
        host=server.host,
        port=server.port,
        database=database.name,
        credential=Credential(credential),
    )


def _session(database: Database) -> Connection:
    connection = psycopg2.connect(database.url, options=_PRINTING)
    connection.autocommit = True
    return connection


def _run(session: Connection, *statements: str) -> None:
    for statement in statements:
        execute(session, statement)
