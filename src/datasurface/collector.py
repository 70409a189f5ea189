"""Python's garbage collector, for work on models of a million objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_OBJECTS = 1_000_000
"""So many new objects before the collector looks at them. Python's own 700 to 2,000 are for programs whose objects go
away; those of a model stay, and being looked at over and over took half of the time of building them."""


def collect_rarely() -> None:
    """Let the collector look at new objects by the million, and at all objects when there are a hundred million."""
    gc.set_threshold(_OBJECTS, 10, 10)


class _Whiles:
    """The collector is one for all threads: the first that asks changes it, the last that leaves brings it back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._before = gc.get_threshold()

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = gc.get_threshold()
                collect_rarely()
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                gc.set_threshold(*self._before)


_whiles = _Whiles()


@contextmanager
def rare_collection() -> Iterator[None]:
    """The same for a while; afterwards the collector is as it was."""
    _whiles.enter()
    try:
        yield
    finally:
        _whiles.leave()
