"""What the platform remembers: batches with what they left, and results of jobs."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import duckdb
from attrs import asdict, frozen

from datasurface.milestoning.strategy import Fingerprint
from datasurface.results import BatchState, BatchStatus, DatasetCounts, JobFailure, JobResult
from datasurface_duckdb.statements import statement
from datasurface_duckdb.store import rows

_ALL = 1 << 31


@frozen
class KeptBatch:
    """A batch as commands show it, with the fingerprints that it left."""

    state: BatchState
    left: Mapping[str, Fingerprint]


@frozen
class Records:
    """The records of one platform, on a connection; written in whatever transaction is open there."""

    connection: duckdb.DuckDBPyConnection
    schema: str

    def ensure(self) -> None:
        """Make their tables exist."""
        for sql in self._sql("create_records").split(";"):
            self.connection.execute(sql)

    def batches(self, stream: str, last: int = _ALL) -> Sequence[KeptBatch]:
        """The newest batches of a stream, newest first."""
        return [_read(stream, row) for row in rows(self.connection, self._sql("batches"), [stream, last])]

    def keep(self, batch: KeptBatch) -> None:
        """Write a batch, in the place of the one that has its number."""
        state = batch.state
        values = [
            state.stream,
            state.batch,
            state.status.value,
            state.started_at.isoformat(),
            state.committed_at.isoformat() if state.committed_at else None,
            state.generation,
            state.commit,
            json.dumps({name: asdict(counts) for name, counts in state.datasets.items()}),
            json.dumps({name: [left.rows, left.xor, left.recipe] for name, left in batch.left.items()}),
            json.dumps(asdict(state.error)) if state.error else None,
        ]
        self.connection.execute(self._sql("keep_batch"), values)

    def keep_result(self, result: JobResult) -> None:
        """Write a result record, in the place of the one of that run."""
        document = json.dumps(result.document())
        self.connection.execute(self._sql("keep_result"), [result.stream, result.run_id, document])

    def _sql(self, block: str) -> str:
        return statement("platform.sql.j2", block, schema=self.schema)


def _read(stream: str, row: tuple[object, ...]) -> KeptBatch:
    number, status, started, committed, generation, commit, counts, left, error = row
    state = BatchState(
        stream,
        cast(int, number),
        BatchStatus(status),
        datetime.fromisoformat(str(started)),
        datetime.fromisoformat(str(committed)) if committed else None,
        {name: DatasetCounts(**each) for name, each in json.loads(str(counts)).items()},
        JobFailure(**json.loads(str(error))) if error else None,
        cast(int, generation),
        cast("str | None", commit),
    )
    return KeptBatch(state, {name: Fingerprint(*each) for name, each in json.loads(str(left)).items()})
