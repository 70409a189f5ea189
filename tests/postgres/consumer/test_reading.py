"""What a consumer reads in a database of its own, on a third server, and what it cannot reach there."""

import psycopg2
import psycopg2.errors
import pytest
from attrs import evolve

from datasurface.model import RowFilter, RowFilterPolicy
from datasurface.results import ViewState
from tests.postgres.consumer.conftest import NewWorld
from tests.support.consumer_servers import World, named
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import FORENSIC


def test_views_of_two_merge_servers_are_read_on_a_third(world: World) -> None:
    model = world.model([PEOPLE, PETS])
    world.apply(model)
    world.batch(model)
    world.producer.run("UPDATE people SET city = 'Ulm' WHERE id = 3", "DELETE FROM people WHERE id = 4")
    world.batch(model)

    everyone = world.producer.run("TABLE people ORDER BY 1")
    assert world.read("SELECT * FROM {live_people} ORDER BY 1") == everyone
    assert world.read("SELECT count(*), count(ds_surf_valid_to) FROM {people_history}") == [(21, 2)]
    past = "SELECT city FROM {people_history} WHERE id = 3 AND ds_surf_batch_in <= 1 AND ds_surf_batch_out >= 1"
    assert world.read(past) == [("zyx-city-3",)]
    both = "SELECT count(*) FROM {live_people} l JOIN {people_history} h USING (id) WHERE h.ds_surf_batch_in = 2"
    assert world.read(both) == [(1,)]

    assert world.read("SELECT city FROM {people_as_of}(1) WHERE id = 3") == [("zyx-city-3",)]
    assert world.read("SELECT ds_surf_operation, id FROM {people_changes}(1, 2) ORDER BY id") == [
        ("update", 3),
        ("delete", 4),
    ]
    with pytest.raises(psycopg2.errors.ObjectNotInPrerequisiteState, match="batch 3 is not settled yet"):
        world.read("SELECT FROM {people_as_of}(3)")

    assert sum(map(len, world.apply(model).steps.values())) == 0, "a second apply does nothing"


def test_what_stands_there_is_listed_and_comes_from_the_model(world: World) -> None:
    model = world.model([PEOPLE])
    world.apply(model)
    runtime = world.runtime(model, FORENSIC)
    listed = [view for view in runtime.list_views() if view.name.endswith(" in ConsumerDB")]
    assert len(listed) == 8
    assert {(view.state, view.readers) for view in listed} == {(ViewState.STANDS, ("consumer1_reader",))}
    objects = {(each.schema, each.name) for each in runtime.objects() if each.database == "ConsumerDB" and each.schema}
    assert objects == set(
        world.consumer.run(
            "SELECT relnamespace::regnamespace::text, relname::text FROM pg_class "
            "WHERE relname LIKE 'yellowforensic%' AND relkind IN ('v', 'f') UNION ALL "
            "SELECT pronamespace::regnamespace::text, format('%s(%s)', proname, oidvectortypes(proargtypes)) "
            "FROM pg_proc WHERE proname LIKE 'yellowforensic%'"
        )
    )
    world.consumer.run(named("REVOKE SELECT ON {people_history} FROM consumer1_reader"))
    states = [view.state for view in runtime.list_views()]
    assert (states.count(ViewState.DIFFERS), states.count(ViewState.STANDS)) == (1, 15)


def test_rows_that_are_filtered_in_the_merge_databases_are_nowhere_here(world: World) -> None:
    made = world.model([PEOPLE])
    filters = [RowFilter("Store1.people", "city", ["zyx-city-3", "Ulm"])]
    model = evolve(made, policies=[RowFilterPolicy("rows", filters=filters)])
    world.apply(model)
    world.batch(model)
    world.producer.run("UPDATE people SET city = 'Ulm' WHERE id = 1", "UPDATE people SET city = 'Bonn' WHERE id = 3")
    world.batch(model)

    assert world.read("SELECT id, city FROM {live_people} ORDER BY 1") == [
        (1, "Ulm"),
        (10, "zyx-city-3"),
        (17, "zyx-city-3"),
    ]
    assert world.read("SELECT id FROM {people_as_of}(1) ORDER BY 1") == [(3,), (10,), (17,)]
    assert world.read("SELECT ds_surf_operation, id FROM {people_changes}(1, 2) ORDER BY 2") == [
        ("insert", 1),
        ("delete", 3),
    ]


FORBIDDEN = (
    "SELECT FROM consumer1_remote.yellowlive_consumer1_livedsg_people_view",
    "UPDATE {live_people} SET city = NULL",
    "DELETE FROM {live_people}",
    "CREATE TABLE consumer1.mine ()",
    "CREATE TEMPORARY TABLE mine ()",
    "CREATE SCHEMA mine",
    "CREATE USER MAPPING FOR CURRENT_USER SERVER yellowlive_consumer1_server",
    "ALTER SERVER yellowlive_consumer1_server OPTIONS (SET dbname 'postgres')",
)


def test_a_consumer_reaches_nothing_else(world: World) -> None:
    world.apply(world.model([PEOPLE]))
    assert world.read("SELECT FROM {live_people}") == []
    for statement in FORBIDDEN:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            world.read(statement)
    assert world.read("SELECT DISTINCT umoptions FROM pg_user_mappings") == [(None,)]
    remote = world.role("remote")
    assert world.live.run(named("SELECT FROM {live_people}"), user=remote) == []
    for statement in (
        "SELECT FROM public.yellowlive_store1_people_merge",
        "SELECT FROM public.yellowlive_batch_metrics",
        "CREATE TEMPORARY TABLE mine ()",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            world.live.run(statement, user=remote)


def test_a_database_that_sorts_otherwise_leaves_sorting_to_the_merge_database(new_world: NewWorld) -> None:
    world = new_world("C.utf8")
    model = world.model([PEOPLE])
    world.apply(model)
    world.producer.run("UPDATE people SET name = 'Ä' WHERE id = 1", "UPDATE people SET name = 'a' WHERE id = 2")
    world.batch(model)
    assert world.read("SELECT pg_collation_for(name) FROM {live_people} LIMIT 1") == [('"C"',)]
    [(plan,)] = world.read("EXPLAIN (FORMAT JSON, VERBOSE) SELECT name FROM {live_people} ORDER BY name")
    assert "ORDER BY" in str(plan), "the merge database sorts"
    assert world.read("SELECT name FROM {live_people} ORDER BY name OFFSET 18") == [("zyx-name-9",), ("Ä",)]
