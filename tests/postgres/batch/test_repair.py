"""Merge tables that somebody changed are made the source's again by a batch that was told to."""

import pytest
from psycopg2.sql import SQL, Identifier

from datasurface.errors import Fenced, OperationRefused
from datasurface.results import BatchStatus, Consumer, DatasetCounts, DatasetPreview, ResultCode
from datasurface_yellow.store.rowhash import RECIPE_VERSION
from tests.support.people import SECRET
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import (
    assert_done,
    assert_laws_hold,
    batch_log,
    is_copied,
    said,
    staged_rows,
    tables,
)

TABLE = "yellowlive_store1_people_merge"
CHANGES = ("UPDATE people SET city = 'new' WHERE id IN (3, 4)", "DELETE FROM pets WHERE id = 1")
"""What the producer did since, beside the damage of person 3."""

DAMAGES = {
    "a cell was changed": ("UPDATE {} SET city = 'zyx-forged' WHERE id = 3", 1, 0, 2, 0),
    "a cell of a row that the source did not touch": ("UPDATE {} SET city = NULL WHERE id = 9", 1, 0, 3, 0),
    "a hash was changed": ("UPDATE {} SET ds_surf_all_hash = 7 WHERE id = 9", 1, 0, 2, 0),
    "a key's hash was changed": ("UPDATE {} SET ds_surf_key_hash = 7 WHERE id = 9", 1, 0, 2, 0),
    "a row and its hash": (
        "UPDATE {0} SET city = m.city, ds_surf_all_hash = m.ds_surf_all_hash FROM {0} m WHERE m.id = 17 AND {0}.id = 9",
        1,
        0,
        3,
        0,
    ),
    "a key was changed": ("UPDATE {} SET id = 7000 WHERE id = 9", 1, 1, 2, 1),
    "two keys were changed": ("UPDATE {} SET id = id + 7000 WHERE id IN (9, 10)", 2, 2, 2, 2),
    "a row began in no batch": ("UPDATE {} SET ds_surf_batch_in = 0 WHERE id = 9", 1, 0, 2, 0),
    "a row began in a batch to come": ("UPDATE {} SET ds_surf_batch_in = 900 WHERE id = 9", 1, 0, 2, 0),
    "a row was deleted": ("DELETE FROM {} WHERE id = 9", 0, 1, 2, 0),
    "all rows were deleted": ("TRUNCATE {}", 0, 500, 0, 0),
    "every row was changed": ("UPDATE {} SET name = 'zyx-forged'", 500, 0, 500, 0),
    "rows were inserted": (
        "INSERT INTO {0} SELECT id + 7000, name, city, ds_surf_key_hash, ds_surf_all_hash, 1 FROM {0} WHERE id <= 20",
        20,
        0,
        2,
        20,
    ),
    "a row stands three times": (
        "DROP INDEX yellowlive_store1_people_merge_key; INSERT INTO {0} SELECT p.* FROM {0} p, "
        "generate_series(1, 2) WHERE p.id = 9",
        2,
        0,
        2,
        0,
    ),
}
"""What was done to the live people; rows with untrue hashes; and what the repair inserts, updates and deletes."""


def _damage(pipeline: Pipeline, statement: str) -> None:
    assert_done(pipeline.run(LIVE))
    pipeline.producer(*CHANGES)
    execute(pipeline.target, SQL(statement).format(Identifier(TABLE)))


def _status(pipeline: Pipeline) -> object:
    return batch_log(pipeline, LIVE)[-1][1]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_table_is_the_sources_again(
    people_and_pets: Pipeline, damage: tuple[str, int, int, int, int]
) -> None:
    statement, untrue, inserted, updated, deleted = damage
    _damage(people_and_pets, statement)
    runtime = people_and_pets.runtime(LIVE)
    assert [check for check in runtime.verify("Store1") if not check.holds]

    state = runtime.repair("Store1")

    assert (state.batch, state.status, state.reason) == (2, BatchStatus.STARTED, "repair")
    done = people_and_pets.run(LIVE)
    assert_done(done)
    kept = 500 - inserted - updated
    assert done.datasets["people"] == DatasetCounts(500, inserted, updated, deleted, kept)
    assert done.datasets["pets"].deleted == 1
    for dataset in ("people", "pets"):
        assert is_copied(people_and_pets, LIVE, dataset)
    assert_laws_hold(people_and_pets, LIVE)
    found = kept + updated + deleted
    [repaired] = runtime.status("Store1", last=1)
    assert (repaired.status, repaired.reason) == (
        BatchStatus.COMMITTED,
        f"repair; people had {found} rows where 500 were left, {untrue} with untrue hashes",
    )
    assert SECRET not in said(people_and_pets, LIVE, done)


@pytest.mark.short
def test_a_failed_batch_is_left_by_a_repair_and_the_next_is_a_plain_one(people_and_pets: Pipeline) -> None:
    _damage(people_and_pets, "UPDATE {} SET ds_surf_all_hash = 7 WHERE id = 9")
    for _ in range(2):
        assert people_and_pets.run(LIVE).error
    assert _status(people_and_pets) == "FAILED"

    people_and_pets.runtime(LIVE).repair("Store1")

    assert_done(people_and_pets.run(LIVE))
    assert_laws_hold(people_and_pets, LIVE)
    people_and_pets.producer("UPDATE people SET city = 'later' WHERE id = 9")
    done = people_and_pets.run(LIVE)
    assert (done.batch, done.datasets["people"].updated) == (3, 1)
    query = "SELECT datasets -> 'people' ->> 'level', reason FROM yellowlive_batch_metrics ORDER BY batch"
    assert fetch(people_and_pets.target, query)[2] == ("buckets", None)
    assert is_copied(people_and_pets, LIVE, "people")
    assert_laws_hold(people_and_pets, LIVE)


