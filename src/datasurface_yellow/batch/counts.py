"""The identities of the counts in the batch log, for one dataset. Pure: decided from the logged documents alone.

The log may begin anywhere, because its old part is pruned, and a batch may have read a part of the source only. So what
was there before a batch and after it is what its document says of the live rows, not what was read.
"""

from collections.abc import Iterator, Mapping, Sequence

from datasurface.milestoning import laws
from datasurface.milestoning.strategy import Fingerprint
from datasurface.results import LawCheck
from datasurface_yellow.batch.records import counts_of, erased_of, fingerprint_of, level_of
from datasurface_yellow.merge.descent import Level

SHOWN = 3

Logged = tuple[int, Mapping[str, object]]
"""A committed batch and what it logged of the dataset."""


def check_counts(stream: str, dataset: str, committed: Sequence[Logged]) -> LawCheck:
    """Whether each committed batch's counts add up, and each begins with what the one before left."""
    law = laws.COUNTS_ADD_UP
    broken = list(_broken(committed))
    return LawCheck(law.id, law.statement, stream, dataset, not broken, len(committed), "; ".join(broken[:SHOWN]))


def _broken(committed: Sequence[Logged]) -> Iterator[str]:
    left: Fingerprint | None = None
    for batch, document in committed:
        # The first programs did not log what was there before a batch.
        before = fingerprint_of(document, "before") if "before" in document else left
        counts, after = counts_of(document), fingerprint_of(document)
        merged = after.rows + erased_of(document)
        rows = before.rows if before else merged - counts.inserted + counts.deleted
        yield from (violation.message for violation in laws.counts_add_up(batch, rows, counts, merged))
        is_repair = level_of(document) == Level.REPAIR.value  # it begins with what it found instead
        if left and before and not is_repair and not _connects(left, before):
            yield f"batch {batch}: it began with other rows ({before.rows}) than the batch before left ({left.rows})"
        left = after


def _connects(left: Fingerprint, before: Fingerprint) -> bool:
    """Whether a batch began with what the one before left. Hashes say so within one recipe only."""
    if left.recipe != before.recipe:
        return left.rows == before.rows
    return left == before and (None in (left.versions, before.versions) or left.versions == before.versions)
