"""Tells OpenLineage of jobs."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from attrs import frozen

from datasurface.deployment import Deployment
from datasurface.lineage.delivery import Delivery
from datasurface.lineage.events import end_event, start_event
from datasurface.lineage.flows import relevant
from datasurface.results import PhysicalObject
from datasurface.watching import Result, StartedJob

Objects = Callable[[Deployment], Sequence[PhysicalObject]]
"""What stands once a deployment is applied, as its platform says it; asks no database."""


@frozen
class LineageWatch:
    """A watch whose events are made and sent by the thread of a delivery."""

    delivery: Delivery
    objects: Objects

    def started(self, job: StartedJob) -> None:
        """A job begins."""
        self.delivery.put(lambda: start_event(job, self.objects(relevant(job)), self._namespace(job)))

    def ended(self, job: StartedJob, result: Result) -> None:
        """A job is over."""
        at = datetime.now(UTC)
        self.delivery.put(lambda: end_event(job, result, at, self.objects(relevant(job)), self._namespace(job)))

    def _namespace(self, job: StartedJob) -> str:
        return self.delivery.settings.namespace or job.deployment.ecosystem
