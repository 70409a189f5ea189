"""Samples say what the platforms said, in the units of the table of metrics, and each series once."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from attrs import evolve
from prometheus_client.parser import text_string_to_metric_families

from datasurface.monitoring import definitions as metric
from datasurface.monitoring.definitions import METRICS, Metric
from datasurface.monitoring.exposition import exposition, write_textfile
from datasurface.monitoring.measure import Moment, Sample, Seen, measure
from datasurface.observing import Commit, ObservedStream, Run, Runs
from datasurface.results import BatchStatus, DatasetCounts, JobFailure, JobSeconds, ResultCode
from tests.unit.operations.generations import MIDNIGHT, deployment, with_copies

READ, COMMITTED, ENDED, NOW = (MIDNIGHT + timedelta(seconds=seconds) for seconds in (100, 103, 110, 160))
WORKED = ObservedStream(
    stream="A",
    commit=Commit(7, READ, COMMITTED),
    status=BatchStatus.STARTED,
    newest=Run("r8", 8, ResultCode.ERROR, ENDED, JobSeconds(1, 2, 3, 4), None),
    is_running=True,
    hour=Runs(5, 2),
    day=Runs(50, 3),
    failures_in_a_row=2,
    receipt_failures=1,
    rows={"people": 70, "pets": 5},
    counts={"people": DatasetCounts(70, 4, 3, 2, 63), "pets": DatasetCounts(5, 1, 0, 0, 4)},
)
IDLE = ObservedStream("B", None, None, None, False, Runs(0, 0), Runs(0, 0), 0, 0, {}, {})


def _seen(*streams: ObservedStream, platform: str = "Live") -> Seen:
    plain = with_copies(deployment(platform, "* * * * *", "A", "B"), Fast=None)
    views = tuple(evolve(view, latency=timedelta(minutes=2)) for view in plain.views)
    verify = Run("v1", None, ResultCode.ERROR, ENDED, JobSeconds(), None)
    return Seen(evolve(plain, views=views), 3, MIDNIGHT, Moment(NOW, streams, {"@verify": verify}))


def _of(samples: Sequence[Sample], wanted: Metric) -> dict[tuple[str, ...], float]:
    return {sample.labels: sample.value for sample in samples if sample.metric == wanted}


def test_a_stream_is_measured_as_it_was_seen() -> None:
    samples, key = list(measure([_seen(WORKED, IDLE)])), ("Live", "A")
    assert _of(samples, metric.READ_AT) == {key: READ.timestamp()}
    assert _of(samples, metric.COMMITTED_AT) == {key: COMMITTED.timestamp()}
    assert _of(samples, metric.BATCH) == {key: 7}
    assert _of(samples, metric.LIVE_ROWS) == {key: 75}
    changes = {"read": 75, "inserted": 5, "updated": 3, "deleted": 2}
    assert _of(samples, metric.CHANGED_ROWS) == {(*key, change): rows for change, rows in changes.items()}
    assert _of(samples, metric.JOB_AT) == {key: ENDED.timestamp()}
    steps = {"wait": 1, "source": 2, "transfer": 3, "merge": 4}
    assert _of(samples, metric.JOB_SECONDS) == {(*key, step): seconds for step, seconds in steps.items()}
    assert _of(samples, metric.RUNNING) == {key: 1, ("Live", "B"): 0}
    assert _of(samples, metric.FAILURES)[key] == 2
    assert _of(samples, metric.MISMATCHES)[key] == 1
    assert _of(samples, metric.JOBS)[*key, "1h"] == 5
    assert _of(samples, metric.FAILED_JOBS)[*key, "1d"] == 3


def test_consumers_are_told_apart_and_have_what_they_were_promised() -> None:
    samples, key = list(measure([_seen(WORKED)])), ("Live", "W", "Fast", "A")
    assert _of(samples, metric.CONSUMER_READ_AT) == {key: READ.timestamp()}
    assert _of(samples, metric.CONSUMER_LATENCY) == {key: 120}
    assert _of(samples, metric.CONSUMER_ALLOWED) == {key: 180}
    before = list(measure([_seen()]))
    assert _of(before, metric.CONSUMER_READ_AT) == {key: MIDNIGHT.timestamp()}, "since the generation is in force"


def test_upkeep_is_measured_by_its_newest_record() -> None:
    samples = list(measure([_seen()]))
    assert _of(samples, metric.TASK_FAILED) == {("Live", "verify"): 1}
    assert _of(samples, metric.TASK_AT) == {("Live", "verify"): ENDED.timestamp()}


def test_a_platform_that_cannot_be_read_takes_nothing_from_the_others() -> None:
    away = evolve(
        _seen(platform="Away"), moment=None, trouble=JobFailure("StoreUnavailable", "the server is away", None, None)
    )
    samples = list(measure([away, _seen(WORKED)]))
    assert _of(samples, metric.UP) == {("Away",): 0, ("Live",): 1}
    assert {sample.metric for sample in samples if sample.labels[0] == "Away"} == {metric.UP, metric.GENERATION}


def test_every_metric_is_measured_with_its_labels_and_each_series_once() -> None:
    samples = list(measure([_seen(WORKED, IDLE)]))
    assert {sample.metric for sample in samples} == set(METRICS)
    assert all(len(sample.labels) == len(sample.metric.labels) for sample in samples)
    assert len({(sample.metric, sample.labels) for sample in samples}) == len(samples)


def test_prometheus_reads_what_was_measured(tmp_path: Path) -> None:
    odd = evolve(WORKED, stream='A "quoted" \\ name\nof two lines')
    samples = list(measure([_seen(odd)]))
    text = exposition(samples)
    read = [
        (family.name, family.documentation, each.labels, each.value)
        for family in text_string_to_metric_families(text)
        for each in family.samples
    ]
    wanted = [
        (it.metric.name, it.metric.meaning, dict(zip(it.metric.labels, it.labels, strict=True)), it.value)
        for metric_ in METRICS
        for it in samples
        if it.metric == metric_
    ]
    assert read == wanted
    write_textfile(samples, tmp_path / "a.prom")
    assert (tmp_path / "a.prom").read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["a.prom"]
