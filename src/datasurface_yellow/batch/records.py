"""The records of a stream's batches: counter, log and results. Reads and writes; every decision is made elsewhere."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import cast

import psycopg2
from attrs import asdict, frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import Fenced, StreamBusy
from datasurface.milestoning.rows import LIVE
from datasurface.milestoning.strategy import Batch, Fingerprint, Prepared, Staged
from datasurface.results import (
    BatchState,
    BatchStatus,
    DatasetCounts,
    JobFailure,
    JobResult,
    JobSeconds,
)
from datasurface_yellow.batch.state import LastBatch
from datasurface_yellow.capture.window import Mark, mark_document, mark_of
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import Row, execute, one, rows
from datasurface_yellow.store.statements import statement


@frozen
class StreamSchema:
    """The schema that a batch is read under: its hash, and its columns (dataset to column to type) for people."""

    hash: str
    columns: dict[str, dict[str, str]]


@frozen
class Records:
    """The records of one stream in one session of the merge database. Nothing here commits."""

    session: Connection
    names: PlatformNames
    stream: str

    def take(self) -> None:
        """Take the stream for this session; StreamBusy when another session has it."""
        if one(self.session, self._sql("try_lock"), {"key": self._lock_key}) == (True,):
            return
        raise self._busy(self._lock_holder())

    def take_until_commit(self) -> None:
        """Take the stream for this transaction, and wait for it as long as the session waits for locks; StreamBusy when
        another session still has it."""
        execute(self.session, "SAVEPOINT take")
        try:
            one(self.session, self._sql("lock_until_commit"), {"key": self._lock_key})
        except psycopg2.errors.LockNotAvailable as error:
            execute(self.session, "ROLLBACK TO SAVEPOINT take")
            raise self._busy(self._lock_holder()) from error

    def busy(self) -> StreamBusy | None:
        """What who takes the stream now would get, without a lock; None where nobody has it."""
        holder = self._lock_holder()
        return None if holder is None else self._busy(holder)

    def _busy(self, holder: tuple[str, datetime | None] | None) -> StreamBusy:
        who = f" ({_described(*holder)})" if holder else ""
        return StreamBusy(
            f"another job works on stream {self.stream} of {self.names.platform}{who}; this one touched nothing",
            hint="wait for it to end; if it hangs, end its session in the merge database",
        )

    def unlock(self) -> None:
        """Let go of the stream. A server may notice later that a session has ended, and the next job would find the
        stream busy until then."""
        with suppress(psycopg2.Error):
            self.session.rollback()
            execute(self.session, self._sql("unlock"), {"key": self._lock_key})
            self.session.commit()

    def _lock_holder(self) -> tuple[str, datetime | None] | None:
        """The name and start of the session that has the stream; the server keeps the start from other roles."""
        return cast(
            tuple[str, datetime | None] | None, one(self.session, self._sql("lock_holder"), {"key": self._lock_key})
        )

    @property
    def _lock_key(self) -> int:
        return lock_key(self.names, self.stream)

    def lock_counter(self) -> tuple[int, int]:
        """Lock the counter row until the transaction ends; the current batch and token (0, 0 before the first
        batch)."""
        found = one(self.session, self._sql("lock_counter"), self._key)
        if found is None:
            execute(self.session, self._sql("create_counter"), self._key)
            found = one(self.session, self._sql("lock_counter"), self._key)
        return cast(tuple[int, int], found)

    def fence(self, batch: Batch) -> None:
        """Lock the counter row; Fenced when a later job took the stream over."""
        if self.lock_counter() != (batch.number, batch.token):
            raise Fenced(
                f"a later job took stream {self.stream} over while batch {batch.number} was at work",
                hint="nothing to do: that job does the work; this one wrote nothing",
            )

    def newest(self) -> LastBatch | None:
        """The newest batch."""
        found = one(self.session, self._sql("newest"), self._key)
        if found is None:
            return None
        number, status, schema_hash, columns, failures, repair = cast(
            tuple[int, str, str, dict[str, dict[str, str]], int, bool], found
        )
        return LastBatch(number, BatchStatus(status), schema_hash, columns, failures, repair)

    def advance(self, batch: Batch) -> None:
        """Make batch and token the current ones."""
        execute(self.session, self._sql("advance_counter"), {**self._key, "batch": batch.number, "token": batch.token})

    def start(self, batch: Batch, run_id: str, generation: int, commit: str | None, schema: StreamSchema) -> None:
        """Log that the batch begins, or begins again."""
        execute(
            self.session,
            self._sql("start"),
            {
                **self._batch(batch),
                "run_id": run_id,
                "generation": generation,
                "commit": commit,
                "schema_hash": schema.hash,
                "schema_columns": json.dumps(schema.columns),
            },
        )

    def ingested(
        self,
        batch: Batch,
        staged: Mapping[str, Staged],
        marks: Mapping[str, Mark],
        seconds: JobSeconds,
        source_snapshot: str,
    ) -> None:
        """Log what was staged."""
        documents = {
            name: dataset_document(found.counts, found.source, found.level, marks.get(name))
            for name, found in staged.items()
        }
        self._write("ingested", batch, documents, seconds, source_snapshot=source_snapshot)

    def committed(
        self,
        prepared: Prepared,
        before: Mapping[str, Fingerprint],
        marks: Mapping[str, Mark],
        run_id: str,
        seconds: JobSeconds,
        source_snapshot: str | None,
    ) -> None:
        """Log that the batch is merged. In the transaction that merges it.

        ``before``: what the last batch left; a dataset that is missing was empty. ``marks``: how far the datasets are
        read now.
        """
        documents = {
            name: {
                **dataset_document(prepared.counts[name], left, prepared.levels.get(name, ""), marks.get(name)),
                "before": fingerprint_document(before.get(name, Fingerprint(0, 0, left.recipe))),
            }
            for name, left in prepared.fingerprints.items()
        }
        self._write("committed", prepared.batch, documents, seconds, source_snapshot=source_snapshot, run_id=run_id)

    def failed(self, batch: Batch, error: JobFailure, status: BatchStatus | None, *, mismatch: bool) -> None:
        """Log why the batch could not be done; its status stays unless one is given."""
        execute(
            self.session,
            self._sql("failed"),
            {
                **self._batch(batch),
                "error": json.dumps(asdict(error)),
                "status": status.value if status else None,
                "mismatch": int(mismatch),
            },
        )

    def give_reason(self, batch: Batch, reason: str) -> None:
        """Log why the batch is no plain one."""
        execute(self.session, self._sql("give_reason"), {**self._batch(batch), "reason": reason})

    def reset(self, batch: Batch) -> None:
        """Log that the batch starts afresh."""
        execute(self.session, self._sql("reset"), self._batch(batch))

    def order_repair(self, batch: Batch) -> None:
        """Log that the batch, which has begun, will mend the merge tables."""
        execute(self.session, self._sql("order_repair"), self._batch(batch))

    def repaired(self, batch: Batch, found: str) -> None:
        """Log what a repair came upon. In the transaction that merges it."""
        execute(self.session, self._sql("repaired"), {**self._batch(batch), "found": found})

    def result(self, result: JobResult) -> None:
        """Store the result record under its run id."""
        execute(
            self.session,
            self._sql("result"),
            {
                **self._key,
                "run_id": result.run_id,
                "batch": result.batch,
                "code": int(result.code),
                "document": json.dumps(result.document()),
            },
        )

    def staged(self, batch: Batch) -> tuple[dict[str, Staged], dict[str, Mark], JobSeconds]:
        """What an ingested batch found, as logged, how far it read, and the seconds that it took."""
        found = cast(
            tuple[dict[str, dict[str, object]], dict[str, float]],
            one(self.session, self._sql("ingested_datasets"), self._batch(batch)),
        )
        staged = {
            name: Staged(counts_of(document), fingerprint_of(document), level_of(document))
            for name, document in found[0].items()
        }
        return staged, _marks(found[0]), JobSeconds(**found[1])

    def last_fingerprints(self, datasets: Iterable[str], *, up_to: int = LIVE - 1) -> dict[str, Fingerprint]:
        """What the last committed batch with each dataset left of it; datasets that were never merged are missing.

        ``up_to``: of the batches up to this one.
        """
        return {name: fingerprint_of(document) for name, (document, _) in self._last(datasets, up_to).items()}

    def last_changes(self, datasets: Iterable[str]) -> dict[str, int]:
        """How many rows the last committed batch changed in each dataset that had rows before it."""
        counts = {
            name: counts_of(document)
            for name, (document, _) in self._last(datasets, LIVE - 1).items()
            if fingerprint_of(document, "before").rows
        }
        return {name: found.inserted + found.updated + found.deleted for name, found in counts.items()}

    def has_read(self, dataset: str, columns: Iterable[str]) -> bool:
        """Whether a committed batch has read one of these columns."""
        parameters = {**self._key, "dataset": dataset, "columns": list(columns)}
        return one(self.session, self._sql("has_read"), parameters) == (True,)

    def last_marks(self, datasets: Iterable[str], schema_hash: str) -> dict[str, Mark]:
        """How far the last committed batch with each dataset has read it. Datasets that were read whole are missing,
        and those that were read under another schema: a column that was added since has values in rows of any
        watermark."""
        last = self._last(datasets, LIVE - 1)
        return _marks({name: document for name, (document, schema) in last.items() if schema == schema_hash})

    def _last(self, datasets: Iterable[str], up_to: int) -> dict[str, tuple[dict[str, object], str]]:
        """What the last committed batch with each dataset logged of it, of the batches up to one, and the hash of the
        schema that the batch was read under."""
        found = (
            (name, one(self.session, self._sql("last_committed"), {**self._key, "dataset": name, "up_to": up_to}))
            for name in datasets
        )
        return {name: cast(tuple[dict[str, object], str], row) for name, row in found if row is not None}

    def all_committed(self) -> Sequence[tuple[int, dict[str, dict[str, object]]]]:
        """Every committed batch in order, with its documents per dataset."""
        return cast(
            Sequence[tuple[int, dict[str, dict[str, object]]]],
            rows(self.session, self._sql("all_committed"), self._key),
        )

    def history(self, last: int) -> Sequence[BatchState]:
        """The newest batches, newest first."""
        return [
            batch_state(self.stream, row)
            for row in rows(self.session, self._sql("history"), {**self._key, "last": last})
        ]

    def _write(
        self, name: str, batch: Batch, documents: Mapping[str, object], seconds: JobSeconds, **more: str | None
    ) -> None:
        execute(
            self.session,
            self._sql(name),
            {**self._batch(batch), "datasets": json.dumps(documents), "seconds": json.dumps(asdict(seconds)), **more},
        )

    @property
    def _key(self) -> dict[str, object]:
        return {"stream": self.stream}

    def _batch(self, batch: Batch) -> dict[str, object]:
        return {"stream": self.stream, "batch": batch.number}

    def _sql(self, name: str) -> str:
        return statement("batch", "records.sql.j2", name, names=self.names, schema=self.names.schema)


def lock_key(names: PlatformNames, stream: str) -> int:
    """The number of the lock that whoever works on a stream holds."""
    text = f"{names.schema}/{names.batch_counter}/{stream}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def _described(application: str, since: datetime | None) -> str:
    return application if since is None else f"{application}, since {since:%Y-%m-%d %H:%M:%S} UTC"


def dataset_document(
    counts: DatasetCounts, fingerprint: Fingerprint, level: str, mark: Mark | None = None
) -> dict[str, object]:
    """One dataset in the batch log."""
    found = {**asdict(counts), "level": level, "fingerprint": fingerprint_document(fingerprint)}
    return found if mark is None else {**found, "watermark": mark_document(mark)}


def _marks(documents: Mapping[str, Mapping[str, object]]) -> dict[str, Mark]:
    found = ((name, mark_of(document)) for name, document in documents.items())
    return {name: mark for name, mark in found if mark is not None}


def fingerprint_document(fingerprint: Fingerprint) -> dict[str, object]:
    """A fingerprint in the batch log. Hashes are text: JSON readers lose whole numbers beyond 2^53."""
    found: dict[str, object] = {
        "rows": fingerprint.rows,
        "xor": str(fingerprint.xor),
        "recipe": fingerprint.recipe,
    }
    if fingerprint.versions is not None:
        found["versions"] = str(fingerprint.versions)
    return found


def level_of(document: Mapping[str, object]) -> str:
    """How the dataset's changes were found; '' in the logs of programs that knew one way."""
    return str(document.get("level", ""))


