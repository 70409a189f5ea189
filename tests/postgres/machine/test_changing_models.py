"""Random changes of a model between random snapshots: no value is lost, no version is made for nothing, and all can be
proved and rolled back.
"""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface.model import Column, Dataset
from tests.postgres.machine.changing import FIRST, NAME, Cells, Changing
from tests.postgres.machine.conftest import PLAYED
from tests.postgres.merge.report import show
from tests.support.arena import Arena
from tests.support.length import long_or

Step = Callable[[Changing], None]

_THINGS = Dataset(NAME, columns=[Column(m.stem, m.type, primary_key=m.stem == "id") for m in FIRST if m.is_active])
_TEXT = st.sampled_from([None, "", "x", "y"])
_NUMBER = st.sampled_from([None, "0", "1", "-1"])
_ROW: st.SearchStrategy[Cells] = st.tuples(st.sampled_from("1234"), _TEXT, _NUMBER, _TEXT, _TEXT, _NUMBER)
_SNAPSHOT = st.lists(_ROW, max_size=4, unique_by=lambda row: row[0])
_PLACE = st.integers(1, len(FIRST) - 1)
_CHANGE: st.SearchStrategy[Step] = st.one_of(
    *[st.builds(lambda place: lambda at: at.toggle(place), _PLACE)] * 3,
    st.builds(lambda place, back: lambda at: at.rename(place, back=back), _PLACE, st.booleans()),
    st.builds(lambda place: lambda at: at.widen(place), st.sampled_from([0, 2, 5])),
)


def _changed(changes: list[Step]) -> Step:
    def step(at: Changing) -> None:
        for change in changes:
            change(at)
        at.apply()

    return step


def _batches(snapshots: list[list[Cells]]) -> Step:
    def step(at: Changing) -> None:
        for snapshot in snapshots:
            at.batch(snapshot)

    return step


_STEPS = st.lists(
    st.one_of(
        *[st.builds(_changed, st.lists(_CHANGE, min_size=1, max_size=2))] * 3,
        *[st.builds(_batches, st.lists(_SNAPSHOT, min_size=1, max_size=2))] * 3,
        st.builds(lambda back: lambda at: at.rollback(back), st.integers(1, 2)),
    ),
    min_size=4,
    max_size=long_or(15, 9),
)


@pytest.mark.slow
def test_tables_keep_every_value_and_no_more_versions_than_the_source_had(
    arena: Arena, request: pytest.FixtureRequest
) -> None:
    done: Counter[str] = Counter()

    @settings(max_examples=long_or(300, 12), suppress_health_check=list(HealthCheck))
    @given(_STEPS)
    def play(steps: list[Step]) -> None:
        with arena.stage(_THINGS) as stage:
            at = Changing(stage, done=done)
            for step in steps:
                step(at)
                at.check()

    play()
    show(request, PLAYED, ", ".join(f"{number} {name}" for name, number in sorted(done.items())))
