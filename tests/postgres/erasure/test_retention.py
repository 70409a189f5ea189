# ruff: noqa: S608 names and numbers of this test
"""Old history is pruned: how far, in which steps, and what is refused then."""

from collections.abc import Sequence
from datetime import timedelta

import psycopg2
import pytest
from attrs import evolve

from datasurface.erasure import Pruning
from datasurface.errors import Fenced, OperationRefused
from datasurface_yellow.erasure import retention
from tests.postgres.erasure.aging import KEEP, grow_old, need_history_for
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import fetch
from tests.support.records import assert_done, assert_laws_hold, is_copied, tables

pytestmark = pytest.mark.slow

LOG = "yellowforensic_batch_metrics"
HISTORY = "yellowforensic_store1_people_merge_history"


def _history(pipeline: Pipeline, *, old: int) -> None:
    """Five batches, of which some are old. All people change in each of them."""
    for number in range(1, 6):
        pipeline.producer(f"UPDATE people SET city = 'city {number}'", "DELETE FROM pets WHERE id = 1")
        assert_done(pipeline.run(FORENSIC))
    pipeline.store(grow_old(LOG, old))
    need_history_for(pipeline)


def _ends(pipeline: Pipeline) -> list[object]:
    return [end for (end,) in fetch(pipeline.target, f"SELECT DISTINCT ds_surf_batch_out FROM {HISTORY} ORDER BY 1")]


def _assert_only_known_batches_are_asked_for(pipeline: Pipeline) -> None:
    """Of people; pets have lost no version, and answer for every batch."""
    for dataset, first in (("people", 3), ("pets", 1)):
        name = f"consumer1.yellowforensic_consumer1_forensicdsg_{dataset}"
        rows = "TABLE consumer1.yellowforensic_consumer1_forensicdsg_people_batches".replace("people", dataset)
        batches = {batch: at for batch, at, _ in pipeline.query(rows)}
        assert list(batches) == list(range(first, 6))
        for batch in range(1, 6):
            time = f"(SELECT committed_at FROM {LOG} WHERE batch = {batch})"
            for question in (f"as_of_batch({batch})", f"as_of_time({time})", f"changes({batch}, 5)"):
                if batch >= first:
                    pipeline.query(f"SELECT FROM {name}_{question}")
                    continue
                with pytest.raises(psycopg2.Error, match="history is"):
                    pipeline.query(f"SELECT FROM {name}_{question}")


def _due(found: Sequence[Pruning]) -> list[tuple[str, int | None, int]]:
    return [(pruning.dataset, pruning.horizon, pruning.versions) for pruning in found]


def test_versions_go_that_ended_before_what_consumers_may_ask_for(
    people_and_pets: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PAGES", 2)
    _history(people_and_pets, old=3)
    runtime = people_and_pets.runtime(FORENSIC)
    before = tables(people_and_pets)

    seen = runtime.preview_retention("Store1")

    assert tables(people_and_pets) == before
    assert _due(seen) == [("people", 3, 1000), ("pets", 3, 0)]
    assert [pruning.keep for pruning in seen] == [KEEP, KEEP]
    assert _due(runtime.prune_history("Store1", seen=seen)) == [("people", 3, 1000), ("pets", 3, 0)]
    assert _ends(people_and_pets) == [3, 4]
    assert fetch(people_and_pets.target, "SELECT dataset, batch, pruned FROM yellowforensic_horizon") == [
        ("people", 3, 1000)
    ]
    assert_laws_hold(people_and_pets, FORENSIC)
    _assert_only_known_batches_are_asked_for(people_and_pets)
    assert _due(runtime.prune_history("Store1")) == [("people", 3, 0), ("pets", 3, 0)]
    people_and_pets.producer("UPDATE people SET city = 'city 6' WHERE id = 9")
    assert_done(people_and_pets.run(FORENSIC))
    assert is_copied(people_and_pets, FORENSIC, "people")
    assert_laws_hold(people_and_pets, FORENSIC)
    with pytest.raises(OperationRefused, match="its history before batch 3 is pruned"):
        runtime.preview_rollback("Store1", 2)
    runtime.rollback("Store1", 3)
    assert_laws_hold(people_and_pets, FORENSIC)


def test_a_group_without_a_retention_keeps_all_for_ever(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(FORENSIC))
    people_and_pets.producer("UPDATE people SET city = 'other'")
    assert_done(people_and_pets.run(FORENSIC))
    people_and_pets.store(grow_old(LOG, 2))
    assert _due(people_and_pets.runtime(FORENSIC).preview_retention("Store1")) == [
        ("people", None, 0),
        ("pets", None, 0),
    ]
    assert people_and_pets.runtime(LIVE).preview_retention("Store1") == []
    for keep in (timedelta(days=11), timedelta.max):
        need_history_for(people_and_pets, keep)
        runtime = people_and_pets.runtime(FORENSIC)
        assert _due(runtime.prune_history("Store1")) == [("people", None, 0), ("pets", None, 0)]
    assert _ends(people_and_pets) == [1]


def test_a_stream_that_was_taken_back_meanwhile_is_left_alone(people_and_pets: Pipeline) -> None:
    _history(people_and_pets, old=4)
    runtime = people_and_pets.runtime(FORENSIC)
    seen = runtime.preview_retention("Store1")
    runtime.rollback("Store1", 2)
    before = tables(people_and_pets)
    with pytest.raises(Fenced):
        runtime.prune_history("Store1", seen=seen)
    assert tables(people_and_pets) == before
    assert _due(runtime.preview_retention("Store1")) == [("people", 2, 500), ("pets", 2, 0)]
    runtime.rollback("Store1", 0)
    assert_laws_hold(people_and_pets, FORENSIC)


def test_hashes_are_made_anew_of_what_is_left(people_and_pets: Pipeline) -> None:
    """An apply that rewrites hashes compares the table with the log first, and the pruned batches are not there."""
    _history(people_and_pets, old=3)
    people_and_pets.runtime(FORENSIC).prune_history("Store1")
    people_and_pets.datasets = [evolve(PEOPLE, columns=PEOPLE.columns[:2]), PETS]
    people_and_pets.apply()
    assert_laws_hold(people_and_pets, FORENSIC)
    people_and_pets.producer("UPDATE people SET name = 'x' WHERE id = 3")
    assert_done(people_and_pets.run(FORENSIC))
    assert_laws_hold(people_and_pets, FORENSIC)
