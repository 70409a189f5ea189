"""From what the jobs print to figures."""

import pytest

from benchmarks.merge.cases import (
    FIRST_LOAD,
    FLOOR,
    HISTORY,
    INDEXED_FLOOR,
    NO_CHANGE,
    PERCENT,
    Change,
    cases_of,
    expected,
    rounds,
)
from benchmarks.merge.measured import Measurement, Process, WrongWork, figures, read_job
from benchmarks.merge.shapes import SHAPES, STANDARD, WIDE, Shape
from benchmarks.spread import Spread

CASES = cases_of(STANDARD)


def job(result: str = "DONE", updated: int = 10) -> dict[str, object]:
    """What a job prints."""
    return {
        "start": 0.2,
        "configuration": 0.1,
        "seconds": 2.0,
        "memory_before": 40_000_000,
        "memory_peak": 50_000_000,
        "result": {
            "result": result,
            "datasets": {"customers": {"read": 99, "inserted": 1, "updated": updated, "deleted": 1, "unchanged": 88}},
            "seconds": {"wait": 0.1, "source": 0.5, "transfer": 0.25, "merge": 0.125},
            "error": None,
        },
    }


def test_a_job_that_did_its_case_is_a_measurement() -> None:
    measured = read_job(1, NO_CHANGE, "Live", job(), Change(10, 1, 1))
    phases = {"wait": 0.1, "source": 0.5, "transfer": 0.25, "merge": 0.125}
    assert measured == Measurement(1, NO_CHANGE, "Live", 2.0, Process(0.2, 0.1, 40_000_000, 50_000_000, phases))
    assert measured.rest == pytest.approx(1.025)


@pytest.mark.parametrize("document", [job(updated=9), job(result="KEEP_WORKING")])
def test_a_job_that_did_something_else_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(WrongWork, match="no change"):
        read_job(1, NO_CHANGE, "Live", document, Change(10, 1, 1))


def test_a_ratio_is_to_the_median_floor_of_the_same_run() -> None:
    measurements = [
        *(Measurement(1, FLOOR, None, seconds) for seconds in (1.0, 2.0, 9.0)),
        Measurement(2, FLOOR, None, 4.0),
        Measurement(1, NO_CHANGE, "Live", 2.0),
        Measurement(2, NO_CHANGE, "Live", 8.0),
    ]
    floor, live = figures(measurements, CASES)
    assert floor.seconds == Spread(3.0, 1.0, 9.0)
    assert (live.case, live.platform) == (NO_CHANGE, "Live")
    assert live.ratio == Spread(1.5, 1.0, 2.0)


def test_a_first_load_is_held_against_the_logged_table_with_its_index() -> None:
    measurements = [
        Measurement(1, FLOOR, None, 1.0),
        Measurement(1, INDEXED_FLOOR, None, 2.0),
        Measurement(1, FIRST_LOAD, "Forensic", 3.0),
    ]
    found = {each.case: each.ratio.median for each in figures(measurements, CASES)}
    assert found == {FLOOR: 1.0, INDEXED_FLOOR: 2.0, FIRST_LOAD: 1.5}


def test_platforms_are_figured_apart() -> None:
    measurements = [
        Measurement(1, FLOOR, None, 1.0),
        Measurement(1, PERCENT, "Live", 2.0),
        Measurement(1, PERCENT, "Forensic", 3.0),
    ]
    found = [(each.platform, each.seconds.median) for each in figures(measurements, [PERCENT])]
    assert found == [("Live", 2.0), ("Forensic", 3.0)]


def test_a_run_in_which_the_engine_went_another_way_is_figured_apart() -> None:
    measurements = [
        Measurement(1, FLOOR, None, 1.0),
        Measurement(2, FLOOR, None, 1.0),
        Measurement(1, PERCENT, "Live", 2.0, level="buckets"),
        Measurement(2, PERCENT, "Live", 9.0, level="keys"),
    ]
    found = [(each.level, each.runs, each.ratio.median) for each in figures(measurements, [PERCENT])]
    assert found == [("buckets", 1, 2.0), ("keys", 1, 9.0)]


@pytest.mark.parametrize(("seconds", "within"), [(0.5, True), (0.51, False)])
def test_a_ratio_is_held_against_the_bound_of_its_platform(seconds: float, within: bool) -> None:
    measurements = [Measurement(1, FLOOR, None, 1.0), Measurement(1, NO_CHANGE, "Live", seconds)]
    assert [each.is_within for each in figures(measurements, [FLOOR, NO_CHANGE])] == [None, within]


@pytest.mark.parametrize(("seconds", "within"), [(2.2, True), (2.4, False)])
def test_a_batch_behind_a_history_is_held_against_the_same_batch_without(seconds: float, within: bool) -> None:
    measurements = [
        Measurement(1, FLOOR, None, 1.0),
        Measurement(1, PERCENT, "Forensic", 2.0),
        Measurement(2, FLOOR, None, 1.0),
        Measurement(2, HISTORY, "Forensic", seconds),
    ]
    *_, behind = figures(measurements, CASES)
    assert behind.bound == pytest.approx(2.3)
    assert behind.is_within is within


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.name)
def test_every_case_of_a_kind_of_table_has_a_name_of_its_own_and_its_yardstick_there(shape: Shape) -> None:
    cases = cases_of(shape)
    names = {case.name for case in cases}
    assert len(names) == len(cases)
    assert {case.yardstick for case in cases} <= {case.name for case in cases if case.is_floor}


def test_the_wide_table_has_200_columns() -> None:
    assert len(WIDE.columns) == 200


def test_the_rounds_leave_the_table_at_its_size() -> None:
    assert all(step.change.inserted == step.change.deleted for step in rounds(1_000_000))


def test_a_first_load_must_report_every_row_as_inserted() -> None:
    first, *_, percent, _, _ = rounds(200_000)
    assert expected(first, 200_000) == Change(inserted=200_000)
    assert expected(percent, 200_000) == Change(updated=2_000, inserted=200, deleted=200)
