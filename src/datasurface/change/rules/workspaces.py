"""Workspaces: what consumers change of their own, and what that does to those who read what they make."""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

from attrs import evolve

from datasurface.change.consequences import span
from datasurface.change.consumption import Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.rules.stores import gone
from datasurface.change.verdicts import Opinion, breaking, compatible, notice, rule, worst
from datasurface.classification import Classification
from datasurface.hints import listed
from datasurface.model import (
    Copied,
    DatasetGroup,
    DatasetSink,
    Milestoning,
    ProductionStatus,
    Requirements,
    Workspace,
)

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED


@rule("CC501", "A workspace is added", (Workspace, _ADDED))
def workspace_added(change: Change, models: Models) -> Opinion:
    """A new consumer takes nothing from the others. One that is built on what goes away without accepting that is
    refused. One that the old model had elsewhere has moved: what differs is judged where it went."""
    workspace = cast(Workspace, change.new)
    name = workspace.name
    added = compatible(f"workspace {name} {'stands here now' if name in models.old.workspaces else 'is new'}")
    return worst(built_on_what_goes(models, workspace, workspace.groups), added)


@rule("CC502", "A workspace is removed, or has another owner", (Workspace, _REMOVED))
def workspace_removed(change: Change, models: Models) -> Opinion:
    """Its owner does not want it any more, so its views go, and nobody else's. The datastore that its transformer makes
    goes with it, and that is refused while others consume it. One that the new model has in another place stays."""
    return workspace_gone(models, cast(Workspace, change.old))


def workspace_gone(models: Models, workspace: Workspace) -> Opinion:
    """What it means that a workspace is not where it was."""
    after = models.new.workspaces.get(workspace.name)
    if after is not None:
        return notice(f"workspace {workspace.name} belongs to {after[-2].key()} now")
    views = worst((_views_go(models, workspace, group) for group in workspace.groups), compatible("it has no group"))
    opinions = [Opinion(views.verdict, f"workspace {workspace.name} goes; {views.reason}")]
    if workspace.transformer is not None:
        opinions.append(gone(models, workspace.transformer.produces))
    return worst(opinions, opinions[0])


@rule("CC503", "A group is added", (DatasetGroup, _ADDED))
def group_added(change: Change, models: Models) -> Opinion:
    """It needs an assignment before it gets data, and takes nothing from others. One that is built on what goes away
    without accepting that is refused."""
    workspace, group = cast(Workspace, change.after[-2]), cast(DatasetGroup, change.new)
    return worst(built_on_what_goes(models, workspace, [group]), compatible(f"group {group.name} is new"))


def built_on_what_goes(models: Models, workspace: Workspace, groups: Iterable[DatasetGroup]) -> list[Opinion]:
    """Refusals of the sinks that the old model does not have and that read what is deprecated without accepting it."""
    refusals = []
    for group in groups:
        for sink in group.sinks:
            table = sink.store, sink.dataset
            deprecation = None if sink.accepts_deprecation else models.new.deprecation(table)
            identity = workspace.name, group.name, sink.key()
            if deprecation is None or any(old.identity == identity for old in models.old.consumers.get(table, ())):
                continue
            instead = f"sink {deprecation.replacement}, or " if deprecation.replacement else ""
            refusals.append(
                breaking(
                    f"{workspace.name}.{group.name} would be built on {sink.key()}, which goes away after "
                    f"{deprecation.until.isoformat()}",
                    f"{instead}say that you know it: DatasetSink(..., accepts_deprecation=True)",
                )
            )
    return refusals


@rule("CC504", "A group is removed", (DatasetGroup, _REMOVED))
def group_removed(change: Change, models: Models) -> Opinion:
    """The workspace's own views of it go, and nobody else's: who queries them is told."""
    workspace, group = cast(Workspace, change.before[-2]), cast(DatasetGroup, change.old)
    return _views_go(models, workspace, group)


def _views_go(models: Models, workspace: Workspace, group: DatasetGroup) -> Opinion:
    if models.old.assignments.get((workspace.name, group.name)):
        return notice(f"the views of {workspace.name}.{group.name} go")
    return compatible(f"{workspace.name}.{group.name} was assigned to no platform and had no views")


@rule("CC505", "A sink is added", (DatasetSink, _ADDED))
def sink_added(change: Change, models: Models) -> Opinion:
    """A view more. One of a dataset that goes away is refused, unless the sink accepts that. Whether the group may have
    it is for lint: approvals and policies."""
    workspace, group = cast(Workspace, change.after[-3]), cast(DatasetGroup, change.after[-2])
    sink = cast(DatasetSink, change.new)
    added = compatible(f"{sink.key()} is consumed by one group more")
    return worst(built_on_what_goes(models, workspace, [evolve(group, sinks=[sink])]), added)


@rule("CC506", "A sink is removed, or its view has another name", (DatasetSink, _REMOVED), (DatasetSink, "name"))
def sink_removed(change: Change, models: Models) -> Opinion:
    """The workspace's own view goes, or is called otherwise: who queries it is told. A dataset that nobody sinks is not
    read any more; its tables stay."""
    sink = change.before[-1]
    workspace, group = cast(Workspace, change.before[-3]), cast(DatasetGroup, change.before[-2])
    if not models.old.assignments.get((workspace.name, group.name)):
        return compatible(f"{workspace.name}.{group.name} was assigned to no platform and had no views")
    if change.kind is _REMOVED:
        return notice(f"the view of {sink.key()} in {workspace.name}.{group.name} goes")
    return notice(f"the view of {sink.key()} in {workspace.name}.{group.name} has another name")


