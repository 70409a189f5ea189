"""Where the rows of a merge table come from: the batches of one stream, whose numbers they carry."""

from collections.abc import Iterable
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.deployment import StreamConfig
from datasurface.errors import ApplyRefused
from datasurface_yellow.store.catalog import PlatformNames, relation_exists
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


def refuse_rows_of_other_streams(
    session: Connection, names: PlatformNames, stream: StreamConfig, tables: Iterable[MergeTable]
) -> None:
    """ApplyRefused where a table of the stream was filled by another one, or under another name of its dataset.

    Batches of the new stream would count from 1 again, on versions that carry the numbers of the old one's.
    """
    for table in tables:
        if not relation_exists(session, table.schema, table.key_index):  # made by the first load, empty or not
            continue
        found = cast(list[tuple[str, str]], rows(session, _sql(names), {"store": stream.store, "dataset": table.name}))
        if (stream.key, table.name) not in found:
            others = " and ".join(f"{key} (dataset {dataset})" for key, dataset in found) or "no stream that is known"
            raise ApplyRefused(
                f"the rows of table {table.merge} were merged by {others}, and the model reads dataset {table.name} "
                f"in stream {stream.key} now",
                hint="names of stores and datasets, and the consistency of a capture, stay once rows are merged: "
                "take it back, or model it as a new datastore",
            )


def _sql(names: PlatformNames) -> str:
    return statement("deploy", "origin.sql.j2", "merged_by", schema=names.schema, names=names)
