"""A stream's side of the merge database, as it stands while somebody has the stream."""

from collections.abc import Callable, Collection, Sequence
from hashlib import blake2b

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import JobError
from datasurface.interchange.canonical import JsonValue, canonical_text
from datasurface_yellow.batch.records import StreamSchema
from datasurface_yellow.merge.postgres import PostgresMerge
from datasurface_yellow.store.catalog import relations
from datasurface_yellow.store.table import MergeTable


@frozen
class StreamStore:
    """The tables of a stream's datasets, the schema that batches are read under now, and what merges them."""

    tables: tuple[MergeTable, ...]
    schema: StreamSchema
    strategy: PostgresMerge


def schema_of(tables: Sequence[MergeTable]) -> StreamSchema:
    """The schema of a stream: what a batch that was read under another one must not be merged with."""
    columns = {table.name: {column.name: column.type.base for column in table.columns} for table in tables}
    shape: JsonValue = {
        table.name: [
            [column.name, column.type.base, column.is_key, column.nullable]
            for column in sorted(table.columns, key=lambda column: column.name)
        ]
        for table in tables
    }
    return StreamSchema(blake2b(canonical_text(shape).encode(), digest_size=8).hexdigest(), columns)


def refuse_dropped(session: Connection, tables: Sequence[MergeTable]) -> None:
    """JobError where a merge table is not there. Apply makes it before a job of its generation begins, so the job is of
    an older one, and what it is about was pruned since."""
    standing = relations(session, tables[0].schema, [table.merge for table in tables])
    for table in tables:
        if table.merge not in standing:
            raise JobError(
                f"table {table.merge} is not there: it was dropped after this job's model came into force; nothing was "
                "touched",
                hint="nothing to do if the model in force has the dataset no longer; else apply makes the table",
                dataset=table.name,
            )


def refuse_older_model(tables: Sequence[MergeTable], has_read: Callable[[str, Collection[str]], bool]) -> None:
    """JobError where a batch has read a column that the table has and the job's model does not know: the job would
    empty it. ``has_read`` (dataset and names) looks through the batch log, and is asked only where there is one."""
    for table in tables:
        names = {column.name for column in table.columns}
        for column in table.layout.other_than(names):
            former = (name for name in column.former if table.layout.find(name) is None)
            if has_read(table.name, (column.name, *former)):
                raise JobError(
                    f"a batch has read its column {column.name}, which this job's model does not know: the job "
                    "began before the model that is in force now; it touched nothing",
                    hint="the next trigger reads the model in force; apply again if an apply failed half-way",
                    dataset=table.name,
                )
