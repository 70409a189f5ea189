"""People and pets after three batches, and the login of an analyst, who is a member of the reader role and nothing
else."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

import pytest
from attrs import frozen
from psycopg2.extensions import parse_dsn

import datasurface_yellow
from datasurface.classification import PII, PUBLIC
from datasurface.model import Column, Dataset
from datasurface.types import Array, BigInt, Date, Decimal, VarChar
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.notebook.workspace import ReadWorkspace
from datasurface_yellow.store.quoting import identifier
from tests.support.databases import Database, Databases, Role
from tests.support.people import PETS
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline

PEOPLE = Dataset(
    "people",
    description="Who buys <b>from</b> us",
    classification=PUBLIC,
    columns=[
        Column("id", BigInt(), primary_key=True),
        Column("fullName", VarChar(50), nullable=False, classification=PII, description="As on the passport"),
        Column("born", Date(), description="Day of birth"),
        Column("owes", Decimal(10, 2)),
        Column("100% sure", Array(VarChar(9))),
    ],
)
CREATE = (
    'CREATE TABLE people (id bigint, "fullName" varchar(50), born date, owes numeric(10, 2), "100% sure" varchar(9)[])',
    "CREATE TABLE pets (id bigint, owner bigint, name varchar(50))",
    "INSERT INTO people VALUES (1, 'Ada', '1815-12-10', 12.50, '{yes,NULL}'), (2, 'Bob <i>', NULL, NULL, NULL), "
    "(3, 'Cyd', '1950-01-01', -0.10, '{}')",
    "INSERT INTO pets VALUES (1, 1, 'Rex')",
)
CHANGES = (
    ("UPDATE people SET owes = 99999999.99 WHERE id = 1", "DELETE FROM people WHERE id = 2"),
    ("INSERT INTO people VALUES (9007199254740993, 'Dot', '2000-02-29', 0, NULL)",),
)
BORN = date(1815, 12, 10)


@frozen
class Office:
    """A pipeline, and an analyst of it."""

    pipeline: Pipeline
    analyst: Role

    def url(self, **options: str) -> str:
        """Of the merge database, as an analyst writes it."""
        return store_url(self.pipeline.target, **options)

    def connect(self) -> ReadWorkspace:
        """As the analyst."""
        return datasurface_yellow.connect(self.url(), user=self.analyst.name, password=self.analyst.password)


def store_url(database: Database, **options: str) -> str:
    address = parse_dsn(database.url)
    return f"postgresql://{address['host']}:{address['port']}/{database.name}?{urlencode(options)}"


def let_in(pipeline: Pipeline, analyst: Role) -> None:
    pipeline.store(f"GRANT consumer1_reader TO {identifier(analyst.name)}")


@pytest.fixture(scope="module")
def office(pg_server: PostgresServer, session_databases: Databases) -> Office:
    make = session_databases
    pipeline = make_pipeline(pg_server, make.create, make.role, [PEOPLE, PETS], *CREATE)
    for statements in ((), *CHANGES):
        if statements:
            pipeline.producer(*statements)
        for platform in (LIVE, FORENSIC):
            assert pipeline.run(platform).error is None
    analyst = make.role("analyst")
    let_in(pipeline, analyst)
    return Office(pipeline, analyst)


@pytest.fixture(scope="module")
def shop(office: Office) -> Iterator[ReadWorkspace]:
    shop = office.connect()
    yield shop
    shop.close()
