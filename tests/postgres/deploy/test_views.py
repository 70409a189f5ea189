"""Views that should stand or go, and what is said of those that cannot."""

from datetime import timedelta

import pytest
from attrs import evolve

from datasurface.deployment import Deployment
from datasurface.errors import ApplyRefused
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.sessions import holding

PEOPLE_VIEW, PETS_VIEW = (f"consumer1.yellowlive_consumer1_livedsg_{name}_view" for name in ("people", "pets"))
KINDS = (
    "view",
    "history",
    "batches",
    "batch_at(timestamp with time zone)",
    "settled(integer)",
    "as_of_batch(integer)",
    "as_of_time(timestamp with time zone)",
    "changes(integer, integer)",
)
STANDING = (
    "SELECT schemaname || '.' || viewname FROM pg_views WHERE schemaname = 'consumer1' AND viewname LIKE '%live%'"
)


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> Pipeline:
    return new_pipeline([PEOPLE, PETS], *CREATE)


def without_pets(pipeline: Pipeline) -> Pipeline:
    """The live platform after nobody asks it for pets any more; not applied yet."""
    before = pipeline.by_name[LIVE]
    after: Deployment = evolve(before, views=tuple(view for view in before.views if view.name != "pets"))
    return evolve(pipeline, by_name={**pipeline.by_name, LIVE: after})


def standing(pipeline: Pipeline) -> set[object]:
    return {name for (name,) in pipeline.query(STANDING)}


def test_apply_takes_no_view_away_and_the_reconciler_does(pipeline: Pipeline) -> None:
    runtime = without_pets(pipeline).runtime(LIVE)
    assert runtime.apply() == []
    assert standing(pipeline) == {PEOPLE_VIEW, PETS_VIEW}
    assert runtime.reconcile_views().removed == (PETS_VIEW,)
    assert standing(pipeline) == {PEOPLE_VIEW}


def test_view_that_others_stand_on_is_refused_before_anything_is_done(pipeline: Pipeline) -> None:
    pipeline.store(f"CREATE VIEW public.theirs AS TABLE {PETS_VIEW}", f"DROP VIEW {PEOPLE_VIEW}")
    changed = without_pets(pipeline)
    with pytest.raises(ApplyRefused, match=f"{PETS_VIEW}: cannot drop view .* because other objects depend on it"):
        changed.runtime(LIVE).apply()
    assert standing(pipeline) == {PETS_VIEW}
    summary = changed.runtime(LIVE).reconcile_views()
    assert (summary.created, summary.failed, summary.is_well) == ((PEOPLE_VIEW,), (PETS_VIEW,), False)
    assert "other objects depend on it" in summary.reasons[PETS_VIEW]


def test_view_that_somebody_reads_for_long_does_not_keep_apply_and_later_readers_waiting(pipeline: Pipeline) -> None:
    changed = without_pets(pipeline)
    changed.change_platforms(lambda platform: evolve(platform, lock_wait=timedelta(milliseconds=50)))
    with (
        holding(pipeline.target, f"LOCK TABLE {PETS_VIEW} IN ACCESS SHARE MODE"),
        pytest.raises(ApplyRefused, match=f"{PETS_VIEW}: canceling statement due to lock timeout"),
    ):
        changed.runtime(LIVE).apply()


def test_reconciler_says_why_a_view_waits_or_fails_and_makes_the_others(pipeline: Pipeline) -> None:
    pipeline.store(
        f"DROP VIEW {PEOPLE_VIEW}",
        f"CREATE TABLE {PEOPLE_VIEW} (mine int)",
        "DROP TABLE yellowforensic_store1_pets_merge CASCADE",
        "DROP VIEW consumer1.yellowforensic_consumer1_forensicdsg_people_view",
    )
    live = pipeline.runtime(LIVE).reconcile_views()
    assert (live.failed, live.unchanged) == ((PEOPLE_VIEW,), (PETS_VIEW,))
    assert live.reasons == {PEOPLE_VIEW: 'relation "yellowlive_consumer1_livedsg_people_view" already exists'}

    forensic = pipeline.runtime(FORENSIC).reconcile_views()
    waiting = tuple(f"consumer1.yellowforensic_consumer1_forensicdsg_pets_{kind}" for kind in KINDS)
    assert (forensic.waiting, forensic.failed, len(forensic.created)) == (waiting, (), 1)
    assert forensic.reasons == dict.fromkeys(waiting, "table yellowforensic_store1_pets_merge does not exist")
