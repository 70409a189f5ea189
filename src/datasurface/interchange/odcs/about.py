"""What a contract says of a datastore that stands elsewhere in the model: its owner, and what its consumers require."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from attrs import frozen

from datasurface.model import Datastore, Ecosystem, GovernanceZone, Requirements, Team


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


@frozen
class Surroundings:
    """What surrounds each datastore of an ecosystem, found in one walk.

    Attributes:
        owners: zone and team by the ``id`` of the datastore.
        asking: who asks for what, by the names of datastore and dataset.
    """

    ecosystem: Ecosystem
    owners: Mapping[int, tuple[GovernanceZone, Team]]
    asking: Mapping[tuple[str, str], Mapping[str, Requirements]]

    @classmethod
    def of(cls, ecosystem: Ecosystem) -> "Surroundings":
        """Those of an ecosystem."""
        owners: dict[int, tuple[GovernanceZone, Team]] = {}
        asking: defaultdict[tuple[str, str], dict[str, Requirements]] = defaultdict(dict)
        for zone in ecosystem.zones:
            for team in zone.teams:
                for store in _stores(team):
                    owners.setdefault(id(store), (zone, team))
                for workspace in team.workspaces:
                    for group in workspace.groups:
                        for sink in group.sinks:
                            asking[sink.store, sink.dataset][f"{workspace.name}.{group.name}"] = group.requires
        return cls(ecosystem, owners, asking)

    def about(self, store: Datastore, version: str) -> About:
        """What surrounds a datastore of the ecosystem."""
        required = tuple(self._required(store))
        if id(store) not in self.owners:
            return About(self.ecosystem.name, version, required=required)
        zone, team = self.owners[id(store)]
        return About(self.ecosystem.name, version, zone.name, team.name, team.description, required)

    def _required(self, store: Datastore) -> Iterator[Required]:
        for name in dict.fromkeys(dataset.name for dataset in store.datasets):
            asking = self.asking.get((store.name, name), {})
            if asking:
                spans = [requires.retention for requires in asking.values() if requires.retention is not None]
                ever = len(spans) < len(asking)
                latency = min(requires.latency for requires in asking.values())
                yield Required(name, latency, None if ever else max(spans), tuple(asking))


def _stores(team: Team) -> Iterator[Datastore]:
    yield from team.datastores
    for workspace in team.workspaces:
        if workspace.transformer is not None:
            yield workspace.transformer.produces
