"""What nothing uses stays until it is pruned; then it is gone with all that is known of it, and nothing else is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from attrs import evolve

from datasurface.errors import ApplyRefused
from datasurface.model import Ecosystem
from datasurface.operations.apply import ApplyReport
from datasurface.operations.rollback import preview_rollback, rollback
from datasurface.results import Consumer, DatasetCounts, ResultCode
from datasurface_yellow.batch.records import Records
from datasurface_yellow.store.catalog import platform_names
from datasurface_yellow.store.connection import closing, connect, place
from tests.postgres.deploy.village import OTHERS, PLATFORMS, PROVISIONED, US, Village
from tests.support.people import PEOPLE
from tests.support.pipeline import LIVE
from tests.support.records import assert_done, assert_laws_hold, is_copied, tables

PETS_OF_LIVE = ("yellowlive_store1_pets_merge", "yellowlive_store1_pets_staging")


def without_pets_on_live(village: Village) -> Ecosystem:
    """The model whose live group reads people alone."""
    model = village.of(US, PROVISIONED)
    [zone] = model.zones
    [team] = zone.teams
    [workspace] = team.workspaces
    live, forensic = workspace.groups
    live = evolve(live, sinks=[sink for sink in live.sinks if sink.dataset == PEOPLE.name])
    team = evolve(team, workspaces=[evolve(workspace, groups=[live, forensic])])
    return evolve(model, zones=[evolve(zone, teams=[team])])


def dropped(report: ApplyReport) -> list[str]:
    """The tables that an apply has dropped, or would."""
    steps = [step for of_platform in report.steps.values() for step in of_platform]
    return [step.object for step in steps if step.action == "dropped table"]


def stand(village: Village, like: str = "%store1%") -> set[str]:
    """The tables of the datastore that there are."""
    return set(tables(village.pipeline, like))


@contextmanager
def at_work(village: Village, platform: str) -> Iterator[None]:
    """Somebody has the stream."""
    access = village.pipeline.access
    where = place(village.pipeline.container(village.pipeline.target, "writer"), access.credentials)
    with closing(connect(where, "a job")) as session:
        Records(session, platform_names(platform, "public"), "Store1").take()
        session.commit()
        yield


@pytest.mark.short
def test_a_dataset_stays_until_it_is_pruned_and_then_begins_anew(village: Village) -> None:
    village.run()
    everything, model = stand(village), without_pets_on_live(village)

    foreseen = village.foresee(model)

    [pets] = foreseen.pruned[LIVE]
    assert foreseen.pruned.keys() == {LIVE}
    assert (pets.name, pets.stream, pets.owner) == ("Store1.pets", "Store1", US.owner)
    assert [(table.name, table.rows) for table in pets.tables] == [(PETS_OF_LIVE[0], 10), (PETS_OF_LIVE[1], 0)]
    assert all(table.bytes > 0 for table in pets.tables)
    assert pets.consumers == (Consumer("Consumer1", "LiveDSG", ("pets",)),)
    assert dropped(foreseen) == list(PETS_OF_LIVE)
    sql = [statement for step in foreseen.steps[LIVE] for statement in step.sql]
    assert 'DROP TABLE "public"."yellowlive_store1_pets_merge"' in sql
    assert stand(village) == everything

    kept = village.apply(model)
    assert (dropped(kept), stand(village)) == ([], everything)
    assert [(each.name, each.tables[0].rows, each.consumers) for each in kept.unused[LIVE]] == [
        ("Store1.pets", None, ())
    ]
    assert_done(village.pipeline.run(LIVE))

    pruned = village.prune(model)
    assert (pruned.publishes, dropped(pruned), pruned.unused) == (False, list(PETS_OF_LIVE), {})
    assert stand(village) == everything - set(PETS_OF_LIVE)
    again = village.prune(model)
    assert (again.changes, again.pruned, again.unused) == (False, {}, {})
    records = (
        "SELECT 1 FROM yellowlive_batch_metrics WHERE datasets ? 'pets' OR schema_columns ? 'pets' UNION ALL "
        "SELECT 1 FROM yellowlive_layout WHERE merge_table LIKE '%pets%' UNION ALL "
        "SELECT 1 FROM yellowlive_owner WHERE merge_table LIKE '%pets%'"
    )
    assert village.pipeline.query(records) == []
    people = village.pipeline.run(LIVE)
    assert (people.batch, people.datasets) == (3, {"people": DatasetCounts(30, 0, 0, 0, 30)})
    assert_laws_hold(village.pipeline, LIVE)

    village.apply(village.of(US, PROVISIONED))
    back = village.pipeline.run(LIVE)
    assert back.datasets == {"people": DatasetCounts(30, 0, 0, 0, 30), "pets": DatasetCounts(10, 10)}
    assert is_copied(village.pipeline, LIVE, "pets")
    assert_laws_hold(village.pipeline, LIVE)


def test_a_stream_goes_with_its_records_and_a_late_job_does_not_bring_it_back(village: Village) -> None:
    village.run()
    village.run()
    late = [village.pipeline.runtime(platform) for platform in PLATFORMS]
    village.leave(US)

    pruned = village.prune(village.empty(US))

    assert len(dropped(pruned)) == 8
    assert stand(village) == set()
    results = [runtime.run_batch("Store1", "late") for runtime in late]
    assert [result.code for result in results] == [ResultCode.ERROR] * 2
    assert all("is not there: it was dropped" in str(result.error and result.error.message) for result in results)
    assert stand(village) == set()
    for platform in ("yellowlive", "yellowforensic"):
        assert village.pipeline.query(f"TABLE {platform}_batch_metrics") == []
        [(_, run_id, *_)] = village.pipeline.query(f"TABLE {platform}_job_result")
        assert run_id == "late"
        # The batches begin anew. Who had the stream before must not be taken for who has it next.
        assert village.pipeline.query(f"TABLE {platform}_batch_counter") == [("Store1", 0, 3)]

    rollback(village.in_force(), preview_rollback(village.in_force(), 1))
    village.pipeline.by_name = {each.platform.name: each for each in village.in_force().generation.deployments}
    assert village.run() == [DatasetCounts(30, 30)] * 2
    for platform in PLATFORMS:
        assert is_copied(village.pipeline, platform, "pets")
        assert_laws_hold(village.pipeline, platform)


def test_what_is_another_ecosystems_or_another_owners_stays(village: Village) -> None:
    village.run()
    village.leave(US)
    model = village.empty(US)
    everything = stand(village)

    others = village.foresee(model, change_source=OTHERS)
    assert not others.pruned
    assert others.unused.keys() == set(PLATFORMS)
    assert village.foresee(model, change_source=US).pruned.keys() == set(PLATFORMS)

    other = village.prune(evolve(model, name="Other"))
    assert (other.pruned, other.unused, dropped(other)) == ({}, {}, [])
    assert stand(village) == everything


def test_a_stream_at_work_or_a_view_of_somebody_else_refuses_and_nothing_is_changed(village: Village) -> None:
    village.run()
    model = without_pets_on_live(village)
    seen, before, everything = village.foresee(model).pruned, village.stands(), stand(village)

    with at_work(village, LIVE), pytest.raises(ApplyRefused, match=r"works on stream Store1 of YellowLive \(a job"):
        village.apply(model, seen)
    assert (village.stands(), stand(village)) == (before, everything)

    village.pipeline.store(f"CREATE VIEW theirs AS TABLE {PETS_OF_LIVE[0]}")
    with pytest.raises(ApplyRefused, match=r"view public\.theirs would have to go with it"):
        village.apply(model, seen)
    assert (village.stands(), stand(village)) == (before, everything)

    village.pipeline.store("DROP VIEW theirs")
    assert dropped(village.apply(model, seen)) == list(PETS_OF_LIVE)


@pytest.mark.slow
def test_a_batch_that_had_staged_what_was_pruned_is_read_again(village: Village) -> None:
    village.run()
    village.pipeline.producer("DELETE FROM pets WHERE id = 1", "DELETE FROM people WHERE id = 1")
    assert village.pipeline.run(LIVE, budget=0).code is ResultCode.KEEP_WORKING
    village.prune(without_pets_on_live(village))
    village.apply(village.of(US, PROVISIONED))

    stuck = village.pipeline.run(LIVE)

    assert stuck.error is not None
    assert (stuck.error.type, "with pets.id bigint" in stuck.error.message) == ("BatchStuck", True)
    village.pipeline.runtime(LIVE).reset("Store1")
    assert village.pipeline.run(LIVE).datasets == {
        "people": DatasetCounts(29, 0, 0, 1, 29),
        "pets": DatasetCounts(9, 9),
    }
    assert_laws_hold(village.pipeline, LIVE)
