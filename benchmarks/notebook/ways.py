"""The ways in which the rows are read, each in a process of its own: ``python -m benchmarks.notebook.ways WAY URL``."""

import json
import resource
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Literal
from urllib.parse import urlsplit

import psycopg2

import datasurface_yellow
from benchmarks.notebook.ground import VIEW
from datasurface_yellow.notebook.dataset import ReadDataset
from datasurface_yellow.notebook.rows import Rows

_QUERY = f"SELECT * FROM {VIEW}"  # noqa: S608 a name of ours


def _copy(url: str) -> int:
    with closing(psycopg2.connect(url)) as session, session.cursor() as cursor, Path("/dev/null").open("wb") as nothing:
        cursor.copy_expert(f"COPY ({_QUERY}) TO STDOUT (FORMAT binary)", nothing)
        return cursor.rowcount


def _adbc(url: str) -> int:
    import adbc_driver_postgresql.dbapi as driver

    with closing(driver.connect(url)) as session, session.cursor() as cursor:
        cursor.execute(_QUERY)
        return int(cursor.fetch_arrow_table().num_rows)


def _ours(url: str) -> Rows:
    parts = urlsplit(url)
    where = f"postgresql://{parts.hostname}:{parts.port}{parts.path}"
    shop = datasurface_yellow.connect(where, user=parts.username, password=parts.password)
    return ReadDataset(shop.offers[0]).live()


def _pandas(url: str) -> int:
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
    return len(pd.read_sql(_QUERY, engine))


def _polars(engine: Literal["adbc", "connectorx"]) -> Callable[[str], int]:
    def read(url: str) -> int:
        import polars as pl

        return pl.read_database_uri(_QUERY, url, engine=engine).height

    return read


_LIBRARIES = ("adbc_driver_postgresql.dbapi", "pandas", "polars", "sqlalchemy")

FLOOR = "COPY, thrown away"
WAYS: Mapping[str, Callable[[str], int]] = {
    FLOOR: _copy,
    "ADBC alone": _adbc,
    "to_batches": lambda url: sum(batch.num_rows for batch in _ours(url).to_batches()),
    "to_arrow": lambda url: _ours(url).to_arrow().num_rows,
    "to_polars": lambda url: _ours(url).to_polars().height,
    "to_pandas": lambda url: len(_ours(url).to_pandas()),
    "rows": lambda url: sum(1 for _ in _ours(url).rows()),
    "pandas.read_sql": _pandas,
    "polars.read_database_uri, ADBC": _polars("adbc"),
    "polars.read_database_uri, ConnectorX": _polars("connectorx"),
}
"""Each gives how many rows it read. ConnectorX is not among our dependencies."""


def main(way: str, url: str) -> None:
    """Read once, and print seconds, rows and the most memory in MiB that the process had."""
    for library in _LIBRARIES:  # which a notebook loads once; together they take as long as many reads
        import_module(library)
    begun = perf_counter()
    rows = WAYS[way](url)
    seconds = perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rows": rows, "memory": memory}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
