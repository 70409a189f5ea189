"""Jobs that are killed with SIGKILL at random moments: whatever the next job finds, it leaves the tables of a pipeline
whose jobs nobody killed (law L8).
"""

from collections.abc import Iterator
from contextlib import suppress
from random import Random
from subprocess import TimeoutExpired
from time import monotonic

import pytest

from datasurface.results import JobResult
from tests.postgres.conftest import NewPipeline
from tests.support.length import long_or
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.processes import job_process, publish
from tests.support.records import assert_done, assert_laws_hold, batch_log, merge_tables, stored_result
from tests.support.sessions import Watch, until

KILLS = long_or(20, 8)
"""Jobs that must have been killed; one that ended before its moment came is not among them."""
SEED = 11
PRODUCER = (*CREATE, *fill(people=4000, pets=500))

CHANGES = (
    "UPDATE people SET city = 'city-TURN' WHERE id % 97 = TURN",
    "UPDATE people SET name = 'name-TURN' WHERE id % 3 = TURN % 3",
    "DELETE FROM people WHERE id % 53 = TURN",
    "INSERT INTO people SELECT id + 10000 * TURN, name, city FROM people WHERE id % 41 = TURN",
    "UPDATE pets SET owner = TURN WHERE id % 7 = TURN % 7",
    "UPDATE pets SET id = id + 1000 WHERE id = TURN",
)


@pytest.mark.slow
def test_jobs_killed_at_random_moments_leave_no_trace(new_pipeline: NewPipeline, watch: Watch) -> None:
    random = Random(SEED)
    calm, rough = new_pipeline([PEOPLE, PETS], *PRODUCER), new_pipeline([PEOPLE, PETS], *PRODUCER)
    publish(rough)
    kills = 0
    for turn, platform in _turns():
        if turn:
            changes = [text.replace("TURN", str(turn)) for text in random.sample(CHANGES, k=random.choice([0, 1, 3]))]
            for pipeline in (calm, rough):
                pipeline.producer(*changes)
        begun = monotonic()
        undisturbed = calm.run(platform)
        assert_done(undisturbed)

        kills += _is_killed(rough, platform, f"turn-{turn}", random.random() * (monotonic() - begun), watch)

        _finish(rough, platform, f"turn-{turn}", undisturbed)
        assert merge_tables(rough, platform) == merge_tables(calm, platform)
        if kills == KILLS:
            break
    assert kills == KILLS
    for platform in (LIVE, FORENSIC):
        assert_laws_hold(rough, platform)


def _turns() -> Iterator[tuple[int, str]]:
    """The platforms in turns: a platform that has waited merges the changes of two turns."""
    for turn in range(3 * KILLS):
        yield turn, (LIVE, FORENSIC)[turn % 2]


def _is_killed(pipeline: Pipeline, platform: str, run_id: str, after: float, watch: Watch) -> bool:
    """Start a job and kill it so many seconds after it has opened its session; False where it had ended by then."""
    with job_process(pipeline, platform, run_id) as process:
        is_here = watch.is_here(pipeline.target, f"datasurface {platform} Store1 {run_id}")
        until(lambda: is_here() or process.poll() is not None)
        with suppress(TimeoutExpired):
            process.wait(after)
        process.kill()
    until(watch.is_deserted(pipeline.source, pipeline.target))
    return process.returncode == -9


def _finish(pipeline: Pipeline, platform: str, run_id: str, undisturbed: JobResult) -> None:
    """Run again unless a record says that the job's work is done; what the log says in the end is the whole batch."""
    if stored_result(pipeline, platform, run_id) is None:
        assert_done(pipeline.run(platform))
    number, status, datasets, error = batch_log(pipeline, platform)[-1]
    assert (number, status, error) == (undisturbed.batch, "COMMITTED", None)
    assert isinstance(datasets, dict)
    counts = {
        name: {key: found[key] for key in ("read", "inserted", "updated", "deleted", "unchanged")}
        for name, found in datasets.items()
    }
    assert counts == undisturbed.document()["datasets"]
