"""Horizons: the oldest batch that a dataset's tables can answer for, once old history was pruned."""

from collections.abc import Mapping
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface_yellow.store.catalog import PlatformNames, relation_exists
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.statements import statement


def read_horizons(session: Connection, names: PlatformNames, stream: str) -> Mapping[str, int]:
    """The horizons of a stream's datasets; one that is missing can answer for every batch. None where the tables are
    still those of a program that pruned nothing."""
    if not relation_exists(session, names.schema, names.horizon):
        return {}
    query = statement("store", "catalog.sql.j2", "horizons", names=names, schema=names.schema)
    return dict(cast("list[tuple[str, int]]", rows(session, query, {"stream": stream})))
