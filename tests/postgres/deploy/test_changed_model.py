"""A model that changed since its tables were made: what it may change without a trace, and what apply refuses."""

import pytest
from attrs import evolve

from datasurface.errors import ApplyRefused
from datasurface.model import Dataset
from datasurface.results import DatasetCounts, ResultCode
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline

VIEW = "consumer1.yellowforensic_consumer1_forensicdsg_people_view"
ALL = "SELECT * FROM consumer1.yellowforensic_consumer1_forensicdsg_people_view"
NAMED = f"{ALL} WHERE id IN (7, 201) ORDER BY id"


@pytest.fixture
def people(new_pipeline: NewPipeline) -> Pipeline:
    pipeline = new_pipeline([PEOPLE], *CREATE, *fill(people=200))
    for platform in (LIVE, FORENSIC):
        assert pipeline.run(platform).code is ResultCode.DONE
    return pipeline


def applied(pipeline: Pipeline, dataset: Dataset) -> Pipeline:
    changed = evolve(pipeline, datasets=[dataset])
    changed.apply()
    return changed


def test_columns_in_another_order_change_no_row_and_the_next_batch_fills_the_right_ones(people: Pipeline) -> None:
    turned = applied(people, evolve(PEOPLE, columns=PEOPLE.columns[::-1]))
    for platform in (LIVE, FORENSIC):
        assert turned.run(platform).datasets == {"people": DatasetCounts(200, 0, 0, 0, 200)}

    turned.producer("UPDATE people SET name = 'Ada' WHERE id = 7", "INSERT INTO people VALUES (201, 'Bob', 'Rome')")
    for platform in (LIVE, FORENSIC):
        result = turned.run(platform)
        assert result.datasets == {"people": DatasetCounts(201, 1, 1, 0, 199)}, result.error
        assert all(check.holds for check in turned.runtime(platform).verify("Store1"))
    assert turned.query(NAMED) == [
        ("zyx-city-0", "Ada", 7),
        ("Rome", "Bob", 201),
    ]


def test_view_of_somebody_else_with_our_name_is_left_alone(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE)
    pipeline.store(f"DROP VIEW {VIEW}", f"CREATE VIEW {VIEW} AS SELECT 1 AS mine")
    with pytest.raises(ApplyRefused, match="yellowforensic_consumer1_forensicdsg_people_view"):
        pipeline.apply()
    assert pipeline.query(ALL) == [(1,)]
