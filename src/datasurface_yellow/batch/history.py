"""The batch log as operations on past batches read and mark it. Nothing here commits."""

from collections.abc import Sequence
from typing import cast

from attrs import frozen

from datasurface.milestoning.strategy import Batch
from datasurface.results import BatchStatus
from datasurface_yellow.batch.planning import LoggedBatch, LoggedDataset
from datasurface_yellow.batch.records import Records, counts_of, fingerprint_of, level_of
from datasurface_yellow.capture.window import mark_of
from datasurface_yellow.store.connection import Row, execute, one, rows
from datasurface_yellow.store.statements import statement


@frozen
class History:
    """The past of one stream."""

    records: Records

    def token(self) -> int:
        """The stream's fencing token, without locking it; 0 before the first batch."""
        found = one(self.records.session, self._sql("token"), self._key)
        return cast(int, found[0]) if found else 0

    def counter(self) -> int:
        """The newest number that was given to a batch; 0 before the first."""
        found = one(self.records.session, self._sql("counter"), self._key)
        return cast(int, found[0]) if found else 0

    def log_from(self, first: int) -> Sequence[LoggedBatch]:
        """The batches from a number on, in order."""
        found = rows(self.records.session, self._sql("log_from"), {**self._key, "first": first})
        return [_logged(row) for row in found]

    def replayable(self) -> Sequence[LoggedBatch]:
        """The batches that were rolled back, were not replayed since, and in whose place nothing else stands; in
        order."""
        return [_logged(row) for row in rows(self.records.session, self._sql("replayable"), self._key)]

    def roll_back(self, to: int) -> None:
        """Log that all committed batches after a number are taken back."""
        execute(self.records.session, self._sql("roll_back"), {**self._key, "to": to})

    def mark_replay(self, batch: Batch, former: int) -> None:
        """Log which batch another one merges again."""
        execute(self.records.session, self._sql("mark_replay"), {**self._key, "batch": batch.number, "former": former})

    @property
    def _key(self) -> dict[str, object]:
        return {"stream": self.records.stream}

    def _sql(self, name: str) -> str:
        names = self.records.names
        return statement("batch", "history.sql.j2", name, names=names, schema=names.schema)


def _logged(row: Row) -> LoggedBatch:
    number, status, schema_hash, snapshot, documents = cast(
        tuple[int, str, str, str | None, dict[str, dict[str, object]]], row
    )
    datasets = {
        name: LoggedDataset(
            counts_of(document),
            level_of(document),
            fingerprint_of(document, "before") if "before" in document else None,
            fingerprint_of(document),
            mark_of(document),
        )
        for name, document in documents.items()
    }
    return LoggedBatch(number, BatchStatus(status), schema_hash, snapshot, datasets)
