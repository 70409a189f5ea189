"""Governance: who owns what, what binds it, and where data may be."""

from collections.abc import Mapping

from datasurface.change.consequences import group_names
from datasurface.change.consumption import Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.rules.stores import gone
from datasurface.change.rules.workspaces import built_on_what_goes, workspace_gone
from datasurface.change.same import stores_in, workspaces_in
from datasurface.change.verdicts import Opinion, breaking, compatible, notice, rule, worst
from datasurface.git_url import without_user
from datasurface.hints import listed
from datasurface.model import (
    DataTransformer,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    InfrastructureVendor,
    Location,
    Policy,
    Team,
)

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED


@rule("CC701", "A team or a zone is added", (Team, _ADDED), (GovernanceZone, _ADDED))
def owner_added(change: Change, models: Models) -> Opinion:
    """New owners take nothing from anybody; one whose workspaces are built on what goes away without accepting that is
    refused. What has moved to them is judged where it was."""
    refusals = (
        refusal
        for workspace in workspaces_in(change.element)
        for refusal in built_on_what_goes(models, workspace, workspace.groups)
    )
    return worst(refusals, compatible(f"{_what(change)} is new"))


@rule("CC702", "A team or a zone is removed", (Team, _REMOVED), (GovernanceZone, _REMOVED))
def owner_removed(change: Change, models: Models) -> Opinion:
    """As grave as what becomes of its datastores and workspaces, each as if it went or moved alone."""
    owner = change.element
    opinions = [
        *(gone(models, store) for store in stores_in(owner)),
        *(workspace_gone(models, workspace) for workspace in workspaces_in(owner)),
    ]
    return worst(opinions, compatible(f"{_what(change)} goes, and had nothing"), most=1)


@rule(
    "CC703",
    "A part of the model has another owner",
    (GitRepository, "url"),
    (GitRepository, "branch"),
    (Team, "repository"),
    (GovernanceZone, "repository"),
    (Ecosystem, "repository"),
)
def other_owner(change: Change, _models: Models) -> Opinion | None:
    """From then on changes of that part come from somewhere else. No data change; consumers are told whom to ask.
    Whether the change may be made is a question of its owner."""
    if any(isinstance(element, DataTransformer) for element in change.before):
        return None
    owner = next(element for element in reversed(change.after) if not isinstance(element, GitRepository))
    old, new = (without_user(str(value)) for value in (change.old, change.new))
    return notice(f"changes of {_WORDS[type(owner)]} {owner.key()} come from {new} now, not from {old}")


@rule(
    "CC704",
    "A policy is added, removed or changed",
    (Policy, _ADDED),
    (Policy, _REMOVED),
    (Policy, "allowed"),
    (Policy, "forbidden"),
)
def other_policy(change: Change, _models: Models) -> Opinion:
    """Whether everything below keeps to it is for lint, which refuses the model where it does not. What a policy allows
    from then on, or not any more, is told to everybody below it."""
    owner = change.after[-1] if change.kind is _REMOVED else change.after[-2]
    return notice(f"policy {change.element.key()} of {owner.key()} is {change.kind.value}: it binds everything below")


@rule("CC705", "A vendor or a location is added", (InfrastructureVendor, _ADDED), (Location, _ADDED))
def place_added(change: Change, _models: Models) -> Opinion:
    """Nothing stands there yet."""
    return compatible(f"{change.element.key()} is new")


@rule("CC706", "A vendor or a location is removed", (InfrastructureVendor, _REMOVED), (Location, _REMOVED))
def place_removed(change: Change, models: Models) -> Opinion:
    """Refused while the new model has containers that stand there: nobody could say what policies mean for them."""
    place = "/".join(element.key() or "" for element in change.before[1:])
    there = [
        name
        for location, names in models.new.locations.items()
        if location == place or location.startswith(f"{place}/")
        for name in names
    ]
    if there:
        return breaking(
            f"{place} goes, and is the place of {listed(set(there), 3)}", "say first where they stand instead"
        )
    return compatible(f"{place} goes, and nothing stands there")


@rule("CC707", "The ecosystem has another name", (Ecosystem, "name"))
def other_name(change: Change, models: Models) -> Opinion:
    """A control database keeps the generations of one ecosystem, known by its name. Under another one nothing of them
    would run, so it is refused as long as anything does. Once every assignment is decommissioned the name is free."""
    what = f"the ecosystem is called {change.new} instead of {change.old}"
    running = [served for groups in models.old.served.values() for served in groups if served.assignment.status.runs]
    if running:
        return breaking(
            f"{what}, and runs for {group_names(running)}",
            "keep the name, or take every assignment to DECOMMISSIONED under the old one first",
        )
    return compatible(f"{what}, and nothing runs")


_WORDS: Mapping[type, str] = {Team: "team", GovernanceZone: "zone", Ecosystem: "ecosystem"}


def _what(change: Change) -> str:
    return f"{_WORDS[type(change.element)]} {change.element.key()}"
