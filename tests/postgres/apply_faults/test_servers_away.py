"""Control database, two merge databases and a consumer's, on four servers, one of which goes away during an apply: one
message, never a mixed generation in force, and all is well when it is back and apply was run again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from socket import socket

import pytest
from attrs import evolve, frozen

from datasurface.errors import DataSurfaceError
from datasurface.graph import deployments
from datasurface.model import Dataset, Ecosystem
from datasurface.operations.apply import apply
from datasurface.operations.model import CheckedModel
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.support.consumer_servers import LIVE_PEOPLE, LIVE_PETS, PEOPLE_HISTORY, Spot, World, make_role, make_world
from tests.support.length import long_or
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.statements import HeardConnection, Moment, When, heard

pytestmark = pytest.mark.slow

SHOWN = "SELECT count(*) FROM pg_views WHERE schemaname = 'consumer1'"
CONTROL, LIVE, FORENSIC, CONSUMER = PLACES = ("control", "live", "forensic", "consumer")


@frozen
class Four:
    """A world whose control database is on a server of its own."""

    world: World
    control: Spot

    @property
    def spots(self) -> Mapping[str, Spot]:
        world = self.world
        return {CONTROL: self.control, LIVE: world.live, FORENSIC: world.forensic, CONSUMER: world.consumer}

    @property
    def names(self) -> Mapping[str, str]:
        """What to call the databases, by their names."""
        return {"postgres": "a server that starts", **{spot.name: place for place, spot in self.spots.items()}}

    def model(self, datasets: Sequence[Dataset]) -> Ecosystem:
        return evolve(self.world.model(datasets), control_database=self.control.container("Control", "writer"))

    def apply(self, model: Ecosystem) -> int:
        """The generation that is in force then."""
        checked = CheckedModel(model, model, deployments(model), (), None)
        generation = apply(checked, self.world.plugins, self.world.credentials, allow_breaking=True).generation
        assert generation is not None
        return generation

    def in_force(self) -> int:
        """The generation in force, whose configuration is that of the same model on both platforms."""
        container = self.control.container("Control", "writer")
        generation = self.world.plugins.control_store(container, self.world.credentials).current()
        assert generation is not None
        for datasets in ([PEOPLE], [PEOPLE, PETS]):
            if generation.deployments == deployments(self.model(datasets)):
                for each in generation.deployments:
                    table = f"public.{each.platform.name.lower()}_airflow_dsg"
                    names = "jsonb_path_query_array(config, '$.stream.datasets[*].name')"
                    [(there,)] = self.control.run(f"SELECT {names} FROM {table}")  # noqa: S608 a platform's of this file
                    assert there == [dataset.name for dataset in datasets]
                return generation.number
        pytest.fail("what is in force is of no model")

    def assert_readable(self, *, pets: bool) -> None:
        """What a consumer reads in its database."""
        for view in (LIVE_PEOPLE, PEOPLE_HISTORY, *([LIVE_PETS] if pets else [])):
            assert self.world.read(f"SELECT FROM {view} LIMIT 0") == []


@pytest.fixture(scope="module")
def four(postgres_binaries: Binaries) -> Iterator[Four]:
    """Each server comes back on its port."""
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder("datasurface-four-"))
        sockets = [stack.enter_context(socket()) for _ in PLACES]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        settings = {"fsync": "off", "full_page_writes": "off"}
        first, second, third, fourth = (
            stack.enter_context(
                PostgresServer(
                    folder / str(port) / "data", settings=settings, binaries=postgres_binaries, fixed_port=port
                )
            )
            for port in ports
        )
        world = make_world(first, second, third, [*CREATE, *fill(people=20, pets=10)])
        writer = world.role("writer")
        Spot(fourth, "postgres").run("CREATE DATABASE control")
        control = Spot(fourth, "control")
        make_role(fourth, writer)
        control.run(
            f"GRANT CREATE ON SCHEMA public TO {writer}", f"GRANT CREATE, TEMPORARY ON DATABASE control TO {writer}"
        )
        four = Four(world, control)
        for datasets in ([PEOPLE], [PEOPLE, PETS], [PEOPLE]):
            four.apply(four.model(datasets))
        yield four


@frozen(eq=False)
class Stopper:
    """Stops a server before the statement of a number, counted over all sessions in its database."""

    place: str
    at: int
    server: PostgresServer | None
    heard: list[str]

    def __call__(self, moment: Moment, _session: HeardConnection) -> None:
        if moment.place == self.place and moment.when is When.BEFORE:
            self.heard.append(moment.statement)
            if len(self.heard) == self.at and self.server is not None:
                self.server.stop()


def disturbed(
    four: Four, model: Ecosystem, place: str, at: int, server: PostgresServer | None
) -> tuple[list[str], DataSurfaceError | None]:
    """An apply of one more dataset; what the place heard of it, and the error."""
    stopper = Stopper(place, at, server, [])
    try:
        with heard(lambda _: stopper, four.names):
            four.apply(model)
    except DataSurfaceError as error:
        return stopper.heard, error
    return stopper.heard, None


@pytest.mark.parametrize("place", PLACES)
def test_a_server_that_is_away_for_a_while_leaves_a_whole_generation_in_force(four: Four, place: str) -> None:
    server = four.spots[place].server
    fewer, more = four.model([PEOPLE]), four.model([PEOPLE, PETS])
    statements, error = disturbed(four, more, place, 0, None)
    assert error is None
    last, parts = len(statements), long_or(12, 3)
    for at in (0, *(part * last // parts for part in long_or(range(1, parts + 1), range(2, 3)))):
        before = four.apply(fewer)
        if at == 0:
            server.stop()
        heard_of, error = disturbed(four, more, place, at, server)
        server.start()
        where = f"{place} away at {at} of {last}: {heard_of[-1] if heard_of else 'before'}"
        number = four.in_force()
        assert number in (before, before + 1), where
        four.assert_readable(pets=number == before + 1)
        assert error is not None, where
        assert error.message.startswith(f"generation {number} is in force") or number == before, where
        assert ("cannot connect to" in error.message) or at > 0, where
        assert error.hint, where
        assert "rights" not in error.hint, where
        assert four.apply(more) == before + 1, where
        four.assert_readable(pets=True)
        assert four.in_force() == before + 1


def test_views_that_cannot_go_yet_are_told_with_the_generation_that_is_in_force(four: Four) -> None:
    fewer, before = four.model([PEOPLE]), four.apply(four.model([PEOPLE, PETS]))
    server = four.spots[FORENSIC].server

    def stop(moment: Moment, _session: HeardConnection) -> None:
        if moment.place == CONTROL and moment.when is When.AFTER and moment.statement.startswith("INSERT INTO"):
            server.stop()

    with heard(lambda _: stop, four.names), pytest.raises(DataSurfaceError) as caught:
        four.apply(fewer)
    server.start()

    assert caught.value.message.startswith(f"generation {before + 1} is in force, but views")
    assert "cannot connect to Forensic" in caught.value.message
    assert four.in_force() == before + 1
    assert four.world.live.run(SHOWN) < four.world.forensic.run(SHOWN), "the other platform's views are gone"
    assert four.apply(fewer) == before + 1


def test_a_control_server_that_was_away_for_a_moment_has_lost_the_lock(four: Four) -> None:
    more, before = four.model([PEOPLE, PETS]), four.apply(four.model([PEOPLE]))
    server = four.spots[CONTROL].server
    restarted: list[str] = []

    def restart(moment: Moment, _session: HeardConnection) -> None:
        if moment.place == LIVE and moment.statement.startswith("CREATE VIEW") and not restarted:
            restarted.append(moment.statement)
            server.stop()
            server.start()

    with heard(lambda _: restart, four.names), pytest.raises(DataSurfaceError) as caught:
        four.apply(more)

    assert restarted
    assert "with it the lock that keeps other applies out" in caught.value.message
    assert four.in_force() == before
    assert four.apply(more) == before + 1
