"""A damaged table becomes one that speaks of what it holds, so that a compare can make it the source's."""

from collections.abc import Mapping
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.milestoning.strategy import Batch, Fingerprint
from datasurface_yellow.store.catalog import relation_exists
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


@frozen
class Found:
    """How a table stood before its repair.

    Attributes:
        live: count and hashes of its rows, as they are.
        untrue: rows whose hashes were not those of their columns, that began in no batch, or that stood more than once.
    """

    live: Fingerprint
    untrue: int


def make_true(session: Connection, table: MergeTable, batch: Batch) -> Found:
    """Let every row have the hashes of its columns, and every key one row. For a table that keeps no past: what a row
    was before it was damaged is not known afterwards.
    """
    repeated = 0
    if not relation_exists(session, table.schema, table.key_index):
        repeated = execute(session, _sql("remove_repeated", table))
    untrue = execute(session, _sql("rehash", table), {"batch": batch.number})
    counted = one(session, statement("merge", "verify.sql.j2", "live_fingerprint", t=table))
    rows, xor, versions = cast(tuple[int, int, int], counted)
    return Found(Fingerprint(rows, xor, table.recipe, versions=versions), untrue + repeated)


def describe(found: Mapping[str, Found], left: Mapping[str, Fingerprint]) -> str:
    """What a repair came upon, for the batch log: by dataset, where it is not what the last batch left."""
    parts = []
    for name, table in found.items():
        before = left.get(name, Fingerprint(0, 0, table.live.recipe))
        if table.untrue or not _is_as_left(table.live, before):
            parts.append(
                f"{name} had {table.live.rows} rows where {before.rows} were left, {table.untrue} with untrue hashes"
            )
    return "; ".join(["repair", *(parts or ["nothing was damaged"])])


def _is_as_left(live: Fingerprint, left: Fingerprint) -> bool:
    return live == left and left.versions in (None, live.versions)


def _sql(name: str, table: MergeTable) -> str:
    return statement("merge", "repair.sql.j2", name, t=table)
