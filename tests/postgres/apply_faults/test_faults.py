"""An apply that is disturbed at any of its moments: the old or the new generation is in force, whole; consumers can
read all that it shows; and applying again ends as if nothing had been.
"""

from collections.abc import Callable, Sequence

import pytest

from tests.postgres.apply_faults.conftest import FAULTS
from tests.postgres.apply_faults.faults import (
    Fault,
    crash_server,
    is_boundary,
    kill_process,
    moments_of,
    raise_error,
)
from tests.postgres.apply_faults.ground import PLACES, Ground
from tests.postgres.merge.report import show
from tests.support.length import IS_LONG
from tests.support.statements import Moment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def moments(ground: Ground) -> Sequence[Moment]:
    return moments_of(ground)


def test_all_databases_take_part(moments: Sequence[Moment]) -> None:
    assert {moment.place for moment in moments} == {*PLACES}


@pytest.mark.parametrize(
    ("fault", "fits", "most"),
    [
        (raise_error, lambda _moment: True, 6),
        (kill_process, is_boundary, 2),
        (crash_server, is_boundary, 2),
    ],
    ids=["error", "process killed", "server crashes"],
)
def test_a_disturbed_apply_leaves_a_whole_generation_and_can_be_repeated(
    ground: Ground,
    moments: Sequence[Moment],
    fault: Fault,
    fits: Callable[[Moment], bool],
    most: int,
    request: pytest.FixtureRequest,
) -> None:
    chosen = [moment for moment in moments if fits(moment)]
    if not IS_LONG:
        chosen = chosen[len(chosen) % most :: max(1, len(chosen) // most)]
    numbers = set()
    for moment in chosen:
        ground.put_back()
        fault(ground, moment)
        try:
            numbers.add(_assert_whole(ground))
            ground.apply()
            assert ground.in_force().number == 2
            assert ground.stand() == ground.undisturbed
        except AssertionError as error:
            raise AssertionError(f"after a fault at {moment}") from error
    if IS_LONG:
        assert numbers == {1, 2}
    show(request, FAULTS, f"{fault.__name__.replace('_', ' ')}: {len(chosen)} of {len(moments)}")


def _assert_whole(ground: Ground) -> int:
    """The number of the generation in force. While it is the first, everything that it shows can be read."""
    number = ground.in_force().number
    if number == 1:
        readable = ground.read_everything()
        for place, shown in ground.shown_before.items():
            assert set(shown) <= set(readable[place])
    return number
