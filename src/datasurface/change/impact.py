"""Impact: who is affected by a change, also through the code of others.

What is changed is a dataset, or a group of consumers, or what is above them: a datastore, a team with its policies, a
platform. Affected are the groups that sink such a dataset; where their workspace makes a datastore of what it reads,
those that sink that, too, and so on.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from attrs import field, frozen

from datasurface.change.consequences import tables_in
from datasurface.change.consumption import Indexed, Table
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.same import stores_in
from datasurface.model import (
    Container,
    Credential,
    DataPlatform,
    Dataset,
    DatasetGroup,
    Datastore,
    DataTransformer,
    Ecosystem,
    Element,
    GitRepository,
    GovernanceZone,
    GroupAssignments,
    InfrastructureVendor,
    PlatformManaged,
    Policy,
    Team,
    Workspace,
    walk,
)

_WORDS = frozenset({"description", "reason", "documentation"})
_OWN = frozenset({"priority", "container", "reader", "production_status"})
"""Attributes of a workspace that its transformer does not read."""

_Place = tuple[str, str, str | None]
"""Team, workspace, group."""


@frozen
class Affected:
    """Consumers that a change reaches.

    Attributes:
        team: whose workspace it is.
        group: None for a workspace without groups.
        through: the transformers on the way from the change to them; empty where they are reached directly.
        datasets: what they sink of it, as ``Store1.customers``; empty where the change is one of their own, or of the
            platform that serves them.
    """

    team: str
    workspace: str
    group: str | None
    through: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Workspace and group."""
        return self.workspace if self.group is None else f"{self.workspace}.{self.group}"


def affected(changes: Sequence[Change], old: Ecosystem, new: Ecosystem) -> tuple[tuple[Affected, ...], ...]:
    """Who is affected by each change, in the order of the changes; nearest first, then by name."""
    flow = _Flow((Indexed(old), Indexed(new)))
    return tuple(flow.affected(change) for change in changes)


@frozen
class _Start:
    """Where a change enters the flow: datasets, groups of consumers, and whether it goes on from these."""

    tables: frozenset[Table] = frozenset()
    groups: frozenset[_Place] = frozenset()
    goes_on: bool = True


@frozen(slots=False, eq=False)
class _Flow:
    """Both models as one graph: who sinks what in either of them, and what workspaces make."""

    sides: tuple[Indexed, Indexed]
    _reached: dict[_Start, tuple[Affected, ...]] = field(factory=dict, init=False)

    def affected(self, change: Change) -> tuple[Affected, ...]:
        """Who is affected by one change."""
        if change.attribute in _WORDS:
            return ()
        tables, groups = set[Table](), set[_Place]()
        sides = zip(self.sides, (change.before, change.after), strict=True)
        for index, (side, chain) in enumerate(sides):
            if _IS_THERE[change.kind][index]:
                found_tables, found_groups = _entered(side, change, chain)
                tables.update(found_tables)
                groups.update(found_groups)
        start = _Start(frozenset(tables), frozenset(groups), not _stays_there(change))
        if start not in self._reached:
            self._reached[start] = tuple(self._reach(start))
        return self._reached[start]

    @cached_property
    def _sunk_by(self) -> Mapping[Table, tuple[_Place, ...]]:
        found: dict[Table, dict[_Place, None]] = {}
        for side in self.sides:
            for table, consumers in side.consumers.items():
                places = found.setdefault(table, {})
                places.update({(c.team, c.workspace.name, c.group.name): None for c in consumers})
        return {table: tuple(places) for table, places in found.items()}

    @cached_property
    def _made_by(self) -> Mapping[str, tuple[tuple[str, Table], ...]]:
        """What a workspace makes: its transformers with the datasets that they write."""
        found: dict[str, dict[tuple[str, Table], None]] = {}
        for side in self.sides:
            for workspace in side.ecosystem.workspaces():
                transformer = workspace.transformer
                if transformer is not None:
                    made = found.setdefault(workspace.name, {})
                    made.update({(transformer.name, table): None for table in tables_in(transformer.produces)})
        return {workspace: tuple(made) for workspace, made in found.items()}

    def _reach(self, start: _Start) -> Iterable[Affected]:
        """Everybody from a start on, breadth first, so that the way that is found is the shortest."""
        ways: dict[_Place, tuple[str, ...]] = {}
        sunk: dict[_Place, list[str]] = {}
        read: set[str] = set()
        known = set(start.tables)
        queue = deque[tuple[Table, tuple[str, ...]]]((table, ()) for table in sorted(start.tables))

        def reach(place: _Place, way: tuple[str, ...], *, goes_on: bool = True) -> None:
            ways.setdefault(place, way)
            if not goes_on or place[1] in read:
                return
            read.add(place[1])
            for transformer, table in self._made_by.get(place[1], ()):
                if table not in known:
                    known.add(table)
                    queue.append((table, (*way, transformer)))

        for place in sorted(start.groups, key=_order):
            reach(place, (), goes_on=start.goes_on)
        while queue:
            table, way = queue.popleft()
            for place in self._sunk_by.get(table, ()):
                reach(place, way)
                sunk.setdefault(place, []).append(".".join(table))
        for place, way in sorted(ways.items(), key=lambda found: (len(found[1]), _order(found[0]))):
            yield Affected(*place, way, tuple(sorted(sunk.get(place, ()))))


