"""The pipeline graph: from producers over platforms to consumers, with the state of each."""

from collections.abc import Mapping
from itertools import islice

from attrs import evolve, frozen
from markupsafe import Markup

from datasurface.drawing import Box, Colour, as_svg
from datasurface.model import Ecosystem, Team, Workspace
from datasurface.model.flow import flow

MOST_STORES = 24
"""Datastores of one picture; with more nobody sees anything."""
MOST_WORKSPACES = 24


@frozen
class Health:
    """The state of a part of the graph, in few words."""

    text: str
    is_bad: bool


@frozen
class GraphRow:
    """A part of the graph in the table that says the same: ``kind`` is datastore, platform or workspace."""

    kind: str
    name: str
    note: str
    health: Health | None


@frozen
class GraphPage:
    """The picture, and a table of what it shows. ``stores``, ``workspaces``: how many are shown, and how many there
    are that fit ``query``."""

    query: str
    picture: Markup | None
    rows: tuple[GraphRow, ...]
    stores: tuple[int, int]
    workspaces: tuple[int, int]


def graph_page(ecosystem: Ecosystem, health: Mapping[str, Health], query: str) -> GraphPage:
    """The graph of the datastores and workspaces whose names hold ``query``, with who reads or feeds them.

    Args:
        health: by the id of a box, as ``flow`` names them: ``store/…``, ``platform/…``, ``workspace/…``.
    """
    chosen = _chosen(ecosystem, query.lower())
    drawing = flow(chosen.ecosystem)
    boxes = tuple(_with_health(box, health.get(_plain_id(box))) for box in drawing.boxes)
    rows = {_plain_id(box): _row(box, health.get(_plain_id(box))) for box in drawing.boxes}
    picture = Markup(as_svg(evolve(drawing, boxes=boxes), is_styled=False)) if boxes else None  # noqa: S704 it escapes
    return GraphPage(query, picture, tuple(rows.values()), chosen.stores, chosen.workspaces)


@frozen
class _Chosen:
    ecosystem: Ecosystem
    stores: tuple[int, int]
    workspaces: tuple[int, int]


def _chosen(ecosystem: Ecosystem, query: str) -> _Chosen:
    """The part of a model that is drawn: no more of it than can be seen."""
    reads = {
        workspace.name: {sink.store for group in workspace.groups for sink in group.sinks}
        for team in ecosystem.teams()
        for workspace in team.workspaces
    }
    named = {name for name in reads if query in name.lower()}
    fitting = [
        store.name
        for store in ecosystem.datastores()
        if query in store.name.lower() or any(store.name in reads[name] for name in (named if query else ()))
    ]
    stores = set(islice(fitting, MOST_STORES))
    readers = [name for name in reads if reads[name] & stores or (query and name in named)]
    if query and named:
        readers.sort(key=lambda name: name not in named)
    workspaces = set(readers[:MOST_WORKSPACES])
    kept = evolve(
        ecosystem,
        zones=[
            evolve(zone, teams=[_part(team, stores, workspaces) for team in zone.teams]) for zone in ecosystem.zones
        ],
        assignments=[it for it in ecosystem.assignments if it.workspace in workspaces],
    )
    used = {assignment.platform for it in kept.assignments for assignment in it.assignments}
    kept = evolve(kept, platforms=[platform for platform in ecosystem.platforms if platform.name in used])
    return _Chosen(kept, (len(stores), len(fitting)), (len(workspaces), len(readers)))


def _part(team: Team, stores: set[str], workspaces: set[str]) -> Team:
    return evolve(
        team,
        datastores=[store for store in team.datastores if store.name in stores],
        workspaces=[_reading(it, stores) for it in team.workspaces if it.name in workspaces],
    )


def _reading(workspace: Workspace, stores: set[str]) -> Workspace:
    """A workspace with the groups that read what is drawn."""
    groups = [group for group in workspace.groups if any(sink.store in stores for sink in group.sinks)]
    return evolve(workspace, groups=groups or workspace.groups)


def _plain_id(box: Box) -> str:
    """Without the stage, which is of the drawing alone."""
    kind, _, rest = box.id.partition("/")
    return f"platform/{rest.partition('/')[2]}" if kind == "platform" else box.id


def _with_health(box: Box, health: Health | None) -> Box:
    if health is None:
        return box
    return evolve(box, note=f"{health.text} · {box.note}", colour=Colour.RED if health.is_bad else box.colour)


def _row(box: Box, health: Health | None) -> GraphRow:
    return GraphRow(_plain_id(box).partition("/")[0], box.title, box.note, health)
