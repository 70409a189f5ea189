"""What an operator can do to the batches of a stream: give up, take back, merge again.

Each operation holds the stream's lock, takes a new token under the locked counter row, and is one transaction; a replay
is one for each batch. Each has a preview that says what it would do and changes nothing.
"""

from collections.abc import Mapping, Sequence
from time import monotonic

from attrs import evolve, frozen

from datasurface.errors import BatchStuck, Fenced, OperationRefused
from datasurface.milestoning.strategy import Batch, Fingerprint, Staged
from datasurface.results import (
    BatchState,
    BatchStatus,
    Consumer,
    DatasetPreview,
    JobSeconds,
    Preview,
)
from datasurface_yellow.batch.history import History
from datasurface_yellow.batch.planning import (
    LoggedBatch,
    check_recipes,
    check_staged,
    plan_repair,
    plan_replay,
    plan_rollback,
)
from datasurface_yellow.batch.records import Records
from datasurface_yellow.batch.store import StreamStore
from datasurface_yellow.store.horizons import read_horizons


@frozen
class Operations:
    """The operations on one stream, in one session of the merge database, which has the stream or can only look.

    Attributes:
        generation, commit: what is in force, for the log of batches that operations begin.
        shows_all: whether the stream's source shows all of its rows.
    """

    records: Records
    store: StreamStore
    consumers: tuple[Consumer, ...]
    generation: int
    commit: str | None
    shows_all: bool

    def preview_reset(self) -> Preview:
        """What a reset would do."""
        number = self._uncommitted()
        rows = self._live_rows()
        staged = {name: sum(found) for name, found in self.store.strategy.staged(number).items()}
        datasets = {name: DatasetPreview(rows[name], rows[name], staged=count) for name, count in staged.items()}
        return self._preview("reset", (number,), None, datasets)

    def reset(self, seen: Preview | None) -> BatchState:
        """Give up what the uncommitted batch has staged."""
        _, token = self._locked(seen)
        batch = Batch(self._uncommitted(), token + 1)
        self.records.advance(batch)
        self.store.strategy.reset(batch)
        self.records.reset(batch)
        self.records.session.commit()
        return self.records.history(1)[0]

    def preview_repair(self) -> Preview:
        """What a repair would begin with."""
        number, is_new = self._plan_repair()
        rows = self._live_rows()
        staged = self.store.strategy.staged(number) if not is_new else {}
        datasets = {
            name: DatasetPreview(count, count, staged=sum(staged.get(name, ()))) for name, count in rows.items()
        }
        return self._preview("repair", (number,), None, datasets)

    def repair(self, seen: Preview | None) -> BatchState:
        """Let the next job mend the tables: it finds a batch that has begun, with the reason for it."""
        _, token = self._locked(seen)
        number, is_new = self._plan_repair()
        batch = Batch(number, token + 1)
        self.records.advance(batch)
        if is_new:
            self.records.start(batch, f"repair-{number}", self.generation, self.commit, self.store.schema)
        else:
            self.store.strategy.reset(batch)
            self.records.reset(batch)
        self.records.order_repair(batch)
        self.records.session.commit()
        return self.records.history(1)[0]

    def preview_rollback(self, to: int) -> Preview:
        """What a rollback would do."""
        undone, after = self._plan_rollback(to)
        before = self._live_rows()
        datasets = {
            name: DatasetPreview(
                before[name], after[name].rows if name in after else 0, touched.reopened, touched.removed
            )
            for name, touched in self.store.strategy.touched(to).items()
        }
        return self._preview("rollback", undone, to, datasets)

    def rollback(self, to: int, seen: Preview | None) -> Sequence[BatchState]:
        """Take the stream back to what a batch left, in one transaction."""
        current, token = self._locked(seen)
        undone, after = self._plan_rollback(to)
        self.records.advance(Batch(current, token + 1))
        before = self.records.last_fingerprints(self._names)
        self.store.strategy.rollback(to, before, after, lambda: self._history.roll_back(to))
        return self._states(undone)

    def preview_replay(self, up_to: int | None) -> Preview:
        """What a replay would do."""
        chosen = self._plan_replay(up_to)
        before = self._live_rows()
        after, staged = dict(before), dict.fromkeys(before, 0)
        for batch in chosen:
            for name, found in batch.datasets.items():
                after[name] = found.after.rows
                staged[name] += found.counts.inserted + found.counts.updated + found.counts.deleted
        datasets = {name: DatasetPreview(before[name], after[name], staged=staged[name]) for name in before}
        return self._preview("replay", tuple(batch.number for batch in chosen), None, datasets)

    def replay(self, up_to: int | None, seen: Preview | None) -> Sequence[BatchState]:
        """Merge rolled back batches again, each in its own transaction as a new batch."""
        current, token = self._locked(seen)
        merged: list[int] = []
        for batch in self._plan_replay(up_to):
            if merged:
                self.records.fence(Batch(current, token))
            top = self.records.newest()
            # A batch that has begun and staged nothing keeps its number, as when a job reads again.
            begun = top is not None and top.status is BatchStatus.STARTED
            current, token = current + (not begun), token + 1
            self._replay(batch, Batch(current, token))
            merged.append(current)
        return self._states(merged)

    def _replay(self, former: LoggedBatch, batch: Batch) -> None:
        begun = monotonic()
        run_id = f"replay-{former.number}-{batch.number}"
        self.records.advance(batch)
        self.records.start(batch, run_id, self.generation, self.commit, self.store.schema)
        self._history.mark_replay(batch, former.number)
        self.store.strategy.restage(former.number, batch)
        staged = {
            name: Staged(found.counts, evolve(found.after, versions=None), found.level)
            for name, found in former.datasets.items()
        }
        marks = {name: found.mark for name, found in former.datasets.items() if found.mark is not None}
        before = self.records.last_fingerprints(self._names)
        prepared = self.store.strategy.prepare(batch, staged, before)

        def record() -> None:
            self.records.committed(
                prepared,
                before,
                marks,
                run_id,
                JobSeconds(merge=monotonic() - begun),
                former.source_snapshot,
            )

        self.store.strategy.commit(prepared, record)

    def _locked(self, seen: Preview | None) -> tuple[int, int]:
        """Lock the counter row; the current batch and token. Fenced where they are not what was seen."""
        what = f"the {seen.action} would do" if seen else ""
        return lock_as_seen(self.records, seen.token if seen else None, what)

    def _uncommitted(self) -> int:
        newest = self.records.newest()
        if newest is None or newest.status in (BatchStatus.COMMITTED, BatchStatus.ROLLED_BACK):
            raise BatchStuck(
                f"stream {self.records.stream} has no uncommitted batch; a committed one is not reset",
                hint="`datasurface batch status` shows its batches",
            )
        return newest.number

    def _plan_repair(self) -> tuple[int, bool]:
        """The number of the batch that is to mend the tables, and whether it is a new one."""
        newest = self.records.newest()
        merged = bool(self.records.last_fingerprints(self._names))
        plan_repair(self.records.stream, merged, self.store.strategy.capabilities.keeps_past, self.shows_all)
        if newest is not None and newest.status not in (BatchStatus.COMMITTED, BatchStatus.ROLLED_BACK):
            return newest.number, False
        return self._history.counter() + 1, True

    def _plan_rollback(self, to: int) -> tuple[tuple[int, ...], Mapping[str, Fingerprint]]:
        """The batches to take back, and the fingerprints that are to be there then."""
        if not self.store.strategy.capabilities.keeps_past:
            raise OperationRefused(
                f"stream {self.records.stream} is LIVE_ONLY and keeps no past to go back to",
                hint="correct the source; the next batch brings what it has then",
            )
        horizons = read_horizons(self.records.session, self.records.names, self.records.stream)
        horizon = max(horizons.values(), default=0)
        undone = plan_rollback(self.records.stream, self._history.log_from(to), to, self._names, horizon)
        after = self.records.last_fingerprints(self._names, up_to=to)
        check_recipes(self.records.stream, to, after, {table.name: table.recipe for table in self.store.tables})
        return undone, after

    def _plan_replay(self, up_to: int | None) -> tuple[LoggedBatch, ...]:
        newest = self.records.newest()
        top = self._history.log_from(newest.number)[-1] if newest else None
        live = self.records.last_fingerprints(self._names)
        candidates = self._history.replayable()
        chosen = plan_replay(self.records.stream, top, candidates, live, self.store.schema.hash, up_to)
        for batch in chosen:
            check_staged(self.records.stream, batch, self.store.strategy.staged(batch.number))
        return chosen

    def _live_rows(self) -> dict[str, int]:
        left = self.records.last_fingerprints(self._names)
        return {name: left[name].rows if name in left else 0 for name in self._names}

    def _preview(
        self, action: str, batches: tuple[int, ...], to: int | None, datasets: Mapping[str, DatasetPreview]
    ) -> Preview:
        token = self._history.token()
        return Preview(action, self.records.stream, batches, to, token, datasets, self.consumers)

    def _states(self, numbers: Sequence[int]) -> Sequence[BatchState]:
        newest = self.records.newest()
        last = newest.number - min(numbers) + 1 if newest else 0
        return [state for state in self.records.history(last) if state.batch in numbers]

    @property
    def _history(self) -> History:
        return History(self.records)

    @property
    def _names(self) -> Sequence[str]:
        return [table.name for table in self.store.tables]


def lock_as_seen(records: Records, seen: int | None, what: str) -> tuple[int, int]:
    """Lock the counter row; the current batch and token. Fenced where the token is another than was seen when somebody
    was told ``what``; None where nobody was."""
    current, token = records.lock_counter()
    if seen is not None and seen != token:
        raise Fenced(
            f"a job was at work on stream {records.stream} since it was said what {what}; nothing was done",
            hint="look again, then decide again",
        )
    return current, token
