"""Tables that stand with rows that another platform setting or another stream has put there: apply refuses them,
because views would show versions as rows, or batches count from 1 again on versions of the batches before."""

from collections.abc import Callable

import pytest
from attrs import evolve

from datasurface.deployment import Deployment, StreamConfig
from datasurface.errors import ApplyRefused
from datasurface.model import Consistency, Dataset, Milestoning, SqlSnapshot
from datasurface.results import DatasetCounts, ResultCode
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline

VIEWS = "SELECT viewname, definition FROM pg_views WHERE schemaname = 'consumer1' ORDER BY 1"
UNCHANGED = {"people": DatasetCounts(30, 0, 0, 0, 30), "pets": DatasetCounts(10, 0, 0, 0, 10)}


@pytest.fixture
def merged(new_pipeline: NewPipeline) -> Pipeline:
    """Two batches on each platform, the second with an update, so that the forensic tables keep versions."""
    pipeline = new_pipeline([PEOPLE, PETS], *CREATE, *fill(people=30, pets=10))
    for change in ("SELECT", "UPDATE people SET city = 'Rome' WHERE id < 4"):
        pipeline.producer(change)
        for platform in (LIVE, FORENSIC):
            assert pipeline.run(platform).code is ResultCode.DONE
    return pipeline


def applied(pipeline: Pipeline, platform: str, change: Callable[[Deployment], Deployment]) -> None:
    """Apply a changed deployment of one platform."""
    evolve(pipeline, by_name={**pipeline.by_name, platform: change(pipeline.by_name[platform])}).runtime(
        platform
    ).apply()


def assert_refused(pipeline: Pipeline, platform: str, change: Callable[[Deployment], Deployment], words: str) -> None:
    before = pipeline.query(VIEWS)
    with pytest.raises(ApplyRefused, match=words):
        applied(pipeline, platform, change)
    assert pipeline.query(VIEWS) == before
    pipeline.apply()
    assert pipeline.run(platform).datasets == UNCHANGED


@pytest.mark.parametrize(
    ("platform", "milestoning", "words"),
    [
        (FORENSIC, Milestoning.LIVE_ONLY, "made for FORENSIC, and the platform is LIVE_ONLY now"),
        (LIVE, Milestoning.FORENSIC, "made for LIVE_ONLY, and the platform is FORENSIC now"),
    ],
)
@pytest.mark.parametrize("runs", [True, False], ids=["running", "decommissioned"])
def test_platform_keeps_its_milestoning(
    merged: Pipeline, platform: str, milestoning: Milestoning, words: str, runs: bool
) -> None:
    def change(deployment: Deployment) -> Deployment:
        streams = deployment.streams if runs else ()
        return evolve(deployment, platform=evolve(deployment.platform, milestoning=milestoning), streams=streams)

    assert_refused(merged, platform, change, words)


def test_a_stream_that_was_rolled_back_to_before_its_first_batch_keeps_its_tables(merged: Pipeline) -> None:
    merged.runtime(FORENSIC).rollback("Store1", 0)
    assert merged.runtime(FORENSIC).apply() == []
    with pytest.raises(ApplyRefused, match=r"were merged by Store1 \(dataset people\)"):
        applied(merged, FORENSIC, one_stream_a_dataset)


def one_stream_a_dataset(deployment: Deployment) -> Deployment:
    [both] = deployment.streams
    assert isinstance(both.capture, SqlSnapshot)
    capture = evolve(both.capture, consistency=Consistency.SINGLE_DATASET)
    return evolve(
        deployment,
        streams=tuple(
            StreamConfig(f"{both.store}.{dataset.name}", both.store, capture, (dataset,), both.path)
            for dataset in both.datasets
        ),
    )


def store_in_lower_case(deployment: Deployment) -> Deployment:
    [both] = deployment.streams
    return evolve(deployment, streams=(evolve(both, key="store1", store="store1"),))


def dataset_in_upper_case(deployment: Deployment) -> Deployment:
    [both] = deployment.streams

    def renamed(dataset: Dataset) -> Dataset:
        return evolve(dataset, name=dataset.name.upper())

    return evolve(deployment, streams=(evolve(both, datasets=tuple(map(renamed, both.datasets))),))


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
@pytest.mark.parametrize("change", [one_stream_a_dataset, store_in_lower_case, dataset_in_upper_case])
def test_rows_stay_with_the_stream_that_merged_them(
    merged: Pipeline, platform: str, change: Callable[[Deployment], Deployment]
) -> None:
    assert_refused(merged, platform, change, r"were merged by Store1 \(dataset people\)")


def test_stream_may_be_cut_otherwise_before_its_first_batch(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE, PETS], *CREATE, *fill(people=3, pets=1))
    applied(pipeline, LIVE, one_stream_a_dataset)


def test_dataset_that_left_its_stream_and_comes_back_is_welcome(merged: Pipeline) -> None:
    def without_pets(deployment: Deployment) -> Deployment:
        [both] = deployment.streams
        return evolve(deployment, streams=(evolve(both, datasets=both.datasets[:1]),))

    for platform in (LIVE, FORENSIC):
        applied(merged, platform, without_pets)
    merged.apply()
    for platform in (LIVE, FORENSIC):
        assert merged.run(platform).datasets == UNCHANGED
