"""A producer for every test: a copy of one that was created and seeded once."""

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from datasurface_yellow.simulator.producer import create_producer
from tests.support.databases import Database, Databases, MakeDatabase

MakeProducer = Callable[[], Database]


@pytest.fixture(scope="session")
def producer_template(session_databases: Databases) -> Database:
    database = session_databases.create("producer")
    with closing(psycopg2.connect(database.url)) as connection:
        create_producer(connection)
    return database


@pytest.fixture
def make_producer(producer_template: Database, make_database: MakeDatabase) -> MakeProducer:
    """``make_producer()``: a database with the tables and seed rows of the example."""
    return lambda: make_database("customer_db", template=producer_template.name)


@pytest.fixture
def producer(make_producer: MakeProducer) -> Database:
    return make_producer()


@pytest.fixture
def connection(producer: Database) -> Iterator[Connection]:
    """A connection of somebody else than the simulator, to the test's producer."""
    with closing(psycopg2.connect(producer.url)) as opened:
        opened.autocommit = True
        yield opened
