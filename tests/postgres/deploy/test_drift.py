"""What somebody changed by hand: found before anything is done, and mended where nothing is lost by it."""

import pytest

from datasurface.errors import ApplyRefused
from datasurface.results import Step
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done

pytestmark = pytest.mark.slow

NAMES = {
    "view": "consumer1.yellowforensic_consumer1_forensicdsg_people_view",
    "settled": "consumer1.yellowforensic_consumer1_forensicdsg_people_settled(integer)",
    "merge": "yellowforensic_store1_people_merge",
    "pets": "yellowforensic_store1_pets",
}
DEFINED = "SELECT pg_get_viewdef('{view}'::regclass), pg_get_functiondef('{settled}'::regprocedure)"


@pytest.fixture
def pipeline(copied_pipeline: NewPipeline) -> Pipeline:
    pipeline = copied_pipeline([PEOPLE, PETS], *CREATE, *fill(people=20, pets=5))
    for platform in (LIVE, FORENSIC):
        assert_done(pipeline.run(platform))
    return pipeline


def mended(pipeline: Pipeline) -> list[Step]:
    """What a dry run finds; an apply does the same, and then there is nothing more to do."""
    planned = list(pipeline.runtime(FORENSIC).apply(dry_run=True))
    done = pipeline.runtime(FORENSIC).apply()
    assert [(step.action, step.object) for step in done] == [(step.action, step.object) for step in planned]
    assert pipeline.runtime(FORENSIC).apply() == []
    assert_done(pipeline.run(FORENSIC))
    return planned


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("CREATE OR REPLACE VIEW {view} AS SELECT id, city AS name, city FROM {merge}", "view"),
        ("ALTER VIEW {view} SET (security_barrier = true)", "view"),
        ("ALTER FUNCTION {settled} SECURITY DEFINER", "settled"),
    ],
)
def test_a_definition_that_was_replaced_is_made_again(pipeline: Pipeline, change: str, what: str) -> None:
    defined = pipeline.query(DEFINED.format(**NAMES))
    pipeline.store(change.format(**NAMES))
    [step] = [step for step in mended(pipeline) if step.object == NAMES[what]]
    assert step.action.startswith("updated ")
    assert "its definition is not the one that was made here" in str(step.note)
    assert pipeline.query(DEFINED.format(**NAMES)) == defined


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ("REVOKE SELECT ON {view} FROM consumer1_reader", "updated view {view}"),
        ("REVOKE EXECUTE ON FUNCTION {settled} FROM consumer1_reader", "updated function {settled}"),
        ("DROP VIEW {view}", "created view {view}"),
        ("DROP INDEX {merge}_history_key", "created index {merge}_history_key"),
        ("DROP TABLE {pets}_staging", "created table {pets}_staging"),
    ],
)
def test_what_was_taken_away_and_can_be_made_again_is(pipeline: Pipeline, change: str, step: str) -> None:
    pipeline.store(change.format(**NAMES))
    assert [f"{it.action} {it.object}" for it in mended(pipeline)] == [step.format(**NAMES)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ALTER TABLE {merge} ADD COLUMN mine int", "column mine is none of ours"),
        ("ALTER TABLE {merge} RENAME city TO town", "column city is gone"),
        ("DROP TABLE {pets}_merge_history CASCADE", "stands without {pets}_merge_history, which held its rows"),
    ],
)
def test_what_is_lost_is_named_and_nothing_is_done(pipeline: Pipeline, change: str, words: str) -> None:
    pipeline.store(change.format(**NAMES), "DROP VIEW {view}".format(**NAMES))
    for dry_run in (True, False):
        with pytest.raises(ApplyRefused, match=words.format(**NAMES)) as refused:
            pipeline.runtime(FORENSIC).apply(dry_run=dry_run)
        assert refused.value.hint is not None
    assert pipeline.query("SELECT to_regclass('{view}')".format(**NAMES)) == [(None,)]
