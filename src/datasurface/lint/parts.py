"""The parts of a model that several rules look through, and what names mean in it."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from datasurface.findings import SourceLine
from datasurface.model import (
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    Ecosystem,
    Element,
    GitRepository,
    GovernanceZone,
    InfrastructureVendor,
    Location,
    Policy,
    Team,
    Workspace,
)


class Named(Protocol):
    """Anything that is called by its name."""

    @property
    def name(self) -> str:
        """What it is called."""


N = TypeVar("N", bound=Named)
P = TypeVar("P", bound=Policy)


def datasets(ecosystem: Ecosystem) -> Iterator[Dataset]:
    """Every dataset of every datastore, in the order of the model."""
    for store in ecosystem.datastores():
        yield from store.datasets


def groups(ecosystem: Ecosystem) -> Iterator[DatasetGroup]:
    """Every group of every workspace, in the order of the model."""
    for workspace in ecosystem.workspaces():
        yield from workspace.groups


def stores_of(team: Team) -> Iterator[Datastore]:
    """Every datastore of a team, and those that its transformers produce."""
    yield from team.datastores
    for workspace in team.workspaces:
        if workspace.transformer is not None:
            yield workspace.transformer.produces


def policies(ecosystem: Ecosystem, kind: type[P]) -> Iterator[P]:
    """Every policy of a kind, of every owner."""
    owners: list[Ecosystem | GovernanceZone | Team] = [ecosystem, *ecosystem.zones, *ecosystem.teams()]
    for owner in owners:
        yield from (policy for policy in owner.policies if isinstance(policy, kind))


def repositories(ecosystem: Ecosystem) -> Iterator[GitRepository]:
    """Every repository that may change a part of the model, or that code is taken from."""
    yield ecosystem.repository
    for zone in ecosystem.zones:
        yield zone.repository
        for team in zone.teams:
            yield team.repository
            for workspace in team.workspaces:
                if workspace.transformer is not None:
                    yield workspace.transformer.code.repository


def by_name(elements: Iterable[N]) -> dict[str, N]:
    """The elements by name, without those whose name two of them have: nobody can say which of these is meant, and the
    rule about names says so."""
    found: dict[str, N] = {}
    twice: set[str] = set()
    for element in elements:
        if found.setdefault(element.name, element) is not element:
            twice.add(element.name)
    for name in twice:
        del found[name]
    return found


Sunk = tuple[Workspace, DatasetGroup, DatasetSink, Datastore, Dataset]


def sunk(ecosystem: Ecosystem) -> Iterator[Sunk]:
    """Every sink whose names are known, between who asks for it and what it means."""
    stores = by_name(ecosystem.datastores())
    offered: dict[str, dict[str, Dataset]] = {}
    for workspace in ecosystem.workspaces():
        for group in workspace.groups:
            for sink in group.sinks:
                store = stores.get(sink.store)
                if store is None:
                    continue
                if sink.store not in offered:
                    offered[sink.store] = by_name(store.datasets)
                dataset = offered[sink.store].get(sink.dataset)
                if dataset is not None:
                    yield workspace, group, sink, store, dataset


def place_in_files(element: Element) -> SourceLine:
    """By which elements are put into the order of the user's lines, whatever their order in the model."""
    return element.source or SourceLine("", 0)


def first_unknown_step(ecosystem: Ecosystem, location: str) -> tuple[str, list[str]] | None:
    """The first name of a path of locations that is not there, with the names that are; None where all are."""
    below: list[Location | InfrastructureVendor] = list(ecosystem.vendors)
    for step in location.split("/"):
        found = [place for place in below if place.name == step]
        if not found:
            return step, [place.name for place in below]
        below = [inner for place in found for inner in place.locations]
    return None
