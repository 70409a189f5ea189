# ruff: noqa: S608 every name in these statements stands in this file
"""``access check`` in a consumer's own database, on a third server: nothing differs on what apply has made, what is
done by hand is found, and what is away keeps nothing else from being tried."""

from collections.abc import Sequence

import pytest
from attrs import evolve

from datasurface.access import AccessReport, Seen
from datasurface.classification import PII, PUBLIC
from datasurface.graph import deployments
from datasurface.model import Ecosystem, MaskingPolicy, PartialMask, RowFilter, RowFilterPolicy
from datasurface.model.rebuild import rebuilt
from datasurface_yellow.access.observed import FILTERED_ROWS
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.consumer_servers import LIVE_PEOPLE, PEOPLE_HISTORY, Spot, World, password_of
from tests.support.people import PEOPLE
from tests.support.pipeline import FORENSIC, LIVE

READER, REMOTE = "consumer1_reader", "consumer1_remote"
SERVER = "yellowlive_consumer1_server"
TABLE = f"{REMOTE}.{LIVE_PEOPLE.partition('.')[2]}"
PEOPLE_AS_OF = f"{PEOPLE_HISTORY.removesuffix('history')}as_of_batch"


@pytest.fixture
def model(world: World) -> Ecosystem:
    """In force with masks and a filter, and read by a batch of each platform; the check administers every server."""
    made = world.model([PEOPLE])
    [workspace] = made.workspaces()
    cleared = evolve(workspace, clearance=(PUBLIC,))
    made = rebuilt(made, lambda it: cleared if it == workspace else it)
    rows = RowFilterPolicy("rows", filters=[RowFilter("Store1.people", "id", range(1, 11))])
    made = evolve(made, policies=[MaskingPolicy("people", masks=[PartialMask(PII, last=2)]), rows])
    world.apply(made)
    world.batch(made)
    for server in servers(world):
        name = world.role("checker")
        Spot(server, "postgres").run(f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD $${password_of(name)}$$")
    return made


def servers(world: World) -> list[PostgresServer]:
    return [spot.server for spot in (world.live, world.forensic, world.consumer)]


def checked(world: World, model: Ecosystem, platform: str = LIVE) -> list[AccessReport]:
    """What the check reports of each database."""
    [deployment] = [each for each in deployments(model) if each.platform.name == platform]
    control = world.plugins.control_store(model.control_database or world.live.container("", ""), world.credentials)
    runtime = world.plugins.runtime(deployment, control.current(), world.credentials)
    return list(runtime.check_access("checker"))


Told = set[tuple[str, str, str | None, str, str]]


def told(report: AccessReport) -> Told:
    """What differs, but for the role."""
    cells = report.differences
    return {(cell.role, cell.object, cell.column, cell.operation, cell.observed.value) for cell in cells}


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
def test_nothing_differs_on_what_apply_has_made(world: World, model: Ecosystem, platform: str) -> None:
    reports = checked(world, model, platform)

    merge, consumer = reports
    assert (merge.database, consumer.database) == ("Live" if platform == LIVE else "Forensic", "ConsumerDB")
    assert [(told(report), report.errors, report.unchecked) for report in reports] == [(set(), (), {})] * 2
    ours = dict.fromkeys([READER, world.role("remote")], "login")
    assert ours.items() <= merge.roles.items(), "the session's server may have logins of other tests"
    assert consumer.roles == dict.fromkeys([READER, world.role("consumer")], "login")
    assert all(Seen.PARTIAL in {cell.observed for cell in report.cells} for report in reports)
    filtered = [{cell.object for cell in report.cells if cell.operation == FILTERED_ROWS} for report in reports]
    assert filtered == [{LIVE_PEOPLE} if platform == LIVE else {PEOPLE_HISTORY, f"{PEOPLE_HISTORY[:-7]}view"}] * 2
    tried = {cell.object for cell in consumer.cells}
    server = SERVER.replace("yellowlive", platform.lower())
    assert {f"server {server}", f"user mapping of {server}", f"schema {REMOTE}"} <= tried
    assert {"foreign data wrapper postgres_fdw", "pg_catalog.pg_user_mapping"} <= tried
    assert (f"{PEOPLE_AS_OF}(integer)" in tried) is (platform == FORENSIC)


EVERYBODY = ("READER", "CONSUMER")


def both(what: str, column: str | None, operation: str, observed: str = "allowed") -> Told:
    return {(role, what, column, operation, observed) for role in EVERYBODY}


COLUMNS = ("id", "name", "city")
RIGHTS: Sequence[tuple[str, Told]] = [
    (f"GRANT USAGE ON SCHEMA {REMOTE} TO {READER}", both(f"schema {REMOTE}", None, "USAGE")),
    (
        f"GRANT SELECT, UPDATE ON {TABLE} TO {READER}",
        both(TABLE, None, "SELECT")
        | both(TABLE, None, "UPDATE")
        | both(f"statistics of {TABLE}", None, "SELECT")
        | {cell for column in COLUMNS for cell in both(TABLE, column, "SELECT")},
    ),
    (
        f"GRANT USAGE ON FOREIGN SERVER {SERVER} TO {READER}",
        both(f"server {SERVER}", None, "USAGE"),
    ),
    (
        f"CREATE USER MAPPING FOR CONSUMER SERVER {SERVER} OPTIONS (user 'x', password 'y')",
        {("CONSUMER", f"user mapping of {SERVER}", None, "USE", "allowed")},
    ),
    (
        f"GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {READER}",
        both("foreign data wrapper postgres_fdw", None, "USAGE"),
    ),
    (
        f"CREATE VIEW public.beside AS SELECT id FROM {TABLE}; GRANT SELECT ON public.beside TO {READER}",
        both("public.beside", None, "SELECT") | both("public.beside", "id", "SELECT"),
    ),
    (
        "CREATE EXTENSION dblink",
        {
            cell
            for function in (
                *("dblink(text)", "dblink(text, boolean)", "dblink(text, text)", "dblink(text, text, boolean)"),
                *(
                    "dblink_connect(text)",
                    "dblink_connect(text, text)",
                    "dblink_exec(text)",
                    "dblink_exec(text, boolean)",
                ),
                *("dblink_exec(text, text)", "dblink_exec(text, text, boolean)"),
            )
            for cell in both(f"public.{function}", None, "EXECUTE")
        },
    ),
    (
        f"CREATE OR REPLACE VIEW {LIVE_PEOPLE} AS SELECT id, upper(name) AS name, city FROM {TABLE}",
        {cell for column in COLUMNS for cell in both(LIVE_PEOPLE, column, "SELECT", "otherwise")}
        | both(LIVE_PEOPLE, None, FILTERED_ROWS, "otherwise"),
    ),
]


def test_what_is_done_by_hand_is_found(world: World, model: Ecosystem) -> None:
    names = {"READER": READER, "CONSUMER": world.role("consumer")}
    world.consumer.run(*(done.replace("CONSUMER", names["CONSUMER"]) for done, _ in RIGHTS))

    merge, consumer = checked(world, model)

    assert told(merge) == set()
    expected = {(names[role], *rest) for _, cells in RIGHTS for role, *rest in cells}
    assert told(consumer) == expected


def test_functions_and_servers_that_lead_elsewhere_are_found(world: World, model: Ecosystem) -> None:
    world.consumer.run(
        f"ALTER FUNCTION {PEOPLE_AS_OF} SECURITY DEFINER",
        f"ALTER SERVER {SERVER} OPTIONS (SET updatable 'true')",
    )

    [_, live], [_, forensic] = checked(world, model), checked(world, model, FORENSIC)

    roles = (READER, world.role("consumer"))
    assert told(forensic) == {(role, f"{PEOPLE_AS_OF}(integer)", None, "EXECUTE", "otherwise") for role in roles}
    assert {(cell.object, cell.column) for cell in live.differences} == {
        (LIVE_PEOPLE, column) for column in (*COLUMNS, None)
    }


def test_a_mask_and_a_filter_that_are_gone_in_the_merge_database_are_found_in_both(
    world: World, model: Ecosystem
) -> None:
    shown = "SELECT id, name::text, city::text FROM public.yellowlive_store1_people_merge"
    world.live.run(f"CREATE OR REPLACE VIEW {LIVE_PEOPLE} WITH (security_barrier) AS {shown}")

    merge, consumer = checked(world, model)

    filtered = both(LIVE_PEOPLE, None, FILTERED_ROWS)
    assert {cell[1:] for cell in told(merge)} >= {cell[1:] for cell in filtered}
    masks = {(LIVE_PEOPLE, column, "SELECT", "otherwise") for column in ("name", "city")}
    assert {cell[1:] for cell in told(consumer)} == masks | {cell[1:] for cell in filtered}


def test_the_login_that_reads_the_merge_database_may_nothing_else_there(world: World, model: Ecosystem) -> None:
    remote = world.role("remote")
    made = "CREATE ROLE another NOLOGIN", "CREATE SCHEMA another", "CREATE TABLE another.secret (id integer)"
    world.live.run(
        *made,
        "GRANT USAGE ON SCHEMA another TO another",
        "GRANT SELECT ON another.secret TO another",
        f"GRANT another TO {remote}",
    )
    merge, consumer = checked(world, model)
    world.live.run("DROP SCHEMA another CASCADE", "DROP ROLE another")
    assert told(merge) == {
        (remote, "schema another", None, "USAGE", "allowed"),
        (remote, "another.secret", None, "SELECT", "allowed"),
        (remote, "another.secret", "id", "SELECT", "allowed"),
    }
    assert told(consumer) == set()

    world.live.run(f"REVOKE {READER} FROM {remote}")
    merge, consumer = checked(world, model)
    denied = {(LIVE_PEOPLE, column, "SELECT", "denied") for column in COLUMNS}
    assert {(remote, *cell) for cell in denied} <= told(merge)
    assert told(consumer) == {(role, *cell) for role in (READER, world.role("consumer")) for cell in denied}


def test_what_is_away_is_one_error_and_all_else_is_tried(world: World, model: Ecosystem) -> None:
    world.forensic.server.stop()
    try:
        without_merge = checked(world, model, FORENSIC)
        world.consumer.server.stop()
        without_consumer = checked(world, model, LIVE)
    finally:
        world.forensic.server.start()
        world.consumer.server.start()

    merge, consumer = without_merge
    assert ["cannot connect to Forensic" in error.message for error in merge.errors] == [True]
    [error] = consumer.errors
    assert error.message.startswith("ConsumerDB")
    assert "has no answer for the views in consumer1: could not connect to server" in error.message
    assert f"server {SERVER.replace('live', 'forensic')}" in {cell.object for cell in consumer.cells}
    assert told(consumer) == set()

    merge, consumer = without_consumer
    assert merge.cells
    assert merge.holds
    assert consumer.cells == ()
    assert ["cannot connect to ConsumerDB" in error.message for error in consumer.errors] == [True]


def test_a_role_that_cannot_be_assumed_is_an_error_that_names_it(world: World, model: Ecosystem) -> None:
    world.consumer.run(
        f"ALTER ROLE {world.role('checker')} NOSUPERUSER",
        f"GRANT CONNECT ON DATABASE {world.consumer.name} TO {world.role('checker')}",
    )
    merge, consumer = checked(world, model)
    assert merge.holds
    [error] = consumer.errors
    assert f"may not become {READER} in ConsumerDB" in error.message
    assert consumer.unchecked == {world.role("consumer"): f"{world.role('checker')} may not become it"}
