"""When data count as late: for a stream's soonest consumer, and for each group by what it asked for itself."""

from datetime import timedelta

import pytest
from attrs import evolve

from datasurface.deployment import Deployment
from datasurface.observing import Commit, Late, late, objectives
from tests.unit.operations.generations import MIDNIGHT, deployment, with_copies

NOW = MIDNIGHT + timedelta(minutes=10)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def _read(at: float, committed: float) -> dict[str, Commit]:
    return {"A": Commit(1, MIDNIGHT + minutes(at), MIDNIGHT + minutes(committed))}


def _every_minute(**latencies: float | None) -> Deployment:
    """A platform with a minute of grace on which these groups read stream A."""
    plain = with_copies(deployment("Live", "* * * * *", "A"), **dict.fromkeys(latencies))
    platform = evolve(plain.platform, grace=minutes(1))
    asked = {name: None if found is None else minutes(found) for name, found in latencies.items()}
    views = tuple(evolve(view, latency=asked[view.group]) for view in plain.views)
    soonest = min((found for found in asked.values() if found is not None), default=None)
    streams = (evolve(plain.streams[0], latency=soonest),)
    return evolve(plain, platform=platform, streams=streams, views=views)


@pytest.mark.parametrize(
    ("commits", "age"),
    [
        (_read(10, 10), None),
        (_read(6, 6), None),  # of 2 that are accepted, 1 of grace, and 1 until the next start
        (_read(5.9, 9.9), 4.1),  # what was read early is old, however late it was merged
        ({}, 10),
    ],
)
def test_a_stream_is_late_once_it_has_missed_a_batch(commits: dict[str, Commit], age: float | None) -> None:
    found = list(late(_every_minute(Soon=2), commits, MIDNIGHT, NOW))
    assert found == ([] if age is None else [Late("A", minutes(age), minutes(4))])


def test_a_stream_whose_consumers_ask_for_nothing_is_never_late() -> None:
    assert not list(late(_every_minute(Nobody=None), {}, MIDNIGHT, NOW))


def test_each_group_is_promised_what_it_asked_for() -> None:
    soon, relaxed = objectives(_every_minute(Soon=2, Relaxed=30, Gone=None), _read(4, 5), MIDNIGHT, NOW)
    assert (soon.workspace, soon.group, soon.stream) == ("W", "Soon", "A")
    assert (soon.allowed, soon.age, soon.is_late) == (minutes(4), minutes(6), True)
    assert (relaxed.group, relaxed.allowed, relaxed.age, relaxed.is_late) == ("Relaxed", minutes(32), minutes(6), False)


def test_before_the_first_batch_the_promise_is_as_old_as_the_generation() -> None:
    [objective] = objectives(_every_minute(Soon=2), {}, NOW - minutes(3), NOW)
    assert (objective.age, objective.is_late) == (minutes(3), False)
