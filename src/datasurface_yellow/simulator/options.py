"""How the simulator runs."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from datasurface.errors import UsageError
from datasurface_yellow.simulator.changes import ChangeKind

DEFAULT_WEIGHTS: Mapping[ChangeKind, float] = {
    ChangeKind.NEW_CUSTOMER: 2,
    ChangeKind.CUSTOMER_UPDATE: 4,
    ChangeKind.ADDRESS_INSERT: 2,
    ChangeKind.ADDRESS_UPDATE: 3,
    ChangeKind.ADDRESS_DELETE: 2,
}
"""A producer that grows slowly and changes a lot."""


def new_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(2**32)


@frozen
class SimulatorOptions:
    """How many changes, how fast, and which. UsageError for numbers that make no sense.

    Attributes:
        max_changes: stop after so many; None goes on until it is told to stop.
        min_interval: shortest pause between two changes, in seconds.
        max_interval: longest pause, in seconds; pauses are spread evenly between the two.
        seed: the same seed on the same rows makes the same changes, whatever the pauses are.
        weights: how often each kind is chosen, relative to the others; a kind that is not named is never chosen.
        log: the file to which every change is written, or None. A file that exists is continued.
    """

    max_changes: int | None = None
    min_interval: float = 1.0
    max_interval: float = 5.0
    seed: int = field(factory=new_seed)
    weights: Mapping[ChangeKind, float] = field(factory=lambda: dict(DEFAULT_WEIGHTS))
    log: Path | None = None

    def __attrs_post_init__(self) -> None:
        if self.max_changes is not None and self.max_changes < 0:
            raise UsageError(f"{self.max_changes} is no number of changes", hint="give --max-changes 0 or more")
        if not 0 <= self.min_interval <= self.max_interval < float("inf"):
            raise UsageError(
                f"no pause lies between {self.min_interval} and {self.max_interval} seconds",
                hint="give --min-interval 0 or more, and --max-interval not less than it",
            )
        if any(not 0 <= weight < float("inf") for weight in self.weights.values()):
            raise UsageError("a weight is negative or not finite", hint="give 0 or more")
