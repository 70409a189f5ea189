"""The life of a batch as a pure decision: what a job that holds the stream does next.

STARTED ──stage──▶ INGESTED ──merge──▶ COMMITTED          a first load goes from STARTED to COMMITTED at once
   ▲                  │
   └──receipt differs─┘   a second time: FAILED           what a new read can cure leaves the state as it is

FAILED is left by a reset, or by another schema, under which the batch is read again. A COMMITTED batch becomes
ROLLED_BACK when an operator takes the stream back to an earlier one.
"""

from enum import Enum

from attrs import frozen

from datasurface.errors import BatchStuck
from datasurface.results import BatchStatus


class Move(Enum):
    """What to do with the stream."""

    START = "start"
    """Begin the next batch: read the source, then merge."""
    READ_AGAIN = "read again"
    """The batch began but staged nothing that counts: read the source anew, under the same number."""
    MERGE = "merge"
    """All that changed is staged: merge it."""


@frozen
class LastBatch:
    """What the batch log says of a stream's newest batch. ``repair``: an operator ordered that it mends the tables."""

    number: int
    status: BatchStatus
    schema_hash: str
    schema_columns: dict[str, dict[str, str]]
    receipt_failures: int = 0
    repair: bool = False


@frozen
class Decision:
    """The move, and the number of the batch it concerns.

    Attributes:
        compare_all: read again without trusting any sum, because a receipt of the batch did not hold.
        repair: trust no row of the merge tables either.
    """

    move: Move
    batch: int
    compare_all: bool = False
    repair: bool = False


def decide(
    last: LastBatch | None, current_batch: int, schema_hash: str, schema_columns: dict[str, dict[str, str]]
) -> Decision:
    """What comes next, from the newest batch (None before the first) and the schema in force; BatchStuck where only an
    operator can help.

    ``current_batch`` is the counter's: numbers are never used twice.
    """
    if last is None or last.status in (BatchStatus.COMMITTED, BatchStatus.ROLLED_BACK):
        return Decision(Move.START, current_batch + 1)
    if last.status is BatchStatus.FAILED and last.schema_hash != schema_hash:
        return Decision(Move.READ_AGAIN, last.number, compare_all=last.repair, repair=last.repair)
    if last.status is BatchStatus.FAILED:
        raise BatchStuck(
            f"batch {last.number} is FAILED and another read cannot cure it",
            hint="look at its error with `datasurface batch status`, then `datasurface batch reset`",
        )
    if last.status is BatchStatus.STARTED:
        return Decision(
            Move.READ_AGAIN, last.number, compare_all=last.receipt_failures > 0 or last.repair, repair=last.repair
        )
    if last.schema_hash != schema_hash:
        raise BatchStuck(
            f"batch {last.number} was read under another schema: "
            f"{schema_difference(last.schema_columns, schema_columns)}",
            hint="`datasurface batch reset` reads again under the schema in force; nothing of the batch was merged",
        )
    return Decision(Move.MERGE, last.number)


def after_mismatch(receipt_failures: int) -> BatchStatus:
    """What a batch is after its receipt did not hold: read again once, then FAILED."""
    return BatchStatus.STARTED if receipt_failures == 0 else BatchStatus.FAILED


def schema_difference(before: dict[str, dict[str, str]], now: dict[str, dict[str, str]]) -> str:
    """The columns (dataset to column to type) that two schemas do not share, in words."""
    old = {f"{dataset}.{column} {kind}" for dataset, columns in before.items() for column, kind in columns.items()}
    new = {f"{dataset}.{column} {kind}" for dataset, columns in now.items() for column, kind in columns.items()}
    words = [*(f"without {name}" for name in sorted(old - new)), *(f"with {name}" for name in sorted(new - old))]
    return ", ".join(words) or "other keys or nullability"
