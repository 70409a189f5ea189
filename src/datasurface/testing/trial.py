"""A trial of one strategy: tries a property on many random streams, and says what broke it on the smallest."""

from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import TypeVar

from attrs import define, field
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from datasurface.milestoning.kit import Snapshot, StrategyKit, Workshop
from datasurface.milestoning.laws import Law, Violation
from datasurface.milestoning.rows import Version
from datasurface.model import Milestoning
from datasurface.testing.courses import DatasetCourse, play
from datasurface.testing.runs import Versions
from datasurface.testing.streams import Stream, streams, traps

T = TypeVar("T")

SHRINKING_SECONDS = 10.0
"""How long a failure is made smaller, unless a trial says otherwise."""

_SHOWN = 5
_SEED = 20
"""One for all properties, so that all laws judge the same streams, and each stream is played once."""


class Broken(AssertionError):
    """The strategy does not do what it must."""


class _Enough(BaseException):
    """Ends a search for smaller failures; hypothesis lets it pass."""


@define
class Trial:
    """A strategy on trial.

    Attributes:
        examples: how many random streams each property is tried on.
        patience: seconds for which a failure is made smaller.
        plugin: that brings the strategy, in words; empty where it came by itself.
    """

    kit: StrategyKit
    workshop: Workshop = field(repr=False)
    examples: int
    patience: float = field(default=SHRINKING_SECONDS, kw_only=True)
    plugin: str = field(default="", kw_only=True)
    _played: dict[Stream, tuple[DatasetCourse, ...]] = field(factory=dict, repr=False)

    @property
    def is_forensic(self) -> bool:
        """Whether the strategy keeps every version."""
        return self.kit.milestoning is Milestoning.FORENSIC

    @property
    def title(self) -> str:
        """The strategy in words, with whose it is."""
        return self.kit.name + (f" of {self.plugin}" if self.plugin else "")

    def law(self, law: Law, violations: Callable[[DatasetCourse], Iterable[Violation]]) -> None:
        """The law holds on the course of the traps, and of every random stream."""

        def judge(stream: Stream) -> None:
            for course in self.course(stream):
                if found := list(violations(course)):
                    raise Broken(_report(self.title, law, course, found))

        judge(traps())
        self.of_every(streams(self.kit.stores), judge)

    def of_every(self, drawn: st.SearchStrategy[T], check: Callable[[T], None]) -> None:
        """The check passes for whatever is drawn. What fails is made smaller for as long as a person may wait."""
        failures: list[tuple[float, Exception]] = []

        @seed(_SEED)
        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(drawn)
        def example(value: T) -> None:
            if failures and monotonic() - failures[0][0] >= self.patience:
                raise _Enough
            try:
                check(value)
            except Exception as error:
                failures.append((monotonic(), error))
                raise

        try:
            example()
        except _Enough:
            raise failures[-1][1] from None  # the last that failed is the smallest: only what is smaller is tried

    def course(self, stream: Stream) -> tuple[DatasetCourse, ...]:
        """The stream's course; played once, whoever asks."""
        if stream not in self._played:
            self._played[stream] = play(self.workshop, self.kit.milestoning, stream)
        return self._played[stream]


def same_versions(what: str, found: Versions, expected: Versions) -> None:
    """Broken where two looks at a stream's tables differ; ``what`` says what should have kept them alike."""
    for name, versions in expected.items():
        missing = [version for version in versions if version not in found[name]]
        extra = [version for version in found[name] if version not in versions]
        if missing or extra or len(found[name]) != len(versions):
            raise Broken(f"{what}: {name} has {_words(extra)} and lacks {_words(missing)}")


def _words(versions: Sequence[Version]) -> str:
    return ", ".join(f"{version.row} [{version.batch_in}, {version.batch_out}]" for version in versions) or "no other"


def _report(strategy: str, law: Law, course: DatasetCourse, found: Sequence[Violation]) -> str:
    lines = [
        f"{law.id} ({law.name}) does not hold for strategy {strategy}: {law.statement}",
        *(f"  {course.name}, key {violation.key}: {violation.message}" for violation in found[:_SHOWN]),
        *([f"  and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []),
        *snapshots_in_words([done.snapshot for done in course.batches]),
    ]
    return "\n".join(lines)


def snapshots_in_words(snapshots: Iterable[Snapshot]) -> Iterable[str]:
    """The snapshots, a line each."""
    for number, snapshot in enumerate(snapshots, start=1):
        yield f"  snapshot {number}: " + "; ".join(f"{name} {list(rows)}" for name, rows in snapshot.items())
