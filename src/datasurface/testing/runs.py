"""Runs batches of a strategy as a job does, call by call, and can end before any of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from attrs import define, field, frozen

from datasurface.milestoning.kit import Lie, Reading, Session, Snapshot, Store
from datasurface.milestoning.rows import Version
from datasurface.milestoning.strategy import Batch, Fingerprint, Guard, Prepared, Staged
from datasurface.model import Dataset

Versions = Mapping[str, tuple[Version, ...]]
"""All versions that consumers can see, by dataset."""

ANY_DELETES = Guard(allow_deletes=True)


class Killed(BaseException):
    """Ends a run where the process would be killed; nothing of the strategy may catch it."""


@frozen
class Done:
    """A batch that was committed.

    Attributes:
        staged: None after a first load, which stages nothing.
        after: what consumers see when it is committed.
    """

    number: int
    snapshot: Snapshot
    staged: Mapping[str, Staged] | None
    prepared: Prepared
    after: Versions


def _go_on(_point: str) -> None:
    """Past every point."""


@define
class Runner:
    """The platform's part: numbers, tokens, and the log of what batches left.

    Attributes:
        committed: by dataset every committed batch with the fingerprint that it left, in order.
    """

    store: Store
    datasets: tuple[Dataset, ...]
    committed: dict[str, list[tuple[int, Fingerprint]]] = field(factory=dict)
    number: int = 0
    _token: int = 0

    @classmethod
    def begin(cls, store: Store, datasets: tuple[Dataset, ...]) -> "Runner":
        """With the datasets' objects made, as ``apply`` does."""
        runner = cls(store, datasets)
        with store.session() as session:
            session.strategy.ensure()
            session.keep()
        return runner

    @property
    def before(self) -> Mapping[str, Fingerprint]:
        """What the last batch left of every dataset."""
        return {name: log[-1][1] for name, log in self.committed.items()}

    def see(self) -> Versions:
        """What consumers see now."""
        return {dataset.name: tuple(self.store.versions(dataset)) for dataset in self.datasets}

    def batch(
        self,
        snapshot: Snapshot,
        guard: Guard = ANY_DELETES,
        at: Callable[[str], None] = _go_on,
        lie: Lie | None = None,
    ) -> Done:
        """One batch in one session. ``at`` is called with the name of every point between two calls."""
        batch = self._next()
        with self.session() as session:
            if not self.committed and session.strategy.is_new():
                with session.read(snapshot, lie) as reading:
                    prepared = reading.load(batch)
                at("loaded")
                staged = None
            else:
                with session.read(snapshot, lie) as reading:
                    staged = self._staged(session, reading, batch, guard, at)
                prepared = session.strategy.prepare(batch, staged, self.before)
            return self._commit(session, snapshot, staged, prepared, at)

    def stage(self, snapshot: Snapshot, guard: Guard = ANY_DELETES) -> Mapping[str, Staged]:
        """The first half of a batch, kept, in a session of its own."""
        batch = self._next()
        with self.session() as session, session.read(snapshot) as reading:
            return self._staged(session, reading, batch, guard, _go_on)

    def merge(self, snapshot: Snapshot, staged: Mapping[str, Staged]) -> Done:
        """The second half, in a session of its own that reads no source."""
        batch = self._next()
        with self.session() as session:
            prepared = session.strategy.prepare(batch, staged, self.before)
            return self._commit(session, snapshot, staged, prepared, _go_on)

    def reset(self) -> None:
        """Clear what the uncommitted batch has staged."""
        batch = self._next()
        with self.session() as session:
            session.strategy.reset(batch)
            session.keep()

    def rollback(self, to: int, at: Callable[[str], None] = _go_on) -> None:
        """Back to what batch ``to`` left. Its number and those of the batches after it are not used again."""
        logs = {name: [entry for entry in log if entry[0] <= to] for name, log in self.committed.items()}
        after = {name: log[-1][1] for name, log in logs.items() if log}
        with self.session() as session:
            session.strategy.rollback(to, self.before, after, lambda: at("recording"))
        self.committed = {name: log for name, log in logs.items() if log}

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that forgets what it did before it passes an error on, as a job does."""
        with self.store.session() as session:
            try:
                yield session
            except Exception:
                session.strategy.abort()
                raise

    def _next(self) -> Batch:
        """The batch that is due, under the token of another job."""
        self._token += 1
        return Batch(self.number + 1, self._token)

    def _staged(
        self, session: Session, reading: Reading, batch: Batch, guard: Guard, at: Callable[[str], None]
    ) -> Mapping[str, Staged]:
        staged = {}
        for dataset in self.datasets:
            staged[dataset.name] = reading.stage(dataset, batch, self.before.get(dataset.name), guard)
            at(f"staged {dataset.name}")
        session.keep()
        at("kept")
        return staged

    def _commit(
        self,
        session: Session,
        snapshot: Snapshot,
        staged: Mapping[str, Staged] | None,
        prepared: Prepared,
        at: Callable[[str], None],
    ) -> Done:
        at("prepared")
        recorded = []

        def record() -> None:
            at("recording")
            recorded.append(prepared.batch.number)

        session.strategy.commit(prepared, record)
        if recorded != [prepared.batch.number]:
            raise AssertionError(f"commit called record {len(recorded)} times, not once")
        self.number = prepared.batch.number
        for name, fingerprint in prepared.fingerprints.items():
            self.committed.setdefault(name, []).append((self.number, fingerprint))
        return Done(self.number, snapshot, staged, prepared, self.see())


def killed_at(place: int) -> Callable[[str], None]:
    """Kills at the point of that place, counted from 0; a batch that has fewer goes on to its end."""
    points = iter(range(place + 1))

    def at(point: str) -> None:
        if next(points, None) == place:
            raise Killed(point)

    return at
