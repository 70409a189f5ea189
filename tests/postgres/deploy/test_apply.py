"""What apply makes in a merge database, how often, and what it refuses to touch."""

from collections.abc import Callable

import pytest
from attrs import evolve
from psycopg2.sql import SQL, Identifier, Literal

from datasurface.errors import ApplyRefused, CatalogueRefused
from datasurface.model import Column, Dataset, Milestoning
from datasurface.results import DatasetCounts, ResultCode
from datasurface.types import BigInt, Text
from datasurface_yellow import YellowDataPlatform
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import assert_done, assert_laws_hold, follow, tables

PLATFORMS = [LIVE, FORENSIC]
OBJECTS = """
    SELECT n.nspname, c.relname, c.relkind, c.relacl::text, pg_get_userbyid(c.relowner)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') ORDER BY 1, 2"""


def _renamed(pipeline: Pipeline, change: Callable[[YellowDataPlatform], YellowDataPlatform]) -> Pipeline:
    """The pipeline with other platforms, under their own names; not applied yet."""
    changed = evolve(pipeline)
    changed.change_platforms(change)
    changed.by_name = {deployment.platform.name: deployment for deployment in changed.by_name.values()}
    return changed


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_second_apply_does_nothing(people_and_pets: Pipeline, platform: str) -> None:
    for _ in range(2):
        before = fetch(people_and_pets.target, OBJECTS)
        assert people_and_pets.runtime(platform).apply() == []
        assert fetch(people_and_pets.target, OBJECTS) == before
        assert_done(people_and_pets.run(platform))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_missing_is_made_again_and_nothing_else(people_and_pets: Pipeline, platform: str) -> None:
    assert_done(people_and_pets.run(platform))
    group = "livedsg" if platform == LIVE else "forensicdsg"
    view = f"{platform.lower()}_consumer1_{group}_people_view"
    staging = f"{platform.lower()}_store1_pets_staging"
    execute(people_and_pets.target, f"DROP VIEW consumer1.{view}", f"DROP TABLE {staging}")

    steps = people_and_pets.runtime(platform).apply()

    assert [(step.action, step.object) for step in steps] == [
        ("created table", staging),
        ("created view", f"consumer1.{view}"),
    ]
    assert_done(people_and_pets.run(platform))


def test_a_new_dataset_joins_a_stream_that_runs(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE, *fill(people=20, pets=10))
    follow(pipeline, ["DELETE FROM people WHERE id = 1"])
    pipeline.datasets = [PEOPLE, PETS]
    pipeline.apply()

    first, second = follow(pipeline, ["UPDATE pets SET owner = NULL WHERE id = 1"])

    assert first == {"people": DatasetCounts(19, 0, 0, 0, 19), "pets": DatasetCounts(10, 10)}
    assert second["pets"] == DatasetCounts(10, 0, 1, 0, 9)


@pytest.mark.parametrize("version", [0, 99])
def test_tables_of_another_catalogue_version_are_refused(people_and_pets: Pipeline, version: int) -> None:
    before = tables(people_and_pets)
    execute(people_and_pets.target, SQL("UPDATE yellowlive_catalog SET version = {}").format(Literal(version)))

    with pytest.raises(
        CatalogueRefused, match=rf"platform YellowLive are of catalogue version {version}, this program"
    ):
        people_and_pets.runtime(LIVE).apply()

    refused = people_and_pets.run(LIVE)
    assert (refused.code, refused.error and refused.error.type) == (ResultCode.ERROR, "CatalogueRefused")
    with pytest.raises(CatalogueRefused):
        people_and_pets.runtime(LIVE).status("Store1")
    people_and_pets.runtime(FORENSIC).apply()
    assert tables(people_and_pets).keys() == before.keys()


AS_VERSION_1_LEFT_IT = """
    DROP TABLE {prefix}_layout, {prefix}_owner, {prefix}_erasure;
    ALTER TABLE {prefix}_batch_metrics DROP COLUMN reason;
    UPDATE {prefix}_batch_metrics m SET datasets = (
        SELECT jsonb_object_agg(name, document - 'level' - 'before') FROM jsonb_each(m.datasets) AS d (name, document)
    );
    UPDATE {prefix}_catalog SET version = 1"""


@pytest.mark.parametrize("platform", PLATFORMS)
def test_tables_of_catalogue_version_1_come_forward_with_the_batch_that_was_staged(
    people_and_pets: Pipeline, platform: str
) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    assert people_and_pets.run(platform, budget=0).code is ResultCode.KEEP_WORKING
    execute(people_and_pets.target, AS_VERSION_1_LEFT_IT.format(prefix=platform.lower()))

    early = people_and_pets.run(platform)
    assert early.error is not None
    assert "run `datasurface apply` with this version" in str(early.error.hint)
    steps = people_and_pets.runtime(platform).apply()

    assert [(step.action, step.object) for step in steps] == [
        ("migrated to catalogue version", "2"),
        ("migrated to catalogue version", "3"),
        ("migrated to catalogue version", "4"),
        ("migrated to catalogue version", "5"),
        ("migrated to catalogue version", "6"),
        ("migrated to catalogue version", "7"),
        ("migrated to catalogue version", "8"),
        *(("created table", f"{platform.lower()}_{name}") for name in ("layout", "owner", "erasure")),
    ]
    assert people_and_pets.runtime(platform).apply() == []
    done = people_and_pets.run(platform)
    assert_done(done)
    assert (done.batch, done.datasets["people"].updated) == (2, 5)
    assert [state.reason for state in people_and_pets.runtime(platform).status("Store1")] == [None, None]
    assert_laws_hold(people_and_pets, platform)


