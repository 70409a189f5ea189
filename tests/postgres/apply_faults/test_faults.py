"""An apply that is disturbed at any of its moments: the old or the new generation is in force, whole; consumers can
read all that it shows; and applying again ends as if nothing had been. So it is with what nothing uses: whole datasets
have gone, and pruning again drops the rest of what was agreed, and nothing else.
"""

from collections.abc import Callable, Sequence
from itertools import dropwhile

import pytest

from datasurface.unused import UnusedDataset
from tests.postgres.apply_faults.conftest import FAULTS
from tests.postgres.apply_faults.faults import (
    Fault,
    crash_server,
    is_boundary,
    kill_process,
    moments_of,
    raise_error,
)
from tests.postgres.apply_faults.ground import PLACES, Ground, make_pruning_ground
from tests.postgres.merge.report import show
from tests.support.length import IS_LONG, long_or
from tests.support.statements import Moment

pytestmark = pytest.mark.slow

PARTS, PARTS_OF_PRUNE = long_or((12, 3), (1, 1))
every_fault = pytest.mark.parametrize(
    ("fault", "fits", "most"),
    [
        (raise_error, lambda _moment: True, 6),
        (kill_process, is_boundary, 2),
        (crash_server, is_boundary, 2),
    ],
    ids=["error", "process killed", "server crashes"],
)
Look = Callable[[Ground], int]
"""At what a fault has left; a number that says how far the apply came."""


@pytest.fixture(scope="session")
def moments(ground: Ground) -> Sequence[Moment]:
    return moments_of(ground)


@pytest.fixture(scope="session")
def pruning(ground: Ground) -> Ground:
    """The ground of a prune, made once."""
    return make_pruning_ground(ground)


@pytest.fixture(scope="session")
def moments_of_prune(pruning: Ground) -> Sequence[Moment]:
    """From the begin of the first session that drops something."""
    every = moments_of(pruning)
    first = next(moment for moment in every if moment.statement.startswith("DROP TABLE"))
    return list(dropwhile(lambda it: (it.place, it.session) != (first.place, first.session), every))


def test_all_databases_take_part(moments: Sequence[Moment]) -> None:
    assert {moment.place for moment in moments} == {*PLACES}


@every_fault
@pytest.mark.parametrize("part", range(PARTS))
def test_a_disturbed_apply_leaves_a_whole_generation_and_can_be_repeated(
    ground: Ground,
    moments: Sequence[Moment],
    fault: Fault,
    fits: Callable[[Moment], bool],
    most: int,
    part: int,
    request: pytest.FixtureRequest,
) -> None:
    chosen = _chosen([moment for moment in moments if fits(moment)], most)[part::PARTS]
    numbers = _disturbed(ground, chosen, fault, _assert_whole)
    if IS_LONG:
        assert numbers == {1, 2}
    show(request, FAULTS, f"{fault.__name__.replace('_', ' ')}: {len(chosen)} of {len(moments)}")


@every_fault
@pytest.mark.parametrize("part", range(PARTS_OF_PRUNE))
def test_a_disturbed_prune_drops_whole_datasets_and_can_be_repeated(
    pruning: Ground,
    moments_of_prune: Sequence[Moment],
    fault: Fault,
    fits: Callable[[Moment], bool],
    most: int,
    part: int,
    request: pytest.FixtureRequest,
) -> None:
    chosen = _chosen([moment for moment in moments_of_prune if fits(moment)], most // 2)[part::PARTS_OF_PRUNE]
    left = _disturbed(pruning, chosen, fault, _assert_whole_datasets)
    if IS_LONG:
        assert left == {3, 1, 0}
    show(request, FAULTS, f"{fault.__name__.replace('_', ' ')} in a prune: {len(chosen)} of {len(moments_of_prune)}")


def _chosen(moments: Sequence[Moment], most: int) -> Sequence[Moment]:
    step = max(1, len(moments) // most)
    return moments if IS_LONG else moments[step // 2 :: step][:most]


def _disturbed(ground: Ground, moments: Sequence[Moment], fault: Fault, look: Look) -> set[int]:
    """Disturb an apply at each of these moments, and what the looks found."""
    found = set()
    for moment in moments:
        ground.put_back()
        fault(ground, moment)
        try:
            found.add(look(ground))
            ground.apply()
            assert ground.in_force().number == 2
            assert ground.stand() == ground.undisturbed
        except AssertionError as error:
            raise AssertionError(f"after a fault at {moment}") from error
    return found


def _assert_whole(ground: Ground) -> int:
    """The number of the generation in force. While it is the first, everything that it shows can be read."""
    number = ground.in_force().number
    if number == 1:
        _assert_readable(ground)
    return number


def _assert_whole_datasets(ground: Ground) -> int:
    """How many datasets are left to be dropped, each with all its rows; of the others nothing is. Everything that is in
    force can be read."""
    assert ground.in_force().number == 2
    _assert_readable(ground)
    unused, number = ground.unused(), 0
    for place, agreed in ground.agreed.items():
        stands, left = ground.stand_of(place), {each.name: _rows(each) for each in unused.get(place, ())}
        for each in agreed:
            if each.name in left:
                assert left.pop(each.name) == _rows(each)
                number += 1
            else:
                assert not _rows(each).keys() & stands.keys()
        assert not left, "nothing else is offered"
    return number


def _rows(dataset: UnusedDataset) -> dict[str, int | None]:
    return {table.name: table.rows for table in dataset.tables}


def _assert_readable(ground: Ground) -> None:
    readable = ground.read_everything()
    for place, shown in ground.shown_before.items():
        assert set(shown) <= set(readable[place])
