"""The picture of the figures."""

from xml.etree import ElementTree

from benchmarks.merge.cases import FLOOR, PERCENT, cases_of
from benchmarks.merge.measured import Measurement, figures
from benchmarks.merge.plot import plot
from benchmarks.merge.shapes import STANDARD


def test_the_picture_shows_each_case_with_its_ratio_and_its_bound_and_runs_nothing() -> None:
    measurements = [
        Measurement(1, FLOOR, None, 1.0),
        Measurement(1, PERCENT, "Live", 2.25),
        Measurement(1, PERCENT, "Forensic", 7.5),
    ]
    picture = plot("1,000 rows", figures(measurements, cases_of(STANDARD)))
    words = [(each.text or "").strip() for each in ElementTree.fromstring(picture).iter()]  # noqa: S314 our own picture
    assert {"1,000 rows", "1.2 % changed", "2.25", "7.50", "2.70"} <= set(words)
    assert "<script" not in picture
