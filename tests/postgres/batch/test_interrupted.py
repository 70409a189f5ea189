"""Ctrl+C while a job reads: it ends at once, says so, and blames neither producer nor merge database."""

import json
import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import evolve

from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill, with_pause
from tests.support.pipeline import FORENSIC, Pipeline
from tests.support.processes import job_process, publish
from tests.support.records import assert_done, batch_log, merge_tables, stored_result
from tests.support.sessions import PATIENCE, Watch, pausing, until


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """A test run in the background ignores it, and so would the processes that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> Pipeline:
    made = new_pipeline([PEOPLE, PETS], *CREATE, *fill(people=3000, pets=300), *with_pause("people", at=1500))
    made.change_platforms(lambda platform: evolve(platform, lock_wait=timedelta(minutes=5)))  # no help from a timeout
    publish(made)
    return made


@pytest.mark.parametrize("later", [False, True], ids=["first load", "later batch"])
def test_interrupted_job_ends_while_the_source_is_still_busy(pipeline: Pipeline, watch: Watch, later: bool) -> None:
    if later:
        assert_done(pipeline.run(FORENSIC))
        pipeline.producer("DELETE FROM people_stored WHERE id < 100")
    before = merge_tables(pipeline, FORENSIC)

    with pausing(pipeline.source), job_process(pipeline, FORENSIC, "interrupted") as process:
        until(watch.waits_for_lock(pipeline.source), process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        until(watch.is_deserted(pipeline.source, pipeline.target))

    assert process.returncode == 1
    assert json.loads(out)["error"]["message"] == "interrupted"
    assert err.strip() == "error: interrupted"
    assert stored_result(pipeline, FORENSIC, "interrupted") is None
    assert batch_log(pipeline, FORENSIC)[-1][1] == "STARTED"
    assert merge_tables(pipeline, FORENSIC) == before
    assert_done(pipeline.run(FORENSIC))
