"""Which keys changed, and their rows: the one function between a source's snapshot and staging.

The full compare: key and row hash of all rows come over, are joined with the live rows, and only the rows that differ
are fetched, by key
in pieces, or all at once when they are many.
"""

from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.milestoning.strategy import Batch, Fingerprint, Guard, Staged
from datasurface_yellow.capture.postgres import PostgresSnapshot
from datasurface_yellow.merge.receipt import check_deletes, counts_of, mismatch
from datasurface_yellow.merge.refusals import refuse_keys
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

PIECE = 5000
"""Keys asked for at once: enough that a round trip costs little, few enough that the client holds little."""
WHOLE_FRACTION = 0.25
"""Above this part of the rows it costs less to fetch all than to ask for keys."""


def changed_keys(
    session: Connection,
    table: MergeTable,
    batch: Batch,
    source: PostgresSnapshot,
    before: Fingerprint | None,
    guard: Guard,
) -> Staged:
    """Stage what differs between the source and the live rows; what it found."""
    execute(session, _sql("drop_work", table))
    execute(session, _sql("create_incoming", table))
    source.copy_keys(table.name, session, "pg_temp.ds_surf_incoming")
    execute(session, _sql("analyze_incoming", table))
    read, xor = _integers(session, "incoming_fingerprint", table)
    execute(session, _sql("create_changes", table))
    inserted, updated, deleted = _integers(session, "count_changes", table)
    counts = counts_of(read, inserted, updated, deleted)
    live = before.rows if before else 0
    if one(session, _sql("has_bad_key", table)) == (True,):
        refuse_keys(table, source)
    if counts.unchanged + counts.updated + counts.deleted != live:
        refuse_keys(
            table, source
        )  # a key that is live came twice; if none did, the table is not what the last batch left
        raise mismatch(
            table.name, f"the last batch left {live} live rows, {counts.unchanged + updated + deleted} are there"
        )
    if not guard.allow_deletes:
        check_deletes(table.dataset, live, read, deleted)
    if inserted or updated:
        _fetch(session, table, batch, source, counts.inserted + counts.updated, read)
    if deleted:
        execute(session, _sql("stage_deletes", table), {"batch": batch.number, "token": batch.token})
    return Staged(counts, Fingerprint(read, xor, table.recipe))


def _fetch(
    session: Connection, table: MergeTable, batch: Batch, source: PostgresSnapshot, wanted: int, read: int
) -> None:
    """Bring the changed rows into staging."""
    execute(session, _sql("analyze_changes", table))
    execute(session, _sql("create_fetched", table))
    if wanted > WHOLE_FRACTION * read:
        source.copy_rows(table.name, session, _sql("into_fetched", table), batch.number, batch.token)
    else:
        _fetch_pieces(session, table, batch, source)
    staged = execute(session, _sql("stage_fetched", table))
    if staged != wanted:
        raise mismatch(table.name, f"{wanted} rows changed, {staged} arrived")


def _fetch_pieces(session: Connection, table: MergeTable, batch: Batch, source: PostgresSnapshot) -> None:
    last = cast(tuple[int], one(session, _sql("last_change", table)))[0]
    for after in range(0, last, PIECE):
        piece = one(session, _sql("wanted_keys", table), {"after": after, "up_to": after + PIECE})
        if piece and piece[0]:
            keys = cast(tuple[str, ...], piece[1:])
            source.copy_rows(table.name, session, _sql("into_fetched", table), batch.number, batch.token, keys)


def _integers(session: Connection, name: str, table: MergeTable) -> tuple[int, ...]:
    return cast(tuple[int, ...], one(session, _sql(name, table)))


def _sql(name: str, table: MergeTable) -> str:
    return statement("merge", "stage.sql.j2", name, t=table)
