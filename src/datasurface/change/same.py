"""What is the same in both models though its place or name is another: columns that were renamed, datastores and
workspaces that were moved."""

from collections.abc import Iterator

from datasurface.change.consequences import tables_of
from datasurface.change.consumption import Chain, Models
from datasurface.change.diff import Change, ChangeKind, differences
from datasurface.model import Column, Datastore, DataTransformer, Element, GovernanceZone, Team, Workspace


def inside(change: Change, models: Models) -> Iterator[Change]:
    """The differences that an element which was removed hides, because it is somewhere else now or has another name."""
    if change.kind is not ChangeKind.REMOVED:
        return
    rename = rename_of(change, models)
    if rename is not None:
        before, after = rename
        found = differences(change.path, before, after)
        yield from (difference for difference in found if difference.attribute not in ("name", "renamed_from"))
    for before, after in _moved(change.element, models):
        for difference in differences(change.path, before, after):
            yield difference
            yield from inside(difference, models)


def rename_of(change: Change, models: Models) -> tuple[Chain, Chain] | None:
    """The column before and after, with what it stands in, where the change is one half of a rename: each name is there
    on its own side only."""
    if change.attribute is not None or not isinstance(change.element, Column):
        return None
    (table,) = tables_of(change)
    had, has = models.old.columns(table), models.new.columns(table)
    above: tuple[Chain, Chain]
    before: Column | None
    after: Column | None
    if change.kind is ChangeKind.ADDED:
        above = change.before, change.after[:-1]
        before, after = had.get(change.element.renamed_from or ""), change.element
    else:
        above = change.before[:-1], change.after
        name = change.element.name
        before, after = change.element, next((column for column in has.values() if column.renamed_from == name), None)
    if before is None or after is None or before.name in has or after.name in had:
        return None
    return (*above[0], before), (*above[1], after)


def _moved(element: Element, models: Models) -> Iterator[tuple[Chain, Chain]]:
    """The workspaces and datastores of an element that the new model has in another place, before and after."""
    for workspace in workspaces_in(element):
        after = models.new.workspaces.get(workspace.name)
        if after is not None:
            yield models.old.workspaces[workspace.name], after
        elif workspace.transformer is not None:
            yield from _moved(workspace.transformer.produces, models)
    for store in stores_in(element):
        if store.name in models.new.stores:
            yield models.old.stores[store.name], models.new.stores[store.name]


def workspaces_in(element: Element) -> Iterator[Workspace]:
    """The workspaces of a zone, of a team, or that it is."""
    if isinstance(element, Workspace):
        yield element
    elif isinstance(element, Team):
        yield from element.workspaces
    elif isinstance(element, GovernanceZone):
        for team in element.teams:
            yield from team.workspaces


def stores_in(element: Element) -> Iterator[Datastore]:
    """The datastores of a zone or a team, of a transformer, or that it is; without those that workspaces in it make."""
    if isinstance(element, Datastore):
        yield element
    elif isinstance(element, DataTransformer):
        yield element.produces
    elif isinstance(element, Team):
        yield from element.datastores
    elif isinstance(element, GovernanceZone):
        for team in element.teams:
            yield from team.datastores
