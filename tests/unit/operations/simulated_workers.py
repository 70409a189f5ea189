"""Workers on a clock of their own: a job's work is done when it starts, and it ends when its seconds are over."""

from datetime import datetime, timedelta

from attrs import define, field

from datasurface.operations.due import CopyName, JobName, StreamName
from datasurface.operations.workers import Finished, Job
from tests.unit.operations.generations import MIDNIGHT


@define
class SimulatedWorkers:
    """``seconds``: how long jobs take, by stream or copied group; ``stop_at``: when somebody asks for the end, in
    seconds from now."""

    seconds: dict[str, float] = field(factory=dict)
    stop_at: float | None = None
    time: datetime = MIDNIGHT
    started: list[tuple[float, JobName]] = field(factory=list)
    most_at_once: int = 0
    _at_work: list[tuple[datetime, Finished]] = field(factory=list)

    @property
    def is_stopping(self) -> bool:
        return self.stop_at is not None and self.passed >= self.stop_at

    @property
    def passed(self) -> float:
        """Seconds since the beginning."""
        return (self.time - MIDNIGHT).total_seconds()

    def now(self) -> datetime:
        return self.time

    def start(self, name: JobName, job: Job) -> None:
        assert all(finished.name != name for _, finished in self._at_work), f"two jobs of {name} at once"
        self.started.append((self.passed, name))
        key = (
            name.stream
            if isinstance(name, StreamName)
            else name.group
            if isinstance(name, CopyName)
            else name.transformer
        )
        end = self.time + timedelta(seconds=self.seconds.get(key, 1.0))
        try:
            self._at_work.append((end, Finished(name, job())))
        except BaseException as error:
            self._at_work.append((end, Finished(name, error)))
        self.most_at_once = max(self.most_at_once, len(self._at_work))

    def wait(self, seconds: float | None) -> Finished | None:
        until = None if seconds is None else self.time + timedelta(seconds=seconds)
        if self.stop_at is not None and not self.is_stopping:
            stop = MIDNIGHT + timedelta(seconds=self.stop_at)
            until = stop if until is None else min(until, stop)
        first = min(self._at_work, key=lambda work: work[0], default=None)
        if first is not None and (until is None or first[0] <= until):
            self._at_work.remove(first)
            self.time = first[0]
            return first[1]
        assert until is not None, "waited for ever"
        self.time = until
        return None
