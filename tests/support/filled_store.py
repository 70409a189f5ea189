"""The store of the template for plugins, filled in by an author who has SQLite."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from datasurface.milestoning.kit import TextRow
from datasurface.milestoning.rows import Layout
from datasurface.model import Dataset
from datasurface.types import DataType


@frozen
class Stored:
    """A version of a row: its cells as texts, the hash of the row, the first batch that it was live in and the last."""

    row: TextRow
    hash: int
    batch_in: int
    batch_out: int


def stores(type_: DataType) -> bool:
    """Everything is stored as text."""
    return True


@contextmanager
def new_place() -> Iterator[str]:
    """A file in a folder that goes at the end."""
    with TemporaryDirectory() as folder:
        yield str(Path(folder) / "store.db")


class Store:
    """One connection."""

    def __init__(self, place: str) -> None:
        self.connection = sqlite3.connect(place, isolation_level=None)
        self.connection.execute("CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, text TEXT)")

    def begin(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.connection.execute("COMMIT")

    def rollback(self) -> None:
        self.connection.execute("ROLLBACK")

    def close(self) -> None:
        self.connection.close()

    def create(self, dataset: Dataset) -> bool:
        found = self.connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", [self._table(dataset)])
        if found.fetchone():
            return False
        columns = "key TEXT, row TEXT, hash INTEGER, batch_in INTEGER, batch_out INTEGER, PRIMARY KEY (key, batch_in)"
        self.connection.execute(f'CREATE TABLE "{self._table(dataset)}" ({columns})')
        return True

    def versions(self, dataset: Dataset) -> Iterable[Stored]:
        rows = self.connection.execute(f'SELECT row, hash, batch_in, batch_out FROM "{self._table(dataset)}"')  # noqa: S608 a name of ours
        return [Stored(tuple(json.loads(row)), *others) for row, *others in rows]

    def insert(self, dataset: Dataset, versions: Iterable[Stored]) -> None:
        self.connection.executemany(
            f'INSERT INTO "{self._table(dataset)}" VALUES (?, ?, ?, ?, ?)',  # noqa: S608 a name of ours
            [(self._key(dataset, it), json.dumps(it.row), it.hash, it.batch_in, it.batch_out) for it in versions],
        )

    def delete(self, dataset: Dataset, versions: Iterable[Stored]) -> None:
        self.connection.executemany(
            f'DELETE FROM "{self._table(dataset)}" WHERE key = ? AND batch_in = ?',  # noqa: S608 a name of ours
            [(self._key(dataset, each), each.batch_in) for each in versions],
        )

    def remember(self, name: str, text: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", [name, text])

    def recall(self, name: str) -> str | None:
        found = self.connection.execute("SELECT text FROM memory WHERE name = ?", [name]).fetchone()
        return str(found[0]) if found else None

    def _table(self, dataset: Dataset) -> str:
        return "t" + dataset.name.encode().hex()

    def _key(self, dataset: Dataset, version: Stored) -> str:
        return json.dumps(Layout.of(dataset.columns).key_of(version.row))
