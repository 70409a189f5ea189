"""Where the rows of a merge table come from: the batches of one stream, whose numbers they carry."""

from collections.abc import Mapping, Sequence
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.errors import ApplyRefused
from datasurface_yellow.deploy.state import State, merged_by_their_stream
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


def refuse_rows_of_other_streams(
    session: Connection,
    names: PlatformNames,
    deployment: Deployment,
    tables: Mapping[str, Sequence[MergeTable]],
    state: State,
) -> None:
    """ApplyRefused where a table of a stream was filled by another one, or under another name of its dataset.

    Batches of the new stream would count from 1 again, on versions that carry the numbers of the old one's.
    """
    wanted = {
        (stream.key, table.name): (stream.store, table)
        for stream in deployment.streams
        for table in tables[stream.key]
        if table.key_index in state.kinds  # made by the first load, empty or not
    }
    theirs = merged_by_their_stream(session, names, list(wanted)) if wanted else frozenset()
    for (key, _), (store, table) in wanted.items():
        if (key, table.name) not in theirs:
            raise _refused(session, names, key, store, table)


def _refused(session: Connection, names: PlatformNames, key: str, store: str, table: MergeTable) -> ApplyRefused:
    found = cast(list[tuple[str, str]], rows(session, _sql(names), {"store": store, "dataset": table.name}))
    others = " and ".join(f"{stream} (dataset {dataset})" for stream, dataset in found) or "no stream that is known"
    return ApplyRefused(
        f"the rows of table {table.merge} were merged by {others}, and the model reads dataset {table.name} in stream "
        f"{key} now",
        hint="names of stores and datasets, and the consistency of a capture, stay once rows are merged: "
        "take it back, or model it as a new datastore; or give the rows up, by `datasurface apply --prune` of the "
        "model without the dataset",
    )


def _sql(names: PlatformNames) -> str:
    return statement("deploy", "origin.sql.j2", "merged_by", schema=names.schema, names=names)
