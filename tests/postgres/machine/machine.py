"""A stream's life in random steps: the engine must be where the oracle is after each of them."""

from collections import Counter
from contextlib import AbstractContextManager, ExitStack

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused, BatchStuck, DataSurfaceError, OperationRefused
from datasurface.milestoning.rows import Version
from datasurface.results import BatchStatus, JobResult, ResultCode
from tests.postgres.machine.draws import (
    ALLOW,
    CHANGE,
    CHANGES,
    COLUMNS_CHANGE,
    FILLED,
    MODEL_CHANGES,
    MOMENT,
    PLATFORM,
    SNAPSHOTS,
    Change,
    ModelChange,
)
from tests.postgres.machine.ground import NAME, Ground
from tests.postgres.machine.life import Life
from tests.postgres.machine.listeners import From, heard_by, killing
from tests.postgres.machine.model import REWRITES, Model, Schema, changes
from tests.support.pipeline import FORENSIC
from tests.support.stage import PLATFORMS, STORE, Stage, TextRow
from tests.support.statements import HeardConnection


class StreamMachine(RuleBasedStateMachine):
    """Batches, kills, resets, rollbacks, replays, changes of the model, jobs that come twice or late, on a live and a
    forensic platform."""

    def __init__(self, stage: AbstractContextManager[Stage], administrator: Connection, done: Counter[str]) -> None:
        super().__init__()
        done["examples"] += 1
        self._resources = ExitStack()
        self.ground = Ground(self._resources.enter_context(stage))
        self.stage = self.ground.stage
        self.administrator, self.done = administrator, done
        self.lives = {platform: Life(platform, self.ground.model) for platform in PLATFORMS}

    @rule(change=CHANGE, platform=PLATFORM, allow_deletes=ALLOW)
    def batch(self, change: Change, platform: str, allow_deletes: bool) -> None:
        self._put(change)
        self._expect(platform, self.stage.run(platform, allow_deletes=allow_deletes), allow_deletes)
        self.done["jobs"] += 1

    @rule(change=CHANGE, platform=PLATFORM)
    def batch_whose_time_is_up(self, change: Change, platform: str) -> None:
        self._put(change)
        life = self.lives[platform]
        is_load = life.is_new or not life.merged
        result = self.stage.run(platform, budget=0.0)
        if result.code is ResultCode.KEEP_WORKING:
            life.begin()
            assert life.stage(self.ground.source, life.model.schema, allow_deletes=True) is None
            self.done["jobs that only stage"] += 1
        else:  # a first load, a refused snapshot, or what was staged before is merged
            assert is_load or life.pending is not None or result.code is ResultCode.ERROR
            self._expect(platform, result)

    @rule(change=CHANGE, platform=PLATFORM)
    def the_same_batch_twice(self, change: Change, platform: str) -> None:
        self._put(change)
        for _ in range(2):
            self._expect(platform, self.stage.run(platform))
        self.done["duplicate jobs"] += 1

    @rule(change=CHANGE, platform=PLATFORM, at=MOMENT)
    def batch_that_is_killed(self, change: Change, platform: str, at: int) -> None:
        self._put(change)
        listener = killing(self.administrator, at)
        with heard_by(listener, self.stage.pipeline):
            result = self.stage.run(platform)
        if listener.has_come:
            self._follow(platform)
            self.done["kills"] += 1
        else:
            self._expect(platform, result)

    @rule(change=CHANGE, platform=PLATFORM, at=MOMENT)
    def late_job(self, change: Change, platform: str, at: int) -> None:
        """While a job stands between two transactions and its lock is lost, another does all that there is to do."""
        self._put(change)

        def overtake(_session: HeardConnection) -> None:
            self._follow(platform)
            self._expect(platform, self.stage.run(platform))

        late = From(at, overtake, between_transactions=True)
        with heard_by(late, self.stage.pipeline):
            result = self.stage.run(platform)
        if result.error is not None and result.error.type == "Fenced":
            self.done["late jobs"] += 1
        elif not (late.has_come and result.code is ResultCode.DONE and result.batch in self.lives[platform].merged):
            self._expect(platform, result)

    @rule(platform=PLATFORM)
    def uncommitted_batches_are_reset(self, platform: str) -> None:
        pending = [name for name, life in self.lives.items() if life.pending]
        for name in pending:
            self._reset(name)
        if platform not in pending:
            with pytest.raises(BatchStuck, match="no uncommitted batch"):
                self.ground.runtime(platform).reset(STORE)

    @rule(changes=CHANGES, platform=PLATFORM, back=st.integers(0, 3))
    def rollback(self, changes: list[list[TextRow]], platform: str, back: int) -> None:
        for change in changes:
            self.batch(change, platform, allow_deletes=True)
        runtime, life = self.ground.runtime(platform), self.lives[platform]
        to = max(life.number - back, 0)
        if life.can_roll_back(to):
            runtime.rollback(STORE, to)
            life.rollback(to)
            self.done["rollbacks"] += 1
        else:
            with pytest.raises(OperationRefused):
                runtime.rollback(STORE, to)

    @rule(changes=CHANGES, platform=PLATFORM, back=st.integers(1, 2), again=st.booleans())
    def rollback_and_replay(self, changes: list[list[TextRow]], platform: str, back: int, again: bool) -> None:
        """What was rolled back can be replayed as long as nothing else was merged and its staging is kept."""
        self.rollback(changes, platform, back)
        runtime, life = self.ground.runtime(platform), self.lives[platform]
        try:
            states = runtime.replay(STORE)
        except OperationRefused:
            if life.can_replay:
                raise
            states = ()
        for state in reversed(states):
            assert state.reason is not None
            life.replay(int(state.reason.removeprefix("replay of batch ")))
            assert (state.batch, state.datasets[NAME]) == (life.number, life.counts[life.number])
            self.done["replays"] += 1
        if again:
            self._expect(platform, self.stage.run(platform))

    @rule(snapshots=SNAPSHOTS, changed=MODEL_CHANGES, finish=st.booleans())
    def the_model_changes(self, snapshots: list[list[TextRow]], changed: list[ModelChange], finish: bool) -> None:
        """After a batch on each platform, and perhaps before one that is staged is merged."""
        for number, snapshot in enumerate(snapshots):
            for platform in PLATFORMS:
                if number:
                    self.batch_whose_time_is_up(snapshot, platform)
                else:
                    self.batch(snapshot, platform, allow_deletes=True)
        self._change(changed, finish, None)

    @rule(changed=MODEL_CHANGES, finish=st.booleans(), at=MOMENT)
    def the_model_changes_by_an_apply_that_is_killed(self, changed: list[ModelChange], finish: bool, at: int) -> None:
        self._change(changed, finish, at)

    @rule(changed=COLUMNS_CHANGE, first=ALLOW, snapshot=FILLED, platform=PLATFORM)
    def job_of_an_older_model(
        self, changed: list[ModelChange], first: bool, snapshot: list[TextRow], platform: str
    ) -> None:
        """A job that began before the model changed, and comes late, perhaps after one of the model in force. What it
        does not know it may not empty."""
        if changed:
            self._change(changed, True, None)
        if first:
            self.batch(snapshot, platform, allow_deletes=True)
        else:
            self.ground.put(snapshot)
        life, former = self.lives[platform], self.ground.former
        known = life.model.schema.of_those_in(former.schema)
        hidden = set(life.model.schema.places) - set(known.places)
        result = self.ground.runtime(platform, former).run_batch(STORE, "older", allow_deletes=True)
        if not hidden or result.error is None:
            assert not any(map(life.has_value, hidden)), "columns were emptied"
            self._expect(platform, result, schema=known)
            self.done["jobs of older models"] += 1
        else:
            assert result.error.type in ("JobError", "BatchStuck")
            self.done["jobs of older models refused"] += 1

    @invariant()
    def tables_are_the_oracles(self) -> None:
        for platform in PLATFORMS:
            self._table_is_the_oracles(platform)

    def teardown(self) -> None:
        try:
            for platform in PLATFORMS:
                broken = [check for check in self.stage.verify(platform) if not check.holds]
                assert not broken, broken
            for violation in self.lives[FORENSIC].violations(self.ground.stored(FORENSIC)):
                raise AssertionError(violation)
        finally:
            self._resources.close()

    def _table_is_the_oracles(self, platform: str) -> None:
        life, found = self.lives[platform], self.ground.stored(platform)
        assert Counter(map(_plain, found)) == Counter(map(_plain, life.versions)), platform
        assert self.ground.status(platform) == life.status

    def _put(self, change: Change) -> None:
        if change is not None:
            self.ground.put(change)

    def _reset(self, platform: str) -> None:
        self.ground.runtime(platform).reset(STORE)
        self.lives[platform].reset()
        self.done["resets"] += 1

    def _change(self, changed: list[ModelChange], finish: bool, at: int | None) -> None:
        """The tables become another model's; where a batch is staged that stands in the way, after a job has finished
        it or somebody gave it up."""
        model = self.ground.model
        for change in changed:
            model = change(model)
        kinds = list(changes(self.ground.model, model))
        rewrites = not REWRITES.isdisjoint(kinds)
        for platform, life in self.lives.items():
            if life.refuses(rewrites):
                with pytest.raises(ApplyRefused, match="INGESTED, and hashes that it stands on"):
                    self.ground.runtime(platform, model).apply()
                self._table_is_the_oracles(platform)
                self.done["applies refused"] += 1
                if finish:
                    self._expect(platform, self.stage.run(platform))
                if life.is_staged:
                    self._reset(platform)
        self._apply(model, at)
        self.done.update(["changes of the model", *kinds])
        for platform, life in self.lives.items():
            life.become(self.ground.model, rewrites)
            if life.is_stuck(life.model.schema):
                self._expect(platform, self.stage.run(platform))
                if finish:
                    self._reset(platform)

    def _apply(self, model: Model, at: int | None) -> None:
        """Apply on both platforms; one that is killed has done nothing, and a second has nothing to do."""
        for platform in PLATFORMS:
            runtime = self.ground.runtime(platform, model)
            if at is not None:
                listener = killing(self.administrator, at)
                with heard_by(listener, self.stage.pipeline):
                    try:
                        runtime.apply()
                    except DataSurfaceError:
                        assert listener.has_come
                        self._table_is_the_oracles(platform)
                self.done["applies killed"] += listener.has_come
            runtime.apply()
            assert runtime.apply() == []
        self.ground.force(model)

    def _expect(
        self, platform: str, result: JobResult, allow_deletes: bool = True, schema: Schema | None = None
    ) -> None:
        """A job did what the oracle does; it knew the columns of today, or some of them."""
        life = self.lives[platform]
        schema = schema or life.model.schema
        if life.is_stuck(schema):
            assert result.error is not None
            assert (result.error.type, "read under another schema" in result.error.message) == ("BatchStuck", True)
            self.done["batches of older columns"] += 1
            return
        life.begin()
        refused = life.stage(self.ground.source, schema, allow_deletes)
        if refused is not None:
            assert result.error is not None, f"the oracle refused: {refused.reason}"
            assert result.error.type == "RefusedData"
            self.done["refusals"] += 1
            return
        life.commit()
        assert result.code is ResultCode.DONE, result.error
        assert (result.batch, result.datasets[NAME]) == (life.number, life.counts[life.number])
        self.done["batches"] += 1

    def _follow(self, platform: str) -> None:
        """A job ended, or stands, somewhere: the log says how far it came; nothing but its next steps is possible."""
        life, status = self.lives[platform], self.ground.status(platform)
        if status == life.status or status is None:
            return
        assert status[0] == (life.pending.number if life.pending else life.number + 1)
        life.begin()
        if status[1] is not BatchStatus.STARTED:
            assert life.stage(self.ground.source, life.model.schema, allow_deletes=True) is None
        if status[1] is BatchStatus.COMMITTED:
            life.commit()


def _plain(version: Version) -> tuple[object, ...]:
    return (version.row, version.batch_in, version.batch_out)
