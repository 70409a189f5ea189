"""What the demonstration found, as values."""

from collections.abc import Mapping, Sequence

from attrs import asdict, define, field, frozen

from datasurface.results import DatasetCounts, JobResult, ResultCode


@frozen
class Check:
    """One thing that must be true, with what was compared.

    Attributes:
        counts: how much was looked at, and how much was wrong, by name.
    """

    name: str
    holds: bool
    counts: Mapping[str, int]
    detail: str = ""


@define
class PlatformTally:
    """What one platform did so far."""

    batches: int = 0
    errors: int = 0
    datasets: dict[str, DatasetCounts] = field(factory=dict)

    def add(self, result: JobResult) -> None:
        """Count one more job."""
        if result.code is ResultCode.ERROR:
            self.errors += 1
        elif result.code is ResultCode.DONE:
            self.add_batch(result.datasets)

    def add_batch(self, datasets: Mapping[str, DatasetCounts]) -> None:
        """Count one more committed batch."""
        self.batches += 1
        for name, counts in datasets.items():
            before = self.datasets.get(name, DatasetCounts())
            self.datasets[name] = DatasetCounts(
                *(getattr(before, part) + getattr(counts, part) for part in asdict(counts))
            )

    def total(self, part: str) -> int:
        """The sum of one count over all datasets."""
        return sum(int(getattr(counts, part)) for counts in self.datasets.values())


@frozen
class Verdict:
    """The demonstration's end: true only when every check holds and no job failed."""

    changes: int
    platforms: Mapping[str, PlatformTally]
    checks: Sequence[Check]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether all of it held."""
        return all(check.holds for check in self.checks) and not any(tally.errors for tally in self.platforms.values())

    def document(self) -> dict[str, object]:
        """The verdict as plain JSON values."""
        return {
            "verdict": self.holds,
            "seconds": round(self.seconds, 1),
            "changes": self.changes,
            "platforms": {
                name: {
                    "batches": tally.batches,
                    "errors": tally.errors,
                    "datasets": {dataset: asdict(counts) for dataset, counts in tally.datasets.items()},
                }
                for name, tally in self.platforms.items()
            },
            "checks": [
                {"name": check.name, "holds": check.holds, "counts": dict(check.counts), "detail": check.detail}
                for check in self.checks
            ],
        }