_IS_THERE = {
    ChangeKind.ADDED: (False, True),
    ChangeKind.REMOVED: (True, False),
    ChangeKind.CHANGED: (True, True),
}
"""Whether the element of a change is in the old and in the new model."""


def _order(place: _Place) -> tuple[str, str, str]:
    return place[0], place[1], place[2] or ""


def _stays_there(change: Change) -> bool:
    """Whether a change of a workspace is one that its transformer does not read."""
    if isinstance(change.element, Workspace):
        return change.attribute in _OWN
    chain = change.before or change.after
    return any(isinstance(above, Workspace) and _is_place(below) for above, below in pairwise(chain))


def _is_place(element: Element) -> bool:
    return isinstance(element, Container | PlatformManaged | Credential)


def _entered(side: Indexed, change: Change, chain: Sequence[Element]) -> tuple[Iterable[Table], Iterable[_Place]]:
    """Datasets and groups that a change is about, on one side: by the innermost element that says so."""
    for depth in range(len(chain) - 1, -1, -1):
        element, above = chain[depth], chain[:depth]
        match element:
            case Dataset():
                store = next(parent for parent in reversed(above) if isinstance(parent, Datastore))
                return [(store.name, element.name)], []
            case Datastore() | DataTransformer():
                return _tables(stores_in(element)), []
            case DatasetGroup():
                return [], [(above[-2].key() or "", above[-1].key() or "", element.name)]
            case Workspace():
                whole = change.element is element and change.attribute is None
                made = [element.transformer.produces] if whole and element.transformer is not None else []
                return _tables(made), _groups(above[-1].key() or "", element)
            case GroupAssignments():
                return [], _known(side, element.workspace, element.dsg)
            case DataPlatform():
                return [], _served(side, [element.name])
            case InfrastructureVendor():
                return _standing(side, "/".join(step.key() or "" for step in chain[depth:]))
            case Team() | GovernanceZone() | Ecosystem():
                return _below(element) if _is_for_all(change, chain[depth + 1 :]) else ([], [])
    return [], []


def _tables(stores: Iterable[Datastore]) -> list[Table]:
    return [table for store in stores for table in tables_in(store)]


def _groups(team: str, workspace: Workspace) -> list[_Place]:
    return [(team, workspace.name, group.name) for group in workspace.groups] or [(team, workspace.name, None)]


def _known(side: Indexed, workspace: str, group: str) -> list[_Place]:
    """The group of an entry of the mapping file, where there is one of that name."""
    chain = side.workspaces.get(workspace)
    return [(chain[-2].key() or "", workspace, group)] if chain and side.group(workspace, group) is not None else []


def _served(side: Indexed, platforms: Iterable[str]) -> list[_Place]:
    return [
        place
        for platform in platforms
        for served in side.served.get(platform, ())
        for place in _known(side, served.workspace.name, served.group.name)
    ]


def _standing(side: Indexed, place: str) -> tuple[list[Table], list[_Place]]:
    """Whose data stand at a location or inside it: datastores by their sources, platforms by their merge stores,
    workspaces by the places of their views."""

    def is_there(element: Element) -> bool:
        locations = (part.location for _, part in walk(element) if isinstance(part, Container))
        return any(f"{location}/".startswith(f"{place}/") for location in locations if location)

    stores = (store for store in side.ecosystem.datastores() if is_there(store.capture))
    platforms = (platform.name for platform in side.ecosystem.platforms if is_there(platform))
    workspaces = (
        group
        for team in side.ecosystem.teams()
        for workspace in team.workspaces
        if is_there(workspace.container)
        for group in _groups(team.name, workspace)
    )
    return _tables(stores), [*_served(side, platforms), *workspaces]


def _is_for_all(change: Change, below: Sequence[Element]) -> bool:
    """Whether a change of an owner concerns everything below it: the owner itself, its repository or a policy."""
    if not below:
        return change.attribute is None or change.attribute == "repository"
    return isinstance(below[0], Policy | GitRepository)


def _below(owner: Element) -> tuple[list[Table], list[_Place]]:
    """Every dataset and every group of an owner."""
    zones = owner.zones if isinstance(owner, Ecosystem) else [owner] if isinstance(owner, GovernanceZone) else []
    teams = [team for zone in zones for team in zone.teams] + ([owner] if isinstance(owner, Team) else [])
    made = [w.transformer.produces for team in teams for w in team.workspaces if w.transformer is not None]
    stores = [store for team in teams for store in team.datastores]
    return _tables([*stores, *made]), [
        place for team in teams for workspace in team.workspaces for place in _groups(team.name, workspace)
    ]
