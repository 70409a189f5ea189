"""Every object of a deployment in its merge database, with what of the model it comes from. Asks no database."""

from collections.abc import Iterable, Iterator

from datasurface.deployment import Deployment
from datasurface.results import PhysicalObject
from datasurface_yellow.deploy.mask_keys import credentials_of_hashes
from datasurface_yellow.deploy.wanted import View
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.table import MergeTable, stream_tables


def merge_objects(
    deployment: Deployment, views: Iterable[View], names: PlatformNames, database: str
) -> Iterator[PhysicalObject]:
    """The platform's own tables, those of its streams, and what consumers read by. Indexes that the server names itself
    stand with their tables."""
    keys = (names.mask_keys,) if credentials_of_hashes(deployment) else ()
    for name in (*names.catalogue.all_tables, *keys):
        path = f"platforms/{deployment.platform.name}"
        yield PhysicalObject("catalogue table", database, names.schema, name, path)
    for stream in deployment.streams:
        for table in stream_tables(deployment, stream, names.schema):
            for kind, name in _of_table(table):
                yield PhysicalObject(kind, database, table.schema, name, f"{stream.path}/datasets/{table.name}")
    held = tuple(views)
    for schema, role, path in sorted({(view.schema, view.role, workspace_of(view.path)) for view in held}):
        yield PhysicalObject("schema", database, None, schema, path)
        yield PhysicalObject("role", database, None, role, path)
    for view in held:
        yield view_object(view, database)


def view_object(view: View, database: str) -> PhysicalObject:
    """What consumers read by in a database."""
    place = view.place
    name = place.name if place.is_view else f"{place.name}({place.signature})"
    return PhysicalObject(place.word.lower(), database, place.schema, name, view.path)


def workspace_of(path: str) -> str:
    """The path of the workspace of a sink."""
    return path.rpartition("/groups/")[0]


def _of_table(table: MergeTable) -> Iterator[tuple[str, str]]:
    yield "table", table.merge
    if table.is_forensic:
        yield "partition", table.live
        yield "partition", table.history
        yield "index", table.history_index
    yield "index", table.key_index
    yield "staging table", table.staging
