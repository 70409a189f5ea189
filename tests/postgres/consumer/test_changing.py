"""What becomes of a consumer's database when the model changes, and when somebody else has changed something there."""

import pytest
from attrs import evolve

from datasurface.errors import ApplyRefused
from datasurface.graph import deployments
from datasurface.model import Column, Ecosystem
from datasurface.operations.apply import apply, plan
from datasurface.operations.model import CheckedModel
from datasurface.types import BigInt, Text, VarChar
from datasurface_yellow.deploy.wanted import Kind
from tests.support.consumer_servers import LIVE_PEOPLE, LIVE_PETS, World, named
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import FORENSIC, LIVE

pytestmark = pytest.mark.slow

PETS_PAST = "consumer1.yellowforensic_consumer1_forensicdsg_pets_history"
DEFINITIONS = "SELECT viewname, definition FROM pg_views WHERE schemaname = 'consumer1' ORDER BY 1"
OBJECTS = """
    SELECT 'relation', n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname LIKE 'consumer1%' UNION ALL SELECT 'server', srvname FROM pg_foreign_server ORDER BY 1, 2"""

CHANGED = evolve(
    PEOPLE,
    columns=[
        Column("city", Text()),
        Column("id", BigInt(), primary_key=True),
        Column("full", VarChar(50), renamed_from="name"),
        Column("born", VarChar(10)),
    ],
)
"""Reordered, renamed, retyped and with a column more."""


def checked(model: Ecosystem) -> CheckedModel:
    return CheckedModel(model, model, deployments(model), (), None)


def test_columns_change_and_grants_stay(world: World) -> None:
    first = world.model([PEOPLE, PETS])
    world.apply(first)
    world.batch(first)
    world.consumer.run("CREATE ROLE analyst", f"GRANT SELECT ON {LIVE_PEOPLE} TO analyst WITH GRANT OPTION")
    world.producer.run(
        'ALTER TABLE people RENAME COLUMN name TO "full"',
        "ALTER TABLE people ADD COLUMN born varchar(10)",
        "ALTER TABLE people ALTER COLUMN city TYPE text",
    )
    second = world.model([CHANGED, PETS])
    report = apply(checked(second), world.plugins, world.credentials, allow_breaking=True)
    of_consumer = [step.object for step in report.steps[LIVE] if step.object.endswith("in ConsumerDB")]
    assert of_consumer == [f"{LIVE_PEOPLE} in ConsumerDB"], "the other view is left alone"
    world.batch(second)

    rows = world.producer.run('SELECT city, id, "full", born FROM people ORDER BY id')
    assert world.read("SELECT * FROM {live_people} ORDER BY id") == rows
    [(acl,)] = world.consumer.run(named("SELECT relacl::text FROM pg_class WHERE oid = '{live_people}'::regclass"))
    assert "analyst=r*/" in str(acl)
    world.consumer.run("DROP OWNED BY analyst", "DROP ROLE analyst")


def test_reconcile_says_truly_what_it_did(world: World) -> None:
    both = world.model([PEOPLE, PETS])
    world.apply(both)
    world.consumer.run(
        f"DROP VIEW {LIVE_PEOPLE}",
        named("REVOKE SELECT ON {live_pets} FROM consumer1_reader"),
    )
    summary = world.reconcile(both, LIVE)
    assert (summary.created, summary.updated) == ((f"{LIVE_PEOPLE} in ConsumerDB",), (f"{LIVE_PETS} in ConsumerDB",))
    assert summary.unchanged == (LIVE_PEOPLE, LIVE_PETS)

    world.forensic.run("DROP TABLE yellowforensic_store1_pets_merge CASCADE")
    summary = world.reconcile(both, FORENSIC)
    in_consumer, elsewhere = (
        [name for name in summary.waiting if name.endswith("in ConsumerDB") is there] for there in (True, False)
    )
    assert in_consumer == [f"{name} in ConsumerDB" for name in elsewhere]
    assert len(in_consumer) == sum(name.endswith("in ConsumerDB") for name in summary.unchanged) == len(Kind)
    assert f"{PETS_PAST} does not exist in the merge database" in summary.reasons.values()
    world.apply(both)

    report = world.apply(world.model([PEOPLE]))
    assert f"{LIVE_PETS} in ConsumerDB" in [step.object for step in report.steps[LIVE] if step.action == "removed view"]
    assert not [name for (_, name) in world.consumer.run(OBJECTS) if "pets" in str(name)]


def test_a_view_that_somebody_stands_on_is_refused_before_anything_is_done(world: World) -> None:
    model = world.model([PEOPLE, PETS])
    world.apply(model)
    world.consumer.run(f"CREATE VIEW public.theirs AS TABLE {LIVE_PEOPLE}")
    before = world.live.run(DEFINITIONS)
    with pytest.raises(ApplyRefused, match=r"other objects depend on it: view public\.theirs depends"):
        apply(checked(world.model([CHANGED, PETS])), world.plugins, world.credentials, allow_breaking=True)
    assert before == world.live.run(
        "SELECT viewname, definition FROM pg_views WHERE schemaname = 'consumer1' ORDER BY 1"
    )
    assert world.generation() == 1
    world.consumer.run("DROP VIEW public.theirs")


def test_a_workspace_that_moves_to_the_platform_leaves_nothing_behind(world: World) -> None:
    model, moved = world.model([PEOPLE]), world.model([PEOPLE], own_database=False)
    world.apply(model)
    assert world.consumer.run(OBJECTS)
    planned = plan(checked(moved), world.plugins, world.credentials)
    assert ("removed server", "yellowlive_consumer1_server in ConsumerDB") in [
        (step.action, step.object) for step in planned.steps[LIVE]
    ]
    report = world.apply(moved)
    assert f"{LIVE_PEOPLE} in ConsumerDB" in [step.object for step in report.steps[LIVE]]
    assert world.consumer.run(OBJECTS) == []
    assert world.live.run("TABLE public.yellowlive_consumer_database") == []


def test_a_new_password_reaches_the_mapping_and_no_plan_shows_it(world: World) -> None:
    model = world.model([PEOPLE])
    shown = str(plan(checked(model), world.plugins, world.credentials).steps)
    assert "CREATE USER MAPPING" in shown
    assert "it's" not in shown.replace("''", "'")
    world.apply(model)
    owner = world.role("owner")
    world.consumer.run(
        "ALTER USER MAPPING FOR CURRENT_USER SERVER yellowlive_consumer1_server OPTIONS (SET password 'old')",
        user=owner,
    )
    steps = world.apply(model).steps[LIVE]
    assert [(step.action, step.object) for step in steps] == [
        ("changed user mapping", "yellowlive_consumer1_server in ConsumerDB")
    ]
    assert world.read("SELECT count(*) FROM {people_history}") == [(0,)]
