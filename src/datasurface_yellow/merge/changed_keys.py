"""Which keys changed, and their rows: the one function between a source's snapshot and staging.

It goes down only as far as it has to, and begins where the last batch makes it likely to end. The sums of all rows say
whether anything changed; the sums of buckets say where; there, key and row hash come over and are joined with the live
rows; and only the rows that differ are fetched, by key in pieces, or all at once when they are many.
"""

from collections.abc import Mapping
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.milestoning.strategy import Batch, Fingerprint, Guard, Staged
from datasurface_yellow.capture.source import Bucket, SourceSnapshot
from datasurface_yellow.merge.descent import Level, Part, descend, first_level, total
from datasurface_yellow.merge.receipt import check_deletes, check_recipe, counts_of, mismatch, not_as_left
from datasurface_yellow.merge.refusals import refuse_keys
from datasurface_yellow.store.connection import execute, one, rows
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

PIECE = 5000
"""Keys asked for at once: enough that a round trip costs little, few enough that the client holds little."""
WHOLE_FRACTION = 0.25
"""Above this part of the rows it costs less to fetch all than to ask for keys."""
LEAST_MEMORY = 512
"""Kilobytes: what the compare's hash may hold of a table of a million rows or so, in 50 to 100 parts."""
ROWS_A_KILOBYTE = 10_000
"""Of larger tables: the more memory, so that there are no more than some hundred parts, which are files."""
NEARLY_ALL = 0.75
"""Above this part of the rows it costs less to stage all and take the others out again than to choose among them."""


def changed_keys(
    session: Connection,
    table: MergeTable,
    batch: Batch,
    source: SourceSnapshot,
    before: Fingerprint | None,
    guard: Guard,
) -> Staged:
    """Stage what differs between the source and the live rows; what it found.

    ReceiptMismatch where the live rows are not what the last batch left, RefusedData where the source's are none that a
    merge can take.
    """
    former = before or Fingerprint(0, 0, table.recipe)
    check_recipe(table.name, former, table.recipe)
    first = first_level(guard.expected, compare_all=guard.compare_all)
    if first is Level.KEYS:
        return _compare(session, table, batch, source, former, guard, Part(Level.KEYS, None, None, former.rows), None)
    if first is Level.FINGERPRINT and Fingerprint(*source.fingerprint(table.name), table.recipe) == former:
        return Staged(counts_of(former.rows, 0, 0, 0), former, Level.FINGERPRINT.value)
    there = source.buckets(table.name)
    found = Fingerprint(*total(there), table.recipe)
    if found == former:
        return Staged(counts_of(found.rows, 0, 0, 0), found, Level.BUCKETS.value)
    here = _live_buckets(session, table)
    if total(here) != (former.rows, former.xor):
        raise not_as_left(table.name, former, total(here).rows)
    return _compare(session, table, batch, source, former, guard, descend(there, here), found)


def _live_buckets(session: Connection, table: MergeTable) -> Mapping[int, Bucket]:
    found = cast("list[tuple[int, int, int]]", rows(session, _sql("live_buckets", table)))
    return {number: Bucket(count, xor) for number, count, xor in found}


def _compare(
    session: Connection,
    table: MergeTable,
    batch: Batch,
    source: SourceSnapshot,
    former: Fingerprint,
    guard: Guard,
    part: Part,
    found: Fingerprint | None,
) -> Staged:
    """Compare a part by key; ``found`` is the fingerprint of all of the source, None where nothing was counted yet."""
    some = part.buckets is not None
    execute(session, _sql("drop_work", table))
    execute(session, _sql("create_incoming", table))
    source.copy_keys(table.name, session, "pg_temp.ds_surf_incoming", part.buckets)
    came = Bucket(*_integers(session, "incoming_fingerprint", table))
    if part.there is not None and came != part.there:
        raise mismatch(table.name, f"the source counted {part.there.rows} rows here and sent {came.rows}, or others")
    found = found or Fingerprint(*came, table.recipe)
    buckets = {"buckets": list(part.buckets or ())}
    execute(session, _sql("plan_compare", table, kilobytes=max(LEAST_MEMORY, came.rows // ROWS_A_KILOBYTE)))
    execute(session, _sql("create_changes", table, some_buckets=some), buckets)
    execute(session, _sql("plan_compare", table, kilobytes=None))
    inserted, updated, deleted = _integers(session, "count_changes", table)
    counts = counts_of(found.rows, inserted, updated, deleted)
    if one(session, _sql("has_bad_key", table)) == (True,):
        refuse_keys(table, source)
    met = came.rows - inserted + deleted
    if met != part.here:
        refuse_keys(table, source)  # a key that is live came twice; if none did, the rows are not what was left
        raise not_as_left(table.name, former, former.rows - part.here + met)
    if not guard.allow_deletes:
        check_deletes(table.dataset, former.rows, found.rows, deleted)
    if inserted or updated:
        fetch(session, table, batch, source, inserted + updated, found.rows)
    if deleted:
        execute(session, _sql("stage_deletes", table), {"batch": batch.number, "token": batch.token})
    return Staged(counts, found, part.level.value)


def fetch(session: Connection, table: MergeTable, batch: Batch, source: SourceSnapshot, wanted: int, read: int) -> None:
    """Bring the changed rows into staging."""
    execute(session, _sql("analyze_changes", table))
    if wanted > NEARLY_ALL * read:
        staged = _fetch_all(session, table, batch, source, straight=True)
        if staged > wanted:
            staged -= execute(session, _sql("unstage_unchanged", table), {"batch": batch.number})
    else:
        execute(session, _sql("create_fetched", table))
        if wanted > WHOLE_FRACTION * read:
            _fetch_all(session, table, batch, source)
        else:
            _fetch_pieces(session, table, batch, source)
        staged = execute(session, _sql("stage_fetched", table))
    if staged != wanted:
        raise mismatch(table.name, f"{wanted} rows changed, {staged} arrived")


def _fetch_all(
    session: Connection, table: MergeTable, batch: Batch, source: SourceSnapshot, *, straight: bool = False
) -> int:
    into = _sql("into_fetched", table, straight=straight)
    return source.copy_rows(table.name, session, into, batch.number, batch.token)


def _fetch_pieces(session: Connection, table: MergeTable, batch: Batch, source: SourceSnapshot) -> None:
    into = _sql("into_fetched", table, straight=False)
    last = cast(tuple[int], one(session, _sql("last_change", table)))[0]
    for after in range(0, last, PIECE):
        piece = one(session, _sql("wanted_keys", table), {"after": after, "up_to": after + PIECE})
        if piece and piece[0]:
            keys = cast(tuple[str, ...], piece[1:])
            source.copy_rows(table.name, session, into, batch.number, batch.token, keys)


def _integers(session: Connection, name: str, table: MergeTable) -> tuple[int, ...]:
    return cast(tuple[int, ...], one(session, _sql(name, table)))


def _sql(name: str, table: MergeTable, **context: object) -> str:
    return statement("merge", "stage.sql.j2", name, t=table, **context)
