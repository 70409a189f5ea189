"""Values of new columns in rows that were merged before: filled in place by the first batch that reads the columns,
where the dataset says so.

A filled row keeps the batch in which it began, so the past looks as if the row had always had the value; what earlier
batches left is written into the log anew. A row that changed otherwise, too, gets a new version as ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from attrs import evolve, frozen

from datasurface.milestoning.strategy import Batch, Staged
from datasurface.model import OnAdd
from datasurface_yellow.batch.records import Records
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.rowhash import StoredColumn
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


@frozen
class _Filled:
    """Rows that began in one batch, and by what their hashes and those of their versions differ now."""

    rows: int
    began: int
    xor: int
    versions: int


def backfill(
    records: Records, tables: Iterable[MergeTable], batch: Batch, staged: Mapping[str, Staged]
) -> Mapping[str, Staged]:
    """Fill the columns that no committed batch has read, from what the batch has staged; what is left to merge. Nothing
    here commits."""
    left, reasons = dict(staged), list[str]()
    for table in tables:
        counts = staged[table.name].counts
        new = _new_columns(records, table) if counts.updated else ()
        found = _fill(records, table, batch, new) if new else ()
        if not found:
            continue
        _seal_again(records, table.name, found)
        filled = sum(each.rows for each in found)
        counts = evolve(counts, updated=counts.updated - filled, unchanged=counts.unchanged + filled)
        left[table.name] = evolve(staged[table.name], counts=counts)
        names = ", ".join(sorted(column.name for column in new))
        reasons.append(f"{filled} rows of {table.name}: column{'s' if len(new) > 1 else ''} {names}")
    if reasons:
        records.give_reason(batch, f"filled {'; '.join(reasons)}")
    return left


def _new_columns(records: Records, table: MergeTable) -> Sequence[StoredColumn]:
    """The columns of the layers that no committed batch has read."""
    if table.dataset.on_add is not OnAdd.BACKFILL:
        return ()
    later: dict[int, list[StoredColumn]] = {}
    for column in table.columns:
        if column.layer:
            later.setdefault(column.layer, []).append(column)
    former = {column.name: column.former for column in table.layout.columns}
    return [
        column
        for layer in later.values()
        if not records.has_read(table.name, [name for each in layer for name in (each.name, *former[each.name])])
        for column in layer
    ]


def _fill(records: Records, table: MergeTable, batch: Batch, new: Sequence[StoredColumn]) -> Sequence[_Filled]:
    others = [column for column in table.columns if column not in new]
    fill = statement("batch", "backfill.sql.j2", "fill", t=table, new=new, others=others)
    found = cast("list[tuple[int, int, int, int]]", rows(records.session, fill, {"batch": batch.number}))
    return [_Filled(*row) for row in found]


def _seal_again(records: Records, dataset: str, found: Sequence[_Filled]) -> None:
    """Let the log speak of the rows as they are now."""
    parameters = {
        "stream": records.stream,
        "dataset": dataset,
        "first": min(each.began for each in found),
        "began": [each.began for each in found],
        "xors": [each.xor for each in found],
        "versions": [each.versions for each in found],
    }
    names = records.names
    execute(
        records.session,
        statement("batch", "backfill.sql.j2", "seal_again", names=names, schema=names.schema),
        parameters,
    )
