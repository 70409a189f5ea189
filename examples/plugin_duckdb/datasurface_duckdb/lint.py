"""What is wrong with a model that has a DuckDbFile, and what the platform cannot execute."""

from collections.abc import Iterator

from datasurface.deployment import Deployment
from datasurface.findings import Finding, Severity
from datasurface.graph import deployment_of
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem, PlatformManaged, SqliteDatabase, SqlSnapshot, walk
from datasurface.model.element import Element
from datasurface_duckdb.column_types import column_type
from datasurface_duckdb.platform import DuckDbDataPlatform, DuckDbFile
from datasurface_duckdb.views import place_of

_ELSEWHERE = "or assign the group to another platform"
_Found = tuple[str, Element, str, str]
"""Code, what it is about, what is wrong, and what to do."""


@rule("DU001", "The path of a DuckDbFile is absolute")
def absolute_path(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Jobs run in folders of their own, and would each look for another file."""
    for _, element in walk(ecosystem):
        if isinstance(element, DuckDbFile) and not element.path.startswith("/"):
            yield Problem(element, f"{element.path} of {element.name} is no absolute path", "begin it with /")


def findings(platform: DuckDbDataPlatform, ecosystem: Ecosystem) -> list[Finding]:
    """Findings on the work that is assigned to the platform."""
    deployment = deployment_of(ecosystem, platform, with_coming_views=True)
    found = [*_captures(deployment), *_columns(deployment), *_views(deployment), *_transformers(deployment)]
    paths = {id(element): path for path, element in walk(ecosystem)} if found else {}
    return [
        Finding(code, Severity.ERROR, paths.get(id(element), ""), message, hint, element.source)
        for code, element, message, hint in found
    ]


def _captures(deployment: Deployment) -> Iterator[_Found]:
    for stream in deployment.streams:
        is_read = isinstance(stream.capture, SqlSnapshot) and isinstance(stream.capture.container, SqliteDatabase)
        if not is_read:
            message = f"{deployment.platform.name} reads SQLite files by SqlSnapshot, and nothing else ({stream.store})"
            yield "DU101", stream.capture, message, f"use SqlSnapshot(SqliteDatabase(...)), {_ELSEWHERE}"


def _columns(deployment: Deployment) -> Iterator[_Found]:
    for stream in deployment.streams:
        for dataset in stream.datasets:
            folded = [column.name.lower() for column in dataset.columns]
            for column in dataset.columns:
                if column_type(column.type) is None:
                    message = f"{deployment.platform.name} cannot store {column.type!r} (column {column.name})"
                    yield "DU102", column, message, f"use another type, {_ELSEWHERE}"
                if folded.count(column.name.lower()) > 1:
                    message = f"DuckDB takes column {column.name} for one that differs in upper and lower case only"
                    yield "DU103", column, message, f"rename one, {_ELSEWHERE}"


def _views(deployment: Deployment) -> Iterator[_Found]:
    """A file has no users: what is not for everybody who may read it cannot stand in it."""
    places = [place_of(view) for view in deployment.views]
    for view in deployment.views:
        lacks = "masks" if view.masks else "row filters" if view.filters else ""
        if lacks:
            message = f"{deployment.platform.name} has no {lacks}, which {view.workspace} needs for {view.dataset.name}"
            yield "DU104", view.dataset, message, f"change the policy or the clearance, {_ELSEWHERE}"
        if not isinstance(view.container, PlatformManaged):
            message = f"{deployment.platform.name} has no views in databases of {view.workspace}'s own"
            yield "DU105", view.container, message, f"leave container= out, {_ELSEWHERE}"
        if places.count(place_of(view)) > 1:
            message = f"another view is also called {'.'.join(place_of(view))}"
            yield "DU106", view.dataset, message, f"rename a group or a sink, {_ELSEWHERE}"


def _transformers(deployment: Deployment) -> Iterator[_Found]:
    for transformer in deployment.transformers:
        message = f"{deployment.platform.name} runs no transformers, as {transformer.name}"
        yield "DU107", transformer.container, message, f"make the datastore elsewhere, {_ELSEWHERE}"
