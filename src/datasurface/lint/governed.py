"""Which policies bind which part of a model: those of its team, its zone and the ecosystem, all at once."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Generic, TypeVar

from attrs import frozen

from datasurface.hints import listed
from datasurface.lint.assigned import Assigned, assigned
from datasurface.lint.parts import stores_of
from datasurface.model import (
    ClassificationPolicy,
    Ecosystem,
    PlatformPolicy,
    Policy,
    ProductionPolicy,
    StorageLocationPolicy,
    Team,
    VendorPolicy,
    Workspace,
)

P = TypeVar("P", bound=Policy)
ListPolicy = StorageLocationPolicy | VendorPolicy | PlatformPolicy | ClassificationPolicy | ProductionPolicy
"""The policies that allow a list and forbid a list: all of them."""


@frozen(eq=False)
class Bound(Generic[P]):
    """A policy with the owner who made it; one object for each policy of a model."""

    policy: P
    owner: str

    def __str__(self) -> str:
        return f"policy '{self.policy.name}' of {self.owner}"


@frozen(eq=False)
class Governed(Generic[P]):
    """The policies of one kind in a model.

    Attributes:
        ecosystem: those that bind everything.
        teams: every team with those that bind its part, the ecosystem's and its zone's among them.
    """

    ecosystem: tuple[Bound[P], ...]
    teams: tuple[tuple[Team, tuple[Bound[P], ...]], ...]

    def of_stores(self) -> dict[str, tuple[Bound[P], ...]]:
        """What binds each datastore, by name; nothing where two have one name."""
        return _unambiguous((store.name, bound) for team, bound in self.teams for store in stores_of(team))

    def of_workspaces(self) -> dict[str, tuple[Bound[P], ...]]:
        """The same for workspaces."""
        return _unambiguous((workspace.name, bound) for team, bound in self.teams for workspace in team.workspaces)


def governed(ecosystem: Ecosystem, kind: type[P]) -> Governed[P]:
    """The policies of a kind, and what they bind. Teams that nothing binds are left out, and so are policies that limit
    nothing."""
    everywhere = _bound(ecosystem.policies, kind, "the ecosystem")
    teams = []
    for zone in ecosystem.zones:
        in_zone = (*everywhere, *_bound(zone.policies, kind, f"zone '{zone.name}'"))
        for team in zone.teams:
            bound = (*in_zone, *_bound(team.policies, kind, f"team '{team.name}'"))
            if bound:
                teams.append((team, bound))
    return Governed(everywhere, tuple(teams))


def serving(ecosystem: Ecosystem, kind: type[P]) -> Iterator[tuple[Assigned, Bound[P]]]:
    """Every assignment with each policy that binds the group which it serves."""
    bound = governed(ecosystem, kind).of_workspaces()
    for item in assigned(ecosystem) if bound else ():
        for policy in bound.get(item.workspace.name, ()):
            yield item, policy


def carrying(ecosystem: Ecosystem, kind: type[P]) -> Iterator[tuple[Assigned, str, Bound[P]]]:
    """Every assignment with each datastore that it carries data of and each policy that binds that, without those that
    bind the group as well."""
    policies = governed(ecosystem, kind)
    of_stores, of_workspaces = policies.of_stores(), policies.of_workspaces()
    for item in assigned(ecosystem) if of_stores else ():
        told = of_workspaces.get(item.workspace.name, ())
        for store in sorted({sink.store for sink in item.group.sinks}):
            for policy in of_stores.get(store, ()):
                if policy not in told:
                    yield item, store, policy


def sinking(ecosystem: Ecosystem, kind: type[P]) -> Iterator[tuple[Workspace, str, Bound[P]]]:
    """Every workspace with each datastore that it sinks from and each policy that binds that, without those that bind
    the workspace as well."""
    policies = governed(ecosystem, kind)
    of_stores = policies.of_stores()
    told = {id(workspace): bound for team, bound in policies.teams for workspace in team.workspaces}
    for workspace in ecosystem.workspaces() if of_stores else ():
        for store in sorted({sink.store for group in workspace.groups for sink in group.sinks}):
            for policy in of_stores.get(store, ()):
                if policy not in told.get(id(workspace), ()):
                    yield workspace, store, policy


def terms(policy: ListPolicy) -> str:
    """What a policy wants, in words."""
    forbidden = listed(map(shown, policy.forbidden))
    if policy.allowed is None:
        return f"it forbids {forbidden}"
    if not policy.allowed:
        return "it allows nothing"
    return f"it allows {listed(map(shown, policy.allowed))}" + (f", but not {forbidden}" if forbidden else "")


def shown(value: str | Enum) -> str:
    """A name, or a word of the model as an ``eco.py`` writes it."""
    return value.name if isinstance(value, Enum) else value


def allows_place(policy: StorageLocationPolicy, location: str) -> bool:
    """Whether data may be at a location: inside an allowed one, and neither inside a forbidden one nor around it."""
    if any(is_inside(location, place) or is_inside(place, location) for place in policy.forbidden):
        return False
    return policy.allowed is None or any(is_inside(location, place) for place in policy.allowed)


def limits(policy: Policy) -> bool:
    """Whether a policy allows a list or forbids one; else everything is as if it were not there."""
    return not isinstance(policy, ListPolicy) or policy.allowed is not None or bool(policy.forbidden)


def is_inside(location: str, place: str) -> bool:
    """Whether a location is a place or below it."""
    return location == place or location.startswith(f"{place}/")


def _bound(policies: Iterable[Policy], kind: type[P], owner: str) -> tuple[Bound[P], ...]:
    return tuple(Bound(policy, owner) for policy in policies if isinstance(policy, kind) and limits(policy))


def _unambiguous(pairs: Iterable[tuple[str, tuple[Bound[P], ...]]]) -> dict[str, tuple[Bound[P], ...]]:
    found: dict[str, tuple[Bound[P], ...]] = {}
    for name, bound in pairs:
        found[name] = () if name in found else bound
    return found
