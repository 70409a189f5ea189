"""Jobs that are killed with SIGKILL in a known phase of their batch: the next job leaves the tables of a pipeline whose
jobs nobody killed (law L8).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from attrs import frozen

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.conftest import NewPipeline
from tests.support.databases import Databases
from tests.support.people import CREATE, PEOPLE, PETS, fill, with_pause
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline
from tests.support.processes import job_process, publish
from tests.support.records import (
    Tables,
    assert_done,
    assert_laws_hold,
    batch_log,
    counter,
    is_copied,
    merge_tables,
    stored_result,
)
from tests.support.sessions import Pause, Watch, holding, pausing, until

PLATFORMS = [LIVE, FORENSIC]
PRODUCER = (*CREATE, *fill(people=3000, pets=300), *with_pause("people", at=1500))
CHANGES = (
    "UPDATE people_stored SET city = 'new' WHERE id % 2 = 0",
    "UPDATE people_stored SET id = id + 5000 WHERE id <= 10",
    "DELETE FROM people_stored WHERE id > 2900 AND id < 5000",
    "UPDATE pets SET owner = NULL WHERE id % 40 = 0",
)

Hold = Callable[[Pipeline, str], AbstractContextManager[object]]


@frozen
class Phase:
    """How a job is held up in one phase, and the status of its batch then. ``passes``: how many reads of people come
    before.
    """

    hold: Hold
    status: str
    in_source: bool = True
    passes: int = 0


def _locked_source(pipeline: Pipeline, _platform: str) -> AbstractContextManager[object]:
    return holding(pipeline.source, "LOCK TABLE pets")


def _paused_source(pipeline: Pipeline, _platform: str) -> AbstractContextManager[object]:
    return pausing(pipeline.source)


def _read_only(suffix: str) -> Hold:
    """A table of the merge database that may be read and not written."""

    def hold(pipeline: Pipeline, platform: str) -> AbstractContextManager[object]:
        return holding(pipeline.target, f"LOCK TABLE {platform.lower()}_store1_{suffix} IN SHARE MODE")

    return hold


WAITS = Phase(_locked_source, "STARTED")
READS = Phase(_paused_source, "STARTED")
FIRST_LOAD = {
    "waits for the producer": WAITS,
    "reads": READS,
    "has loaded one of two datasets": Phase(_read_only("pets_merge"), "STARTED", in_source=False),
}
LATER = {
    "waits for the producer": WAITS,
    "reads keys": READS,
    "reads rows": Phase(_paused_source, "STARTED", passes=1),
    "has staged one of two datasets": Phase(_read_only("pets_staging"), "STARTED", in_source=False),
    "has staged and not merged": Phase(_read_only("people_merge"), "INGESTED", in_source=False),
    "has merged one of two datasets": Phase(_read_only("pets_merge"), "INGESTED", in_source=False),
}


@pytest.fixture(scope="module")
def calm(pg_server: PostgresServer) -> Iterator[dict[str, list[Tables]]]:
    """The merge tables after a first load and after a later batch that nobody disturbed, by platform."""
    databases = Databases(pg_server)
    pipeline = make_pipeline(pg_server, databases.create, databases.role, [PEOPLE, PETS], *PRODUCER)
    tables: dict[str, list[Tables]] = {platform: [] for platform in PLATFORMS}
    for statements in ((), CHANGES):
        pipeline.producer(*statements)
        for platform in PLATFORMS:
            assert_done(pipeline.run(platform))
            tables[platform].append(merge_tables(pipeline, platform))
    yield tables
    databases.close()


@pytest.fixture
def pipeline(copied_pipeline: NewPipeline) -> Pipeline:
    made = copied_pipeline([PEOPLE, PETS], *PRODUCER)
    publish(made)
    return made


def _kill_in(phase: Phase, pipeline: Pipeline, platform: str, watch: Watch) -> None:
    held_in = pipeline.source if phase.in_source else pipeline.target
    with phase.hold(pipeline, platform) as hold, job_process(pipeline, platform, "killed") as process:
        until(watch.waits_for_lock(held_in), process)
        for _ in range(phase.passes):
            assert isinstance(hold, Pause)
            hold.let_one_pass()
            until(watch.waits_for_lock(held_in), process)
        process.kill()
    assert process.returncode == -9
    until(watch.is_deserted(pipeline.source, pipeline.target))
    assert stored_result(pipeline, platform, "killed") is None
    assert batch_log(pipeline, platform)[-1][1] == phase.status


@pytest.mark.short
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("phase", FIRST_LOAD.values(), ids=FIRST_LOAD.keys())
def test_killed_in_a_first_load(
    pipeline: Pipeline, platform: str, phase: Phase, watch: Watch, calm: dict[str, list[Tables]]
) -> None:
    empty = merge_tables(pipeline, platform)

    _kill_in(phase, pipeline, platform, watch)

    assert merge_tables(pipeline, platform) == empty
    _assert_next_job_makes(calm[platform][0], pipeline, platform, batch=1)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("phase", LATER.values(), ids=LATER.keys())
def test_killed_in_a_later_batch(
    pipeline: Pipeline, platform: str, phase: Phase, watch: Watch, calm: dict[str, list[Tables]]
) -> None:
    assert_done(pipeline.run(platform))
    pipeline.producer(*CHANGES)

    _kill_in(phase, pipeline, platform, watch)

    assert merge_tables(pipeline, platform) == calm[platform][0]
    _assert_next_job_makes(calm[platform][1], pipeline, platform, batch=2)


def _assert_next_job_makes(tables: Tables, pipeline: Pipeline, platform: str, batch: int) -> None:
    result = pipeline.run(platform)
    assert_done(result)
    assert result.batch == counter(pipeline, platform) == batch
    assert merge_tables(pipeline, platform) == tables
    assert is_copied(pipeline, platform, "people")
    assert_laws_hold(pipeline, platform)
