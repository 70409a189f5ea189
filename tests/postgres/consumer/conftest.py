"""Two servers beside the session's, and a world on all three."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.support.consumer_servers import World, drop_world, make_world
from tests.support.people import CREATE, fill

NewWorld = Callable[[str], World]
"""What the fixture ``new_world`` gives to a test."""


@pytest.fixture(scope="package")
def other_servers(postgres_binaries: Binaries) -> Iterator[tuple[PostgresServer, PostgresServer]]:
    careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder("datasurface-consumers-"))
        second, third = (
            stack.enter_context(PostgresServer(folder / name / "data", settings=careless, binaries=postgres_binaries))
            for name in ("second", "third")
        )
        yield second, third


@pytest.fixture
def new_world(pg_server: PostgresServer, other_servers: tuple[PostgresServer, PostgresServer]) -> Iterator[NewWorld]:
    """``new_world(locale)``: 20 people and 10 pets, and a consumer's database that sorts so."""
    with ExitStack() as stack:

        def make(locale: str = "C") -> World:
            made = make_world(pg_server, *other_servers, [*CREATE, *fill(people=20, pets=10)], locale=locale)
            stack.callback(drop_world, made)
            return made

        yield make


@pytest.fixture
def world(new_world: NewWorld) -> World:
    return new_world("C")
