"""Spans of time: what lasts longer than nothing, and is kept where there is something to keep."""

from collections.abc import Iterator
from datetime import timedelta

from datasurface.findings import Severity
from datasurface.lint.parts import groups
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem, Milestoning

_NOTHING = timedelta(0)


@rule("DS511", "A latency is longer than nothing")
def positive_latency(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The latency of a group is the longest time between two batches that it accepts. No platform has batches without
    any time between them."""
    for group in groups(ecosystem):
        if group.requires.latency <= _NOTHING:
            yield Problem(
                group.requires,
                f"group '{group.name}' accepts a latency of {group.requires.latency}, which no platform can meet",
                "say how old its data may be, as in latency=timedelta(minutes=1)",
            )


@rule("DS512", "A grace is not negative")
def no_negative_grace(ecosystem: Ecosystem) -> Iterator[Problem]:
    """`grace` is added to the latency of a group before its freshness counts as missed. A negative one would raise the
    alarm while everything is as it was promised."""
    for platform in ecosystem.platforms:
        if platform.grace < _NOTHING:
            seconds = platform.grace.total_seconds()
            yield Problem(
                platform,
                f"platform '{platform.name}' has a grace of {seconds:g} seconds, less than nothing",
                "use timedelta(0) or more; for earlier alarms let the groups ask for less latency",
            )


@rule("DS513", "A retention is longer than nothing")
def positive_retention(ecosystem: Ecosystem) -> Iterator[Problem]:
    """`retention` is how long history must be kept at least; without it, it is kept for ever. Who needs no history asks
    for `LIVE_ONLY`."""
    for group in groups(ecosystem):
        retention = group.requires.retention
        if retention is not None and retention <= _NOTHING:
            yield Problem(
                group.requires,
                f"group '{group.name}' keeps history for {retention}, which is no time at all",
                "give a span as in retention=timedelta(days=365), or ask for Milestoning.LIVE_ONLY",
            )


@rule("DS514", "A retention is for groups with history", Severity.WARNING)
def retention_of_history(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group asks for `LIVE_ONLY` and for a `retention`. It sees the rows of now, of which none is history, so there
    is nothing that could be kept for that long."""
    for group in groups(ecosystem):
        if group.requires.milestoning is Milestoning.LIVE_ONLY and group.requires.retention is not None:
            yield Problem(
                group.requires,
                f"the retention of group '{group.name}' has no effect: it asks for live rows only",
                "take retention away, or ask for Milestoning.FORENSIC",
            )
