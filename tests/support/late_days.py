"""Days of batches with delays and outages, as the log of a producer's platform would tell them; and the truth about
them, reckoned from the log with no part of what is judged: exact times, where Prometheus sees samples."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

from attrs import frozen

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@frozen
class Batch:
    """Seconds since the first day began: when it read its source, and when consumers saw that."""

    read: float
    committed: float


@frozen
class Days:
    """What one group was served.

    Attributes:
        allowed: the age, in seconds, beyond which its data are late.
        batches: committed ones, in order; the first before the days begin.
        until: when the days end.
    """

    name: str
    allowed: float
    batches: Sequence[Batch]
    until: float

    def read_at(self, moments: Sequence[float]) -> Sequence[float]:
        """When the data of some moments were read, which rise as the batches do."""
        commits = [batch.committed for batch in self.batches]
        return [self.batches[bisect_right(commits, moment) - 1].read for moment in moments]

    def late(self) -> Sequence[tuple[float, float]]:
        """When its data were late, as spans of time."""
        ends = [*self.batches[1:], Batch(self.until, self.until)]
        spans = (
            (max(batch.read + self.allowed, batch.committed), following.committed)
            for batch, following in zip(self.batches, ends, strict=True)
        )
        return [(begin, end) for begin, end in spans if begin < end]


def late_within(spans: Sequence[tuple[float, float]], begin: float, end: float) -> tuple[float, int]:
    """How many seconds from ``begin`` to ``end`` are in some spans, and in how many of them."""
    parts = [min(last, end) - max(first, begin) for first, last in spans]
    within = [part for part in parts if part > 0]
    return sum(within), len(within)


def played(name: str, gap: float, *, days: int, seed: int) -> Days:
    """A group on a platform that starts a batch each ``gap`` seconds. Most batches take a part of the gap; now and then
    one takes long, some fail, and sometimes nothing works for minutes or hours."""
    random, until = Random(seed), days * DAY
    outages = [
        (begin := random.uniform(0, until), begin + random.choice((5, 20, 90, 400)) * MINUTE * random.random())
        for _ in range(random.choice((0, 1, 2, 5)))
    ]
    phase = random.uniform(0, gap)  # who scrapes does so at moments of its own
    starts = [(number - 2) * gap + phase for number in range(int(until / gap) + 2)]
    return Days(name, allowed=2 * gap, batches=list(_batches(starts, gap, outages, random)), until=until)


def _batches(
    starts: Sequence[float], gap: float, outages: Sequence[tuple[float, float]], random: Random
) -> Iterator[Batch]:
    free = starts[0]
    yield Batch(starts[0], starts[0] + 0.1 * gap)
    for start, following in pairwise([*starts[1:], starts[-1] + gap]):
        if start < free:  # the one before is still at work: this one is left out
            continue
        takes = gap * random.choice((0.05, 0.1, 0.3)) if random.random() > 0.01 else gap * random.uniform(1, 6)
        free = start + takes
        fails = random.random() < 0.01 or any(begin <= start <= end or begin <= free <= end for begin, end in outages)
        if not fails and following > start:
            yield Batch(start, free)
