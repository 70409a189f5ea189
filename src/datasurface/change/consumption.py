"""Who consumes what in two models: looked up once, asked for every change."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property

from attrs import frozen

from datasurface.model import (
    Assignment,
    Column,
    DataPlatform,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    Deprecation,
    Ecosystem,
    Element,
    GovernanceZone,
    Team,
    Workspace,
)
from datasurface.model.containers import containers
from datasurface.protection import Protections

Table = tuple[str, str]
"""Names of a datastore and of one of its datasets."""

Chain = tuple[Element, ...]
"""Elements from the ecosystem down to one."""


@frozen
class Consumer:
    """A sink with the group, workspace and team that it stands in."""

    team: str
    workspace: Workspace
    group: DatasetGroup
    sink: DatasetSink

    @property
    def name(self) -> str:
        """Workspace and group."""
        return f"{self.workspace.name}.{self.group.name}"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What the sink is known by in another model."""
        return self.workspace.name, self.group.name, self.sink.key()


@frozen
class Served:
    """A group that the mapping file assigns to a platform."""

    workspace: Workspace
    group: DatasetGroup
    assignment: Assignment

    @property
    def name(self) -> str:
        """Workspace and group."""
        return f"{self.workspace.name}.{self.group.name}"


@frozen(slots=False, eq=False)
class Indexed:
    """One model, its parts by name. Of parts that share a name, which lint refuses, the first."""

    ecosystem: Ecosystem

    @cached_property
    def stores(self) -> Mapping[str, Chain]:
        """Every datastore with what it stands in, by name."""
        found: dict[str, Chain] = {}
        for chain in self._teams():
            team = chain[-1]
            for store in team.datastores:
                found.setdefault(store.name, (*chain, store))
            for workspace in team.workspaces:
                transformer = workspace.transformer
                if transformer is not None:
                    store = transformer.produces
                    found.setdefault(store.name, (*chain, workspace, transformer, store))
        return found

    @cached_property
    def workspaces(self) -> Mapping[str, Chain]:
        """Every workspace with what it stands in, by name."""
        found: dict[str, Chain] = {}
        for chain in self._teams():
            for workspace in chain[-1].workspaces:
                found.setdefault(workspace.name, (*chain, workspace))
        return found

    @cached_property
    def consumers(self) -> Mapping[Table, tuple[Consumer, ...]]:
        """Who sinks a dataset."""
        found: dict[Table, list[Consumer]] = {}
        for team in self.ecosystem.teams():
            for workspace in team.workspaces:
                for group in workspace.groups:
                    for sink in group.sinks:
                        consumer = Consumer(team.name, workspace, group, sink)
                        found.setdefault((sink.store, sink.dataset), []).append(consumer)
        return {table: tuple(consumers) for table, consumers in found.items()}

    @cached_property
    def readers(self) -> Mapping[Table, frozenset[str]]:
        """The names of the workspaces that sink a dataset."""
        return {
            table: frozenset(consumer.workspace.name for consumer in consumers)
            for table, consumers in self.consumers.items()
        }

    @cached_property
    def platforms(self) -> Mapping[str, DataPlatform]:
        """The platforms by name."""
        return {platform.name: platform for platform in reversed(self.ecosystem.platforms)}

    @cached_property
    def served(self) -> Mapping[str, tuple[Served, ...]]:
        """The groups that are assigned to a platform, whatever the status."""
        found: dict[str, list[Served]] = {}
        for served in self._assigned():
            found.setdefault(served.assignment.platform, []).append(served)
        return {platform: tuple(groups) for platform, groups in found.items()}

    @cached_property
    def assignments(self) -> Mapping[tuple[str, str], tuple[Assignment, ...]]:
        """The assignments of a workspace's group."""
        found: dict[tuple[str, str], list[Assignment]] = {}
        for entry in self.ecosystem.assignments:
            found.setdefault((entry.workspace, entry.dsg), []).extend(entry.assignments)
        return {group: tuple(assignments) for group, assignments in found.items()}

    @cached_property
    def locations(self) -> Mapping[str, tuple[str, ...]]:
        """The containers that stand at a location, each by name."""
        found: dict[str, set[str]] = {}
        for container in containers(self.ecosystem):
            if container.location is not None:
                found.setdefault(container.location, set()).add(container.name)
        return {location: tuple(sorted(names)) for location, names in found.items()}

    @cached_property
    def protections(self) -> Protections:
        """What consumers do not see, or not as it is."""
        return Protections.of(self.ecosystem)

    def store(self, name: str) -> Datastore | None:
        """The datastore of a name."""
        chain = self.stores.get(name)
        return chain[-1] if chain and isinstance(chain[-1], Datastore) else None

    def dataset(self, table: Table) -> Dataset | None:
        """The dataset of a name."""
        return self._datasets.get(table)

    def columns(self, table: Table) -> Mapping[str, Column]:
        """The columns of a dataset by name; none where it is not there."""
        dataset = self.dataset(table)
        if table not in self._columns:
            columns = dataset.columns if dataset else ()
            self._columns[table] = {column.name: column for column in reversed(columns)}
        return self._columns[table]

    def deprecation(self, table: Table) -> Deprecation | None:
        """The deprecation that holds for a dataset: its own, else its datastore's."""
        store, dataset = self.store(table[0]), self.dataset(table)
        return store.deprecation_of(dataset) if store and dataset else None

    def group(self, workspace: str, name: str) -> DatasetGroup | None:
        """A group of a workspace."""
        found = self.workspaces.get(workspace)
        groups = found[-1].groups if found and isinstance(found[-1], Workspace) else ()
        return next((group for group in groups if group.name == name), None)

    @cached_property
    def _datasets(self) -> Mapping[Table, Dataset]:
        found: dict[Table, Dataset] = {}
        for name in self.stores:
            store = self.store(name)
            for dataset in store.datasets if store else ():
                found.setdefault((name, dataset.name), dataset)
        return found

    @cached_property
    def _columns(self) -> dict[Table, Mapping[str, Column]]:
        return {}

    def _teams(self) -> Iterator[tuple[Ecosystem, GovernanceZone, Team]]:
        for zone in self.ecosystem.zones:
            for team in zone.teams:
                yield self.ecosystem, zone, team

    def _assigned(self) -> Iterator[Served]:
        groups = {
            (workspace.name, group.name): (workspace, group)
            for workspace in self.ecosystem.workspaces()
            for group in workspace.groups
        }
        for entry in self.ecosystem.assignments:
            if (entry.workspace, entry.dsg) in groups:
                workspace, group = groups[entry.workspace, entry.dsg]
                yield from (Served(workspace, group, assignment) for assignment in entry.assignments)


