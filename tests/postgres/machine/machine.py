"""A stream's life in random steps: the engine must be where the oracle is after each of them."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from datasurface.errors import BatchStuck, OperationRefused
from datasurface.milestoning import laws
from datasurface.milestoning.rows import Version
from datasurface.model import Column, Dataset
from datasurface.results import BatchStatus, JobResult, ResultCode
from datasurface.types import BigInt, Decimal, Text
from tests.postgres.machine.life import Life
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.stage import PLATFORMS, STORE, Rows, Stage, TextRow
from tests.support.statements import HeardConnection, Moment, When, heard

THINGS = Dataset(
    "things",
    columns=[
        Column("id", BigInt(), primary_key=True),
        Column("Part", Text(), primary_key=True),
        Column("value", Text()),
        Column("number", Decimal()),
    ],
)
Change = list[TextRow] | None
SOURCE, TARGET = "source", "target"

_TEXTS = ["", "a", "A", "a ", "ab", "'", "\\", "\t", "é"]
_ROW = st.tuples(
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(["", "a", "ab"]),
    st.sampled_from([None, *_TEXTS]),
    st.sampled_from([None, "1", "1.0", "-1", "NaN"]),
)
_SNAPSHOT: st.SearchStrategy[list[TextRow]] = st.lists(_ROW, max_size=6, unique_by=lambda row: row[:2])
_SPOILED = st.builds(
    lambda rows, row, key: [*rows, row, (key, *row[1:])], _SNAPSHOT, _ROW, st.sampled_from([None, "1", "2", "3"])
)
"""Now and then they lack a key, or have one twice."""
_CHANGE = st.one_of(st.none(), *[_SNAPSHOT] * 5, _SPOILED)
"""What the source holds before a job comes; None for what it holds already."""
_CHANGES = st.lists(_SNAPSHOT, max_size=3)
_MOMENT = st.integers(1, 60)
_PLATFORM = st.sampled_from([FORENSIC, FORENSIC, LIVE])
_ALLOW = st.sampled_from([True, True, False])


class StreamMachine(RuleBasedStateMachine):
    """Batches, kills, resets, rollbacks, replays, jobs that come twice or late, on a live and a forensic platform."""

    def __init__(self, stage: AbstractContextManager[Stage], administrator: Connection, done: Counter[str]) -> None:
        super().__init__()
        done["examples"] += 1
        self._resources = ExitStack()
        self.stage = self._resources.enter_context(stage)
        self.administrator, self.done = administrator, done
        self.lives = {platform: Life(platform, self.stage.layout(THINGS.name)) for platform in PLATFORMS}
        self.source: Rows = ()

    @rule(change=_CHANGE, platform=_PLATFORM, allow_deletes=_ALLOW)
    def batch(self, change: Change, platform: str, allow_deletes: bool) -> None:
        self._put(change)
        self._expect(platform, self.stage.run(platform, allow_deletes=allow_deletes), allow_deletes)
        self.done["jobs"] += 1

    @rule(change=_CHANGE, platform=_PLATFORM)
    def batch_whose_time_is_up(self, change: Change, platform: str) -> None:
        self._put(change)
        life = self.lives[platform]
        is_load = not life.snapshots
        result = self.stage.run(platform, budget=0.0)
        if result.code is ResultCode.KEEP_WORKING:
            life.begin()
            assert life.stage(self.source, allow_deletes=True) is None
            self.done["jobs that only stage"] += 1
        else:  # a first load, a refused snapshot, or what was staged before is merged
            assert is_load or life.pending is not None or result.code is ResultCode.ERROR
            self._expect(platform, result, allow_deletes=True)

    @rule(change=_CHANGE, platform=_PLATFORM)
    def the_same_batch_twice(self, change: Change, platform: str) -> None:
        self._put(change)
        for _ in range(2):
            self._expect(platform, self.stage.run(platform), allow_deletes=True)
        self.done["duplicate jobs"] += 1

    @rule(change=_CHANGE, platform=_PLATFORM, at=_MOMENT)
    def batch_that_is_killed(self, change: Change, platform: str, at: int) -> None:
        self._put(change)
        killing = _From(at, self._end_session)
        with self._heard(killing):
            result = self.stage.run(platform)
        if killing.has_come:
            self._follow(platform)
            self.done["kills"] += 1
        else:
            self._expect(platform, result, allow_deletes=True)

    @rule(change=_CHANGE, platform=_PLATFORM, at=_MOMENT)
    def late_job(self, change: Change, platform: str, at: int) -> None:
        """While a job stands between two transactions and its lock is lost, another does all that there is to do."""
        self._put(change)

        def overtake(_session: HeardConnection) -> None:
            self._follow(platform)
            self._expect(platform, self.stage.run(platform), allow_deletes=True)

        late = _From(at, overtake, between_transactions=True)
        with self._heard(late):
            result = self.stage.run(platform)
        if result.error is not None and result.error.type == "Fenced":
            self.done["late jobs"] += 1
        elif not (late.has_come and result.code is ResultCode.DONE and result.batch in self.lives[platform].snapshots):
            self._expect(platform, result, allow_deletes=True)

    @rule(platform=_PLATFORM)
    def uncommitted_batches_are_reset(self, platform: str) -> None:
        pending = [name for name, life in self.lives.items() if life.pending]
        for name in pending:
            self.stage.pipeline.runtime(name).reset(STORE)
            self.lives[name].reset()
            self.done["resets"] += 1
        if platform not in pending:
            with pytest.raises(BatchStuck, match="no uncommitted batch"):
                self.stage.pipeline.runtime(platform).reset(STORE)

    @rule(changes=_CHANGES, platform=_PLATFORM, back=st.integers(0, 3))
    def rollback(self, changes: list[list[TextRow]], platform: str, back: int) -> None:
        for change in changes:
            self.batch(change, platform, allow_deletes=True)
        runtime, life = self.stage.pipeline.runtime(platform), self.lives[platform]
        to = max(life.number - back, 0)
        if life.can_roll_back(to):
            runtime.rollback(STORE, to)
            life.rollback(to)
            self.done["rollbacks"] += 1
        else:
            with pytest.raises(OperationRefused):
                runtime.rollback(STORE, to)

    @rule(changes=_CHANGES, platform=_PLATFORM, back=st.integers(1, 2), again=st.booleans())
    def rollback_and_replay(self, changes: list[list[TextRow]], platform: str, back: int, again: bool) -> None:
        """What was rolled back can be replayed as long as nothing else was merged and its staging is kept."""
        self.rollback(changes, platform, back)
        runtime, life = self.stage.pipeline.runtime(platform), self.lives[platform]
        must = life.status is not None and life.status[1] is BatchStatus.ROLLED_BACK and _is_staged(life)
        try:
            states = runtime.replay(STORE)
        except OperationRefused:
            if must:
                raise
            states = ()
        for state in reversed(states):
            assert state.reason is not None
            life.replay(int(state.reason.removeprefix("replay of batch ")))
            assert (state.batch, state.datasets[THINGS.name]) == (life.number, life.counts[life.number])
            self.done["replays"] += 1
        if again:
            self._expect(platform, self.stage.run(platform), allow_deletes=True)

    @invariant()
    def tables_are_the_oracles(self) -> None:
        for platform, life in self.lives.items():
            stored = self.stage.stored(platform, THINGS.name)
            found = Counter((row.row, row.batch_in, row.batch_out) for row in stored)
            assert found == Counter((v.row, v.batch_in, v.batch_out) for v in life.versions), platform
            assert self._status(platform) == life.status

    def teardown(self) -> None:
        try:
            for platform in PLATFORMS:
                broken = [check for check in self.stage.verify(platform) if not check.holds]
                assert not broken, broken
            for violation in self._violations():
                raise AssertionError(violation)
        finally:
            self._resources.close()

    def _violations(self) -> Iterator[laws.Violation]:
        """The laws by functions that share nothing with the oracle, on the rows that consumers read."""
        life, layout = self.lives[FORENSIC], self.stage.layout(THINGS.name)
        stored = self.stage.stored(FORENSIC, THINGS.name)
        versions = [Version(layout.key_of(row.row), row.row, row.batch_in, row.batch_out) for row in stored]
        yield from laws.versions_hold_together(versions)
        snapshots = {number: {layout.key_of(row): row for row in rows} for number, rows in life.snapshots.items()}
        yield from laws.as_of_is_source(versions, snapshots)
        yield from laws.counts_are_true(versions, life.counts)

    def _put(self, change: Change) -> None:
        if change is not None:
            self.stage.put({THINGS.name: change})
            self.source = tuple(change)

    def _heard(self, listener: "_From") -> AbstractContextManager[None]:
        pipeline = self.stage.pipeline
        return heard(lambda _: listener, {pipeline.source.name: SOURCE, pipeline.target.name: TARGET})

    def _end_session(self, session: HeardConnection) -> None:
        process = session.info.backend_pid
        with self.administrator.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", (process,))
            while cursor.rowcount:
                cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", (process,))

    def _expect(self, platform: str, result: JobResult, allow_deletes: bool) -> None:
        """A job did what the oracle does."""
        life = self.lives[platform]
        life.begin()
        refused = life.stage(self.source, allow_deletes)
        if refused is not None:
            assert result.error is not None, f"the oracle refused: {refused.reason}"
            assert result.error.type == "RefusedData"
            self.done["refusals"] += 1
            return
        life.commit()
        assert result.code is ResultCode.DONE, result.error
        assert (result.batch, result.datasets[THINGS.name]) == (life.number, life.counts[life.number])
        self.done["batches"] += 1

    def _follow(self, platform: str) -> None:
        """A job ended, or stands, somewhere: the log says how far it came; nothing but its next steps is possible."""
        life, status = self.lives[platform], self._status(platform)
        if status == life.status or status is None:
            return
        assert status[0] == (life.pending.number if life.pending else life.number + 1)
        life.begin()
        if status[1] is not BatchStatus.STARTED:
            assert life.stage(self.source, allow_deletes=True) is None
        if status[1] is BatchStatus.COMMITTED:
            life.commit()

    def _status(self, platform: str) -> tuple[int, BatchStatus] | None:
        newest = self.stage.pipeline.runtime(platform).status(STORE, last=1)
        return (newest[0].batch, newest[0].status) if newest else None


def _is_staged(life: Life) -> bool:
    """Whether the newest batches were taken back, and none of them was a first load."""
    return life.pending is None and set(life.undone) <= {life.number, life.number - 1} and 1 not in life.undone


class _From:
    """A listener that does something once, from a moment on."""

    def __init__(self, at: int, do: Callable[[HeardConnection], None], *, between_transactions: bool = False) -> None:
        self._left, self._do, self._between = at, do, between_transactions
        self._target: HeardConnection | None = None
        self.has_come = False

    def __call__(self, moment: Moment, session: HeardConnection) -> None:
        if self.has_come or moment.when is not When.BEFORE:
            return
        self._left -= 1
        if moment.place == TARGET:
            self._target = session
        if self._left <= 0 and (not self._between or self._loses_lock()):
            self.has_come = True
            self._do(session)

    def _loses_lock(self) -> bool:
        """Let the job's session in the merge database lose its locks, where it is in no transaction."""
        if self._target is None or self._target.info.transaction_status != TRANSACTION_STATUS_IDLE:
            return False
        with Cursor(self._target) as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        Connection.rollback(self._target)
        return True
