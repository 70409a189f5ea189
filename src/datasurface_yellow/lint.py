"""What Yellow cannot execute, found before anything is applied: captures, containers, types, workspaces, transformers,
masks, names that would meet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from datasurface.deployment import Deployment
from datasurface.findings import Finding, Severity
from datasurface.graph import deployment_of
from datasurface.hints import listed
from datasurface.lint.registry import Problem
from datasurface.model import (
    Ecosystem,
    MySqlDatabase,
    PlatformManaged,
    PostgresDatabase,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    TransformerOutput,
    walk,
)
from datasurface.model.datastore import DEFAULT_SCHEMA
from datasurface.model.element import Element
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import naming
from datasurface_yellow.store.types import store_type

_TAKEN_SCHEMAS = ("public", "information_schema")
"""Schemas of every PostgreSQL database; those that begin with ``pg_`` are its own, too."""

_Found = tuple[str, Problem]
"""A code and what it is about."""


def findings(platform: YellowDataPlatform, ecosystem: Ecosystem) -> Iterable[Finding]:
    """Findings on the work that is assigned to the platform; for a model whose references are sound."""
    # What cannot be shown is said before the platform is filled, not when consumers are to see it.
    deployment = deployment_of(ecosystem, platform, with_coming_views=True)
    problems = [
        *_captures(platform, deployment),
        *_types(platform, deployment),
        *_workspaces(platform, deployment, ecosystem),
        *_transformers(platform, deployment, ecosystem),
        *_clearances(platform, deployment, ecosystem),
        *_names(platform, deployment, ecosystem),
    ]
    paths = {id(element): path for path, element in walk(ecosystem)} if problems else {}
    return [
        Finding(
            code,
            Severity.ERROR,
            paths.get(id(problem.element), ""),
            problem.message,
            problem.hint,
            problem.element.source,
        )
        for code, problem in problems
    ]


def _error(code: str, element: Element, message: str, hint: str) -> _Found:
    return code, Problem(element, message, hint)


def _captures(platform: YellowDataPlatform, deployment: Deployment) -> Iterator[_Found]:
    for stream in deployment.streams:
        capture = stream.capture
        if isinstance(capture, TransformerOutput):
            yield _error(
                "YE101",
                capture,
                f"{platform.name} cannot read what a transformer writes (store {stream.store})",
                "assign the groups that sink it to a platform that runs transformers",
            )
        elif not isinstance(capture, SqlSnapshot | SqlWatermark):
            kind = type(capture).__name__
            yield _error(
                "YE101",
                capture,
                f"{platform.name} cannot run a {kind} (store {stream.store})",
                "use SqlSnapshot or SqlWatermark",
            )
        elif not isinstance(capture.container, PostgresDatabase | MySqlDatabase | SqliteDatabase):
            kind = type(capture.container).__name__
            yield _error(
                "YE102",
                capture.container,
                f"{platform.name} cannot read a {kind} (store {stream.store})",
                "use a PostgresDatabase, a MySqlDatabase or a SqliteDatabase",
            )
        elif isinstance(capture, SqlWatermark) and not isinstance(capture.container, PostgresDatabase):
            kind = type(capture.container).__name__
            yield _error(
                "YE102",
                capture.container,
                f"{platform.name} cannot read a {kind} by a watermark (store {stream.store})",
                "use SqlSnapshot",
            )
        elif not isinstance(capture.container, PostgresDatabase) and capture.schema != DEFAULT_SCHEMA:
            kind = type(capture.container).__name__
            yield _error(
                "YE107",
                capture,
                f"{platform.name} reads store {stream.store} from schema {capture.schema}, and a {kind} has no schemas",
                "leave schema= out; another database is another container",
            )


def _types(platform: YellowDataPlatform, deployment: Deployment) -> Iterator[_Found]:
    for stream in deployment.streams:
        for dataset in stream.datasets:
            for column in dataset.columns:
                if store_type(column.type) is None:
                    yield _error(
                        "YE103",
                        column,
                        f"{platform.name} cannot store {column.type!r} "
                        f"(column {column.name} of {stream.store}.{dataset.name})",
                        "use another type, or assign the group to another platform",
                    )


def _workspaces(platform: YellowDataPlatform, deployment: Deployment, ecosystem: Ecosystem) -> Iterator[_Found]:
    assigned = {view.workspace for view in deployment.views}
    for workspace in ecosystem.workspaces():
        if workspace.name in assigned and not isinstance(workspace.container, PlatformManaged):
            yield _error(
                "YE105",
                workspace,
                f"{platform.name} cannot make the views of {workspace.name} in a database of their own",
                "leave container= out: the views stand in the merge database, in the workspace's schema",
            )
        schema = naming.workspace_schema(workspace.name)
        if workspace.name in assigned and (schema.startswith("pg_") or schema in (*_TAKEN_SCHEMAS, platform.schema)):
            yield _error(
                "YE106",
                workspace,
                f"the views of {workspace.name} would stand in schema {schema}, which has another use",
                "rename the workspace",
            )


def _transformers(platform: YellowDataPlatform, deployment: Deployment, ecosystem: Ecosystem) -> Iterator[_Found]:
    assigned = {view.workspace for view in deployment.views}
    for workspace in ecosystem.workspaces():
        if workspace.name in assigned and workspace.transformer is not None:
            yield _error(
                "YE108",
                workspace.transformer,
                f"{platform.name} cannot run transformer {workspace.transformer.name} of workspace {workspace.name}",
                "assign the groups of the workspace to a platform that runs transformers",
            )


def _clearances(platform: YellowDataPlatform, deployment: Deployment, ecosystem: Ecosystem) -> Iterator[_Found]:
    """Views show every column as it is: Yellow makes no masks."""
    served = {(view.workspace, view.group, view.store, view.dataset.name): view.dataset for view in deployment.views}
    for workspace in ecosystem.workspaces():
        if workspace.clearance is None:
            continue
        for group in workspace.groups:
            for sink in group.sinks:
                dataset = served.get((workspace.name, group.name, sink.store, sink.dataset))
                if dataset is None:
                    continue
                kinds = {column.name: dataset.classification_of(column) for column in dataset.columns}
                hidden = {name: kind for name, kind in kinds.items() if kind not in workspace.clearance}
                if hidden:
                    missing = {kind.name if kind is not None else "unclassified" for kind in hidden.values()}
                    yield _error(
                        "YE109",
                        sink,
                        f"{platform.name} would show {workspace.name} columns of {sink.store}.{dataset.name} that it "
                        f"has no clearance for: {listed(hidden)} ({listed(missing)})",
                        "Yellow makes no masks: widen clearance=, or take the dataset out of the group",
                    )


def _names(platform: YellowDataPlatform, deployment: Deployment, ecosystem: Ecosystem) -> Iterator[_Found]:
    """Two different objects of the merge database that would get one name, as ``a_b`` + ``c`` and ``a`` + ``b_c``."""
    owners: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    neighbours = [(other, deployment_of(ecosystem, other)) for other in _neighbours(platform, ecosystem)]
    for neighbour, its in ((platform, deployment), *neighbours):
        for stream in its.streams:
            for dataset in stream.datasets:
                owner = (neighbour.name, stream.store, dataset.name)
                place = neighbour.schema, naming.merge_table(*owner)
                if neighbour is platform or place in owners:  # where two neighbours meet is for them to say
                    owners[place].add(owner)
    for view in deployment.views:
        parts = (view.workspace, view.group, view.name, view.store)
        name = naming.live_view(platform.name, view.workspace, view.group, view.name)
        owners[naming.workspace_schema(view.workspace), name].add(parts)
    for (schema, name), parts_of in sorted(owners.items()):
        if len(parts_of) > 1:
            words = " and ".join(sorted(".".join(parts) for parts in parts_of))
            yield _error(
                "YE104",
                platform,
                f"{words} would both be {schema}.{name} in the merge database",
                "rename one of them",
            )


def _neighbours(platform: YellowDataPlatform, ecosystem: Ecosystem) -> Iterator[YellowDataPlatform]:
    """The other platforms in the same merge database."""
    address = _address(platform.merge_database)
    for other in ecosystem.platforms:
        if other is platform or not isinstance(other, YellowDataPlatform):
            continue
        if _address(other.merge_database) == address:
            yield other


def _address(database: PostgresDatabase) -> tuple[str, int, str]:
    return database.host, database.port, database.database
