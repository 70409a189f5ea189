"""What is missing on the consumer's side, and what goes away while apply is at work: one message, and nothing in force
before all of it stands."""

import pytest

from datasurface.errors import ApplyRefused, DataSurfaceError
from datasurface.runtime import PlatformRuntime
from datasurface_yellow.store.connection import ConnectionFailed
from tests.support.consumer_servers import LIVE_PEOPLE, LIVE_PETS, Ender, Spot, World, password_of
from tests.support.length import long_or
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import LIVE
from tests.support.statements import heard

VIEWS = "SELECT schemaname || '.' || viewname FROM pg_views WHERE schemaname = 'consumer1' ORDER BY 1"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

TROUBLES = {
    "no extension": (
        "consumer",
        "DROP EXTENSION postgres_fdw CASCADE",
        "CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {owner}",
    ),
    "no right to use it": (
        "consumer",
        "REVOKE USAGE ON FOREIGN DATA WRAPPER postgres_fdw FROM {owner}",
        "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {owner}",
    ),
    "no right to make schemas": (
        "consumer",
        "REVOKE CREATE ON DATABASE {consumer_db} FROM {owner}",
        "GRANT CREATE ON DATABASE {consumer_db} TO {owner}",
    ),
    "a reader that may not read": (
        "live",
        "REVOKE consumer1_reader FROM {remote}",
        "GRANT consumer1_reader TO {remote}",
    ),
    "a reader that may not connect": (
        "live",
        "REVOKE CONNECT ON DATABASE {live_db} FROM {remote}",
        "GRANT CONNECT ON DATABASE {live_db} TO {remote}",
    ),
    "a reader that may read all": (
        "live",
        "GRANT pg_read_all_data TO {remote}",
        "REVOKE pg_read_all_data FROM {remote}",
    ),
    "a reader with grants of its own": (
        "live",
        "GRANT CREATE ON SCHEMA public TO {remote}",
        "REVOKE CREATE ON SCHEMA public FROM {remote}",
    ),
}


def test_every_missing_right_is_one_error_that_says_what_to_run(world: World) -> None:
    model = world.model([PEOPLE])
    names = {"owner": world.role("owner"), "remote": world.role("remote")}
    names |= {"consumer_db": world.consumer.name, "live_db": world.live.name}
    for what, (where, harm, cure) in TROUBLES.items():
        spot = world.consumer if where == "consumer" else world.live
        spot.run(harm.format(**names))
        with pytest.raises(ApplyRefused) as refused:
            world.apply(model)
        hint = refused.value.hint or ""
        assert hint, what
        if not cure.startswith("REVOKE"):
            assert cure.format(**names) in hint, what
        assert world.live.run("SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '%merge'") == [], (
            what
        )
        spot.run(*cure.format(**names).split("; "))
    world.apply(model)


def test_a_password_that_is_wrong_on_one_of_two_servers_is_told_before_anything_is_in_force(world: World) -> None:
    model, remote = world.model([PEOPLE]), world.role("remote")
    world.forensic.run(f"ALTER ROLE {remote} PASSWORD 'another'")
    with pytest.raises(ApplyRefused, match=r"ConsumerDB cannot read .*: .*password authentication failed"):
        world.apply(model)
    assert world.generation() == 0
    Spot(world.forensic.server, "postgres").run(
        f"ALTER ROLE {remote} PASSWORD '{password_of(remote).replace(chr(39), chr(39) * 2)}'"
    )
    world.apply(model)
    assert world.generation() == 1


def test_a_server_that_is_away_is_told_before_anything_is_done(world: World) -> None:
    model = world.model([PEOPLE])
    world.consumer.server.stop()
    try:
        with pytest.raises(ConnectionFailed, match="cannot connect to ConsumerDB"):
            world.apply(model)
        assert world.live.run(TABLES) == []
    finally:
        world.consumer.server.start()
    model = world.model([PEOPLE])
    world.apply(model)
    world.consumer.server.stop()
    try:
        summary = world.reconcile(model, "YellowLive")
    finally:
        world.consumer.server.start()
    assert summary.failed == (f"{LIVE_PEOPLE} in ConsumerDB",)
    assert "cannot connect to ConsumerDB" in summary.reasons[summary.failed[0]]
    assert summary.unchanged == (LIVE_PEOPLE,)


@pytest.mark.slow
@pytest.mark.parametrize("step", [long_or(1, 7)])
def test_ended_before_or_after_any_statement_and_run_again(world: World, step: int) -> None:
    """The session in the consumer's database is ended at a later statement each time, until apply comes through."""
    model = world.model([PEOPLE, PETS])
    runtime = world.runtime(model, LIVE)
    number, ender = 2, Ender(world.consumer, 2)
    while not _comes_through(runtime, world, ender):
        assert ender.ended
        assert world.consumer.run(VIEWS) in ([], [(LIVE_PEOPLE,), (LIVE_PETS,)])
        number += step
        ender = Ender(world.consumer, number)
    assert not ender.ended
    assert number > 20
    assert runtime.apply() == []
    assert world.read("SELECT count(*) FROM {live_people}") == [(0,)]


def _comes_through(runtime: PlatformRuntime, world: World, ender: Ender) -> bool:
    try:
        with heard(ender.for_place, {world.live.name: "live", world.consumer.name: "consumer"}):
            runtime.apply()
    except DataSurfaceError:
        return False
    return True
