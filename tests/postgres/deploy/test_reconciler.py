"""Every case of what stands for consumers and what should: true counts, grants that outlast changes, nobody else's
views harmed."""

from collections.abc import Callable

import pytest
from attrs import evolve

from datasurface.errors import ApplyRefused
from datasurface.model import Column, Dataset
from datasurface.results import ViewState, ViewSummary
from datasurface.types import BigInt, Integer, VarChar
from tests.postgres.conftest import NewPipeline
from tests.support.databases import Role
from tests.support.people import CREATE, PEOPLE, PETS
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done

ON_PEOPLE, ON_PETS = (f"consumer1.yellowforensic_consumer1_forensicdsg_{name}" for name in ("people", "pets"))
OF_ONE = 8
"""What a forensic group has of one dataset."""


def counts(summary: ViewSummary) -> tuple[int, ...]:
    """Created, updated, unchanged, removed, waiting, failed."""
    kinds = ("created", "updated", "unchanged", "removed", "waiting", "failed")
    return tuple(len(getattr(summary, kind)) for kind in kinds)


def columns(pipeline: Pipeline, name: str) -> list[tuple[str, str]]:
    [found] = [view.columns for view in pipeline.runtime(FORENSIC).list_views() if view.name == name]
    return list(found)


def store(pipeline: Pipeline, *statements: str) -> None:
    """Statements on what consumers have of people and pets, as the merge database's superuser."""
    pipeline.store(*(sql.replace("PEOPLE_", f"{ON_PEOPLE}_").replace("PETS_", f"{ON_PETS}_") for sql in statements))


@pytest.fixture
def pipeline(copied_pipeline: NewPipeline) -> Pipeline:
    return copied_pipeline([PEOPLE, PETS], *CREATE)


def test_counts_are_those_of_what_was_done(pipeline: Pipeline) -> None:
    runtime = pipeline.runtime(FORENSIC)
    assert counts(runtime.reconcile_views()) == (0, 0, 2 * OF_ONE, 0, 0, 0)
    store(
        pipeline,
        "DROP FUNCTION PEOPLE_changes(int, int)",
        "REVOKE ALL ON FUNCTION PEOPLE_settled(int) FROM consumer1_reader",
        "REVOKE ALL ON PETS_batches FROM consumer1_reader",
        "COMMENT ON FUNCTION PETS_as_of_batch(int) IS 'datasurface YellowForensic of Test'",
    )
    summary = runtime.reconcile_views()
    assert counts(summary) == (1, 3, 2 * OF_ONE - 4, 0, 0, 0)
    assert summary.created == (f"{ON_PEOPLE}_changes(integer, integer)",)
    assert summary.is_well
    store(pipeline, "DROP TABLE yellowforensic_store1_pets_merge CASCADE", "DROP VIEW PEOPLE_view")
    summary = runtime.reconcile_views()
    assert counts(summary) == (1, 0, OF_ONE - 1, 0, OF_ONE, 0)
    assert not summary.is_well
    steps = [step.action for step in runtime.apply()]
    assert (steps.count("created view"), steps.count("created function")) == (2, 3)
    assert counts(runtime.reconcile_views()) == (0, 0, 2 * OF_ONE, 0, 0, 0)


CHANGED = Dataset(
    "people",
    columns=[
        Column("town", VarChar(80), renamed_from="city"),
        Column("age", Integer()),
        Column("id", BigInt(), primary_key=True),
    ],
)
SMALL = evolve(PEOPLE, columns=(evolve(PEOPLE.columns[0], type=Integer()), *PEOPLE.columns[1:]))


def test_columns_are_dropped_renamed_reordered_retyped_and_added_and_grants_stay(
    new_pipeline: NewPipeline, make_role: Callable[[str], Role]
) -> None:
    auditor, helper = make_role("auditor").name, make_role("helper").name
    pipeline = new_pipeline([SMALL], "CREATE TABLE people (id int, name varchar(50), city varchar(50))")
    assert_done(pipeline.run(FORENSIC))
    store(
        pipeline,
        f"GRANT SELECT ON PEOPLE_history TO {auditor} WITH GRANT OPTION",
        f"GRANT SELECT (id, name, city) ON PEOPLE_view TO {helper}",
        f"GRANT EXECUTE ON FUNCTION PEOPLE_as_of_batch(int) TO {auditor}, PUBLIC",
        f"GRANT EXECUTE ON FUNCTION PEOPLE_batch_at(timestamptz) TO {auditor} WITH GRANT OPTION",
    )
    pipeline.producer(
        "ALTER TABLE people ADD age int, DROP name, ALTER id TYPE bigint", "ALTER TABLE people RENAME city TO town"
    )
    before = granted(pipeline)
    pipeline.datasets = [CHANGED]
    pipeline.apply()
    shown = [("town", "character varying"), ("age", "integer"), ("id", "bigint")]
    assert columns(pipeline, f"{ON_PEOPLE}_view") == shown
    assert columns(pipeline, f"{ON_PEOPLE}_as_of_batch(integer)") == shown
    assert columns(pipeline, f"{ON_PEOPLE}_as_of_time(timestamp with time zone)") == shown
    assert columns(pipeline, f"{ON_PEOPLE}_changes(integer, integer)") == [("ds_surf_operation", "text"), *shown]
    assert columns(pipeline, f"{ON_PEOPLE}_history")[:3] == shown
    gone = {grant for grant in before if grant[3] in ("name", "city")}
    assert len(gone) == 2
    assert granted(pipeline) == before - gone
    assert counts(pipeline.runtime(FORENSIC).reconcile_views()) == (0, 0, OF_ONE, 0, 0, 0)
    assert_done(pipeline.run(FORENSIC))


