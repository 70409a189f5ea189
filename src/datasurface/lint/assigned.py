"""Which platform serves which group, for the assignments whose names are all known."""

from collections.abc import Iterator

from attrs import frozen

from datasurface.model import Assignment, DataPlatform, DatasetGroup, Ecosystem


@frozen
class Assigned:
    """An assignment with what its names mean."""

    assignment: Assignment
    platform: DataPlatform
    group: DatasetGroup


def assigned(ecosystem: Ecosystem) -> Iterator[Assigned]:
    """Every assignment of a known platform to a known group, in the order of the mapping file."""
    platforms = {platform.name: platform for platform in ecosystem.platforms}
    groups = {(workspace.name, group.name): group for workspace in ecosystem.workspaces() for group in workspace.groups}
    for entry in ecosystem.assignments:
        group = groups.get((entry.workspace, entry.dsg))
        for assignment in entry.assignments:
            platform = platforms.get(assignment.platform)
            if group is not None and platform is not None:
                yield Assigned(assignment, platform, group)
