"""How notebooks show parts of a model: tables and a drawing in plain HTML, on a light page and on a dark one.

Every text of the model is escaped, so that a name is never taken for markup.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from html import escape

from datasurface.drawing import as_svg
from datasurface.git_url import without_user
from datasurface.model.datastore import Datastore
from datasurface.model.ecosystem import Ecosystem, GovernanceZone, Team
from datasurface.model.element import Element
from datasurface.model.flow import flow
from datasurface.model.schema import Column, Dataset
from datasurface.model.workspace import DatasetGroup, Workspace

MOST_BOXES = 150
"""A model with more of them is shown as a table: nobody can read the drawing."""

_CELL = 'style="text-align:left;vertical-align:top;padding:0.2em 0.8em 0.2em 0"'


def html_of(element: Element) -> str | None:
    """The HTML that shows an element; None for a class whose repr says it all."""
    match element:
        case Dataset():
            return _titled(element.name, element.description, _columns(element))
        case Datastore():
            return _titled(element.name, element.description, _datasets(element))
        case Workspace():
            return _titled(element.name, element.description, _groups(element))
        case Team():
            return _titled(element.name, element.description, _team(element))
        case GovernanceZone():
            return _titled(element.name, element.description, _owner(element) + _teams(element.teams))
        case Ecosystem():
            return _titled(element.name, element.description, _flow(element))
        case _:
            return None


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table of texts, which are escaped."""
    titles = "".join(f"<th {_CELL}>{escape(title)}</th>" for title in head)
    lines = ("".join(f"<td {_CELL}>{escape(cell)}</td>" for cell in row) for row in rows)
    return (
        f"<table><thead><tr>{titles}</tr></thead><tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"
    )


def _titled(name: str, description: str, content: str) -> str:
    more = f"<p>{escape(description)}</p>" if description else ""
    return f"<p><strong>{escape(name)}</strong></p>{more}{content}"


def _columns(dataset: Dataset) -> str:
    return table(
        ("column", "type", "key", "nullable", "classification", "description"),
        (_column(dataset, column) for column in dataset.columns),
    )


def _column(dataset: Dataset, column: Column) -> Sequence[str]:
    classification = dataset.classification_of(column)
    return (
        column.name,
        repr(column.type),
        "key" if column.primary_key else "",
        "yes" if column.nullable else "no",
        classification.name if classification is not None else "",
        column.description,
    )


def _datasets(store: Datastore) -> str:
    rows = (
        (dataset.name, _keys(dataset), str(len(dataset.columns)), dataset.description) for dataset in store.datasets
    )
    capture = f"<p>{escape(f'{type(store.capture).__name__} of {store.capture.container.name}')}</p>"
    return capture + table(("dataset", "key", "columns", "description"), rows)


def _keys(dataset: Dataset) -> str:
    return ", ".join(column.name for column in dataset.key_columns)


def _groups(workspace: Workspace) -> str:
    return table(
        ("group", "requires", "dataset", "shown as"), (row for group in workspace.groups for row in _sinks(group))
    )


def _sinks(group: DatasetGroup) -> Iterable[Sequence[str]]:
    """The group and what it requires stand in its first line alone."""
    first = (group.name, _required(group))
    for sink in group.sinks:
        yield (*first, f"{sink.store}.{sink.dataset}", sink.name or "")
        first = ("", "")
    if not group.sinks:
        yield (*first, "", "")


def _required(group: DatasetGroup) -> str:
    needs = group.requires
    kept = f", kept {_span(needs.retention)}" if needs.retention is not None else ""
    return f"{needs.milestoning.name}, latency {_span(needs.latency)}{kept}"


def _span(span: timedelta) -> str:
    """As ``2557 days`` or ``0:10:00``."""
    return str(span).removesuffix(", 0:00:00")


def _team(team: Team) -> str:
    stores = (
        ("datastore", store.name, _counted(len(store.datasets), "dataset"), store.description)
        for store in team.datastores
    )
    spaces = (
        ("workspace", each.name, _counted(len(each.groups), "group"), each.description) for each in team.workspaces
    )
    return _owner(team) + table(("kind", "name", "holds", "description"), (*stores, *spaces))


def _teams(teams: Iterable[Team]) -> str:
    rows = (
        (team.name, _repository(team), str(len(team.datastores)), str(len(team.workspaces)), team.description)
        for team in teams
    )
    return table(("team", "owner", "datastores", "workspaces", "description"), rows)


def _owner(owner: Team | GovernanceZone) -> str:
    return f"<p>owned by {escape(_repository(owner))}</p>"


def _repository(owner: Team | GovernanceZone) -> str:
    return f"{without_user(owner.repository.url)}, branch {owner.repository.branch}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _flow(ecosystem: Ecosystem) -> str:
    drawing = flow(ecosystem) if _fewest_boxes(ecosystem) <= MOST_BOXES else None
    return as_svg(drawing) if drawing and len(drawing.boxes) <= MOST_BOXES else _teams(ecosystem.teams())


def _fewest_boxes(ecosystem: Ecosystem) -> int:
    """So many boxes a drawing has at least; it is not made of a great model only to be counted."""
    kinds = (ecosystem.datastores(), ecosystem.platforms, ecosystem.workspaces())
    return sum(len({each.name for each in kind}) for kind in kinds)
