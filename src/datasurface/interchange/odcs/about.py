"""What a contract says of a datastore that stands elsewhere in the model: its owner, and what its consumers require."""

from collections.abc import Iterator
from datetime import timedelta

from attrs import frozen

from datasurface.model import Datastore, Ecosystem, Team


@frozen
class Required:
    """What the consumers of one dataset require together.

    Attributes:
        latency: the shortest that one of them asks for.
        retention: the longest; None where one of them needs the history for ever, or nobody says.
        groups: who asks, as ``Workspace.Group``.
    """

    dataset: str
    latency: timedelta
    retention: timedelta | None
    groups: tuple[str, ...]


@frozen
class About:
    """What surrounds a datastore.

    Attributes:
        version: of the contract; a model has none of its own.
    """

    ecosystem: str
    version: str = "1.0.0"
    zone: str | None = None
    team: str | None = None
    team_description: str = ""
    required: tuple[Required, ...] = ()


def about(ecosystem: Ecosystem, store: Datastore, version: str) -> About:
    """What surrounds a datastore of an ecosystem."""
    required = tuple(_required(ecosystem, store))
    for zone in ecosystem.zones:
        for team in zone.teams:
            if any(store is owned for owned in _stores(team)):
                return About(ecosystem.name, version, zone.name, team.name, team.description, required)
    return About(ecosystem.name, version, required=required)


def _stores(team: Team) -> Iterator[Datastore]:
    yield from team.datastores
    for workspace in team.workspaces:
        if workspace.transformer is not None:
            yield workspace.transformer.produces


def _required(ecosystem: Ecosystem, store: Datastore) -> Iterator[Required]:
    consumers = [(workspace, group) for workspace in ecosystem.workspaces() for group in workspace.groups]
    for name in dict.fromkeys(dataset.name for dataset in store.datasets):
        asking = [
            (f"{workspace.name}.{group.name}", group.requires)
            for workspace, group in consumers
            if any((sink.store, sink.dataset) == (store.name, name) for sink in group.sinks)
        ]
        if asking:
            spans = [requires.retention for _, requires in asking if requires.retention is not None]
            ever = len(spans) < len(asking)
            yield Required(
                name,
                min(requires.latency for _, requires in asking),
                None if ever else max(spans),
                tuple(who for who, _ in asking),
            )
