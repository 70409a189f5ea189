"""What a merge reads from: one moment of a source, whatever kind of database it is."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from psycopg2.extensions import connection as Connection

from datasurface_yellow.capture.window import Mark


class Bucket(NamedTuple):
    """Rows whose keys' hashes end with the same bits: their count, and the exclusive or of their row hashes."""

    rows: int
    xor: int


class SourceSnapshot(Protocol):
    """One open snapshot: every read sees the same moment of the source.

    Reads go straight into tables of the merge database's session that the snapshot was opened for. Hashes are those of
    the layouts of ``MergeTable``, wherever they are computed. JobError where a read fails.

    Attributes:
        identity: what the source calls this moment, for the log.
        wait_seconds: spent on waiting for the source's locks.
        read_seconds: spent on finding out what changed.
        transfer_seconds: spent on moving whole rows.
        marks: for each dataset of which only a part is shown, how far it is read then; a row that is not shown is no
            deleted one.
    """

    identity: str
    wait_seconds: float
    read_seconds: float
    transfer_seconds: float
    marks: dict[str, Mark]

    def fingerprint(self, dataset: str) -> Bucket:
        """All rows, counted and hashed as one bucket."""
        ...

    def buckets(self, dataset: str) -> Mapping[int, Bucket]:
        """All rows, counted and hashed by bucket of their key; empty buckets are missing."""
        ...

    def copy_keys(self, dataset: str, target: Connection, into: str, buckets: Sequence[int] | None = None) -> int:
        """Key and row hash of every row, or of those in some buckets, into a table of the target; the number of
        rows."""
        ...

    def copy_rows(
        self, dataset: str, target: Connection, into: str, batch: int, token: int, keys: Sequence[str] | None = None
    ) -> int:
        """Whole rows in staging's order: all, or those whose keys are given as one array literal per key column."""
        ...

    def copy_live(self, dataset: str, target: Connection, into: str, batch: int) -> int:
        """Whole rows in the order of a merge table's live rows."""
        ...

    def duplicate_keys(self, dataset: str) -> Sequence[tuple[object, ...]]:
        """Some keys that more than one row has, as text."""
        ...

    def nulls(self, dataset: str) -> Sequence[tuple[str, int, Sequence[tuple[object, ...]]]]:
        """For each required column that lacks values: its name, how many rows lack it, and some of their keys."""
        ...
