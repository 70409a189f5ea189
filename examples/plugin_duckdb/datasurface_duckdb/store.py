"""Connections to a file. DuckDB lets one process write, or several read: who comes second waits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import duckdb
from attrs import evolve

from datasurface.errors import NotApplied, StoreUnavailable
from datasurface_duckdb.platform import DuckDbFile

_AGAIN = 0.1
"""Seconds between two tries to open the file."""

_MEMORY = ":memory:"

Row = tuple[object, ...]


def rehearsal(file: DuckDbFile) -> DuckDbFile:
    """Where something can be tried that is taken back: the file, or memory where there is none yet."""
    return file if Path(file.path).exists() else evolve(file, path=_MEMORY)


@contextmanager
def opened(file: DuckDbFile, patience: float, *, creates: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the file, alone with it. What was not committed is gone when it closes.

    Args:
        patience: seconds to wait for others who have the file.
        creates: make the file where there is none.

    Raises:
        NotApplied: there is no file.
        StoreUnavailable: others have it, or DuckDB gives up.
    """
    if not creates and file.path != _MEMORY and not Path(file.path).exists():
        raise NotApplied(f"there is no file {file.path} for {file.name}", hint="run `datasurface apply` first")
    try:
        with _connected(file, monotonic() + patience) as connection:
            yield connection
    except duckdb.Error as error:
        raise StoreUnavailable(
            f"{file.name} ({file.path}): {_first_line(error)}", hint="the folder must be writable for the jobs' user"
        ) from error


def _connected(file: DuckDbFile, until: float) -> duckdb.DuckDBPyConnection:
    while True:
        try:
            return duckdb.connect(file.path)
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            if monotonic() >= until:
                raise StoreUnavailable(
                    f"another process has {file.name} ({file.path}) open",
                    hint="the next trigger tries again; readers should open the file with read_only and close it",
                ) from error
            sleep(_AGAIN)


def rows(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> list[Row]:
    """All rows of a statement."""
    found: list[Row] = connection.execute(sql, list(values)).fetchall()
    return found


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
