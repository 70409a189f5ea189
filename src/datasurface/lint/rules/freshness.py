"""Freshness: platforms run when they say, and as often as their consumers need."""

from collections.abc import Iterator
from datetime import timedelta

from datasurface.lint.assigned import assigned
from datasurface.lint.registry import Problem, rule
from datasurface.model import DataPlatform, Ecosystem
from datasurface.schedule import BadSchedule, Schedule


def _schedule(platform: DataPlatform) -> Schedule:
    return Schedule(platform.schedule, platform.timezone)


def _gap_or_none(schedule: Schedule) -> timedelta | None:
    """None for a schedule that cannot be read."""
    try:
        return schedule.longest_gap()
    except BadSchedule:
        return None


@rule("DS501", "A platform's schedule can be read")
def readable_schedule(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A schedule is a cron expression of five fields (`*/10 * * * *`) in a time zone that the machine knows, or
    `every 5 seconds` for local runs."""
    for platform in ecosystem.platforms:
        try:
            _schedule(platform).check()
        except BadSchedule as error:
            yield Problem(platform, f"platform '{platform.name}': {error.message}", error.hint or "")


@rule("DS502", "A platform runs as often as a group needs")
def meets_latency(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The longest time between two starts of the platform is longer than the latency that the group accepts.

    Nights, weekends and changes of the clock count: a schedule for working hours has a gap of a weekend, and one that
    runs daily in a zone with summer time has one of 25 hours. Let the platform run more often, or accept more latency.
    """
    gaps: dict[
        Schedule, timedelta | None
    ] = {}  # a model may have more schedules than are remembered from one to the next
    for item in assigned(ecosystem):
        if not item.assignment.status.runs:
            continue
        schedule = _schedule(item.platform)
        if schedule not in gaps:
            gaps[schedule] = _gap_or_none(schedule)
        gap = gaps[schedule]
        if gap is not None and gap > item.group.requires.latency > timedelta(0):
            yield Problem(
                item.assignment,
                f"group '{item.group.name}' accepts a latency of {item.group.requires.latency}, and platform "
                f"'{item.platform.name}' has up to {gap} between two starts",
                "assign it to a platform that runs more often, or accept more latency",
            )


@rule("DS503", "The schedule of copies can be read")
def readable_refresh(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The `schedule` of `Copied` is a cron expression of five fields, in the time zone of the platform, or `every 5
    minutes`. Without one, copies are refreshed after each batch."""
    for workspace in ecosystem.workspaces():
        for group in workspace.groups:
            if group.copied is not None and group.copied.schedule is not None:
                try:
                    Schedule(group.copied.schedule).check()
                except BadSchedule as error:
                    yield Problem(group.copied, f"copies of '{group.name}': {error.message}", error.hint or "")


@rule("DS504", "Copies are refreshed as often as the group needs")
def refreshed_within_latency(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The longest time between two refreshes of a group's copies is longer than the latency that the group accepts.
    Refresh more often, without a `schedule` after each batch, or accept more latency."""
    for item in assigned(ecosystem):
        copied = item.group.copied
        if copied is None or copied.schedule is None or not item.assignment.status.shows:
            continue
        gap = _gap_or_none(Schedule(copied.schedule, item.platform.timezone))
        if gap is not None and gap > item.group.requires.latency > timedelta(0):
            yield Problem(
                copied,
                f"group '{item.group.name}' accepts a latency of {item.group.requires.latency}, and its copies on "
                f"platform '{item.platform.name}' have up to {gap} between two refreshes",
                "refresh them more often, or accept more latency",
            )
