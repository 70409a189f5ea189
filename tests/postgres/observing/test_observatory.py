"""What a platform says of its work, against what was done."""

from contextlib import closing
from datetime import timedelta

import psycopg2
import pytest

from datasurface.errors import NotApplied, OperationRefused
from datasurface.observing import ObservedStream, Run, Runs
from datasurface.results import BatchStatus, JobResult, JobSeconds, ResultCode
from datasurface_yellow.batch.records import Records
from datasurface_yellow.store.catalog import platform_names
from datasurface_yellow.store.masking import MASK
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done

NOTHING = Runs(0, 0)


def _stream(pipeline: Pipeline, platform: str = LIVE) -> ObservedStream:
    with pipeline.runtime(platform).observe() as seen:
        [found] = seen.streams()
    return found


def _fail(pipeline: Pipeline, platform: str = LIVE) -> JobResult:
    pipeline.producer("ALTER TABLE pets RENAME TO gone")
    result = pipeline.run(platform)
    assert result.code is ResultCode.ERROR
    pipeline.producer("ALTER TABLE gone RENAME TO pets")
    return result


def test_a_stream_that_never_ran_is_there_and_says_nothing(people_and_pets: Pipeline) -> None:
    assert _stream(people_and_pets) == ObservedStream("Store1", None, None, None, False, NOTHING, NOTHING, 0, 0, {}, {})
    with people_and_pets.runtime(LIVE).observe() as seen:
        assert seen.commits() == {}
        assert seen.others() == {}
        assert not seen.batches("Store1")
        assert not seen.rows_over_time("Store1", seen.now - timedelta(days=1))
        assert not seen.seconds_over_time("Store1", seen.now - timedelta(days=1))
        assert seen.streams(["Nobody"]) == []


@pytest.mark.short
def test_a_stream_says_what_its_jobs_came_to(people_and_pets: Pipeline) -> None:
    done = people_and_pets.run(LIVE)
    first, second = _fail(people_and_pets), _fail(people_and_pets)

    found = _stream(people_and_pets)

    assert found.commit is not None
    assert found.newest is not None
    assert (found.commit.batch, found.status, found.failures_in_a_row) == (1, BatchStatus.STARTED, 2)
    assert (found.hour, found.day) == (Runs(3, 2), Runs(3, 2))
    assert (found.newest.run_id, found.newest.error) == (second.run_id, second.error)
    assert first.run_id != second.run_id
    assert found.counts == done.datasets
    assert found.rows == {name: counts.read for name, counts in done.datasets.items()}
    assert found.commit.read_at < found.commit.committed_at < found.newest.at

    assert_done(people_and_pets.run(LIVE))
    found = _stream(people_and_pets)
    assert (found.failures_in_a_row, found.hour) == (0, Runs(4, 2))


def test_who_works_on_a_stream_is_seen(people_and_pets: Pipeline) -> None:
    session = psycopg2.connect(people_and_pets.target.url)
    with closing(session):
        Records(session, platform_names(FORENSIC, "public"), "Store1").take()
        assert _stream(people_and_pets, FORENSIC).is_running
        assert not _stream(people_and_pets, LIVE).is_running


def test_batches_and_series_tell_what_each_batch_did(people_and_pets: Pipeline) -> None:
    results = [people_and_pets.run(LIVE)]
    for _ in range(5):
        people_and_pets.producer("DELETE FROM pets WHERE id = (SELECT min(id) FROM pets)")
        results.append(people_and_pets.run(LIVE))
    pets = [results[0].datasets["pets"].read - number for number in range(6)]

    with people_and_pets.runtime(LIVE).observe() as seen:
        batches, since = seen.batches("Store1"), seen.now - timedelta(days=1)
        assert [batch.run_id for batch in batches] == [result.run_id for result in results[::-1]]
        assert [batch.state.datasets for batch in batches] == [result.datasets for result in results[::-1]]
        assert [batch.rows["pets"] for batch in batches] == pets[::-1]
        assert [batch.state.batch for batch in seen.batches("Store1", before=4, last=2)] == [3, 2]

        assert [point.rows["pets"] for point in seen.rows_over_time("Store1", since)] == pets
        assert [point.rows["pets"] for point in seen.rows_over_time("Store1", since, points=3)] == pets[1::2]
        assert not seen.rows_over_time("Store1", seen.now)

        three = seen.seconds_over_time("Store1", since, points=3)
        assert [point.batches for point in three] == [2, 2, 2]
        each = [batch.seconds for batch in batches[:2]]
        assert three[-1].mean.merge == pytest.approx(sum(it.merge for it in each) / 2)
        assert three[-1].longest == pytest.approx(max(it.wait + it.source + it.transfer + it.merge for it in each))
        assert three[-1].at == batches[0].state.committed_at


