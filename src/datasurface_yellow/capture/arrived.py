"""Snapshots of sources that can only send their rows: each dataset comes whole into a temporary table of the merge
database, and is hashed and compared there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Protocol, cast

from attrs import Factory, define, field
from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from psycopg2.extensions import connection as Connection

from datasurface_yellow.capture.nulls import null_columns
from datasurface_yellow.capture.source import Bucket
from datasurface_yellow.capture.window import Mark
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.masking import SHOWN_KEYS
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


class SentRows(Protocol):
    """One open snapshot of a source that does no more than send rows."""

    @property
    def identity(self) -> str:
        """What the source calls this moment, for the log."""
        ...

    @property
    def wait_seconds(self) -> float:
        """Spent on waiting for the source's locks."""
        ...

    @property
    def marks(self) -> dict[str, Mark]:
        """How far the datasets are read of which only a part is sent."""
        ...

    def copy_all(self, table: MergeTable, target: Connection, into: str) -> int:
        """Every row of a dataset into a table with its columns in their order; the number of rows. An error where not
        all of them came, or where one holds what the columns cannot."""
        ...


@define
class ArrivedSnapshot:
    """SourceSnapshot over rows that were sent. A dataset comes when it is first asked for."""

    source: SentRows
    target: Connection
    tables: Sequence[MergeTable]
    identity: str = Factory(lambda self: self.source.identity, takes_self=True)
    wait_seconds: float = Factory(lambda self: self.source.wait_seconds, takes_self=True)
    read_seconds: float = field(default=0.0)
    transfer_seconds: float = field(default=0.0)
    marks: dict[str, Mark] = Factory(lambda self: self.source.marks, takes_self=True)
    _arrived: dict[str, str] = field(factory=dict)
    _pieces: dict[str, int] = field(factory=dict)

    def fingerprint(self, dataset: str) -> Bucket:
        """All rows, counted and hashed as one bucket."""
        [sums] = self._sums("fingerprint", dataset)
        return Bucket(*sums)

    def buckets(self, dataset: str) -> Mapping[int, Bucket]:
        """All rows, counted and hashed by bucket of their key."""
        return {bucket: Bucket(count, xor) for bucket, count, xor in self._sums("buckets", dataset)}

    def _sums(self, name: str, dataset: str) -> Sequence[tuple[int, ...]]:
        query = self._statement(name, dataset)
        with self._reading():
            return cast(Sequence[tuple[int, ...]], rows(self.target, query))

    def copy_keys(self, dataset: str, target: Connection, into: str, buckets: Sequence[int] | None = None) -> int:
        """Key and row hash of every row, or of those in some buckets, into a table; the number of rows."""
        name, parameters = ("keys", None) if buckets is None else ("keys_of_buckets", {"buckets": list(buckets)})
        query = self._statement(name, dataset)
        with self._reading():
            return _insert(target, into, query, parameters)

    def copy_rows(
        self, dataset: str, target: Connection, into: str, batch: int, token: int, keys: Sequence[str] | None = None
    ) -> int:
        """Whole rows in staging's order: all, or those whose keys are given as one array literal per key column."""
        query = self._statement("rows" if keys is None else "rows_of_keys", dataset)
        parameters: dict[str, object] = {"batch": batch, "token": token}
        parameters |= {f"keys{index}": literal for index, literal in enumerate(keys or ())}
        with self._moving():
            if keys is not None:
                self._expect_pieces(dataset)
            return _insert(target, into, query, parameters)

    def copy_live(self, dataset: str, target: Connection, into: str, batch: int) -> int:
        """Whole rows in the order of a merge table's live rows."""
        query = self._statement("live_rows", dataset)
        with self._moving():
            return _insert(target, into, query, {"batch": batch})

    def duplicate_keys(self, dataset: str) -> Sequence[tuple[object, ...]]:
        """Some keys that more than one row has."""
        return self._some("duplicate_keys", dataset)

    def nulls(self, dataset: str) -> Sequence[tuple[str, int, Sequence[tuple[object, ...]]]]:
        """For each required column that lacks values: its name, how many rows lack it, and some of their keys."""
        return null_columns(self._table(dataset), lambda name, /, **context: self._some(name, dataset, **context))

    def _some(self, name: str, dataset: str, **context: object) -> Sequence[tuple[object, ...]]:
        if self.target.info.transaction_status == TRANSACTION_STATUS_INERROR:
            execute(self.target, _arrived("back"))
        return rows(self.target, self._statement(name, dataset, **context), {"limit": SHOWN_KEYS})

    def _statement(self, name: str, dataset: str, **context: object) -> str:
        """A statement of the source's, on the table of the rows that came."""
        table = self._table(dataset)
        return statement(
            "capture",
            "source.sql.j2",
            name,
            table=self._place(dataset),
            columns=table.columns,
            keys=table.keys,
            key_types=tuple(key.type.base for key in table.keys),
            forensic=table.is_forensic,
            **context,
        )

    def _place(self, dataset: str) -> str:
        """Where a dataset's rows stand; fetched when they do not yet."""
        if dataset not in self._arrived:
            with self._moving():
                self._arrived[dataset] = self._fetch(self._table(dataset), f"ds_surf_arrived_{len(self._arrived)}")
        return self._arrived[dataset]

    def _fetch(self, table: MergeTable, name: str) -> str:
        execute(self.target, _arrived("drop", name=name))
        execute(self.target, _arrived("create", name=name, columns=table.columns))
        place = qualified("pg_temp", name)
        self.source.copy_all(table, self.target, place)
        execute(self.target, _arrived("savepoint"))
        return place

    def _expect_pieces(self, dataset: str) -> None:
        """The first piece may be the only one and is found without an index; the second has one made."""
        place = self._place(dataset)
        self._pieces[dataset] = self._pieces.get(dataset, 0) + 1
        if self._pieces[dataset] == 2:
            execute(self.target, _arrived("index", table=place, keys=self._table(dataset).keys))
            execute(self.target, _arrived("analyze", table=place))

    def _table(self, dataset: str) -> MergeTable:
        return next(table for table in self.tables if table.name == dataset)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        begun = monotonic()
        yield
        self.read_seconds += monotonic() - begun

    @contextmanager
    def _moving(self) -> Iterator[None]:
        begun = monotonic()
        yield
        self.transfer_seconds += monotonic() - begun


def _insert(target: Connection, into: str, query: str, parameters: Mapping[str, object] | None) -> int:
    return execute(target, f"INSERT INTO {into} {query}", parameters)


def _arrived(block: str, /, **context: object) -> str:
    return statement("capture", "arrived.sql.j2", block, **context)
