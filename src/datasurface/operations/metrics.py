"""Metrics: every platform in force is asked for what it says of its work."""

from collections.abc import Sequence

from datasurface.deployment import Deployment
from datasurface.errors import DataSurfaceError
from datasurface.monitoring.measure import Moment, Seen
from datasurface.operations.jobs import InForce, failure


def look(in_force: InForce, platform: str | None = None) -> Sequence[Seen]:
    """What the platforms say of themselves, or one of them; a few queries each. Where one cannot be read the others
    still are.

    Raises:
        NotApplied: there is no platform of that name.
    """
    generation = in_force.generation
    return [_seen(in_force, generation.deployment(name)) for name in in_force.platforms(platform)]


def _seen(in_force: InForce, deployment: Deployment) -> Seen:
    number, since = in_force.generation.number, in_force.generation.applied_at
    try:
        with in_force.runtime(deployment.platform.name).observe() as sight:
            moment = Moment(sight.now, sight.streams(), sight.others())
    except DataSurfaceError as error:
        return Seen(deployment, number, since, None, failure(error))
    return Seen(deployment, number, since, moment)
