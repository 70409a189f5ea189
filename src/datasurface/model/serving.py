"""Which platform serves all of a workspace: what is read together has to be in one place."""

from datasurface.model.assignment import AssignmentStatus
from datasurface.model.ecosystem import Ecosystem
from datasurface.model.workspace import Workspace


def serving_platforms(
    ecosystem: Ecosystem, workspace: Workspace, *, with_coming: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The platforms that run batches for every group of a workspace that sinks something, and show it: those that no
    group is to leave, and the others; both in the order of their names, because the order of a model says nothing.

    ``with_coming``: also those that do not show everything yet.
    """
    groups = {group.name for group in workspace.groups if group.sinks}
    known = {platform.name for platform in ecosystem.platforms}
    found: dict[str, dict[str, AssignmentStatus]] = {}
    for entry in ecosystem.assignments:
        if entry.workspace == workspace.name and entry.dsg in groups:
            for each in entry.assignments:
                if each.status.runs and (each.status.shows or with_coming):
                    found.setdefault(each.platform, {})[entry.dsg] = each.status
    whole = sorted(name for name, statuses in found.items() if name in known and statuses.keys() == groups)
    left = {name for name in whole if AssignmentStatus.DECOMMISSIONING in found[name].values()}
    return tuple(name for name in whole if name not in left), tuple(name for name in whole if name in left)


def transforming_platform(ecosystem: Ecosystem, workspace: Workspace, *, with_coming: bool = False) -> str | None:
    """The platform that runs the transformer of a workspace; None where none serves all that it reads."""
    staying, leaving = serving_platforms(ecosystem, workspace, with_coming=with_coming)
    return next(iter((*staying, *leaving)), None)
