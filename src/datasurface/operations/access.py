"""Access: who may read what, as the model says it, against what the roles of the stores are found to get."""

from collections.abc import Sequence

from datasurface.access import AccessReport
from datasurface.operations.jobs import InForce


def check_access(
    in_force: InForce, platform: str | None = None, *, credential: str | None = None
) -> dict[str, Sequence[AccessReport]]:
    """Try everything as each role that reads, by platform, in each of its databases. Changes nothing.

    Args:
        credential: names the secret of a login that may become the roles; by default that of each
            database.

    Raises:
        NotApplied: the platform is not in force.
    """
    return {name: in_force.runtime(name).check_access(credential) for name in in_force.platforms(platform)}
