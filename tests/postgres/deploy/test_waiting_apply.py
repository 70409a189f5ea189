"""An apply that waits for another one hears of Ctrl+C, which the driver holds back while the server works."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from types import FrameType

import pytest

from tests.support.pipeline import Pipeline
from tests.support.processes import control_store
from tests.support.sessions import beside

HELD_AT_MOST = 20.0
"""Seconds; an apply that cannot be interrupted fails the test after that, and does not hang."""


class Interrupted(Exception):
    """What the signal of this test raises."""


@contextmanager
def interrupted_soon() -> Iterator[None]:
    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_waiting_for_the_lock_can_be_interrupted_and_leaves_nothing(people_and_pets: Pipeline) -> None:
    store = control_store(people_and_pets)
    held, done = Event(), Event()

    def hold() -> None:
        with store.lock():
            held.set()
            done.wait(HELD_AT_MOST)

    with beside(hold):
        assert held.wait(HELD_AT_MOST)
        begun = monotonic()
        with pytest.raises(Interrupted), interrupted_soon(), store.lock():
            pytest.fail("two applies at a time")
        assert monotonic() - begun < HELD_AT_MOST / 2
        done.set()
    with store.lock():
        pass
