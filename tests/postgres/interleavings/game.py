"""A stream on which two runners and a producer work in the order of a schedule, and what must stand in the end: the
history of some order in which the batches were made one after another.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import xor
from random import Random

from attrs import define, field
from psycopg2.extensions import connection as Connection

from datasurface.milestoning.oracle import ForensicTable, LiveTable, merge
from datasurface.milestoning.rows import Layout
from datasurface.model import Column, Dataset
from datasurface.results import JobResult, ResultCode
from datasurface.types import BigInt, Text
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.quoting import qualified
from tests.postgres.interleavings.runners import Runner, State
from tests.support.pipeline import LIVE
from tests.support.stage import STORE, Rows, Stage
from tests.support.statements import Listener, heard

THINGS = Dataset("things", columns=[Column("id", BigInt(), primary_key=True), Column("value", Text())])
SOURCE, TARGET = "source", "target"
ROWS = 5

EXPECTED = {"DONE", "KEEP_WORKING", "StreamBusy", "Fenced", "schedules", "schedules with a zombie", "jobs to the end"}


@define
class Schedule:
    """What happens when, from a seed.

    Attributes:
        loss: how likely a session is to lose its advisory locks before any of its statements; where they are lost, only
            the tokens stand between two runners.
        switch: how likely it is, after each statement, to be the other runner's turn.
        changes: the turns before which the producer changes its rows.
    """

    random: Random
    loss: float
    switch: float
    changes: set[int]

    @classmethod
    def of(cls, seed: str, *, keeps_locks: bool) -> "Schedule":
        random = Random(seed)
        loss = 0.0 if keeps_locks else random.choice([0.02, 0.1, 0.5])
        switch = random.choice([0.02, 0.05, 0.2, 0.5])
        return cls(random, loss, switch, set(random.sample(range(150), k=4)))

    def jobs(self, run: Callable[[float | None], JobResult]) -> list[Callable[[], JobResult]]:
        """One job or two for a runner; a job may end when it has staged."""
        budgets = [self.random.choice([None, None, 0.0]) for _ in range(self.random.choice([1, 2]))]
        return [partial(run, budget) for budget in budgets]


@define
class Game:
    """One stream, with what the producer has held so far and the tables that the oracle makes of it.

    Attributes:
        held: the producer's rows, state by state, each unlike all others.
        states: the number of a state, by the hash of all its rows.
    """

    stage: Stage
    platform: str
    administrator: Connection
    held: list[Rows] = field(factory=list)
    states: dict[int, int] = field(factory=dict)
    table: ForensicTable | LiveTable = field(factory=ForensicTable)
    last_state: int = 0
    batches: int = 0
    ends: Counter[str] = field(factory=Counter)

    def __attrs_post_init__(self) -> None:
        if self.platform == LIVE:
            self.table = LiveTable()
        self.produce(Random(0))

    def produce(self, random: Random) -> None:
        """The producer changes some rows, in one transaction; one row tells which state it is."""
        state = len(self.held)
        kept = [(str(number), random.choice("ab")) for number in range(1, ROWS) if random.random() < 0.7]
        self.held.append([("0", f"state {state}"), *kept])
        table, values = self.stage.source_table(THINGS.name), ", ".join(f"({i}, '{v}')" for i, v in self.held[-1])
        change = f"BEGIN; DELETE FROM {table}; INSERT INTO {table} VALUES {values}; COMMIT"  # noqa: S608 cells of ours
        execute(self.stage.producer, change)
        self.states[reduce(xor, self.stage.source_hashes(THINGS.name).values())] = state

    def play(self, schedule: Schedule) -> None:
        """Two runners at work, until both have done their jobs."""
        runners = [Runner(schedule.jobs(self._job)) for _ in range(2)]
        pipeline = self.stage.pipeline

        def listener_for(_place: str) -> Listener | None:
            return next((runner for runner in runners if runner.is_this_thread()), None)

        with heard(listener_for, {pipeline.source.name: SOURCE, pipeline.target.name: TARGET}):
            try:
                self._take_turns(runners, schedule)
            finally:
                for runner in runners:
                    runner.let_go()
        results = [result for runner in runners for result in runner.results]
        self.ends.update(result.error.type if result.error else result.code.name for result in results)
        self.ends["schedules"] += 1
        self.ends["schedules with a zombie"] += any(
            result.error and result.error.type == "Fenced" for result in results
        )

    def _job(self, budget: float | None) -> JobResult:
        return self.stage.run(self.platform, budget=budget)

    def _take_turns(self, runners: Sequence[Runner], schedule: Schedule) -> None:
        turn, at = 0, schedule.random.randrange(2)
        while any(runner.state is not State.ENDED for runner in runners):
            if turn in schedule.changes:
                self.produce(schedule.random)
            if schedule.random.random() < schedule.switch or runners[at].state is not State.STOPPED:
                at = 1 - at
            if runners[at].state is State.STOPPED:
                if schedule.random.random() < schedule.loss:
                    runners[at].lose_lock(TARGET)
                runners[at].step(self.administrator)
            for runner in runners:
                runner.settle(self.administrator)
            turn += 1

    def end(self) -> None:
        """Let one more runner finish what was left, and look at all that was made."""
        while self._job(None).code is not ResultCode.DONE:
            self.ends["jobs to the end"] += 1
        self.assert_serial()
        assert all(check.holds for check in self.stage.verify(self.platform))

    def assert_serial(self) -> None:
        """Every batch that was committed since the last look merged one state of the producer, none older than the
        batch before; and the tables are those of these batches, made one after another. A job that failed was kept out
        or overtaken.
        """
        assert self.ends.keys() <= EXPECTED, self.ends
        for batch, hashed in self._committed():
            assert batch == self.batches + 1, f"batch {batch} follows batch {self.batches}"
            state = self.states[hashed]
            assert state >= self.last_state, f"batch {batch} merged state {state} after state {self.last_state}"
            layout = self.stage.layout(THINGS.name)
            self.table = _merged(self.table, self.held[state], layout, batch)
            self.batches, self.last_state = batch, state
        found = Counter((s.row, s.batch_in, s.batch_out) for s in self.stage.stored(self.platform, THINGS.name))
        assert found == Counter((v.row, v.batch_in, v.batch_out) for v in self.table.versions)

    def _committed(self) -> list[tuple[int, int]]:
        log = qualified(self.stage.schema, naming.batch_metrics(self.platform))
        query = (
            f"SELECT batch, (datasets -> 'things' -> 'fingerprint' ->> 'xor')::bigint FROM {log} "  # noqa: S608 a quoted name
            "WHERE stream = %(stream)s AND status = 'COMMITTED' AND batch > %(after)s ORDER BY 1"
        )
        found = rows(self.stage.consumer, query, {"stream": STORE, "after": self.batches})
        return [(int(str(batch)), int(str(hashed))) for batch, hashed in found]


def _merged(table: ForensicTable | LiveTable, rows: Rows, layout: Layout, batch: int) -> ForensicTable | LiveTable:
    if isinstance(table, LiveTable):
        return merge(table, rows, layout, batch, allow_deletes=True)[0]
    return merge(table, rows, layout, batch, allow_deletes=True)[0]