@frozen(slots=False, eq=False)
class Models:
    """The model before and the model after, and the day on which they are compared."""

    old: Indexed
    new: Indexed
    today: date

    def staying(self, table: Table) -> tuple[Consumer, ...]:
        """Who sinks a dataset in the old model, and whose workspace sinks it in the new one, in whatever group."""
        stays = self.new.readers.get(table, frozenset())
        return tuple(consumer for consumer in self.old.consumers.get(table, ()) if consumer.workspace.name in stays)

    def consumers_of_stored(self, table: Table) -> tuple[Consumer, ...]:
        """Who sinks a dataset in the new model, where anybody did in the old one: they read the rows that were stored
        then, even when all of them are others."""
        return self.new.consumers.get(table, ()) if self.old.consumers.get(table) else ()

    def served_from_stored(self, platform: str) -> tuple[Served, ...]:
        """The groups that a platform serves in the new model, where it served any in the old one, whatever the status:
        they read the tables that it made then, even when all of them are others."""
        return self.new.served.get(platform, ()) if self.old.served.get(platform) else ()

    def served_in_both(self, platform: str) -> tuple[Served, ...]:
        """The groups that a platform serves in both models, as in the old one, whatever the status: what it left when a
        pipeline was decommissioned can be read, too."""
        stays = {served.name for served in self.new.served.get(platform, ())}
        return tuple(served for served in self.old.served.get(platform, ()) if served.name in stays)

    def deprecation_ran_out(self, table: Table) -> bool:
        """Whether the old model said of a dataset that it goes, and until a day that has passed."""
        deprecation = self.old.deprecation(table)
        return deprecation is not None and self.today > deprecation.until
