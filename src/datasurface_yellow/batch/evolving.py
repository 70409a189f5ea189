"""What apply does to tables that stand: it finds out what changed, takes the streams, and alters the tables.

What is done to one stream is one transaction, the caller's. Where hashes of stored rows change, a batch of our own is
logged, and what the batches before it left is written down anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import monotonic

from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.errors import ApplyRefused, StreamBusy
from datasurface.milestoning.strategy import Batch, Fingerprint, Prepared
from datasurface.model import OnAdd
from datasurface.results import BatchStatus, DatasetCounts, JobSeconds, Step
from datasurface_yellow.batch.records import Records, StreamSchema
from datasurface_yellow.batch.seals import Seals
from datasurface_yellow.batch.state import LastBatch
from datasurface_yellow.batch.store import schema_of
from datasurface_yellow.deploy.alter import (
    ADDED_COLUMN,
    Change,
    count_live,
    count_rows,
    lay_out,
    rewrite,
    take_views_away,
)
from datasurface_yellow.deploy.evolution import Evolution, Standing, implied_layout, plan_evolution
from datasurface_yellow.deploy.grants import TakenView
from datasurface_yellow.deploy.state import State, read_state
from datasurface_yellow.store.catalog import PlatformNames, relation_exists
from datasurface_yellow.store.connection import PlannedSession, execute
from datasurface_yellow.store.layout import TableLayout
from datasurface_yellow.store.planned import with_sql
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable, merge_table, stream_tables

REWRITE_NOTE = (
    "writes the whole table anew; readers wait meanwhile (ACCESS EXCLUSIVE); 0 new versions. Before it, apply reads "
    "every row, and refuses if one is not what the batch log says"
)

LEVEL = "rewrite"
"""How a batch that only made hashes anew came to know what is there."""


@frozen
class Evolved:
    """What was done.

    Attributes:
        layouts: of the tables of the streams that were changed, as they are now.
        taken: views that have to be made again.
    """

    layouts: Mapping[str, TableLayout]
    steps: tuple[Step, ...]
    taken: tuple[TakenView, ...]


@frozen
class Found:
    """What stands, beside what should.

    Attributes:
        layouts: of all tables that were looked at, as they should be.
        changes: the datasets whose tables are not so, by stream.
    """

    layouts: Mapping[str, TableLayout]
    changes: Mapping[str, Sequence[Change]]


@frozen
class _Proved:
    """The changes of one stream, whose log was seen to hold.

    Attributes:
        batch: what is logged if hashes are made anew.
        current: the batch that the counter row has.
        rows: how many rows the changed tables have whose hashes are made anew, by place among the changes.
        begun: when the work on the stream began.
    """

    stream: str
    changes: Sequence[Change]
    batch: Batch
    current: int
    rows: Mapping[int, int]
    begun: float


@frozen
class Evolving:
    """The changes of one deployment, in one session of the merge database."""

    session: Connection
    names: PlatformNames
    deployment: Deployment

    def find(self, tables: Mapping[str, Sequence[MergeTable]], state: State) -> Found:
        """What has to change in the tables of these streams. ApplyRefused, naming all of them, where one cannot become
        what the model says."""
        layouts, changes = dict[str, TableLayout](), dict[str, list[Change]]()
        refusals, drift = list[str](), list[str]()
        for stream, of_stream in tables.items():
            for table in of_stream:
                standing = state.standing(table)
                if standing is None:
                    layouts[table.merge] = table.layout
                    continue
                layout = state.layouts.get(table.merge) or implied_layout(standing, table.dataset)
                evolution = plan_evolution(layout, standing, table.dataset)
                layouts[table.merge] = evolution.layout
                if evolution.drift:
                    drift.append(f"table {table.merge}: {'; '.join(evolution.drift)}")
                elif evolution.refusals:
                    refusals.append(f"table {table.merge}: {'; '.join(evolution.refusals)}")
                elif not evolution.is_nothing:
                    changes.setdefault(stream, []).append(self._change(stream, table, state, evolution, standing))
        if drift:
            raise ApplyRefused(
                f"somebody has changed what stands: {'. '.join(drift)}",
                hint="take back by hand what was done to the table, or bring it back from a backup; nothing was "
                "changed",
            )
        if refusals:
            raise ApplyRefused(
                f"what stands cannot become what the model says: {'. '.join(refusals)}",
                hint="take the change back, or model it as a new dataset; nothing was changed",
            )
        return Found(layouts, changes)

    def _change(self, stream: str, table: MergeTable, state: State, evolution: Evolution, standing: Standing) -> Change:
        store = self.deployment.stream(stream).store
        after = merge_table(self.deployment, store, table.dataset, self.names.schema, {table.merge: evolution.layout})
        check = state.checks.get(table.staging)
        return Change(after, evolution, standing.is_new, frozenset(standing.staging), check[0] if check else None)

    def run(self, changes: Mapping[str, Sequence[Change]]) -> Evolved:
        """Bring the tables of some streams to the model. ApplyRefused, before any is touched, where one cannot be."""
        if isinstance(self.session, PlannedSession):
            return self._plan(self.session, changes)
        for stream in sorted(changes):
            self._take(self._records(stream))
        tables = {
            stream: stream_tables(self.deployment, self.deployment.stream(stream), self.names.schema)
            for stream in changes
        }
        state = read_state(self.session, self.names, [table for of_stream in tables.values() for table in of_stream])
        found = self.find(tables, state)  # a job may have been at work until the streams were taken
        proofs = [self._prove(stream, of_stream) for stream, of_stream in found.changes.items()]
        every = [change for of_stream in found.changes.values() for change in of_stream]
        taken = take_views_away(self.session, self.names.platform, every)
        steps = [step for proof in proofs for step in self._evolve(proof, found.layouts)]
        return Evolved(found.layouts, tuple(steps), tuple(taken))

    def _plan(self, session: PlannedSession, changes: Mapping[str, Sequence[Change]]) -> Evolved:
        """What ``run`` would do, without a lock, and without a look at the rows but to count them."""
        for stream, of_stream in changes.items():
            if any(change.rewrites for change in of_stream):
                _refuse_unfinished(self._records(stream))
        every = [change for of_stream in changes.values() for change in of_stream]
        taken, steps = take_views_away(session, self.names.platform, every), list[Step]()
        for of_stream in changes.values():
            for change in of_stream:
                laid_out = with_sql(session, lay_out(session, change))
                live = count_live(session, change.table) if change.evolution.added and not change.is_new else 0
                steps += [self._with_rows(step, change, live) for step in laid_out]
            for change in of_stream:
                rows = count_rows(session, change.table) if change.rewrites else 0
                steps += [
                    evolve(step, note=REWRITE_NOTE, rows=rows)
                    for step in with_sql(session, rewrite(session, change, rows))
                ]
        return Evolved({change.table.merge: change.evolution.layout for change in every}, tuple(steps), tuple(taken))

    def _with_rows(self, step: Step, change: Change, live: int) -> Step:
        """What batches write of the rows that are live, because a column is new."""
        if step.action != ADDED_COLUMN or not live:
            return step
        if change.table.dataset.on_add is OnAdd.BACKFILL:
            note = f"the first batch that reads it fills up to {live:,} live rows in place; 0 new versions"
        elif change.table.is_forensic:
            note = f"up to {live:,} live rows get a new version, when values arrive in it"
        else:
            note = f"up to {live:,} live rows are written anew, when values arrive in it"
        return evolve(step, note=note, rows=live)

    def _take(self, records: Records) -> None:
        try:
            records.take_until_commit()
        except StreamBusy as error:
            raise ApplyRefused(
                f"{error.message.rpartition('; ')[0]}, and its tables have to change",
                hint="apply again once it has ended; nothing was changed",
            ) from error

    def _prove(self, stream: str, changes: Sequence[Change]) -> _Proved:
        """Have the stream's counter row, and see that the log is right where hashes will be made anew. Takes a look at
        every row of these tables, which can be read meanwhile."""
        begun, records = monotonic(), self._records(stream)
        current, token = records.lock_counter()
        batch = Batch(current, token + 1)  # a job that has lost the stream and does not know it may not write any more
        if any(change.rewrites for change in changes):
            batch = _marked(records, current, token)
        rows = {
            number: _seals(records, change, number).take() for number, change in enumerate(changes) if change.rewrites
        }
        return _Proved(stream, changes, batch, current, rows, begun)

    def _evolve(self, proof: _Proved, layouts: Mapping[str, TableLayout]) -> Iterator[Step]:
        records, batch, changes = self._records(proof.stream), proof.batch, proof.changes
        for change in changes:
            yield from lay_out(self.session, change)
        rewritten: dict[str, Fingerprint] = {}
        for number, change in enumerate(changes):
            yield from rewrite(self.session, change, proof.rows.get(number, 0))
            seals = _seals(records, change, number)
            if change.rewrites and seals.renew():
                rewritten[change.table.name] = seals.last()
        if rewritten:
            reasons = [f"{change.table.name}: {', '.join(change.rewrites)}" for change in changes if change.rewrites]
            tables = stream_tables(self.deployment, self.deployment.stream(proof.stream), self.names.schema, layouts)
            _clear_staging(self.session, tables, batch)
            reason = f"rewrote hashes of {'; '.join(reasons)}"
            _log(records, batch, schema_of(tables), rewritten, JobSeconds(merge=monotonic() - proof.begun), reason)
        records.advance(batch if rewritten else evolve(batch, number=proof.current))

    def _records(self, stream: str) -> Records:
        return Records(self.session, self.names, stream)


def _marked(records: Records, current: int, token: int) -> Batch:
    """The batch that the new hashes are logged as. One that has begun and merged nothing gives its number away: it
    would be read again under the new schema, and so will the next."""
    newest = _refuse_unfinished(records)
    has_begun = newest is not None and newest.status in (BatchStatus.STARTED, BatchStatus.FAILED)
    return Batch(current + (not has_begun), token + 1)


def _refuse_unfinished(records: Records) -> LastBatch | None:
    """The newest batch; ApplyRefused where it stands on hashes that would be made anew."""
    newest = records.newest()
    if newest is not None and (newest.status is BatchStatus.INGESTED or newest.repair):
        raise ApplyRefused(
            f"batch {newest.number} of stream {records.stream} is {newest.status.value}"
            f"{' to repair its tables' if newest.repair else ''}, and hashes that it stands on would be made anew",
            hint="let the next job finish it, or give it up with `datasurface batch reset`, then apply again",
        )
    return newest


def _seals(records: Records, change: Change, number: int) -> Seals:
    return Seals(records, change.table, change.evolution, number)


def _clear_staging(session: Connection, tables: Iterable[MergeTable], batch: Batch) -> None:
    """Forget what a batch has staged whose number this one takes."""
    for table in tables:
        if relation_exists(session, table.schema, table.staging):
            execute(session, statement("merge", "merge.sql.j2", "clear_batch", t=table), {"batch": batch.number})


def _log(
    records: Records,
    batch: Batch,
    schema: StreamSchema,
    left: Mapping[str, Fingerprint],
    seconds: JobSeconds,
    reason: str,
) -> None:
    """Log a batch that read and changed nothing, of the generation that is in force while it is made. Marks of another
    schema are worth nothing, so it has none."""
    last = records.history(1)[0]
    run_id = f"apply-{batch.number}"
    records.start(batch, run_id, last.generation, last.commit, schema)
    counts = {name: DatasetCounts(found.rows, 0, 0, 0, found.rows) for name, found in left.items()}
    prepared = Prepared(batch, counts, left, dict.fromkeys(left, LEVEL))
    records.committed(prepared, left, {}, run_id, seconds, None)
    records.give_reason(batch, reason)
