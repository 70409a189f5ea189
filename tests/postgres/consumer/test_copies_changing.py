# ruff: noqa: S608 every name in these statements stands in this file
"""What becomes of copies when the model changes, and who may read them."""

import pytest
from attrs import evolve

from datasurface.classification import PII, PUBLIC
from datasurface.errors import StoreUnavailable
from datasurface.model import (
    Column,
    Datastore,
    Ecosystem,
    Element,
    MaskingPolicy,
    OnAdd,
    PartialMask,
    ProductionStatus,
    RowFilter,
    RowFilterPolicy,
)
from datasurface.model.rebuild import rebuilt
from datasurface.types import BigInt
from tests.postgres.consumer.test_access import READER, both, checked, servers, told
from tests.postgres.consumer.test_copies import assert_same, refresh
from tests.support.consumer_servers import LIVE_PEOPLE, PEOPLE_HISTORY, Ender, Spot, World, copied, named, password_of
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.statements import heard

pytestmark = pytest.mark.slow

COPY = LIVE_PEOPLE.replace("consumer1.", "consumer1_copied.")
OBJECTS = """
    SELECT c.relkind::text || ' ' || n.nspname || '.' || c.relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname LIKE 'consumer1%'
    UNION SELECT nspname FROM pg_namespace WHERE nspname LIKE 'consumer1%' ORDER BY 1"""


def test_a_group_is_copied_and_not_any_more(world: World) -> None:
    plain = world.model([PEOPLE, PETS])
    world.apply(plain)
    world.batch(plain)
    before = world.consumer.run(OBJECTS)
    world.consumer.run("CREATE ROLE copy_analyst", f"GRANT SELECT (id) ON {LIVE_PEOPLE} TO copy_analyst")
    columns = f"SELECT attname::text, atttypid FROM pg_attribute WHERE attrelid = '{LIVE_PEOPLE}'::regclass"
    asked = world.consumer.run(columns)

    first = copied(plain, "LiveDSG")
    runtime = world.runtime(first, LIVE)
    planned = runtime.apply(dry_run=True)
    assert world.consumer.run(OBJECTS) == before, "a dry run makes nothing"
    done = {step.object for step in runtime.apply()}
    assert done == {step.object for step in planned}
    assert {f"{LIVE_PEOPLE} in ConsumerDB", "consumer1_copied in ConsumerDB"} <= done
    assert_same(world)
    assert world.consumer.run(columns) == asked
    objects = {each.name for each in runtime.objects() if each.schema == "consumer1_copied"}
    assert objects == {
        str(name)
        for (name,) in world.consumer.run("SELECT tablename FROM pg_tables WHERE schemaname = 'consumer1_copied'")
    }
    assert runtime.apply() == [], "a second apply does nothing"

    world.runtime(plain, LIVE).apply()
    assert_same(world)
    assert world.consumer.run(OBJECTS) == before, "nothing is left of copies"
    grants = f"SELECT has_column_privilege('copy_analyst', '{LIVE_PEOPLE}', 'id', 'SELECT')"
    assert world.consumer.run(grants) == [(True,)]
    world.consumer.run(f"REVOKE ALL (id) ON {LIVE_PEOPLE} FROM copy_analyst", "DROP ROLE copy_analyst")

    runtime.apply()
    assert_same(world)
    world.runtime(world.model([PEOPLE, PETS], own_database=False), LIVE).reconcile_views()
    assert [name for (name,) in world.consumer.run(OBJECTS) if "live" in str(name) or "copied" in str(name)] == []


def test_new_columns_are_filled_and_a_group_that_shows_nothing_has_no_copies(world: World) -> None:
    first = copied(world.model([PEOPLE]))
    world.apply(first)
    world.batch(first)
    refresh(world, first)
    born = Column("born", BigInt(), classification=PII)
    second = copied(world.model([evolve(PEOPLE, columns=[*PEOPLE.columns, born], on_add=OnAdd.BACKFILL)]))
    world.producer.run("ALTER TABLE people ADD COLUMN born bigint", "UPDATE people SET born = id")
    world.apply(second)
    refresh(world, second)
    world.batch(second)
    assert refresh(world, second)["forensic_forensic_people_history"].way == "whole"
    assert world.consumer.run(f"SELECT count(*) FROM {COPY} WHERE born = id") == [(20,)]
    assert_same(world)

    def unclassified(it: Element) -> Element:
        if isinstance(it, Datastore):
            return evolve(it, production_status=ProductionStatus.PRODUCTION)
        return evolve(it, classification=None) if isinstance(it, Column) else it

    third = rebuilt(second, unclassified)
    world.apply(third)
    assert refresh(world, third, whole=True) == {}
    assert world.consumer.run(OBJECTS) == [("consumer1",), ("consumer1_remote",)]


