"""Who reads what: for each dataset and workspace what of it is seen, as the generation in force says."""

from collections.abc import Iterable

from attrs import frozen

from datasurface.deployment import ColumnMask, Deployment, MaskKind, ViewConfig
from datasurface.model import FilterValue
from datasurface_monitor.views.pages import Part, part_of

MOST_WORKSPACES = 8
"""Columns of the matrix at once."""

_MASKS = {
    MaskKind.NULL: "nothing",
    MaskKind.HASH: "keyed hash",
    MaskKind.PARTIAL: "a part",
    MaskKind.YEAR: "the year",
}


@frozen
class AccessCell:
    """What a workspace sees of a dataset: columns as they are, masked, and absent.

    Attributes:
        filtered: whether it sees only a part of the rows.
    """

    plain: int
    masked: int
    absent: int
    filtered: bool


@frozen
class AccessRow:
    """A dataset with a cell for each workspace of the page; None where it does not read the dataset."""

    store: str
    dataset: str
    cells: tuple[AccessCell | None, ...]


@frozen
class AccessPage:
    """The matrix. ``workspaces``: the columns; ``part``: the datasets."""

    query: str
    workspaces: Part[str]
    part: Part[AccessRow]


@frozen
class ColumnAccess:
    """One column as a group sees it: ``kind`` is plain, masked or absent; ``sees`` says it in words."""

    name: str
    classification: str
    kind: str
    sees: str


@frozen
class GroupAccess:
    """What a group sees of a dataset. ``filters``: what rows pass, in words."""

    group: str
    platform: str
    view: str
    milestoning: str
    columns: tuple[ColumnAccess, ...]
    filters: tuple[str, ...]


@frozen
class DatasetAccessPage:
    """What a workspace sees of a dataset, group by group."""

    workspace: str
    store: str
    dataset: str
    groups: tuple[GroupAccess, ...]


def access_page(deployments: Iterable[Deployment], query: str, number: int, across: int) -> AccessPage:
    """The matrix of datasets and workspaces whose names hold the words of ``query``.

    Args:
        number, across: which page of datasets, and which of workspaces.
    """
    cells: dict[tuple[str, str], dict[str, AccessCell]] = {}
    for view in (view for deployment in deployments for view in deployment.views):
        searched = f"{view.store}.{view.dataset.name} {view.workspace}".lower()
        if all(word in searched for word in query.lower().split()):
            of_dataset = cells.setdefault((view.store, view.dataset.name), {})
            of_dataset[view.workspace] = _narrowest(of_dataset.get(view.workspace), _cell(view))
    names = sorted({workspace for found in cells.values() for workspace in found})
    pages = max(1, -(-len(names) // MOST_WORKSPACES))
    across = min(max(1, across), pages)
    start = (across - 1) * MOST_WORKSPACES
    columns = tuple(names[start : start + MOST_WORKSPACES])
    rows = [
        AccessRow(store, dataset, tuple(found.get(workspace) for workspace in columns))
        for (store, dataset), found in sorted(cells.items())
        if any(workspace in found for workspace in columns)
    ]
    return AccessPage(query, Part(columns, across, pages, start + 1, len(names)), part_of(rows, number))


def dataset_access_page(
    deployments: Iterable[Deployment], workspace: str, store: str, dataset: str
) -> DatasetAccessPage | None:
    """What one workspace sees of one dataset; None where it does not read it."""
    groups = tuple(
        _group(deployment.platform.name, view)
        for deployment in deployments
        for view in deployment.views
        if (view.workspace, view.store, view.dataset.name) == (workspace, store, dataset)
    )
    return DatasetAccessPage(workspace, store, dataset, groups) if groups else None


def _cell(view: ViewConfig) -> AccessCell:
    seen = view.seen
    masked = sum(mask is not None for mask in seen.values())
    return AccessCell(len(seen) - masked, masked, len(view.hidden), bool(view.filters))


def _narrowest(former: AccessCell | None, cell: AccessCell) -> AccessCell:
    """Groups of one workspace are bound by the same policies; where they differ, that which shows most is told."""
    if former is None:
        return cell
    more = max(former, cell, key=lambda it: (it.plain, it.masked))
    return AccessCell(more.plain, more.masked, more.absent, former.filtered and cell.filtered)


def _group(platform: str, view: ViewConfig) -> GroupAccess:
    seen = view.seen
    columns = []
    for column in view.dataset.columns:
        classification = view.dataset.classification_of(column)
        known = classification.name if classification is not None else "not classified"
        if column.name not in seen:
            columns.append(ColumnAccess(column.name, known, "absent", "no such column"))
        else:
            mask = seen[column.name]
            columns.append(ColumnAccess(column.name, known, "plain" if mask is None else "masked", _sees(mask)))
    filters = tuple(f"{it.column} is {' or '.join(map(_value, it.values)) or 'nothing at all'}" for it in view.filters)
    return GroupAccess(view.group, platform, view.name, view.milestoning.name, tuple(columns), filters)


def _value(value: FilterValue) -> str:
    return "NULL" if value is None else str(value)


def _sees(mask: ColumnMask | None) -> str:
    return "as it is" if mask is None else f"masked: {_MASKS[mask.kind]}"
