"""The ecosystem: the whole model, and who owns which part of it."""

from collections.abc import Iterable, Iterator
from types import NoneType

from attrs import field, frozen

from datasurface.model.assignment import GroupAssignments
from datasurface.model.datastore import Datastore
from datasurface.model.element import Element, all_of_type, as_tuple, not_empty, of_type
from datasurface.model.place import (
    GitRepository,
    InfrastructureVendor,
    PostgresDatabase,
)
from datasurface.model.platform import DataPlatform
from datasurface.model.policy import Policy
from datasurface.model.workspace import Workspace


def _as_policies(items: Iterable["Policy"]) -> "tuple[Policy, ...]":
    return as_tuple(items)


def _as_datastores(items: Iterable["Datastore"]) -> "tuple[Datastore, ...]":
    return as_tuple(items)


def _as_workspaces(items: Iterable["Workspace"]) -> "tuple[Workspace, ...]":
    return as_tuple(items)


@frozen(repr=False)
class Team(Element):
    """Owns datastores and workspaces.

    Attributes:
        repository: may change the team and what it owns.
        datastores: what it produces.
        workspaces: what it consumes.
        policies: bind it, beside those of its zone.

    >>> Team("sales", repository=GitRepository("acme/sales")).repository.shown
    'acme/sales@main'
    """

    name: str = field(validator=not_empty)
    repository: GitRepository = field(kw_only=True, validator=of_type(GitRepository))
    datastores: tuple[Datastore, ...] = field(
        default=(), kw_only=True, converter=_as_datastores, validator=all_of_type(Datastore)
    )
    workspaces: tuple[Workspace, ...] = field(
        default=(), kw_only=True, converter=_as_workspaces, validator=all_of_type(Workspace)
    )
    policies: tuple[Policy, ...] = field(
        default=(), kw_only=True, converter=_as_policies, validator=all_of_type(Policy)
    )
    description: str = field(default="", kw_only=True, validator=of_type(str))

    def all_datastores(self) -> Iterator[Datastore]:
        """Its datastores, and those that its transformers produce."""
        yield from self.datastores
        for workspace in self.workspaces:
            if workspace.transformer is not None:
                yield workspace.transformer.produces


def _as_teams(items: Iterable["Team"]) -> "tuple[Team, ...]":
    return as_tuple(items)


@frozen(repr=False)
class GovernanceZone(Element):
    """A part of the company under one set of rules; owns its teams.

    Attributes:
        repository: may change the zone itself, and which teams it has.
        teams: of the zone.
        policies: bind all its teams.

    >>> from datasurface import ClassificationPolicy
    >>> from datasurface.classification import PII
    >>> usa = GovernanceZone(
    ...     "USA",
    ...     repository=GitRepository("acme/usa"),
    ...     teams=[Team("sales", repository=GitRepository("acme/sales"))],
    ...     policies=[ClassificationPolicy("NoPersons", forbidden=[PII])],
    ... )
    >>> [team.name for team in usa.teams]
    ['sales']
    """

    name: str = field(validator=not_empty)
    repository: GitRepository = field(kw_only=True, validator=of_type(GitRepository))
    teams: tuple[Team, ...] = field(default=(), kw_only=True, converter=_as_teams, validator=all_of_type(Team))
    policies: tuple[Policy, ...] = field(
        default=(), kw_only=True, converter=_as_policies, validator=all_of_type(Policy)
    )
    description: str = field(default="", kw_only=True, validator=of_type(str))


def _as_data_platforms(items: Iterable["DataPlatform"]) -> "tuple[DataPlatform, ...]":
    return as_tuple(items)


def _as_governance_zones(items: Iterable["GovernanceZone"]) -> "tuple[GovernanceZone, ...]":
    return as_tuple(items)


def _as_group_assignmentss(items: Iterable["GroupAssignments"]) -> "tuple[GroupAssignments, ...]":
    return as_tuple(items)


def _as_infrastructure_vendors(items: Iterable["InfrastructureVendor"]) -> "tuple[InfrastructureVendor, ...]":
    return as_tuple(items)


@frozen(repr=False)
class Ecosystem(Element):
    """The whole model.

    Attributes:
        repository: may change the ecosystem itself and the mapping file.
        platforms: the data platforms that groups can be assigned to.
        zones: the governance zones.
        policies: bind everything in the model.
        vendors: infrastructure vendors with their locations.
        control_database: holds the generations; by default the merge database, where all platforms share one.
        assignments: the mapping file's content; the loader fills it in.

    >>> repository = GitRepository("acme/model")
    >>> sales = Team("sales", repository=GitRepository("acme/sales"))
    >>> eu = GovernanceZone("EU", repository=repository, teams=[sales])
    >>> acme = Ecosystem("Acme", repository=repository, platforms=[], zones=[eu])
    >>> [team.name for team in acme.teams()]
    ['sales']
    """

    name: str = field(validator=not_empty)
    repository: GitRepository = field(kw_only=True, validator=of_type(GitRepository))
    platforms: tuple[DataPlatform, ...] = field(
        kw_only=True, converter=_as_data_platforms, validator=all_of_type(DataPlatform)
    )
    zones: tuple[GovernanceZone, ...] = field(
        kw_only=True, converter=_as_governance_zones, validator=all_of_type(GovernanceZone)
    )
    vendors: tuple[InfrastructureVendor, ...] = field(
        default=(), kw_only=True, converter=_as_infrastructure_vendors, validator=all_of_type(InfrastructureVendor)
    )
    control_database: PostgresDatabase | None = field(
        default=None, kw_only=True, validator=of_type(PostgresDatabase, NoneType)
    )
    policies: tuple[Policy, ...] = field(
        default=(), kw_only=True, converter=_as_policies, validator=all_of_type(Policy)
    )
    description: str = field(default="", kw_only=True, validator=of_type(str))
    assignments: tuple[GroupAssignments, ...] = field(
        default=(), kw_only=True, converter=_as_group_assignmentss, validator=all_of_type(GroupAssignments)
    )

    def teams(self) -> Iterator[Team]:
        """Every team of every zone, in the order of the model."""
        for zone in self.zones:
            yield from zone.teams

    def datastores(self) -> Iterator[Datastore]:
        """Every datastore of every team, and those that its transformers produce, in the order of the model."""
        for team in self.teams():
            yield from team.all_datastores()

    def workspaces(self) -> Iterator[Workspace]:
        """Every workspace of every team, in the order of the model."""
        for team in self.teams():
            yield from team.workspaces
