"""The merge strategy: one transaction of DuckDB stages, another one merges by MERGE INTO."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import duckdb
from attrs import define, field

from datasurface.errors import ReceiptMismatch, RefusedData
from datasurface.milestoning import laws
from datasurface.milestoning.rows import LIVE
from datasurface.milestoning.strategy import Batch, Capabilities, Fingerprint, Guard, Prepared, Staged, Undone
from datasurface.model import Dataset, Milestoning
from datasurface.results import DatasetCounts, LawCheck, Step
from datasurface_duckdb.rows import Extract, fingerprint, row_hash
from datasurface_duckdb.statements import quoted
from datasurface_duckdb.tables import StoredTable, text_columns

_CAREFUL_FROM = 100
"""Live rows from which a batch may delete half of them at most, where the model says nothing else."""


@define
class DuckDbMerge:
    """MergeStrategy on a connection. What it writes is in a transaction that it begins, until ``keep`` or ``commit``.

    Attributes:
        stream: names what is remembered of the stream: whether it was ever loaded.
        is_open: whether a transaction is open.
    """

    connection: duckdb.DuckDBPyConnection
    tables: Mapping[str, StoredTable]
    milestoning: Milestoning
    schema: str
    stream: str
    is_open: bool = field(default=False, kw_only=True)

    @property
    def capabilities(self) -> Capabilities:
        """It reads extracts: texts and their hashes, in parts."""
        return Capabilities(self.milestoning, "extract", self.milestoning is Milestoning.FORENSIC)

    def ensure(self) -> Sequence[Step]:
        """Two tables for each dataset, and one that says which streams were loaded."""
        self.begin()
        self._run(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.schema)}")
        self._run(f"CREATE TABLE IF NOT EXISTS {self._loaded} (stream VARCHAR PRIMARY KEY)")
        there = {
            name
            for (name,) in self._run(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = $1", [self.schema]
            ).fetchall()
        }
        steps = []
        for table in self.tables.values():
            if table.name not in there:
                self._run(table.sql("create_table"))
                self._run(table.sql("create_staging"))
                steps.append(Step("created table", table.place))
        return steps

    def is_new(self) -> bool:
        """Whether nothing was ever loaded."""
        self.begin()
        return self._one(f"SELECT count(*) FROM {self._loaded} WHERE stream = $1", [self.stream]) == (0,)  # noqa: S608 a quoted name

    def load(self, batch: Batch, source: Extract) -> Prepared:
        """All rows, straight into the tables."""
        self.begin()
        counts, left = {}, {}
        for name, table in self.tables.items():
            arrived = self._receive(table, source)
            self._run(table.sql("fill", live=LIVE), [batch.number])
            self._run(table.sql("drop_incoming"))
            left[name] = self._receipt(table, arrived)
            counts[name] = DatasetCounts(arrived.rows, inserted=arrived.rows)
        self._run(f"INSERT INTO {self._loaded} VALUES ($1)", [self.stream])  # noqa: S608 a quoted name
        return Prepared(batch, counts, left)

    def stage(
        self, dataset: Dataset, batch: Batch, source: Extract, before: Fingerprint | None, guard: Guard
    ) -> Staged:
        """Compare the source's rows with the live ones by hash; of a live table that was loaded empty likewise."""
        self.begin()
        table = self.tables[dataset.name]
        live = self._live(table)
        if before is not None and live != before:
            raise _mismatch(dataset.name, "the live rows are not what the last batch left")
        arrived = self._receive(table, source)
        self._run(table.sql("clear_staging"))
        self._run(table.sql("stage", live=LIVE), [batch.number])
        self._run(table.sql("drop_incoming"))
        found = self._staged(table)
        if not guard.allow_deletes:
            _check_deletes(dataset, live.rows, arrived.rows, found["D"])
        unchanged = arrived.rows - found["I"] - found["U"]
        return Staged(DatasetCounts(arrived.rows, found["I"], found["U"], found["D"], unchanged), arrived)

    def prepare(self, batch: Batch, staged: Mapping[str, Staged], before: Mapping[str, Fingerprint]) -> Prepared:
        """Merge what is staged, and look whether the live rows are the source's now."""
        self.begin()
        counts, left = {}, {}
        for name, found in staged.items():
            table = self.tables[name]
            counts[name] = self._merge(table, found.counts)
            self._run(table.sql("clear_staging"))
            left[name] = self._receipt(table, found.source)
        return Prepared(batch, counts, left)

    def _merge(self, table: StoredTable, expected: DatasetCounts) -> DatasetCounts:
        """What the statement itself says that it did."""
        changed = expected.updated + expected.deleted, expected.inserted + expected.updated
        if self.milestoning is Milestoning.FORENSIC:
            done = self._actions(table.sql("merge_forensic", live=LIVE))
            is_as_expected = (done["UPDATE"], done["INSERT"]) == changed
        else:
            done = self._actions(table.sql("merge_live", live=LIVE))
            is_as_expected = (done["UPDATE"] + done["DELETE"], done["UPDATE"] + done["INSERT"]) == changed
        if not is_as_expected:
            raise _mismatch(table.dataset.name, f"the merge did {dict(done)}, and {expected} was staged")
        return expected

    def _actions(self, sql: str) -> Counter[str]:
        result, done = self._run(sql), Counter[str]()
        while part := result.fetchmany(10_000):
            done.update(action for (action,) in part)
        return done

    def commit(self, prepared: Prepared, /, record: Callable[[], None]) -> None:
        """The record is written in the same transaction."""
        record()
        self.keep()

    def begin(self) -> None:
        """Begin a transaction, unless one is open."""
        if not self.is_open:
            self.connection.begin()
            self.is_open = True

    def keep(self) -> None:
        """Make durable what was done."""
        if self.is_open:
            self.connection.commit()
            self.is_open = False

    def abort(self) -> None:
        """Back to what is committed."""
        if self.is_open:
            self.is_open = False
            self.connection.rollback()

    def reset(self, batch: Batch) -> None:
        """Only one batch is ever staged."""
        self.begin()
        for table in self.tables.values():
            self._run(table.sql("clear_staging"))

    def rollback(
        self,
        to: int,
        before: Mapping[str, Fingerprint],
        after: Mapping[str, Fingerprint],
        record: Callable[[], None],
    ) -> Mapping[str, Undone]:
        """Drop what later batches opened, reopen what they closed."""
        self.begin()
        undone = {}
        for name, table in self.tables.items():
            removed = self._changed(table.sql("drop_later"), to)
            reopened = self._changed(table.sql("reopen", live=LIVE), to)
            if self._live(table) != after.get(name, fingerprint(0, 0)):
                raise _mismatch(name, f"the live rows would not be what batch {to} left")
            undone[name] = Undone(reopened, removed)
        record()
        self.keep()
        return undone

    def verify(self, dataset: Dataset, committed: Sequence[tuple[int, Fingerprint]]) -> Sequence[LawCheck]:
        """The laws by SQL, hashes that no longer fit their rows, and the live rows against the last receipt."""
        self.begin()
        table = self.tables[dataset.name]
        rows = int(self._one(table.sql("sums", of=table.place))[0])
        receipt = self._keys(table.sql("changed"), "changed behind the platform's back")
        if not receipt and committed and self._live(table) != committed[-1][1]:
            receipt = "the live rows are not what the last batch left"
        found = {
            laws.ONE_LIVE: self._keys(table.sql("several_live", live=LIVE), "several live versions"),
            laws.NO_OVERLAP: self._keys(table.sql("overlapping"), "versions overlap"),
            laws.ORDERED_ENDS: self._keys(table.sql("ends_before"), "versions end before they begin"),
            laws.RECEIPT: receipt,
        }
        return [
            LawCheck(law.id, law.statement, self.stream, dataset.name, not detail, rows, detail)
            for law, detail in found.items()
        ]

    def maintain(self) -> None:
        """DuckDB writes checkpoints by itself."""

    @property
    def _loaded(self) -> str:
        return f"{quoted(self.schema)}.{quoted('loaded streams')}"

    def _receive(self, table: StoredTable, source: Extract) -> Fingerprint:
        """The snapshot's rows in a temporary table, complete and fit to be stored; what the source says of them."""
        self._run(table.sql("create_incoming"))
        for rows in source.parts(table.dataset):
            hashes = [row_hash(row) for row in rows]
            self._run(table.sql("receive"), [*text_columns(rows, len(table.columns)), hashes])
        incoming = self._fingerprint(table.sql("sums", of=quoted(table.name + " incoming")))
        said = source.sums[table.dataset.name]
        if incoming != said:
            raise _mismatch(table.dataset.name, "the source sent other rows than it said")
        if self._one(table.sql("missing")) != (0,):
            raise _refused(table.dataset, "NULL in a column that the model calls not nullable")
        for column in table.columns:
            if column.type != "VARCHAR" and self._one(table.sql("unstorable", column=column)) != (0,):
                raise _refused(table.dataset, f"{column.type} of DuckDB cannot keep every value of {column.name}")
        if self._one(table.sql("repeated")) != (0,):
            raise _refused(table.dataset, "more than one row with the same key")
        return said

    def _receipt(self, table: StoredTable, source: Fingerprint) -> Fingerprint:
        live = self._live(table)
        if live != source:
            raise _mismatch(table.dataset.name, "the live rows would not be the source's")
        return live

    def _live(self, table: StoredTable) -> Fingerprint:
        return self._fingerprint(table.sql("live_sums", live=LIVE))

    def _fingerprint(self, sql: str) -> Fingerprint:
        rows, hashes = self._one(sql)
        return fingerprint(int(rows), int(hashes))

    def _staged(self, table: StoredTable) -> Counter[str]:
        return Counter(dict(self._run(table.sql("staged")).fetchall()))

    def _keys(self, sql: str, what: str) -> str:
        keys = self._run(sql).fetchall()
        return f"{what}: {keys}" if keys else ""

    def _changed(self, sql: str, number: int) -> int:
        return int(self._one(sql, [number])[0])

    def _one(self, sql: str, values: Sequence[object] = ()) -> tuple[int, ...]:
        row: tuple[int, ...] | None = self._run(sql, values).fetchone()
        if row is None:
            raise TypeError(f"no row came of {sql}")
        return row

    def _run(self, sql: str, values: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(sql, list(values))


def _check_deletes(dataset: Dataset, before: int, read: int, deleted: int) -> None:
    if before and not read:
        raise _refused(dataset, "no rows where there were some")
    fraction = dataset.max_delete_fraction
    if fraction is None:
        fraction = 0.5 if before > _CAREFUL_FROM else 1.0
    if before and deleted / before > fraction:
        raise _refused(dataset, f"{deleted} of {before} rows would be deleted")


def _refused(dataset: Dataset, what: str) -> RefusedData:
    hint = "mend the source or the model, or allow deletes for one batch where that was the cause"
    return RefusedData(f"the snapshot of {dataset.name} was refused: {what}", hint=hint, dataset=dataset.name)


def _mismatch(dataset: str, what: str) -> ReceiptMismatch:
    return ReceiptMismatch(f"{what}; nothing was committed", hint="the next trigger reads again", dataset=dataset)