def erased_of(document: Mapping[str, object]) -> int:
    """How many of the rows that the batch left were erased since, where its other counts do not say it."""
    return int(str(document.get("erased", 0)))


def batch_state(stream: str, row: Row) -> BatchState:
    """A batch as the block ``history`` reads it."""
    batch, status, started, committed, documents, error, generation, commit, reason = cast(
        tuple[
            int,
            str,
            datetime,
            datetime | None,
            dict[str, dict[str, object]],
            dict[str, str | None] | None,
            int,
            str | None,
            str | None,
        ],
        row,
    )
    return BatchState(
        stream=stream,
        batch=batch,
        status=BatchStatus(status),
        started_at=started,
        committed_at=committed,
        datasets={name: counts_of(document) for name, document in documents.items()},
        error=failure_of(error),
        generation=generation,
        commit=commit,
        reason=reason,
    )


def failure_of(error: Mapping[str, str | None] | None) -> JobFailure | None:
    """Why a job was not done, as logged; None where nothing is."""
    return JobFailure(str(error["type"]), str(error["message"]), error["dataset"], error["hint"]) if error else None


def counts_of(document: Mapping[str, object]) -> DatasetCounts:
    """The counts in a logged document."""
    return DatasetCounts(
        *(int(str(document[name])) for name in ("read", "inserted", "updated", "deleted", "unchanged"))
    )


def fingerprint_of(document: Mapping[str, object], which: str = "fingerprint") -> Fingerprint:
    """The fingerprint in a logged document: the one that the batch left, or what was there ``before``."""
    found = cast(dict[str, str | int], document[which])
    versions = int(found["versions"]) if "versions" in found else None
    return Fingerprint(int(found["rows"]), int(found["xor"]), str(found["recipe"]), versions=versions)
