"""What was measured, as values, and what several runs of it say together. Nothing here has an effect."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from benchmarks.evolution.cases import Case
from benchmarks.spread import Spread, ratios


@frozen
class Measurement:
    """One change in one run.

    Attributes:
        seconds: of the whole apply, with its connection.
        floor: seconds of the bare copy of the table in the same run.
        rows: versions in the merge table before it.
        new_versions: how many more there are after it and the next batch.
        steps: what apply says that it did.
        locks: seconds that each mode of lock was held on the merge table at most.
        longest_read: seconds of the slowest query of a reader beside it.
    """

    run: int
    case: Case
    seconds: float
    floor: float
    rows: int
    new_versions: int
    steps: tuple[str, ...]
    locks: Mapping[str, float]
    longest_read: float


@frozen
class Figures:
    """All runs of one case together. Of new versions and locks the most."""

    case: Case
    seconds: Spread
    ratio: Spread
    new_versions: int
    longest_read: Spread
    locks: Mapping[str, float]


def figures(measurements: Sequence[Measurement], cases: Iterable[Case]) -> list[Figures]:
    """The figures of each case, in this order."""
    return [_figures(case, [found for found in measurements if found.case == case]) for case in cases]


def _figures(case: Case, runs: Sequence[Measurement]) -> Figures:
    modes = sorted({mode for run in runs for mode in run.locks})
    return Figures(
        case=case,
        seconds=Spread.of([run.seconds for run in runs]),
        ratio=ratios([run.seconds for run in runs], [run.floor for run in runs]),
        new_versions=max(run.new_versions for run in runs),
        longest_read=Spread.of([run.longest_read for run in runs]),
        locks={mode: max(run.locks.get(mode, 0.0) for run in runs) for mode in modes},
    )
