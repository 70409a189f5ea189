"""Back to an earlier batch, and forward again from what is still staged, for one dataset's tables."""

from typing import cast

import psycopg2
from psycopg2.extensions import connection as Connection

from datasurface.milestoning.strategy import Batch, Fingerprint, Undone
from datasurface_yellow.merge.receipt import check_rollback, mismatch
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


def touched(session: Connection, table: MergeTable, to: int) -> Undone:
    """What a rollback to a batch would do."""
    return Undone(*_integers(session, _sql("touched", table), {"to": to}))


def roll_back(session: Connection, table: MergeTable, to: int, before: Fingerprint, after: Fingerprint) -> Undone:
    """Take a forensic table back to what batch ``to`` left.

    Args:
        before, after: what the newest batch and batch ``to`` left of the live rows.

    Raises:
        ReceiptMismatch: the live rows are not ``after`` then.
    """
    names = {"live": qualified(table.schema, table.live), "history": qualified(table.schema, table.history)}
    execute(session, _sql("summarize", table), names)
    parameters = {"to": to}
    removed, removed_xor, removed_versions = _integers(session, _sql("remove_live", table), parameters)
    (gone,) = _integers(session, _sql("remove_history", table), parameters)
    try:
        reopened, reopened_xor, reopened_versions = _integers(session, _sql("reopen", table), parameters)
    except psycopg2.errors.UniqueViolation as error:
        raise mismatch(table.name, f"a key would have two live rows after the rollback to batch {to}") from error
    found = before.without(removed, removed_xor).plus(reopened, reopened_xor)
    versions = None if before.versions is None else before.versions ^ removed_versions ^ reopened_versions
    if (found, versions) != (after, after.versions):
        # The sums speak of rows as the batches left them. A row that somebody changed since is gone perhaps, so that
        # the rows are right again: then they prove it themselves.
        looked_at = _integers(session, statement("merge", "merge.sql.j2", "loaded_fingerprint", t=table), {})
        check_rollback(table.name, to, cast(tuple[int, int, int, int], looked_at), after)
    return Undone(reopened, removed + gone)


def staged(session: Connection, table: MergeTable, batch: int) -> tuple[int, int]:
    """How many changed rows and deleted keys a batch has staged."""
    return cast(tuple[int, int], _integers(session, _sql("staged", table), {"batch": batch}))


def restage(session: Connection, table: MergeTable, former: int, batch: Batch) -> None:
    """Put what one batch has staged under the number and token of another."""
    parameters = {"former": former, "batch": batch.number, "token": batch.token}
    execute(session, _sql("restage", table), parameters)


def _integers(session: Connection, query: str, parameters: dict[str, int]) -> tuple[int, ...]:
    return cast(tuple[int, ...], one(session, query, parameters))


def _sql(name: str, table: MergeTable) -> str:
    return statement("merge", "rollback.sql.j2", name, t=table)
