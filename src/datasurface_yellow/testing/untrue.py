"""Snapshots of sources that do not tell the truth."""

from collections.abc import Mapping

from psycopg2.extensions import connection as Connection

from datasurface.milestoning.kit import Lie
from datasurface_yellow.capture.postgres import PostgresSnapshot
from datasurface_yellow.capture.source import Bucket
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.statements import statement


class UntrueSnapshot(PostgresSnapshot):
    """Says something else of one dataset than it gives: in its sums, or with the rows of a first load."""

    lie: Lie
    about: str

    @classmethod
    def of(cls, true: PostgresSnapshot, lie: Lie, about: str) -> "UntrueSnapshot":
        """The same snapshot, with a lie about this dataset."""
        untrue = cls(true.connection, true.tables, true.identity, true.encoding, true.wait_seconds)
        untrue.lie, untrue.about = lie, about
        return untrue

    def fingerprint(self, dataset: str) -> Bucket:
        """The sums are others."""
        found = super().fingerprint(dataset)
        return self._other(found) if dataset == self.about else found

    def buckets(self, dataset: str) -> Mapping[int, Bucket]:
        """The first bucket is another one."""
        found = dict(super().buckets(dataset))
        if dataset == self.about:
            found[min(found)] = self._other(found[min(found)])
        return found

    def _other(self, sums: Bucket) -> Bucket:
        return Bucket(sums.rows + 1, sums.xor) if self.lie is Lie.COUNT else Bucket(sums.rows, sums.xor ^ 1)

    def copy_live(self, dataset: str, target: Connection, into: str, batch: int) -> int:
        """One row more than came, or another hash with one of them."""
        count = super().copy_live(dataset, target, into, batch)
        if dataset != self.about:
            return count
        if self.lie is Lie.COUNT:
            return count + 1
        execute(target, statement("testing", "kit.sql.j2", "change_a_hash", t=self.tables[dataset].table))
        return count