def granted(pipeline: Pipeline) -> set[tuple[object, ...]]:
    """Object, role, privilege with its option, and column, of all in the workspace's schema."""
    return set(
        pipeline.query(
            """
            SELECT name::text, g.grantee::regrole::text, g.privilege_type || g.is_grantable, part::text FROM (
                SELECT relname, '', relacl FROM pg_class WHERE relnamespace = 'consumer1'::regnamespace
                UNION ALL SELECT relname, attname, attacl FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE relnamespace = 'consumer1'::regnamespace
                UNION ALL SELECT proname, '', proacl FROM pg_proc WHERE pronamespace = 'consumer1'::regnamespace
            ) it (name, part, acl), aclexplode(acl) g
            """
        )
    )


def test_what_somebody_elses_view_stands_on_is_named_and_stays_and_the_rest_goes(pipeline: Pipeline) -> None:
    store(
        pipeline,
        "CREATE VIEW public.of_history AS TABLE PETS_history",
        "CREATE VIEW public.of_function AS SELECT id FROM PETS_as_of_batch(0)",
    )
    forensic = pipeline.by_name[FORENSIC]
    without = evolve(forensic, views=tuple(view for view in forensic.views if view.name != "pets"))
    pipeline.by_name = {**pipeline.by_name, FORENSIC: without}
    for dry_run in (True, False):
        with pytest.raises(ApplyRefused) as refused:
            pipeline.runtime(FORENSIC).apply(dry_run=dry_run)
        for name in ("public.of_history", "public.of_function"):
            assert f"view {name} depends on" in refused.value.message
    summary = pipeline.runtime(FORENSIC).reconcile_views()
    # The history has both on it: the view, and the function that the other view keeps.
    failed = {f"{ON_PETS}_as_of_batch(integer)", f"{ON_PETS}_settled(integer)", f"{ON_PETS}_history"}
    assert set(summary.failed) == failed
    assert counts(summary) == (0, 0, OF_ONE, OF_ONE - 3, 0, 3)
    assert "view public.of_history depends on view" in summary.reasons[f"{ON_PETS}_history"]
    store(pipeline, "DROP VIEW public.of_history, public.of_function")
    assert counts(pipeline.runtime(FORENSIC).reconcile_views()) == (0, 0, OF_ONE, 3, 0, 0)


def test_a_change_that_somebody_elses_view_is_in_the_way_of_is_refused_and_nothing_changed(pipeline: Pipeline) -> None:
    store(pipeline, "CREATE VIEW public.theirs AS SELECT id FROM PEOPLE_as_of_batch(0)")
    pipeline.datasets = [evolve(PEOPLE, columns=(*PEOPLE.columns, Column("age", Integer()))), PETS]
    with pytest.raises(ApplyRefused, match=r"public\.theirs would have to go"):
        pipeline.apply()
    pipeline.datasets = [PEOPLE, PETS]
    pipeline.put_in_force()
    assert counts(pipeline.runtime(FORENSIC).reconcile_views()) == (0, 0, 2 * OF_ONE, 0, 0, 0)


def test_what_others_have_in_the_place_of_one_keeps_only_what_stands_on_it_from_being_made(pipeline: Pipeline) -> None:
    store(
        pipeline,
        "DROP FUNCTION PEOPLE_changes(int, int)",
        "CREATE FUNCTION PEOPLE_changes(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP VIEW PEOPLE_view, PETS_view",
        "CREATE TABLE PETS_view (mine int)",
    )
    summary = pipeline.runtime(FORENSIC).reconcile_views()
    assert summary.created == (f"{ON_PEOPLE}_view",)
    assert summary.failed == (f"{ON_PEOPLE}_changes(integer, integer)", f"{ON_PETS}_view")
    assert "already exists" in summary.reasons[summary.failed[0]]
    assert counts(summary) == (1, 0, 2 * OF_ONE - 3, 0, 0, 2)


