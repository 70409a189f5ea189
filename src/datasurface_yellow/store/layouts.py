"""The layouts of a platform's merge tables, where they are kept."""

import json
from collections.abc import Mapping
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.interchange.canonical import JsonValue
from datasurface_yellow.store.catalog import PlatformNames, relation_exists
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.layout import TableLayout
from datasurface_yellow.store.statements import statement


def read_layouts(session: Connection, names: PlatformNames) -> Mapping[str, TableLayout]:
    """The layouts by merge table; none where the tables were made by a program that knew of none."""
    if not relation_exists(session, names.schema, names.layout):
        return {}
    found = cast("list[tuple[str, JsonValue]]", rows(session, _sql("layouts", names)))
    return {table: TableLayout.read(layers) for table, layers in found}


def write_layout(session: Connection, names: PlatformNames, table: str, layout: TableLayout) -> None:
    """Keep the layout of a merge table."""
    execute(session, _sql("write_layout", names), {"merge_table": table, "layers": json.dumps(layout.document())})


def _sql(name: str, names: PlatformNames) -> str:
    return statement("store", "catalog.sql.j2", name, names=names, schema=names.schema)
