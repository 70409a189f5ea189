"""Which platform serves which group, for the assignments whose names are all known."""

from collections.abc import Iterator

from attrs import frozen

from datasurface.lint.parts import by_name
from datasurface.model import Assignment, DataPlatform, DatasetGroup, Ecosystem, Workspace


@frozen(eq=False)
class Assigned:
    """An assignment with what its names mean."""

    assignment: Assignment
    platform: DataPlatform
    workspace: Workspace
    group: DatasetGroup


def assigned(ecosystem: Ecosystem) -> Iterator[Assigned]:
    """Every assignment of a known platform to a known group, in the order of the mapping file."""
    platforms = by_name(ecosystem.platforms)
    groups = {
        (workspace.name, group.name): (workspace, group)
        for workspace in by_name(ecosystem.workspaces()).values()
        for group in by_name(workspace.groups).values()
    }
    for entry in ecosystem.assignments:
        named = groups.get((entry.workspace, entry.dsg))
        for assignment in entry.assignments:
            platform = platforms.get(assignment.platform)
            if named is not None and platform is not None:
                yield Assigned(assignment, platform, *named)
