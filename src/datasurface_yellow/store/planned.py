"""Steps of a dry run, with the statements that apply would execute for each."""

from collections.abc import Iterable

from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.results import Step
from datasurface_yellow.store.connection import PlannedSession


def with_sql(session: Connection, steps: Iterable[Step]) -> list[Step]:
    """The steps as they are taken; each of a planned session with what was written down for it.

    What is written down after the last belongs to it, and without any step to the next that is asked for.
    """
    if not isinstance(session, PlannedSession):
        return list(steps)
    done = [evolve(step, sql=session.take()) for step in steps]
    return with_rest(session, done)


def with_rest(session: Connection, steps: list[Step]) -> list[Step]:
    """The steps, of which the last has what was written down after it."""
    if isinstance(session, PlannedSession) and steps:
        *before, last = steps
        return [*before, evolve(last, sql=(*last.sql, *session.take()))]
    return steps