def test_records_of_upkeep_stand_beside_those_of_streams(people_and_pets: Pipeline) -> None:
    runtime = people_and_pets.runtime(LIVE)
    for run_id, code in (("r1", ResultCode.ERROR), ("r2", ResultCode.DONE)):
        runtime.keep_result(JobResult(LIVE, "@verify", run_id, None, code, 1, None, {}, JobSeconds()))
    with runtime.observe() as seen:
        found = seen.others()
    assert found.keys() == {"@verify"}
    assert found["@verify"] == Run("r2", None, ResultCode.DONE, found["@verify"].at, JobSeconds(), None)


def test_a_key_has_its_versions_and_shows_no_value_that_is_not_open(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(FORENSIC))
    for change in (
        "UPDATE pets SET owner = 7 WHERE id = 1",
        "UPDATE pets SET name = 'zyx-new' WHERE id = 1",
        "DELETE FROM pets WHERE id = 1",
        "INSERT INTO pets VALUES (1, NULL, 'zyx-back')",
    ):
        people_and_pets.producer(change)
        assert_done(people_and_pets.run(FORENSIC))

    with people_and_pets.runtime(FORENSIC).observe() as seen:
        found = seen.key_history("Store1", "pets", ["1"])
        times = {batch.state.batch: batch.state.committed_at for batch in seen.batches("Store1")}
        newest = seen.key_history("Store1", "pets", ["1"], last=2)

    assert (found.key, found.masked, found.is_forensic, found.is_whole) == (("1",), ("name",), True, True)
    spans = [(version.batch_in, version.batch_out) for version in found.versions]
    assert spans == [(5, None), (3, 3), (2, 2), (1, 1)]
    assert [version.changed for version in found.versions] == [(), ("name",), ("owner",), ()]
    assert [version.values["owner"] for version in found.versions] == [None, "7", "7", "1"]
    assert {version.values["name"] for version in found.versions} == {MASK}
    assert [version.valid_from for version in found.versions] == [times[number] for number in (5, 3, 2, 1)]
    assert [version.valid_to for version in found.versions] == [None, *(times[number] for number in (4, 3, 2))]
    assert "zyx" not in repr(found)
    assert (newest.versions, newest.is_whole) == (found.versions[:2], False)


def test_a_live_key_is_its_row_and_one_that_is_not_there_has_none(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(LIVE))
    with people_and_pets.runtime(LIVE).observe() as seen:
        [version] = seen.key_history("Store1", "people", ["3"]).versions
        assert version.values == {"id": "3", "name": MASK, "city": MASK}
        assert (version.batch_in, version.batch_out, version.valid_to) == (1, None, None)
        assert not seen.key_history("Store1", "people", ["999999"]).versions


@pytest.mark.parametrize("key", [["x"], [], ["1", "2"], ["1; DROP TABLE people"]])
def test_what_is_no_key_is_refused(people_and_pets: Pipeline, key: list[str]) -> None:
    with people_and_pets.runtime(LIVE).observe() as seen, pytest.raises(OperationRefused, match="key"):
        seen.key_history("Store1", "people", key)


def test_names_of_nothing_are_said_so(people_and_pets: Pipeline) -> None:
    with people_and_pets.runtime(LIVE).observe() as seen:
        with pytest.raises(NotApplied, match="no dataset 'nobody'"):
            seen.key_history("Store1", "nobody", ["1"])
        with pytest.raises(NotApplied, match="no stream 'Nobody'"):
            seen.key_history("Nobody", "people", ["1"])