def test_two_platforms_of_one_workspace_and_two_ecosystems_of_one_database_leave_each_other_alone(
    pipeline: Pipeline,
) -> None:
    live = pipeline.by_name[LIVE]
    pipeline.by_name = {**pipeline.by_name, LIVE: evolve(live, views=())}
    assert counts(pipeline.runtime(LIVE).reconcile_views()) == (0, 0, 0, 2, 0, 0)
    assert counts(pipeline.runtime(FORENSIC).reconcile_views()) == (0, 0, 2 * OF_ONE, 0, 0, 0)
    forensic = pipeline.by_name[FORENSIC]
    groups = tuple(evolve(view, group="OtherDSG") for view in forensic.views)
    pipeline.by_name = {FORENSIC: evolve(forensic, ecosystem="Other", views=groups)}
    assert counts(pipeline.runtime(FORENSIC).reconcile_views()) == (2 * OF_ONE, 0, 0, 0, 0, 0)
    pipeline.by_name = {FORENSIC: forensic}
    assert counts(pipeline.runtime(FORENSIC).reconcile_views()) == (0, 0, 2 * OF_ONE, 0, 0, 0)


def test_names_of_more_than_63_bytes_are_made_found_again_and_removed(pipeline: Pipeline) -> None:
    forensic = pipeline.by_name[FORENSIC]
    long = evolve(forensic, views=tuple(evolve(view, group="Group" * 12) for view in forensic.views))
    for deployment, expected in (
        (long, (2 * OF_ONE, 0, 0, 2 * OF_ONE, 0, 0)),
        (long, (0, 0, 2 * OF_ONE, 0, 0, 0)),
        (forensic, (2 * OF_ONE, 0, 0, 2 * OF_ONE, 0, 0)),
    ):
        pipeline.by_name = {FORENSIC: deployment}
        assert counts(pipeline.runtime(FORENSIC).reconcile_views()) == expected


def test_the_list_says_how_each_stands_what_it_shows_and_who_may_read_it(pipeline: Pipeline) -> None:
    listed = {view.name: view for view in pipeline.runtime(FORENSIC).list_views()}
    assert len(listed) == 2 * OF_ONE
    assert {view.state for view in listed.values()} == {ViewState.STANDS}
    assert {view.readers for view in listed.values()} == {("consumer1_reader",)}
    assert listed[f"{ON_PETS}_batch_at(timestamp with time zone)"].columns == ()
    sink = listed[f"{ON_PETS}_changes(integer, integer)"].path
    assert sink == "zones/USA/teams/team1/workspaces/Consumer1/groups/ForensicDSG/sinks/Store1.pets"

    store(
        pipeline,
        "DROP FUNCTION PEOPLE_changes(int, int)",
        "GRANT SELECT ON PEOPLE_view TO PUBLIC",
        "REVOKE SELECT ON PEOPLE_history FROM consumer1_reader",
        "DROP TABLE yellowforensic_store1_pets_merge CASCADE",
    )
    forensic = pipeline.by_name[FORENSIC]
    views = tuple(evolve(view, name="our_people") if view.name == "people" else view for view in forensic.views)
    pipeline.by_name = {FORENSIC: evolve(forensic, views=views)}
    found = pipeline.runtime(FORENSIC).list_views()
    states = [view.state for view in found]
    assert states.count(ViewState.WAITING) == states.count(ViewState.MISSING) == OF_ONE
    assert states.count(ViewState.UNWANTED) == OF_ONE - 1
    pipeline.by_name = {FORENSIC: forensic}
    found = pipeline.runtime(FORENSIC).list_views()
    by_state = {state: [view.name for view in found if view.state is state] for state in ViewState}
    assert by_state[ViewState.DIFFERS] == [f"{ON_PEOPLE}_history"]
    assert by_state[ViewState.MISSING] == [f"{ON_PEOPLE}_changes(integer, integer)"]
    [view] = [view for view in found if view.name == f"{ON_PEOPLE}_view"]
    assert view.readers == ("PUBLIC", "consumer1_reader")


def test_the_objects_of_a_model_are_those_that_stand(pipeline: Pipeline) -> None:
    for platform in (LIVE, FORENSIC):
        assert_done(pipeline.run(platform))
    objects = {each for platform in (LIVE, FORENSIC) for each in pipeline.runtime(platform).objects()}
    listed = {(each.schema, each.name) for each in objects if each.schema is not None}
    standing = set(
        pipeline.query(
            """
            SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('public', 'consumer1') AND c.relkind IN ('r', 'p', 'v', 'i', 'I', 'S', 'm')
                AND NOT c.relname ~ '(_pkey|_idx)$'
            UNION ALL SELECT n.nspname::text, format('%s(%s)', p.proname, oidvectortypes(p.proargtypes))
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'consumer1')
            """
        )
    )
    assert listed == standing
    apart = {(each.kind, each.name, each.path) for each in objects if each.schema is None}
    path = "zones/USA/teams/team1/workspaces/Consumer1"
    assert apart == {("schema", "consumer1", path), ("role", "consumer1_reader", path)}
    paths = {each.name: each.path for each in objects}
    assert paths["yellowlive_store1_pets_merge"] == "zones/USA/teams/team1/datastores/Store1/datasets/pets"
    assert paths["yellowlive_batch_metrics"] == "platforms/YellowLive"
