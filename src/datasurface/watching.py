"""Who hears of jobs: when one begins, and how it ended. A watch changes nothing of a job, and never fails it."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol

from attrs import frozen

from datasurface.deployment import Deployment
from datasurface.results import CopyResult, JobResult, TransformResult

Result = JobResult | TransformResult | CopyResult


class JobKind(Enum):
    """What a job does."""

    INGESTION = "ingestion"
    TRANSFORMATION = "transformation"
    COPIES = "copies"


@frozen
class StartedJob:
    """A job that begins.

    Attributes:
        name: the key of the stream, the name of the transformer, or ``Workspace/Group``.
        generation, commit: in force, by which it works.
        deployment: of its platform.
        at: when it begins, with its zone.
    """

    kind: JobKind
    platform: str
    name: str
    run_id: str
    generation: int
    commit: str | None
    deployment: Deployment
    at: datetime


class Watch(Protocol):
    """Hears of jobs, in the threads that they run in; raises nothing."""

    def started(self, job: StartedJob) -> None:
        """A job begins."""
        ...

    def ended(self, job: StartedJob, result: Result) -> None:
        """A job is over; what went wrong is in its result."""
        ...


@frozen
class Watches:
    """Several, or none."""

    all: Sequence[Watch] = ()

    def started(self, job: StartedJob) -> None:
        """Tell all of them."""
        for each in self.all:
            each.started(job)

    def ended(self, job: StartedJob, result: Result) -> None:
        """Tell all of them."""
        for each in self.all:
            each.ended(job, result)
