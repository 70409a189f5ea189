"""From what was seen of locks to seconds, and from runs to figures."""

from itertools import pairwise

import pytest
from attrs import evolve

from benchmarks.evolution.cases import BEFORE, cases
from benchmarks.evolution.measured import Measurement, figures
from benchmarks.evolution.watch import Look, held
from benchmarks.spread import Spread

CASE = cases()[0]


def looks(*modes: str) -> list[Look]:
    """One look a second, which takes half of it; modes by their initials."""
    return [Look(second, second + 0.5, frozenset(seen)) for second, seen in enumerate(modes)]


@pytest.mark.parametrize(
    ("seen", "seconds"),
    [
        (["", ""], {}),
        (["", "E", ""], {"E": 2.5}),  # from the look before, to the end of the one after
        (["E", "E", ""], {"E": 2.5}),
        (["", "E"], {"E": 1.5}),
        (["", "E", "", "E", ""], {"E": 5.0}),
        (["", "ES", "S", ""], {"E": 2.5, "S": 3.5}),
    ],
)
def test_a_lock_was_held_at_most_from_the_look_that_did_not_see_it_to_the_next(
    seen: list[str], seconds: dict[str, float]
) -> None:
    assert held(looks(*seen)) == seconds


def test_figures_take_ratios_within_a_run_and_the_most_of_locks_and_versions() -> None:
    one = Measurement(1, CASE, 2.0, 1.0, 100, 0, ("added column people.note",), {"E": 0.1, "S": 2.0}, 0.5)
    two = evolve(one, run=2, seconds=9.0, floor=3.0, new_versions=7, locks={"E": 0.2}, longest_read=0.1)

    [found] = figures([one, two], [CASE])

    assert (found.seconds, found.ratio) == (Spread(5.5, 2.0, 9.0), Spread(2.5, 2.0, 3.0))
    assert (found.new_versions, found.locks, found.longest_read.high) == (7, {"E": 0.2, "S": 2.0}, 0.5)


def test_each_change_begins_with_the_model_that_the_one_before_left() -> None:
    shapes = [BEFORE, *(case.shape for case in cases())]
    columns = [tuple((column.name, column.type) for column in shape.columns) for shape in shapes]

    for before, after in pairwise(columns):
        assert len(set(before) ^ set(after)) in (1, 2), "one change at a time"