@rule(
    "CC507",
    "A sink says otherwise what it sinks",
    (DatasetSink, "store"),
    (DatasetSink, "dataset"),
    (DatasetSink, "accepts_deprecation"),
)
def other_sink(change: Change, _models: Models) -> Opinion:
    """Accepting a deprecation is a consumer's word, and changes no data; lint asks for it where it is due."""
    return compatible(f"its sink has {change.attribute}={change.new!r}")


@rule("CC508", "A group needs history, or only live rows", (Requirements, "milestoning"), (DatasetGroup, "requires"))
def other_milestoning(change: Change, _models: Models) -> Opinion:
    """A group that needs history gets views of it beside those of the live rows, if its platform keeps any, which lint
    sees to. One that needs it no longer loses these views: who queries them is told. The tables are the platform's, and
    stay as they are."""
    if change.new is Milestoning.FORENSIC:
        return compatible("the group gets views of the history, too")
    return notice("the group's views of the history go")


@rule("CC509", "A group accepts more or less latency", (Requirements, "latency"))
def other_latency(change: Change, _models: Models) -> Opinion:
    """With less, its platform must run as often, which lint sees to. With more, its data may be older than they were,
    and nobody is alarmed: who reads them is told."""
    old, new = cast(timedelta, change.old), cast(timedelta, change.new)
    if new < old:
        return compatible(f"data may be {span(new)} old instead of {span(old)}")
    return notice(f"data may be {span(new)} old instead of {span(old)} before anybody is alarmed")


@rule("CC510", "A group needs history for longer or shorter", (Requirements, "retention"))
def other_retention(change: Change, _models: Models) -> Opinion:
    """History that no group needs any more may be pruned, and does not come back: who queries it is told. A longer time
    counts from now on, and brings nothing back that is gone."""
    old, new = cast("timedelta | None", change.old), cast("timedelta | None", change.new)
    if new is None or (old is not None and new > old):
        return compatible(f"history is kept {_span(new)} instead of {_span(old)}")
    return notice(f"history is kept {_span(new)} instead of {_span(old)}: what is older may be pruned for good")


def _span(value: timedelta | None) -> str:
    return "for ever" if value is None else span(value)


@rule("CC511", "A workspace may read other classifications", (Workspace, "clearance"))
def other_clearance(change: Change, _models: Models) -> Opinion:
    """With a narrower clearance its own queries lose sight of values; with a wider one they see more of other people's.
    Whether they may is for the policies, by lint; whoever agrees to the change should know."""
    old, new = _cleared(change.old), _cleared(change.new)
    if new == old:
        return compatible("it may read what it could read")
    words = [f"loses sight of {_words(old - new)}"] if old - new else []
    words += [f"reads {_words(new - old)} as it is"] if new - old else []
    return notice(f"workspace {change.after[-1].key()} {' and '.join(words)} from now on")


def _cleared(clearance: object) -> frozenset[Classification]:
    return frozenset(Classification) if clearance is None else frozenset(cast("tuple[Classification, ...]", clearance))


def _words(classifications: frozenset[Classification]) -> str:
    return listed(classification.name for classification in classifications)


@rule("CC512", "A workspace goes into production, or out of it", (Workspace, "production_status"))
def other_status(change: Change, _models: Models) -> Opinion:
    """In production it may use only what is in production, which lint sees to. Out of it, nobody may rely on its views
    any more, and who does is told."""
    name = change.after[-1].key()
    if change.new is ProductionStatus.PRODUCTION:
        return compatible(f"workspace {name} is in production now")
    return notice(f"workspace {name} is not in production any more: nobody should rely on its views")


@rule("CC513", "A workspace has another priority", (Workspace, "priority"))
def other_priority(change: Change, _models: Models) -> Opinion:
    """Its data come sooner or later when there is more work than room; they are the same."""
    return compatible(f"workspace {change.after[-1].key()} has another priority")


@rule("CC514", "A group is copied, or not any more", (Copied, _ADDED), (Copied, _REMOVED), (DatasetGroup, "copied"))
def other_place(change: Change, _models: Models) -> Opinion:
    """Views, columns and grants stay. Copied, the rows are those of the last refresh, and they answer while the merge
    database is away; who reads them is told. Not copied, they are those of now."""
    if change.kind is _REMOVED or change.new is None:
        return compatible("its views read the merge database with every query from now on")
    return notice("its views show the rows of the last refresh from now on")


@rule("CC515", "Copies are refreshed at other times", (Copied, "schedule"))
def other_refresh(change: Change, _models: Models) -> Opinion:
    """The rows can be older than they were, or newer: who reads them is told."""
    return notice(f"its copies are refreshed {_when(change.new)} instead of {_when(change.old)}")


def _when(schedule: object) -> str:
    return "after each batch" if schedule is None else f"by the schedule '{schedule}'"
