"""How a copy is brought to what the merge database shows: decided from what it holds and what came after."""

import pytest
from attrs import evolve

from datasurface_yellow.consumer.copies import Held
from datasurface_yellow.consumer.made_of import Later, Made
from datasurface_yellow.consumer.refresh import Way, way_of
from datasurface_yellow.deploy.wanted import Kind

HELD, SAME, NEXT = Held(3, "three", 7), Made(3, None, "three", 1, 7), Made(4, None, "four", 2, 7)
ANEW = evolve(SAME, view_id=8)
PLAIN, QUIET, OTHER = Later(True, 7), Later(True, 0), Later(False, 0)


@pytest.mark.parametrize(
    ("kind", "held", "made", "after", "way"),
    [
        (Kind.LIVE, None, NEXT, None, Way.WHOLE),
        (Kind.LIVE, evolve(HELD, sign=""), evolve(SAME, sign=""), QUIET, Way.WHOLE),
        (Kind.LIVE, HELD, SAME, QUIET, Way.UNCHANGED),
        (Kind.LIVE, HELD, ANEW, QUIET, Way.WHOLE),
        (Kind.LIVE, HELD, NEXT, QUIET, Way.UNCHANGED),
        (Kind.LIVE, HELD, NEXT, PLAIN, Way.WHOLE),
        (Kind.HISTORY, HELD, NEXT, PLAIN, Way.CHANGES),
        (Kind.HISTORY, HELD, NEXT, QUIET, Way.UNCHANGED),
        (Kind.HISTORY, HELD, NEXT, OTHER, Way.WHOLE),
        (Kind.BATCHES, HELD, NEXT, QUIET, Way.WHOLE),
        (Kind.BATCHES, HELD, SAME, QUIET, Way.UNCHANGED),
    ],
)
def test_what_is_fetched_follows_from_what_came_after(
    kind: Kind, held: Held | None, made: Made, after: Later | None, way: Way
) -> None:
    assert way_of(kind, held, made, after, whole=False) is way
    assert way_of(kind, held, made, after, whole=True) is Way.WHOLE
