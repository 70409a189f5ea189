"""Python's garbage collector, for work on models of a million objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS = 1_000_000
"""So many new objects before the collector looks at them. Python's own 700 to 2,000 are for programs whose objects go
away; those of a model stay, and being looked at over and over took half of the time of building them."""


def collect_rarely() -> None:
    """Let the collector look at new objects by the million, and at all objects when there are a hundred million."""
    gc.set_threshold(_OBJECTS, 10, 10)


@contextmanager
def rare_collection() -> Iterator[None]:
    """The same for a while; afterwards the collector is as it was."""
    before = gc.get_threshold()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*before)
