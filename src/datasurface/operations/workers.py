"""Jobs side by side in threads, and the clock of the scheduler."""

from collections.abc import Callable
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol

from attrs import astuple, define, field, frozen

from datasurface.operations.due import JobName
from datasurface.results import CopyResult, JobResult, TransformResult

Result = JobResult | CopyResult | TransformResult
Job = Callable[[], Result]


@frozen
class Finished:
    """A job that ended: with its result, or with an exception that it should not have raised."""

    name: JobName
    outcome: Result | BaseException


class Workers(Protocol):
    """Time and concurrency as the scheduler needs them."""

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked for the end."""
        ...

    def now(self) -> datetime:
        """The time, with its zone."""
        ...

    def start(self, name: JobName, job: Job) -> None:
        """Put a job to work."""
        ...

    def wait(self, seconds: float | None) -> Finished | None:
        """The next job that ends, waited for; None when the time is over (never, for None) or the end is asked for."""
        ...


@define
class Threads:
    """One thread a job. They are daemons: a batch that is cut off anywhere is taken up by the next job."""

    is_stopping: bool = False
    _ended: "SimpleQueue[Finished | None]" = field(factory=SimpleQueue)

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def start(self, name: JobName, job: Job) -> None:
        """Put a job to work in a thread of its own."""
        Thread(target=self._work, args=(name, job), name=" ".join(astuple(name)), daemon=True).start()

    def wait(self, seconds: float | None) -> Finished | None:
        """The next job that ends."""
        try:
            return self._ended.get(timeout=seconds)
        except Empty:
            return None

    def stop(self) -> None:
        """Ask for the end. A signal handler may call it, since a SimpleQueue may be entered while it is in use."""
        self.is_stopping = True
        self._ended.put(None)

    def _work(self, name: JobName, job: Job) -> None:
        try:
            outcome: Result | BaseException = job()
        except BaseException as error:  # the scheduler raises it in the thread that everybody looks at
            outcome = error
        self._ended.put(Finished(name, outcome))
