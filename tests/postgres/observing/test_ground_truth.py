"""Freshness as it is reported, against the simulator's own log: what consumers could see, and how old that was."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from threading import Event

import psycopg2
import pytest
from attrs import define, field, frozen

from datasurface.loader import load
from datasurface.model import Dataset
from datasurface.observing import Commit, age_of
from datasurface.results import ResultCode
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.simulator.changes import Change, visible
from datasurface_yellow.simulator.options import SimulatorOptions
from datasurface_yellow.simulator.producer import create_producer
from datasurface_yellow.simulator.simulator import run_simulator
from tests.postgres.conftest import NewPipeline
from tests.support.length import long_or
from tests.support.pipeline import LIVE, Pipeline
from tests.support.records import assert_done

MODEL = Path(__file__).parents[3] / "examples" / "customer360"
ROUNDS = long_or(40, 4)
"""Of what can happen to batches; each has some."""
HELD = 0.3
"""Seconds for which a batch is kept from merging, and for which none starts."""


@frozen
class Report:
    """What was said at a moment: the batch that consumers see, and the moment that its data are said to be of."""

    at: datetime
    commit: Commit


@define
class Producer:
    """The simulator's changes, each with a moment at which it was surely committed."""

    changes: list[tuple[Change, datetime]] = field(factory=list)

    def heard(self, change: Change) -> None:
        self.changes.append((change, datetime.now(UTC)))

    def data_of(self, snapshot: str) -> tuple[datetime, datetime]:
        """Between which moments a snapshot of the producer was taken, by what it saw and what it did not see yet."""
        seen = [change.at for change, _ in self.changes if visible(change.xid, snapshot)]
        unseen = [after for change, after in self.changes if not visible(change.xid, snapshot)]
        never = datetime.max.replace(tzinfo=UTC)
        return max(seen, default=datetime.min.replace(tzinfo=UTC)), min(unseen, default=never)


def _datasets() -> Sequence[Dataset]:
    ecosystem = load(MODEL, [YellowDataPlatform]).ecosystem
    assert ecosystem is not None
    [store] = [store for team in ecosystem.teams() for store in team.datastores]
    return store.datasets


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> Pipeline:
    made = new_pipeline(_datasets())
    with closing(psycopg2.connect(made.source.url)) as connection:
        create_producer(connection)
    made.producer(f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{made.access.reader.name}"')
    return made


def _plays(pipeline: Pipeline) -> list[Callable[[], None]]:
    reader = pipeline.access.reader.name

    def done() -> None:
        assert_done(pipeline.run(LIVE))

    def fails() -> None:
        pipeline.producer(f'REVOKE ALL ON customers FROM "{reader}"')
        assert pipeline.run(LIVE).code is ResultCode.ERROR
        pipeline.producer(f'GRANT SELECT ON customers TO "{reader}"')

    def merges_late() -> None:
        with closing(psycopg2.connect(pipeline.target.url)) as other, ThreadPoolExecutor(1) as beside:
            other.cursor().execute("LOCK TABLE yellowlive_store1_customers_merge IN ACCESS EXCLUSIVE MODE")
            running = beside.submit(pipeline.run, LIVE)
            Event().wait(HELD)
            other.rollback()
            assert_done(running.result())

    def is_not_started() -> None:
        Event().wait(HELD)

    return [done, fails, done, merges_late, done, is_not_started]


def _watch(pipeline: Pipeline, stop: Event) -> Sequence[Report]:
    reports = []
    while not stop.is_set():
        with pipeline.runtime(LIVE).observe() as seen:
            at = seen.now
            reports += [Report(at, commit) for commit in seen.commits().values()]
        stop.wait(0.02)
    return reports


@pytest.mark.slow
def test_reported_freshness_is_the_true_one_within_a_batch(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    producer, stop = Producer(), Event()
    options = SimulatorOptions(min_interval=0.005, max_interval=0.03, seed=7)
    with ThreadPoolExecutor(2) as beside:
        changing = beside.submit(
            run_simulator, lambda: psycopg2.connect(pipeline.source.url), options, producer.heard, stop
        )
        watching = beside.submit(_watch, pipeline, stop)
        try:
            for play in _plays(pipeline) * ROUNDS:
                play()
        finally:
            stop.set()
        assert changing.result() > 0
    reports = watching.result()
    with pipeline.runtime(LIVE).observe() as seen:
        failed = seen.streams()[0].day.failed
    log = pipeline.query("SELECT batch, source_snapshot FROM yellowlive_batch_metrics")
    snapshots = {batch: str(snapshot) for batch, snapshot in log}

    reported, true, slowest = [], [], timedelta()
    for report in reports:
        first, last = producer.data_of(snapshots[report.commit.batch])
        took = report.commit.committed_at - report.commit.read_at
        assert report.commit.read_at <= last, "data are never said to be newer than they are"
        assert report.commit.read_at >= first - took, "and older by no more than the batch took"
        reported.append(age_of(report.commit, report.at, report.at).total_seconds())
        true.append((report.at - min(max(report.commit.read_at, first), last)).total_seconds())
        slowest = max(slowest, took)
    said, was = (quantiles(ages, n=100)[-1] for ages in (reported, true))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(reports)} reports of {len({it.commit.batch for it in reports})} batches, {failed} jobs failed; "
            f"p99 of ages: reported {said:.3f} s, true {was:.3f} s; slowest batch {slowest.total_seconds():.3f} s"
        )
    assert failed == ROUNDS
    assert 0 <= said - was <= slowest.total_seconds()
