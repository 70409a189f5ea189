"""What comes after a job: its result record says it, as a process's exit code cannot tell an error from a crash."""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from psycopg2.sql import SQL, Identifier

from .databases import opened
from .flows import Results

AT_ONCE = 10
"""So many runs in a row follow at once; after that the pauses double."""
LONGEST_PAUSE = 60.0

_RECORD = "SELECT document FROM {table} WHERE stream = %s AND run_id = %s"


class Turn(Enum):
    """Where a run goes after its job."""

    WAIT = "wait"
    AGAIN = "again"
    FAIL = "fail"


class Next(NamedTuple):
    """What to do after a job, and why.

    Attributes:
        pause: seconds before it triggers itself again.
        is_done: whether what the job makes is complete, and others may start.
    """

    turn: Turn
    reason: str
    pause: float = 0.0
    is_done: bool = False


def after_job(document: Mapping[str, object] | None, in_a_row: int, most_in_a_row: int) -> Next:
    """What a result record asks for.

    Args:
        document: the record; None where there is none.
        in_a_row: how often the stream has triggered itself so far.
    """
    if document is None:
        return Next(Turn.FAIL, "there is no result record of this run: it did not come so far as to write one")
    code = document.get("code")
    if code == 0:
        return Next(Turn.WAIT, f"done: batch {document.get('batch')}", is_done=True)
    if code == 1 and in_a_row < most_in_a_row:
        pause = pause_after(in_a_row)
        return Next(Turn.AGAIN, f"there is more to do: again{f' in {pause:g} seconds' if pause else ''}", pause)
    if code == 1:
        return Next(Turn.WAIT, f"there is more to do, but this was {in_a_row} times in a row: left to the schedule")
    error = document.get("error")
    said = error.get("message") if isinstance(error, dict) else None
    hint = error.get("hint") if isinstance(error, dict) else None
    return Next(Turn.FAIL, f"{said or f'code {code!r}'}{f' ({hint})' if hint else ''}")


def pause_after(in_a_row: int) -> float:
    """Seconds before the next of so many in a row: none, then 1, 2, 4, … up to a minute."""
    late = in_a_row - AT_ONCE
    return 0.0 if late < 0 else min(2.0 ** min(late, 16), LONGEST_PAUSE)


def record_of(results: Results, stream: str, run_id: str) -> Mapping[str, object] | None:
    """The result record of a run; None where there is none."""
    with opened(results.at, f"airflow {stream}") as connection, connection.cursor() as cursor:
        cursor.execute(SQL(_RECORD).format(table=Identifier(results.schema, results.table)), (stream, run_id))
        row = cursor.fetchone()
    return None if row is None else row[0]
