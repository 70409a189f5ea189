"""The mapping file: every entry names what the model has, and every group is served by what it needs."""

from collections.abc import Iterator

from datasurface.findings import Severity
from datasurface.hints import did_you_mean
from datasurface.lint.assigned import assigned
from datasurface.lint.parts import place_in_files
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem, GroupAssignments, Milestoning


def _groups_by_workspace(ecosystem: Ecosystem) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for workspace in ecosystem.workspaces():
        groups.setdefault(workspace.name, set()).update(group.name for group in workspace.groups)
    return groups


@rule("DS401", "The mapping file names workspaces of the model")
def known_workspace(ecosystem: Ecosystem) -> Iterator[Problem]:
    """An entry of `dsg_platform_mapping.json` names a workspace that no team has."""
    groups = _groups_by_workspace(ecosystem)
    for entry in ecosystem.assignments:
        if entry.workspace not in groups:
            yield Problem(
                entry, f"the model has no workspace '{entry.workspace}'", did_you_mean(entry.workspace, groups)
            )


@rule("DS402", "The mapping file names groups of the model")
def known_group(ecosystem: Ecosystem) -> Iterator[Problem]:
    """An entry of `dsg_platform_mapping.json` names a dataset group that the workspace does not have."""
    groups = _groups_by_workspace(ecosystem)
    for entry in ecosystem.assignments:
        if entry.workspace in groups and entry.dsg not in groups[entry.workspace]:
            yield Problem(
                entry,
                f"workspace '{entry.workspace}' has no group '{entry.dsg}'",
                did_you_mean(entry.dsg, groups[entry.workspace]),
            )


@rule("DS403", "The mapping file names platforms of the model")
def known_platform(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group is assigned to a platform that the ecosystem does not have."""
    names = {platform.name for platform in ecosystem.platforms}
    for entry in ecosystem.assignments:
        for assignment in entry.assignments:
            if assignment.platform not in names:
                yield Problem(
                    assignment,
                    f"group '{entry.dsg}' is assigned to platform '{assignment.platform}', which is not there",
                    did_you_mean(assignment.platform, names),
                )


@rule("DS404", "A group has one entry in the mapping file")
def one_entry(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two entries of `dsg_platform_mapping.json` are for one group. Several platforms stand in one entry, as several
    assignments."""
    first: dict[tuple[str, str], GroupAssignments] = {}
    for entry in sorted(ecosystem.assignments, key=place_in_files):
        other = first.setdefault((entry.workspace, entry.dsg), entry)
        if other is not entry:
            before = f" (the first is at {other.source})" if other.source else ""
            yield Problem(
                entry,
                f"group '{entry.dsg}' of '{entry.workspace}' has two entries{before}",
                "put all its assignments into one entry",
            )


@rule("DS405", "A group is assigned to a platform once")
def one_assignment(ecosystem: Ecosystem) -> Iterator[Problem]:
    """An entry of `dsg_platform_mapping.json` names one platform twice, so that it has two states at a time."""
    for entry in ecosystem.assignments:
        seen: set[str] = set()
        for assignment in sorted(entry.assignments, key=place_in_files):
            if assignment.platform in seen:
                yield Problem(
                    assignment,
                    f"group '{entry.dsg}' is assigned to platform '{assignment.platform}' twice",
                    "keep one of the two assignments",
                )
            seen.add(assignment.platform)


@rule("DS406", "A group is assigned to a platform", Severity.WARNING)
def is_assigned(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group has no assignment in `dsg_platform_mapping.json`: nothing is provisioned for it, its consumers see no
    data."""
    served = {(entry.workspace, entry.dsg) for entry in ecosystem.assignments if entry.assignments}
    for workspace in ecosystem.workspaces():
        for group in workspace.groups:
            if (workspace.name, group.name) not in served:
                yield Problem(
                    group,
                    f"group '{group.name}' of '{workspace.name}' is assigned to no platform, so it gets no data",
                    "add an entry for it to dsg_platform_mapping.json",
                )


@rule("DS407", "A platform keeps the past that a group needs")
def keeps_enough(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group that needs history (`FORENSIC`) is assigned to a platform that keeps only the rows of now (`LIVE_ONLY`).

    The other way round is fine: a platform with history also serves groups that need only live rows.
    """
    for item in assigned(ecosystem):
        needs, keeps = item.group.requires.milestoning, item.platform.milestoning
        if needs is Milestoning.FORENSIC and keeps is Milestoning.LIVE_ONLY:
            yield Problem(
                item.assignment,
                f"group '{item.group.name}' needs history, and platform '{item.platform.name}' keeps none",
                "assign it to a platform with milestoning=Milestoning.FORENSIC",
            )


@rule("DS408", "A platform serves groups", Severity.WARNING)
def serves_groups(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The mapping file assigns no group to a platform, so that it carries nothing. Assign groups to it, or take it out
    of the ecosystem.

    While no group at all is assigned, only the groups are told.
    """
    used = {assignment.platform for entry in ecosystem.assignments for assignment in entry.assignments}
    for platform in ecosystem.platforms if used else ():
        if platform.name not in used:
            yield Problem(
                platform,
                f"no group is assigned to platform '{platform.name}'",
                "assign groups to it in dsg_platform_mapping.json, or take it away",
            )


@rule("DS409", "A group that is asked for is served by a platform that runs", Severity.WARNING)
def is_served(ecosystem: Ecosystem) -> Iterator[Problem]:
    """All assignments of a group are `DECOMMISSIONED`: its views stay as they were and get no new data, whatever
    latency it asks for. Take the group away if nobody needs it, or assign it to a platform that runs."""
    stopped = {
        (entry.workspace, entry.dsg)
        for entry in ecosystem.assignments
        if entry.assignments and not any(assignment.status.runs for assignment in entry.assignments)
    }
    for workspace in ecosystem.workspaces() if stopped else ():
        for group in workspace.groups:
            if (workspace.name, group.name) in stopped:
                yield Problem(
                    group,
                    f"group '{group.name}' of '{workspace.name}' is decommissioned everywhere and gets no new data",
                    "take the group away, or assign it to a platform that runs",
                )
