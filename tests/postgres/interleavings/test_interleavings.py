"""Two runners of one stream, whose statements are let go in the order of random schedules: what they leave is the
history of batches that were made one after another.
"""

from collections import Counter

import pytest
from psycopg2.extensions import connection as Connection

from datasurface_yellow.batch.records import Records
from tests.postgres.interleavings.conftest import PLAYED
from tests.postgres.interleavings.game import THINGS, Game, Schedule
from tests.postgres.merge.mutations import CodeEdit, broken
from tests.postgres.merge.report import show
from tests.support.arena import Arena
from tests.support.length import long_or
from tests.support.pipeline import FORENSIC, LIVE

LOSING, KEEPING = long_or(500, 100), long_or(50, 10)
"""Schedules on each platform, where sessions lose their locks and where they keep them."""
UNFENCED = CodeEdit(Records.fence, "!= (batch.number, batch.token)", "is None")
A_STREAM = 25
"""Schedules on one stream, which begins anew after them: first loads are met by two runners, too."""


@pytest.mark.slow
@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
@pytest.mark.parametrize("keeps_locks", [False, True], ids=["where locks are lost", "where locks are kept"])
def test_two_runners_leave_a_serial_history(
    arena: Arena, administrator: Connection, platform: str, keeps_locks: bool, request: pytest.FixtureRequest
) -> None:
    ends = _play(arena, administrator, platform, KEEPING if keeps_locks else LOSING, keeps_locks)
    show(request, PLAYED, f"{platform}, locks are {'kept' if keeps_locks else 'lost'}: {_shown(ends)}")
    assert ends["StreamBusy"]
    assert (ends["Fenced"] == 0) == keeps_locks


def test_schedules_find_that_a_zombie_is_not_fenced(arena: Arena, administrator: Connection) -> None:
    with broken([UNFENCED]), pytest.raises(AssertionError):
        _play(arena, administrator, FORENSIC, LOSING, keeps_locks=False)


def _play(arena: Arena, administrator: Connection, platform: str, schedules: int, keeps_locks: bool) -> Counter[str]:
    ends: Counter[str] = Counter()
    for first in range(0, schedules, A_STREAM):
        with arena.stage(THINGS) as stage:
            game = Game(stage, platform, administrator)
            for seed in range(first, min(first + A_STREAM, schedules)):
                game.play(Schedule.of(f"{platform} {seed}", keeps_locks=keeps_locks))
                game.assert_serial()
            game.end()
            ends += game.ends
    return ends


def _shown(ends: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(ends.items()))
