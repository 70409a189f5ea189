"""Two runners of one stream in random orders, on a pure model that the engine's own decisions drive."""

from collections import Counter
from random import Random

from tests.unit.yellow.two_runners import is_serial, play

SCHEDULES = 10_000


def test_ten_thousand_schedules_of_two_runners_leave_a_serial_history() -> None:
    ends: Counter[str] = Counter()
    for seed in range(SCHEDULES):
        world, ended = play(Random(seed))
        assert is_serial(world), (seed, world)
        ends.update(ended)
    assert ends["Fenced"] > SCHEDULES / 10
    assert ends["Mismatch"] == 0
    assert {"done", "staged", "killed", "Busy"} < set(ends)


def test_a_stream_without_tokens_is_found_out() -> None:
    found = [seed for seed in range(SCHEDULES // 10) if not is_serial(play(Random(seed), is_fenced=False)[0])]
    assert len(found) > SCHEDULES / 100