def test_a_refused_apply_leaves_nothing_half_made(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE)
    other = Dataset("another", columns=[Column("id", BigInt(), primary_key=True)])
    pipeline.datasets = [other, evolve(PEOPLE, columns=[*PEOPLE.columns[:2], evolve(PEOPLE.columns[2], type=BigInt())])]
    before = fetch(pipeline.target, OBJECTS)

    with pytest.raises(ApplyRefused, match="column city is stored as varchar, and the model says bigint"):
        pipeline.apply()

    assert fetch(pipeline.target, OBJECTS) == before


def test_platforms_that_share_a_schema_and_a_store_do_not_meet(people_and_pets: Pipeline) -> None:
    others = _renamed(people_and_pets, lambda platform: evolve(platform, name=f"{platform.name}2"))
    for name in others.by_name:
        assert others.runtime(name).apply() != []
    follow(people_and_pets, ["DELETE FROM people WHERE id = 1"])
    people_and_pets.producer("DELETE FROM people WHERE id = 2")

    for name in others.by_name:
        first = others.run(name)
        assert_done(first)
        assert (first.batch, first.datasets["people"]) == (1, DatasetCounts(498, 498))
        assert_laws_hold(others, name)
    for platform in PLATFORMS:
        third = people_and_pets.run(platform)
        assert_done(third)
        assert (third.batch, third.datasets["people"].deleted) == (3, 1)
        assert_laws_hold(people_and_pets, platform)


def test_a_schema_of_its_own_is_made_and_views_follow_into_it(people_and_pets: Pipeline) -> None:
    elsewhere = evolve(people_and_pets)
    elsewhere.change_platforms(lambda platform: evolve(platform, schema="Lake 100%"))

    steps = [elsewhere.runtime(platform).apply() for platform in PLATFORMS]

    assert [step.object for step in (*steps[0], *steps[1]) if step.action == "created schema"] == ["Lake 100%"]
    follow(elsewhere, ["DELETE FROM people WHERE id = 1"])
    [(count,)] = fetch(people_and_pets.target, 'SELECT count(*) FROM "Lake 100%".yellowlive_store1_people_merge')
    assert count == 499
    assert not any(tables(people_and_pets, "%\\_people\\_merge%").values())


def test_names_of_more_than_63_bytes_are_cut_and_told_apart(new_pipeline: NewPipeline) -> None:
    long = "a_dataset_with_a_name_that_is_much_longer_than_it_needs_to_be_for_"
    columns = [Column("id", BigInt(), primary_key=True), Column("note", Text())]
    datasets = [Dataset(f"{long}{ending}"[-63:], columns=columns) for ending in ("one", "two", "größer")]
    pipeline = new_pipeline(
        datasets,
        *(f'CREATE TABLE "{dataset.name}" (id bigint, note text)' for dataset in datasets),
        *("INSERT INTO \"TABLE\" VALUES (1, 'of TABLE')".replace("TABLE", dataset.name) for dataset in datasets),
    )
    for platform in PLATFORMS:
        assert_done(pipeline.run(platform))
        assert pipeline.runtime(platform).apply() == []
        assert_laws_hold(pipeline, platform)
    found = [
        str(name) for (name,) in fetch(pipeline.target, "SELECT relname FROM pg_class WHERE relname LIKE 'yellow%'")
    ]
    assert len(set(found)) == len(found)
    assert max(len(name.encode()) for name in found) == 63
    notes = set()
    for (view,) in fetch(pipeline.target, "SELECT viewname FROM pg_views WHERE viewname LIKE 'yellowlive%view'"):
        notes |= set(fetch(pipeline.target, SQL("SELECT note FROM {}").format(Identifier("consumer1", str(view)))))
    assert notes == {(f"of {dataset.name}",) for dataset in datasets}


def test_a_role_that_is_missing_is_asked_for(people_and_pets: Pipeline) -> None:
    changed = evolve(people_and_pets)
    for name, deployment in people_and_pets.by_name.items():
        views = tuple(evolve(view, workspace="Unknown") for view in deployment.views)
        changed.by_name = {**changed.by_name, name: evolve(deployment, views=views)}
    before = fetch(people_and_pets.target, OBJECTS)

    with pytest.raises(
        ApplyRefused, match="role unknown_reader, which may read the views of schema unknown"
    ) as refused:
        changed.runtime(LIVE).apply()

    assert "CREATE ROLE unknown_reader NOLOGIN" in (refused.value.hint or "")
    assert fetch(people_and_pets.target, OBJECTS) == before


def test_milestoning_of_the_group_decides_which_views_there_are(people_and_pets: Pipeline) -> None:
    forensic = people_and_pets.by_name[FORENSIC]
    views = tuple(evolve(view, milestoning=Milestoning.LIVE_ONLY) for view in forensic.views)
    people_and_pets.by_name = {FORENSIC: evolve(forensic, views=views)}

    summary = people_and_pets.runtime(FORENSIC).reconcile_views()

    assert [name.rpartition("_")[2] for name in summary.unchanged] == ["view"] * 2
    assert len(summary.removed) == 2 * 7
    assert any(name.endswith("people_history") for name in summary.removed)
