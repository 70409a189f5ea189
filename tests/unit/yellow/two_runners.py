"""Jobs on a stream as a pure model: counter, token, log, staging and tables are values, a job is a generator that stops
between its steps, and what it does next the engine's own functions decide.
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from attrs import define, evolve, field, frozen

from datasurface.errors import Fenced
from datasurface.milestoning.strategy import Batch
from datasurface.results import BatchStatus
from datasurface_yellow.batch.state import LastBatch, Move, decide

SCHEMA = "schema"


@frozen
class Staging:
    """What a batch found to have changed: from the rows that were live to the source's. A state stands for all rows."""

    token: int
    base: int
    state: int


@frozen
class Tables:
    """What a transaction sees and writes.

    Attributes:
        history: the committed batches in the order of their commits, each with the source's state that it merged.
    """

    counter: Batch = field(factory=lambda: Batch(0, 0))
    newest: LastBatch | None = None
    staging: Mapping[int, Staging] = field(factory=dict)
    history: tuple[tuple[int, int], ...] = ()

    @property
    def live(self) -> int:
        """The source's state that the live rows are; -1 before the first."""
        return self.history[-1][1] if self.history else -1


@define
class World:
    """The merge database and the source, which moves on.

    Attributes:
        row: who holds the counter row.
        stream: who holds the stream's advisory lock.
        begun: the newest token that was committed.
    """

    tables: Tables = field(factory=Tables)
    row: "Runner | None" = None
    stream: "Runner | None" = None
    source: int = 0
    is_fenced: bool = True
    broken: list[str] = field(factory=list)


class Busy(Exception):
    """Another job has the stream."""


class _Mismatch(Exception):
    """The rows that would stand are not the source's."""


@define(eq=False)
class Runner:
    """A session with at most one open transaction, whose writes nobody sees before its commit."""

    world: World
    stops_when_staged: bool
    token: int = 0
    sees: Tables = field(factory=Tables)
    end: str = ""
    _steps: Iterator[None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._steps = self._work()

    @property
    def is_blocked(self) -> bool:
        """Whether it waits for the counter row: any of its steps may take it, so none is taken."""
        return self.world.row not in (None, self)

    def step(self) -> None:
        """Go on to the next place where another may come between; ``end`` says how it ended."""
        try:
            next(self._steps)
        except StopIteration:
            self.end = self.end or "done"
        except (Busy, Fenced, _Mismatch) as error:
            self.end = type(error).__name__.lstrip("_")
        if self.end:
            self.kill()

    def kill(self) -> None:
        """The session ends: what was not committed is gone, and so are its locks."""
        self.end = self.end or "killed"
        if self.world.row is self:
            self.world.row = None
        if self.world.stream is self:
            self.world.stream = None

    def _work(self) -> Iterator[None]:
        yield
        if self.world.stream not in (None, self):
            raise Busy
        self.world.stream = self
        yield
        self._lock()
        decision = decide(self.sees.newest, self.sees.counter.number, SCHEMA, {})
        yield
        batch = Batch(decision.batch, self.sees.counter.token + 1)
        self.sees = evolve(self.sees, counter=batch)
        yield
        if decision.move is not Move.MERGE:
            self.sees = evolve(self.sees, newest=LastBatch(batch.number, BatchStatus.STARTED, SCHEMA, {}))
            yield
        self._commit()
        self.token = batch.token
        yield
        if decision.move is not Move.MERGE:
            state = self.world.source
            yield
            yield from self._stage(batch, state)
            if self.stops_when_staged:
                self.end = "staged"
                return
            yield
        yield from self._merge(batch)

    def _stage(self, batch: Batch, state: int) -> Iterator[None]:
        self._fence(batch)
        yield
        kept = {number: found for number, found in self.sees.staging.items() if number < batch.number}
        self.sees = evolve(self.sees, staging={**kept, batch.number: Staging(batch.token, self.sees.live, state)})
        yield
        self.sees = evolve(self.sees, newest=LastBatch(batch.number, BatchStatus.INGESTED, SCHEMA, {}))
        yield
        self._commit()

    def _merge(self, batch: Batch) -> Iterator[None]:
        self._fence(batch)
        yield
        staged = self.sees.staging.get(batch.number)
        if staged is None or staged.base != self.sees.live:
            raise _Mismatch
        self.sees = evolve(self.sees, history=(*self.sees.history, (batch.number, staged.state)))
        yield
        self.sees = evolve(self.sees, newest=LastBatch(batch.number, BatchStatus.COMMITTED, SCHEMA, {}))
        yield
        self._commit()

    def _lock(self) -> None:
        assert not self.is_blocked
        self.world.row, self.sees = self, self.world.tables

    def _fence(self, batch: Batch) -> None:
        self._lock()
        if self.world.is_fenced and self.sees.counter != batch:
            raise Fenced("a later job took the stream over", hint="nothing to do")

    def _commit(self) -> None:
        if self.token and self.token != self.world.tables.counter.token:
            self.world.broken.append("a zombie's transaction was committed")
        self.world.tables, self.world.row = self.sees, None


def play(random: Random, is_fenced: bool = True) -> tuple[World, list[str]]:
    """Two runners do a few jobs each in a random order; sessions lose their locks and are killed, the source moves.

    Returns the world, and how the jobs ended.
    """
    world, ends = World(is_fenced=is_fenced), []
    loss, kill, move, switch = (random.choice(rates) for rates in ((0, 0.1, 0.5), (0, 0.02), (0.05, 0.2), (0.1, 0.5)))
    left, at = [random.randint(1, 3), random.randint(1, 3)], 0
    runners = [Runner(world, random.random() < 0.3) for _ in left]
    while any(left):
        if random.random() < move:
            world.source += 1
        if random.random() < switch or runners[at].is_blocked or not left[at]:
            at = 1 - at
        if not left[at] or runners[at].is_blocked:
            continue
        _happen(random, loss, lambda: _lose(world))
        _happen(random, kill, runners[at].kill)
        if not runners[at].end:
            runners[at].step()
        if runners[at].end:
            ends.append(runners[at].end)
            left[at] -= 1
            runners[at] = Runner(world, random.random() < 0.3)
    return world, ends


def _happen(random: Random, rate: float, what: Callable[[], None]) -> None:
    if random.random() < rate:
        what()


def _lose(world: World) -> None:
    world.stream = None


def is_serial(world: World) -> bool:
    """Whether the history is one of batches made one after another: each number once and in order, no state older than
    the one before, nothing of a zombie's.
    """
    numbers, states = [number for number, _ in world.tables.history], [state for _, state in world.tables.history]
    return not world.broken and numbers == list(range(1, len(numbers) + 1)) and states == sorted(states)
