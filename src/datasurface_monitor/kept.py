"""Values that take time to read, kept for the next who asks."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

from attrs import define, field, frozen

from datasurface.errors import DataSurfaceError

T = TypeVar("T")

FRESH = 2.0
"""Seconds for which a value that was read is simply taken."""
QUICK = 0.25
"""Seconds that a reader of a page may wait for a new one; what takes longer is read behind it."""
OLDEST = 30.0
"""Seconds after which it is read anew whatever it takes."""


@frozen
class _Value(Generic[T]):
    value: T
    at: datetime
    read: float
    took: float


@define
class Kept(Generic[T]):
    """One value, read when it is asked for. The page is there at once also where reading takes long: it then shows the
    value before, with the time that it is of, while the next is read."""

    _read: Callable[[], T]
    _value: _Value[T] | None = None
    _reading: Lock = field(factory=Lock)

    def get(self) -> tuple[T, datetime]:
        """The value, and when it was so. Raises what reading raises."""
        found = self._value
        age = monotonic() - found.read if found is not None else OLDEST
        if found is not None and age < FRESH:
            return found.value, found.at
        if found is not None and found.took > QUICK and age < OLDEST:
            if self._reading.acquire(blocking=False):
                Thread(target=self._read_behind, daemon=True).start()
            return found.value, found.at
        with self._reading:
            if self._value is None or self._value is found:  # nobody read it while we waited
                self._value = self._now()
            return self._value.value, self._value.at

    def _read_behind(self) -> None:
        try:
            self._value = self._now()
        except DataSurfaceError:
            self._value = None  # who asks next reads it himself, and hears why not
        finally:
            self._reading.release()

    def _now(self) -> _Value[T]:
        at, begun = datetime.now(UTC), monotonic()
        value = self._read()
        ended = monotonic()
        return _Value(value, at, ended, ended - begun)
