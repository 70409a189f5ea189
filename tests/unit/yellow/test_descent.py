"""The decisions of the descent: where it begins, and what it compares."""

import pytest

from datasurface_yellow.capture.source import Bucket
from datasurface_yellow.merge.descent import Level, Part, descend, first_level, total


@pytest.mark.parametrize(
    ("expected", "level"),
    [
        (None, Level.FINGERPRINT),
        (0, Level.FINGERPRINT),
        (1, Level.BUCKETS),
        (2800, Level.BUCKETS),
        (2900, Level.KEYS),
        (1_000_000, Level.KEYS),
    ],
)
def test_a_batch_begins_where_the_last_one_makes_it_likely_to_end(expected: int | None, level: Level) -> None:
    assert first_level(expected, compare_all=False) is level


@pytest.mark.parametrize("expected", [None, 0, 5, 10_000])
def test_after_a_receipt_that_did_not_hold_every_row_is_compared(expected: int | None) -> None:
    assert first_level(expected, compare_all=True) is Level.KEYS


def test_only_the_buckets_that_differ_are_compared() -> None:
    same = {number: Bucket(10, number) for number in range(8)}
    there = same | {2: Bucket(10, 99), 9: Bucket(1, 5)}
    here = same | {3: Bucket(11, 3), 10: Bucket(4, 6)}
    assert descend(there, here) == Part(Level.BUCKETS, (2, 3, 9, 10), Bucket(21, 99 ^ 3 ^ 5), 25)


def test_equal_counts_with_other_hashes_differ() -> None:
    assert descend({1: Bucket(5, 1), 2: Bucket(50, 2)}, {1: Bucket(5, 3), 2: Bucket(50, 2)}).buckets == (1,)


def test_all_keys_are_compared_where_more_than_half_of_the_rows_are_in_buckets_that_differ() -> None:
    here = {1: Bucket(50, 1), 2: Bucket(50, 2)}
    assert descend({1: Bucket(50, 7), 2: Bucket(50, 2)}, here).level is Level.BUCKETS
    assert descend({1: Bucket(51, 7), 2: Bucket(50, 2)}, here) == Part(Level.KEYS, None, Bucket(101, 7 ^ 2), 100)


def test_the_sums_of_some_buckets_leave_out_those_that_are_empty() -> None:
    assert total({1: Bucket(2, 6), 3: Bucket(4, 5)}, (1, 2)) == Bucket(2, 6)
    assert total({}) == Bucket(0, 0)
