"""Spread: what several runs of one thing say together."""

from collections.abc import Callable, Sequence
from statistics import median

from attrs import frozen


@frozen
class Spread:
    """Median, lowest and highest of a few measurements, in their unit."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(median(values), min(values), max(values))

    def shown(self, form: Callable[[float], str]) -> tuple[str, str]:
        """The median, and the range beside it (empty where there is none), each number formatted by ``form``."""
        low, high = form(self.low), form(self.high)
        return form(self.median), "" if low == high else f"{low}–{high}"


def ratios(values: Sequence[float], floors: Sequence[float]) -> Spread:
    """The spread of the values, each divided by the floor of its own run."""
    return Spread.of([value / floor for value, floor in zip(values, floors, strict=True)])
