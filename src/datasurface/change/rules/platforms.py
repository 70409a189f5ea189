"""Platforms: what the groups that they serve get, and when."""

from datetime import timedelta
from typing import cast

from datasurface.change.consequences import group_names, seen_by_groups, span
from datasurface.change.consumption import Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.rules.places import ANOTHER_PLATFORM
from datasurface.change.verdicts import Opinion, breaking, compatible, notice, rule
from datasurface.model import DataPlatform, Resources
from datasurface.schedule import BadSchedule, Schedule

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED


@rule("CC601", "A platform is added", (DataPlatform, _ADDED))
def added(change: Change, _models: Models) -> Opinion:
    """It serves nobody before a group is assigned to it. One that was there as another class is judged as one that
    goes."""
    return compatible(f"platform {change.element.key()} is new")


@rule("CC602", "A platform is removed", (DataPlatform, _REMOVED))
def removed(change: Change, models: Models) -> Opinion:
    """Refused as long as it runs for a group that stays: the group's data would stop from one moment to the next. Once
    its pipelines are decommissioned what it left may go, and who reads that is told. A platform of the same name that
    is of another class has none of its tables."""
    platform = cast(DataPlatform, change.old)
    served = [
        group
        for group in models.old.served.get(platform.name, ())
        if models.new.group(group.workspace.name, group.group.name) is not None
    ]
    what = f"platform {platform.name} goes"
    if platform.name in models.new.platforms:
        what = f"platform {platform.name} is a {type(models.new.platforms[platform.name]).__name__} now"
        served = served or [*models.served_from_stored(platform.name)]
        if served:
            return breaking(
                f"{what}: neither views nor history are there, and it serves {group_names(served)}", ANOTHER_PLATFORM
            )
    running = [group for group in served if group.assignment.status.runs]
    if running:
        hint = "assign them to another platform, and take this one to DECOMMISSIONED before it goes"
        return breaking(f"{what}, and runs for {group_names(running)}", hint)
    if served:
        return notice(f"{what}; what it left can be read by {group_names(served)}, and nobody looks after it")
    return compatible(f"{what}, and serves no group that stays")


@rule("CC603", "A platform keeps history, or only live rows", (DataPlatform, "milestoning"))
def other_milestoning(change: Change, models: Models) -> Opinion:
    """Tables are made for one of the two, and versions are not rows: tables that stand cannot follow."""
    platform = cast(DataPlatform, change.after[-1])
    served = models.served_from_stored(platform.name)
    what = f"platform {platform.name} is {platform.milestoning.name} now"
    if not served:
        return compatible(f"{what}, and serves no group")
    return breaking(f"{what}, which its tables cannot follow; it serves {group_names(served)}", ANOTHER_PLATFORM)


@rule("CC604", "A platform runs at other times", (DataPlatform, "schedule"), (DataPlatform, "timezone"))
def other_schedule(change: Change, models: Models) -> Opinion:
    """The longest time between two starts must not be longer than a group accepts that was content before. A longer one
    that everybody accepts makes data older, so consumers are told, as they are of other times of the day. One that is
    shorter is good news."""
    before, platform = cast(DataPlatform, change.before[-1]), cast(DataPlatform, change.after[-1])
    what = f"platform {platform.name} runs '{platform.schedule}' in {platform.timezone}"
    try:
        old, new = _gap(before), _gap(platform)
    except BadSchedule as error:
        return notice(f"{what}, which cannot be read: {error.message}")
    late = [
        group
        for group in models.served_in_both(platform.name)
        if group.assignment.status.runs and old <= _accepted(models, group.workspace.name, group.group.name) < new
    ]
    if late:
        hint = "let it run more often, or move these groups to a platform that does"
        return breaking(f"{what}, up to {span(new)} apart, which is too long for {group_names(late)}", hint)
    if new < old:
        return compatible(f"{what}, at most {span(new)} apart instead of {span(old)}")
    return seen_by_groups(models, platform.name, f"{what}, at most {span(new)} apart; it was {span(old)}")


def _gap(platform: DataPlatform) -> timedelta:
    return Schedule(platform.schedule, platform.timezone).longest_gap()


def _accepted(models: Models, workspace: str, name: str) -> timedelta:
    """The latency that a group accepts after the change."""
    group = models.new.group(workspace, name)
    return group.requires.latency if group is not None else timedelta.max


@rule("CC605", "A platform has more or less grace", (DataPlatform, "grace"))
def other_grace(change: Change, models: Models) -> Opinion:
    """With more, data may be older before anybody is alarmed, and consumers are told. No batch starts otherwise."""
    old, new = cast(timedelta, change.old), cast(timedelta, change.new)
    name = change.after[-1].key() or ""
    what = f"platform {name} counts data as late {span(new)} after what was agreed; it was {span(old)}"
    return compatible(what) if new < old else seen_by_groups(models, name, what)


@rule(
    "CC606",
    "Jobs ask for other resources",
    (DataPlatform, "resources"),
    (Resources, _ADDED),
    (Resources, _REMOVED),
    (Resources, "cpu"),
    (Resources, "memory"),
    (Resources, "cpu_limit"),
    (Resources, "memory_limit"),
)
def other_resources(_change: Change, _models: Models) -> Opinion:
    """The next jobs have them. One that has too little memory is killed and tried again; what it reads is the same."""
    return compatible("its next jobs ask for other resources")