def test_what_was_staged_on_damaged_rows_is_given_up(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(LIVE))
    people_and_pets.producer(*CHANGES)
    assert people_and_pets.run(LIVE, budget=0).code is ResultCode.KEEP_WORKING
    before = tables(people_and_pets)
    runtime = people_and_pets.runtime(LIVE)

    preview = runtime.preview_repair("Store1")

    assert tables(people_and_pets) == before
    assert (preview.action, preview.batches, preview.to) == ("repair", (2,), None)
    assert preview.datasets == {
        "people": DatasetPreview(500, 500, staged=2),
        "pets": DatasetPreview(100, 100, staged=1),
    }
    assert preview.consumers == (Consumer("Consumer1", "LiveDSG", ("people", "pets")),)
    runtime.repair("Store1", seen=preview)
    assert (staged_rows(people_and_pets, LIVE, 2), _status(people_and_pets)) == (0, "STARTED")
    assert_done(people_and_pets.run(LIVE))
    assert is_copied(people_and_pets, LIVE, "people")
    assert runtime.status("Store1", last=1)[0].reason == "repair; nothing was damaged"
    assert_laws_hold(people_and_pets, LIVE)


def test_who_saw_the_stream_before_another_job_repairs_nothing(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(LIVE))
    runtime = people_and_pets.runtime(LIVE)
    preview = runtime.preview_repair("Store1")
    assert_done(people_and_pets.run(LIVE))
    before = tables(people_and_pets)
    with pytest.raises(Fenced, match="since it was said what the repair would do"):
        runtime.repair("Store1", seen=preview)
    assert tables(people_and_pets) == before


def test_a_repair_that_could_not_be_done_is_tried_again_and_a_reset_gives_it_up(people_and_pets: Pipeline) -> None:
    _damage(people_and_pets, "UPDATE {} SET city = 'zyx-forged' WHERE id = 9")
    runtime = people_and_pets.runtime(LIVE)
    runtime.repair("Store1")
    people_and_pets.producer("ALTER TABLE people RENAME TO away")
    damaged = tables(people_and_pets, "yellowlive_store1%")
    for _ in range(2):
        error = people_and_pets.run(LIVE).error
        assert error is not None
        assert error.type == "SourceUnavailable"
    assert tables(people_and_pets, "yellowlive_store1%") == damaged
    people_and_pets.producer("ALTER TABLE away RENAME TO people")

    assert runtime.reset("Store1").reason is None
    assert_done(people_and_pets.run(LIVE))
    assert not is_copied(people_and_pets, LIVE, "people")

    runtime.repair("Store1")
    assert_done(people_and_pets.run(LIVE))
    assert is_copied(people_and_pets, LIVE, "people")
    assert_laws_hold(people_and_pets, LIVE)


def test_a_repair_deletes_no_more_than_any_batch(people_and_pets: Pipeline) -> None:
    _damage(people_and_pets, "UPDATE {} SET id = id + 7000 WHERE id > 100")
    people_and_pets.runtime(LIVE).repair("Store1")
    refused = people_and_pets.run(LIVE, allow_deletes=False).error
    assert refused is not None
    assert "would delete 400 of 500 rows" in refused.message
    assert_done(people_and_pets.run(LIVE))
    assert is_copied(people_and_pets, LIVE, "people")
    assert_laws_hold(people_and_pets, LIVE)


def test_hashes_of_another_recipe_are_made_anew(people_and_pets: Pipeline) -> None:
    _damage(people_and_pets, "UPDATE {} SET ds_surf_all_hash = ds_surf_all_hash # 99")
    older = (
        "UPDATE yellowlive_batch_metrics SET datasets = jsonb_set(datasets, '{people,fingerprint,recipe}', '\"0:old\"')"
    )
    execute(people_and_pets.target, older)
    error = people_and_pets.run(LIVE).error
    assert error is not None
    assert (error.type, error.dataset) == ("ReceiptMismatch", "people")
    assert f"left hashes of recipe 0:old, those of this batch are of {RECIPE_VERSION}:" in error.message

    people_and_pets.runtime(LIVE).repair("Store1")

    done = people_and_pets.run(LIVE)
    assert_done(done)
    assert done.datasets["people"] == DatasetCounts(500, 0, 2, 0, 498)
    assert_laws_hold(people_and_pets, LIVE)


def test_what_cannot_be_repaired_is_refused(people_and_pets: Pipeline) -> None:
    for platform, words in ((LIVE, "no batch of stream Store1 is committed"), (FORENSIC, "keeps its past")):
        if platform == FORENSIC:
            assert_done(people_and_pets.run(FORENSIC))
        before = tables(people_and_pets)
        runtime = people_and_pets.runtime(platform)
        for operation in (runtime.preview_repair, runtime.repair):
            with pytest.raises(OperationRefused, match=words):
                operation("Store1")
        assert tables(people_and_pets) == before
