"""The merge strategies on PostgreSQL: live and forensic differ in how a live row is closed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.milestoning.strategy import Batch, Capabilities, Fingerprint, Guard, Prepared, Staged, Undone
from datasurface.model import Dataset, Milestoning
from datasurface.results import DatasetCounts, LawCheck, Step
from datasurface_yellow.capture.source import SourceSnapshot
from datasurface_yellow.merge.changed_keys import changed_keys
from datasurface_yellow.merge.descent import Level
from datasurface_yellow.merge.receipt import Merged, check_load, check_merge, counts_of
from datasurface_yellow.merge.refusals import refuse_values
from datasurface_yellow.merge.rollback import restage, roll_back, staged, touched
from datasurface_yellow.merge.verify import verify_table
from datasurface_yellow.merge.window import changed_in_window
from datasurface_yellow.store.catalog import relation_exists
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

WALKED = 0.1
"""Above this part of the live rows it costs less to walk through all of them than to look each up in the index."""
MOST = 0.5
"""Above this part of the live rows they are walked through in the order of their keys."""


@frozen
class PostgresMerge:
    """MergeStrategy for the datasets of one stream, all of one milestoning, in one session of the merge database.

    Attributes:
        keep_batches: committed batches that keep their staging.
        make_tables: makes the tables of a dataset exist, in the session's transaction: DDL is the platform's.
    """

    session: Connection
    stream: str
    tables: Sequence[MergeTable]
    milestoning: Milestoning
    keep_batches: int
    make_tables: Callable[[Connection, MergeTable], Iterable[Step]]

    @property
    def capabilities(self) -> Capabilities:
        """COPY streams in; the past only where it is kept."""
        return Capabilities(self.milestoning, "copy", self.milestoning is Milestoning.FORENSIC, merges_parts=True)

    def ensure(self) -> Sequence[Step]:
        """Make the tables exist."""
        return [step for table in self.tables for step in self.make_tables(self.session, table)]

    def is_new(self) -> bool:
        """Whether every table is empty and was never loaded."""
        return all(
            one(self.session, _sql("is_empty", table)) == (True,) and not self._has_index(table)
            for table in self.tables
        )

    def load(self, batch: Batch, source: SourceSnapshot) -> Prepared:
        """COPY straight into the empty tables, then build the indexes, then compare the fingerprints."""
        counts, fingerprints = {}, {}
        for table in self.tables:
            with self._refusing(table, source):
                read = source.copy_live(table.name, self.session, _sql("into_live", table), batch.number)
                execute(self.session, _sql("create_live_indexes", table))
            found = cast(tuple[int, int, int, int], one(self.session, _sql("loaded_fingerprint", table)))
            fingerprints[table.name] = check_load(table.name, read, found, table.recipe)
            counts[table.name] = counts_of(read, read, 0, 0)
        return Prepared(batch, counts, fingerprints, dict.fromkeys(counts, Level.LOAD.value))

    def stage(
        self, dataset: Dataset, batch: Batch, source: SourceSnapshot, before: Fingerprint | None, guard: Guard
    ) -> Staged:
        """Keep what changed in the staging table, under the batch's number."""
        table = self._table(dataset.name)
        keep_from = batch.number - self.keep_batches
        execute(self.session, _stage("clear_staging", table), {"batch": batch.number, "keep_from": keep_from})
        with self._refusing(table, source):
            if guard.is_partial:
                return changed_in_window(self.session, table, batch, source, before)
            return changed_keys(self.session, table, batch, source, before, guard)

    def prepare(self, batch: Batch, staged: Mapping[str, Staged], before: Mapping[str, Fingerprint]) -> Prepared:
        """Close and open versions for all datasets, in this session's transaction."""
        counts, fingerprints = {}, {}
        for name, found in staged.items():
            table = self._table(name)
            if not self._has_index(table):
                execute(self.session, _sql("create_live_indexes", table))
            former = before.get(name, Fingerprint(0, 0, table.recipe, versions=0))
            merged = self._merge(table, batch, found.counts, former.rows)
            counts[name], fingerprints[name] = check_merge(name, found, former, merged)
        return Prepared(batch, counts, fingerprints, {name: found.level for name, found in staged.items()})

    def _merge(self, table: MergeTable, batch: Batch, wanted: DatasetCounts, live: int) -> Merged:
        parameters = {"batch": batch.number}
        part = (wanted.updated + wanted.deleted) / live if live else 0.0
        execute(self.session, _sql("plan", table, many=part > WALKED, most=part > MOST))
        close = "close_forensic" if table.is_forensic else "close_live"
        closed = cast(tuple[int, int, int, int], one(self.session, _sql(close, table), parameters))
        opening = _sql("open", table, in_key_order=part > WALKED)
        opened = cast(tuple[int, int, int], one(self.session, opening, parameters))
        return Merged(*closed, *opened)

    def commit(self, _prepared: Prepared, record: Callable[[], None]) -> None:
        """The record and the merge become visible in one COMMIT."""
        record()
        self.session.commit()

    def abort(self) -> None:
        """Roll back."""
        self.session.rollback()

    def reset(self, batch: Batch) -> None:
        """Clear the batch's staging."""
        for table in self.tables:
            execute(self.session, _sql("clear_batch", table), {"batch": batch.number})

    def rollback(
        self,
        to: int,
        before: Mapping[str, Fingerprint],
        after: Mapping[str, Fingerprint],
        record: Callable[[], None],
    ) -> Mapping[str, Undone]:
        """Take every table back in this session's transaction, and commit with the record."""
        undone = {}
        for table in self.tables:
            empty = Fingerprint(0, 0, table.recipe, versions=0)
            former, left = before.get(table.name, empty), after.get(table.name, empty)
            undone[table.name] = roll_back(self.session, table, to, former, left)
        record()
        self.session.commit()
        return undone

    def touched(self, to: int) -> Mapping[str, Undone]:
        """What a rollback to a batch would do, per dataset."""
        return {table.name: touched(self.session, table, to) for table in self.tables}

    def staged(self, batch: int) -> Mapping[str, tuple[int, int]]:
        """How many changed rows and deleted keys a batch has staged, per dataset."""
        return {table.name: staged(self.session, table, batch) for table in self.tables}

    def restage(self, former: int, batch: Batch) -> None:
        """Put what a rolled back batch has staged under the number of the batch that merges it again."""
        for table in self.tables:
            restage(self.session, table, former, batch)

    def verify(self, dataset: Dataset, committed: Sequence[tuple[int, Fingerprint]]) -> Sequence[LawCheck]:
        """Check the laws on the real table."""
        return verify_table(self.session, self.stream, self._table(dataset.name), committed)

    def maintain(self) -> None:
        """Renew the planner's statistics: autovacuum never looks at a partitioned parent."""
        for table in self.tables:
            execute(self.session, _sql("analyze", table))
        self.session.commit()

    def _table(self, name: str) -> MergeTable:
        return next(table for table in self.tables if table.name == name)

    def _has_index(self, table: MergeTable) -> bool:
        return relation_exists(self.session, table.schema, table.key_index)

    @contextmanager
    def _refusing(self, table: MergeTable, source: SourceSnapshot) -> Iterator[None]:
        try:
            yield
        except psycopg2.IntegrityError as error:
            refuse_values(table, source, error)


def _sql(name: str, table: MergeTable, **context: object) -> str:
    return statement("merge", "merge.sql.j2", name, t=table, **context)


def _stage(name: str, table: MergeTable) -> str:
    return statement("merge", "stage.sql.j2", name, t=table)
