"""How many rows a batch may delete: the engine draws the line where the oracle draws it."""

import pytest

from datasurface.model import Column
from datasurface.types import Integer, Text
from tests.postgres.merge.differences import Difference
from tests.postgres.merge.play import Step, play
from tests.postgres.merge.tables import TABLE, key, table
from tests.support.arena import Arena


def _deleting(arena: Arena, before: int, deleted: int, fraction: float | None) -> list[Difference]:
    """A guarded batch that deletes the first rows, and then one that changes the last."""
    rows = [(str(number), "as it was") for number in range(before)]
    dataset = table(key("id", Integer()), Column("value", Text()), max_delete_fraction=fraction)
    after = [*rows[:-1], (rows[-1][0], "changed")]
    with arena.stage(dataset) as stage:
        return play(
            stage,
            [
                Step({TABLE: rows}),
                Step({TABLE: rows[deleted:]}, allow_deletes=False),
                Step({TABLE: after}, allow_deletes=False),
            ],
        )


@pytest.mark.parametrize("deleted", [99, 100])
def test_up_to_a_hundred_rows_may_go_but_for_the_last(arena: Arena, deleted: int) -> None:
    assert _deleting(arena, 100, deleted, None) == []


@pytest.mark.parametrize("deleted", [50, 51, 101])
def test_of_more_than_a_hundred_rows_half_may_go(arena: Arena, deleted: int) -> None:
    assert _deleting(arena, 101, deleted, None) == []


@pytest.mark.parametrize(
    ("fraction", "before", "deleted"),
    [(0.0, 10, 0), (0.0, 10, 1), (0.1, 30, 3), (0.1, 30, 4), (0.29, 100, 29), (0.29, 100, 30), (1.0, 10, 10)],
)
def test_a_dataset_can_say_which_part_may_go(arena: Arena, fraction: float, before: int, deleted: int) -> None:
    assert _deleting(arena, before, deleted, fraction) == []


def test_a_key_that_changes_counts_as_a_delete(arena: Arena) -> None:
    rows = [(str(number), "same") for number in range(10)]
    renamed = [(str(int(number) + 100), value) for number, value in rows[:2]] + rows[2:]
    with arena.stage(table(key("id", Integer()), Column("value", Text()), max_delete_fraction=0.1)) as stage:
        assert play(stage, [Step({TABLE: rows}), Step({TABLE: renamed}, allow_deletes=False)]) == []


def test_deletes_that_are_allowed_once_are_guarded_again_in_the_next_batch(arena: Arena) -> None:
    rows = [(str(number), "same") for number in range(10)]
    with arena.stage(table(key("id", Integer()), Column("value", Text()), max_delete_fraction=0.1)) as stage:
        steps = [
            Step({TABLE: rows}),
            Step({TABLE: ()}),
            Step({TABLE: rows}),
            Step({TABLE: rows[5:]}),
            Step({TABLE: ()}, allow_deletes=False),
            Step({TABLE: rows[:5]}, allow_deletes=False),
        ]
        assert play(stage, steps) == []
