"""Runs that meet, and runs that are cut off anywhere."""

import os
import sys
from pathlib import Path
from subprocess import DEVNULL, Popen

import pytest

from datasurface.operations.jobs import transform
from datasurface.results import ResultCode, TransformResult
from tests.support.length import long_or
from tests.support.pipeline import LIVE, container_of
from tests.support.statements import HeardConnection, Listener, Moment, When, heard
from tests.support.transforming import CODE, Works, expected

OLD, NEW = expected({}, {1: (1, 1000)}), expected({}, {1: (1, 1000), 2: (1, 2000)})


@pytest.fixture(scope="module")
def _begun(shared_works: Works) -> Works:
    shared_works.produce("INSERT INTO orders VALUES (1, 1, 1000), (2, 1, 2000)")
    shared_works.ingest("Shop", "People")
    assert shared_works.transform().code is ResultCode.DONE
    return shared_works


@pytest.fixture
def worked(_begun: Works) -> Works:
    """With a good run behind it, and something new."""
    _begun.produce("DELETE FROM orders WHERE id > 2")
    _begun.ingest("Shop")
    _take_back(_begun)
    assert _begun.held() == OLD
    return _begun


def _take_back(works: Works) -> None:
    """As before the new run: the outputs as the last good one left them, and nothing known of a later one."""
    works.run(
        works.output,
        "UPDATE figures_transform.state SET basis = 'of the first run'",
        "DELETE FROM large WHERE id <> 1",
        "DELETE FROM totals WHERE customer <> 1",
        "UPDATE totals SET cents = 1000",
    )


class Ender:
    """Ends sessions of the job, from the server, when a moment comes; counts the moments."""

    def __init__(self, works: Works, at: int) -> None:
        self.works, self.at, self.seen = works, at, 0
        self.ended = ""

    def __call__(self, moment: Moment, session: HeardConnection) -> None:
        if moment.when is When.WITHIN:
            return
        if self.seen == self.at:
            self.ended = f"{moment.place} {moment.when.value} {moment.statement}"
            self.works.run(self.works.merge, f"SELECT pg_terminate_backend({session.info.backend_pid}, 5000)")
        self.seen += 1

    def listener(self, _place: str) -> Listener | None:
        return self


def _cut_off(works: Works, at: int) -> Ender:
    ender, in_force = Ender(works, at), works.in_force
    with heard(ender.listener, _names(works)):
        transform(in_force, LIVE, "MakeFigures")
    return ender


@pytest.mark.slow
def test_a_run_that_loses_a_session_anywhere_leaves_all_or_nothing_and_the_next_one_does_it(worked: Works) -> None:
    seen, at = 1, 0
    while at < seen:
        ender = _cut_off(worked, at)
        seen = max(seen, ender.seen)
        assert worked.held() in (OLD, NEW), ender.ended
        assert worked.transform().code is ResultCode.DONE, ender.ended
        assert worked.held() == NEW, ender.ended
        _take_back(worked)
        at += long_or(1, 9)
    assert seen > 40


def test_a_second_run_is_kept_out(worked: Works) -> None:
    found: list[TransformResult] = []

    class Second:
        """A run that comes while the first one has begun."""

        is_begun = False

        def __call__(self, moment: Moment, _session: HeardConnection) -> None:
            if moment.when is When.AFTER and "token = token + 1" in moment.statement and not self.is_begun:
                self.is_begun = True
                found.append(worked.transform(run_id="second"))

    second = Second()
    with heard(lambda _place: second, _names(worked)):
        first = worked.transform()

    assert (first.code, worked.held()) == (ResultCode.DONE, NEW)
    [result] = found
    assert result.error is not None
    assert (result.code, result.error.type) == (ResultCode.ERROR, "StreamBusy")


def test_a_run_that_was_taken_over_writes_nothing(worked: Works) -> None:
    class Other:
        """Somebody who took over, as where the first one's lock was lost with its session."""

        def __call__(self, moment: Moment, _session: HeardConnection) -> None:
            if moment.when is When.BEFORE and "FOR UPDATE" in moment.statement and moment.place == "output":
                worked.run(worked.output, "UPDATE figures_transform.state SET token = token + 1")

    other = Other()
    with heard(lambda _place: other, _names(worked)):
        result = worked.transform()

    assert result.error is not None
    assert result.error.type == "Fenced"
    assert worked.held() == OLD


def test_the_code_sees_one_moment_and_ingestion_goes_on_beside_it(worked: Works) -> None:
    class Meanwhile:
        """A batch between the moment of the inputs and the start of the code."""

        is_done = False

        def __call__(self, moment: Moment, _session: HeardConnection) -> None:
            if moment.when is When.AFTER and "pg_export_snapshot" in moment.statement and not self.is_done:
                self.is_done = True
                worked.produce("INSERT INTO orders VALUES (3, 3, 3000)")
                worked.ingest("Shop")

    meanwhile = Meanwhile()
    with heard(lambda _place: meanwhile, {**_names(worked), worked.source.name: "source"}):
        result = worked.transform()

    assert (meanwhile.is_done, result.code) == (True, ResultCode.DONE), result.error
    assert worked.held() == NEW
    assert worked.transform().inputs["Shop"] == result.inputs["Shop"] + 1


def test_a_killed_job_takes_its_code_with_it_and_the_next_run_does_the_work(worked: Works, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    worked.write_code(
        "import time\n\ndef run(inputs, outputs):\n"
        "    outputs.write('large', [{'id': 99}])\n    outputs.write('totals', [])\n"
        f"    pipe = open({str(pipe)!r}, 'w')\n    print('here', file=pipe, flush=True)\n"
        "    time.sleep(15)\n    print('survived', file=pipe)\n"
    )
    worked.apply()
    merge = container_of(worked.merge, "writer")
    store = f"postgresql://{merge.host}:{merge.port}/{merge.database}?credential=writer"
    command = [sys.executable, "-m", "datasurface", "transform", "--store", store]
    command += ["--platform", LIVE, "--transformer", "MakeFigures"]
    with Popen(command, env=os.environ | worked.variables, stdout=DEVNULL, stderr=DEVNULL) as job, pipe.open() as end:
        assert end.readline() == "here\n"
        job.kill()
        job.wait()
        assert end.read() == ""  # it comes to its end when the process of the code does

    assert worked.held() == OLD
    worked.write_code(CODE)
    worked.apply()
    assert worked.transform().code is ResultCode.DONE
    assert worked.held() == NEW


def _names(works: Works) -> dict[str, str]:
    return {works.merge.name: "merge", works.output.name: "output"}
