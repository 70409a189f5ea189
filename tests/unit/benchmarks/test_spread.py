"""What several runs say together."""

import pytest

from benchmarks.spread import Spread, ratios


def test_a_spread_is_the_median_between_lowest_and_highest() -> None:
    assert Spread.of([4.0, 1.0, 2.0]) == Spread(2.0, 1.0, 4.0)


def test_the_range_is_left_out_where_it_says_no_more_than_the_median() -> None:
    assert Spread.of([1.001, 1.002]).shown("{:.2f}".format) == ("1.00", "")
    assert Spread.of([1.0, 2.0]).shown("{:.2f}".format) == ("1.50", "1.00–2.00")


def test_each_ratio_is_to_the_floor_of_its_own_run() -> None:
    assert ratios([2.0, 12.0], [1.0, 4.0]) == Spread(2.5, 2.0, 3.0)


def test_a_run_without_a_floor_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([2.0, 3.0], [1.0])
