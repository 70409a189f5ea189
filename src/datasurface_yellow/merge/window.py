"""What changed in the part of a source that it shows: rows to insert and to update. What it does not show stays."""

from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.milestoning.strategy import Batch, Fingerprint, Staged
from datasurface_yellow.capture.source import SourceSnapshot
from datasurface_yellow.merge.changed_keys import fetch
from datasurface_yellow.merge.descent import Level
from datasurface_yellow.merge.receipt import check_recipe, counts_of, mismatch
from datasurface_yellow.merge.refusals import refuse_keys
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


def changed_in_window(
    session: Connection, table: MergeTable, batch: Batch, source: SourceSnapshot, before: Fingerprint | None
) -> Staged:
    """Stage the rows shown that are not live as they are; what was found.

    The fingerprint that the merge must leave is made from the hashes that the source sent, so that the receipt proves
    what was written as it does for a whole source. RefusedData where the rows are none that a merge can take.
    """
    former = before or Fingerprint(0, 0, table.recipe)
    check_recipe(table.name, former, table.recipe)
    execute(session, _staging("drop_work", table))
    execute(session, _staging("create_incoming", table))
    read = source.copy_keys(table.name, session, "pg_temp.ds_surf_incoming")
    execute(session, _sql("analyze_incoming", table))
    if one(session, _sql("has_bad_key", table)) == (True,):
        refuse_keys(table, source)
        raise mismatch(table.name, "a key came twice or without a value, and the source has no such row")
    execute(session, _sql("create_changes", table))
    inserted, updated, new, old = cast(tuple[int, int, int, int], one(session, _sql("sum_changes", table)))
    if inserted or updated:
        fetch(session, table, batch, source, inserted + updated, read)
    found = former.without(updated, old).plus(inserted + updated, new)
    return Staged(counts_of(read, inserted, updated, 0), found, Level.WINDOW.value)


def _staging(name: str, table: MergeTable) -> str:
    return statement("merge", "stage.sql.j2", name, t=table)


def _sql(name: str, table: MergeTable) -> str:
    return statement("merge", "window.sql.j2", name, t=table)
