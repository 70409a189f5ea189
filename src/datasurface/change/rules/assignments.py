"""Assignments: which platform serves which group, and whether it still runs."""

from typing import cast

from datasurface.change.consumption import Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.verdicts import Opinion, breaking, compatible, notice, rule, worst
from datasurface.model import Assignment, AssignmentStatus, GroupAssignments

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED


@rule("CC651", "A group is assigned to a platform", (GroupAssignments, _ADDED), (Assignment, _ADDED))
def added(change: Change, _models: Models) -> Opinion:
    """The group gets views more; those of its other platforms stay."""
    entry = cast(GroupAssignments, change.after[1])
    return compatible(f"{entry.key()} is served by one platform more")


@rule("CC652", "A group is not assigned any more", (GroupAssignments, _REMOVED))
def entry_removed(change: Change, models: Models) -> Opinion:
    """The same as each of its assignments that goes."""
    entry = cast(GroupAssignments, change.old)
    return worst(
        (_gone(models, entry, item) for item in entry.assignments), compatible(f"{entry.key()} had no platform")
    )


@rule("CC653", "An assignment is removed", (Assignment, _REMOVED))
def removed(change: Change, models: Models) -> Opinion:
    """A group must not lose its data from one moment to the next. An assignment that runs can go when another platform
    already serves the group; else it is decommissioned first. The views of this platform go with it, and who queries
    them is told, unless the group has gone, too."""
    return _gone(models, cast(GroupAssignments, change.before[1]), cast(Assignment, change.old))


def _gone(models: Models, entry: GroupAssignments, gone: Assignment) -> Opinion:
    what = f"{entry.key()} is served by {gone.platform} no more"
    if models.new.group(entry.workspace, entry.dsg) is None:
        return compatible(f"{what}, and is not there any more")
    if not gone.status.runs:
        return notice(f"{what}: the views of what it left go")
    if _served_otherwise(models, entry, gone.platform):
        return notice(f"{what}; its views go, and those of another platform that serves it stay")
    hint = "take it to DECOMMISSIONING and DECOMMISSIONED, or let another platform serve the group before"
    return breaking(f"{what}, which runs for it, and no other platform has its data", hint)


@rule("CC654", "An assignment has another status", (Assignment, "status"))
def other_status(change: Change, models: Models) -> Opinion:
    """Towards the end of a pipeline consumers are told: its data are kept up no longer, though data and views stay. A
    pipeline that begins, or runs on, takes nothing from anybody."""
    entry, platform = cast(GroupAssignments, change.after[1]), cast(Assignment, change.after[-1]).platform
    new = cast(AssignmentStatus, change.new)
    what = f"{entry.key()} is {new.name} on {platform}"
    if new is AssignmentStatus.DECOMMISSIONED:
        if _served_otherwise(models, entry, platform):
            return notice(f"{what}: no batch runs for it there, and another platform serves it")
        return notice(f"{what}: no batch runs for it any more, and its data stay as they are")
    if new is AssignmentStatus.DECOMMISSIONING:
        return notice(f"{what}: its data are kept up for now")
    return compatible(what)


def _served_otherwise(models: Models, entry: GroupAssignments, platform: str) -> bool:
    """Whether another platform runs for a group in both models."""
    group = (entry.workspace, entry.dsg)
    before, after = (
        {item.platform for item in side.assignments.get(group, ()) if item.status.runs}
        for side in (models.old, models.new)
    )
    return bool((before & after) - {platform})


@rule(
    "CC655",
    "An entry of the mapping file is written otherwise",
    (GroupAssignments, "workspace"),
    (GroupAssignments, "dsg"),
    (Assignment, "platform"),
)
def written_otherwise(change: Change, _models: Models) -> Opinion:
    """An entry is known by its workspace and group, and an assignment by its platform: with others, it is another one,
    and lint refuses names that could be taken for each other."""
    return notice(f"the entry {change.before[1].key()} of the mapping file has {change.attribute}={change.new!r}")