def guarded(model: Ecosystem) -> Ecosystem:
    """With masks and a filter."""
    [workspace] = model.workspaces()
    cleared = evolve(workspace, clearance=(PUBLIC,))
    made = rebuilt(model, lambda it: cleared if it == workspace else it)
    rows = RowFilterPolicy("rows", filters=[RowFilter("Store1.people", "id", range(1, 11))])
    return evolve(made, policies=[MaskingPolicy("people", masks=[PartialMask(PII, last=2)]), rows])


def test_masks_and_filters_reach_the_copies_with_apply_and_leave_them_where_it_came_halfway(world: World) -> None:
    plain = copied(world.model([PEOPLE]))
    world.apply(plain)
    world.batch(plain)
    refresh(world, plain)
    for platform in (LIVE, FORENSIC):
        ender = Ender(world.consumer, 4)
        places = {world.live.name: "merge", world.forensic.name: "merge", world.consumer.name: "consumer"}
        with pytest.raises(StoreUnavailable), heard(ender.for_place, places):
            world.runtime(guarded(plain), platform).apply()
    world.producer.run("INSERT INTO people VALUES (21, 'zyx-21', NULL)", "UPDATE people SET city = 'Ulm' WHERE id = 2")
    world.batch(plain)
    assert {copy.way for copy in refresh(world, plain).values()} == {"whole"}
    assert world.consumer.run(f"SELECT count(*), max(name) FROM {COPY}") == [(10, "***10")]
    assert_same(world)
    for platform in (LIVE, FORENSIC):
        world.runtime(plain, platform).apply()
    assert world.consumer.run(f"SELECT count(*) FROM {COPY} WHERE name LIKE 'zyx%'") == [(21,)]
    assert_same(world)

    for platform in (LIVE, FORENSIC):
        world.runtime(guarded(plain), platform).apply()
    assert world.consumer.run(f"SELECT count(*), max(name) FROM {COPY}") == [(10, "***10")]
    assert_same(world)


@pytest.fixture
def checking(world: World) -> World:
    for server in servers(world):
        name = world.role("checker")
        Spot(server, "postgres").run(f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD $${password_of(name)}$$")
    return world


def test_access_check_knows_copies(checking: World) -> None:
    world, model = checking, guarded(copied(checking.model([PEOPLE])))
    world.apply(model)
    world.batch(model)
    refresh(world, model)
    for platform in (LIVE, FORENSIC):
        reports = checked(world, model, platform)
        assert [(told(report), report.errors) for report in reports] == [(set(), ())] * 2
        tried = {cell.object for cell in reports[1].cells}
        assert {
            "schema consumer1_copied",
            COPY if platform == LIVE else named("{people_history}").replace(".", "_copied."),
        } <= tried

    past = PEOPLE_HISTORY.replace("history", "view")
    world.consumer.run(
        f"GRANT SELECT (name) ON {COPY} TO {READER}",
        f"GRANT USAGE ON SCHEMA consumer1_copied TO {READER}",
        f"CREATE VIEW public.beside AS SELECT id FROM {COPY}",
        f"GRANT SELECT ON public.beside TO {READER}",
        f"CREATE OR REPLACE VIEW {past} AS SELECT id, name, city FROM {past.replace('1.', '1_remote.')}",
    )
    names = {"READER": READER, "CONSUMER": world.role("consumer")}
    expected = (
        both("schema consumer1_copied", None, "USAGE")
        | both(COPY, None, "SELECT")
        | both(COPY, "name", "SELECT")
        | both(f"statistics of {COPY}", None, "SELECT")
        | both("public.beside", None, "SELECT")
        | both("public.beside", "id", "SELECT")
    )
    assert told(checked(world, model)[1]) == {(names[role], *rest) for role, *rest in expected}
    differing = {cell[1] for cell in told(checked(world, model, FORENSIC)[1])}
    assert past in differing
