"""What Yellow cannot execute, found before anything is applied: captures, containers, types, workspaces, transformers,
masks, names that would meet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from datasurface.deployment import Deployment
from datasurface.findings import Finding, Severity
from datasurface.graph import deployment_of
from datasurface.hints import listed
from datasurface.model import (
    Ecosystem,
    MySqlDatabase,
    PlatformManaged,
    PostgresDatabase,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    TransformerOutput,
    Workspace,
    walk,
)
from datasurface.model.datastore import DEFAULT_SCHEMA
from datasurface.model.element import Element
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import naming
from datasurface_yellow.store.types import store_type

_TAKEN_SCHEMAS = ("public", "information_schema")
"""Schemas of every PostgreSQL database; those that begin with ``pg_`` are its own, too."""


def findings(platform: YellowDataPlatform, ecosystem: Ecosystem) -> Iterable[Finding]:
    """Findings on the work that is assigned to the platform; for a model whose references are sound."""
    elements = dict(walk(ecosystem))
    paths = {id(element): path for path, element in elements.items()}
    deployment = deployment_of(ecosystem, platform)
    served = {view.workspace for view in deployment.views}
    workspaces = [workspace for workspace in ecosystem.workspaces() if workspace.name in served]
    return [
        *_captures(deployment, paths),
        *_types(deployment, paths),
        *_workspaces(platform, workspaces, paths),
        *_transformers(platform, workspaces, paths),
        *_clearances(deployment, workspaces, elements, paths),
        *_names(platform, ecosystem, deployment, paths),
    ]


def _error(code: str, element: Element, paths: dict[int, str], message: str, hint: str) -> Finding:
    return Finding(code, Severity.ERROR, paths.get(id(element), ""), message, hint, element.source)


def _captures(deployment: Deployment, paths: dict[int, str]) -> Iterator[Finding]:
    platform = deployment.platform
    for stream in deployment.streams:
        capture = stream.capture
        if isinstance(capture, TransformerOutput):
            yield _error(
                "YE101",
                capture,
                paths,
                f"{platform.name} cannot read what a transformer writes (store {stream.store})",
                "assign the groups that sink it to a platform that runs transformers",
            )
        elif not isinstance(capture, SqlSnapshot | SqlWatermark):
            kind = type(capture).__name__
            yield _error(
                "YE101",
                capture,
                paths,
                f"{platform.name} cannot run a {kind} (store {stream.store})",
                "use SqlSnapshot or SqlWatermark",
            )
        elif not isinstance(capture.container, PostgresDatabase | MySqlDatabase | SqliteDatabase):
            kind = type(capture.container).__name__
            yield _error(
                "YE102",
                capture.container,
                paths,
                f"{platform.name} cannot read a {kind} (store {stream.store})",
                "use a PostgresDatabase, a MySqlDatabase or a SqliteDatabase",
            )
        elif isinstance(capture, SqlWatermark) and not isinstance(capture.container, PostgresDatabase):
            kind = type(capture.container).__name__
            yield _error(
                "YE102",
                capture.container,
                paths,
                f"{platform.name} cannot read a {kind} by a watermark (store {stream.store})",
                "use SqlSnapshot",
            )
        elif not isinstance(capture.container, PostgresDatabase) and capture.schema != DEFAULT_SCHEMA:
            kind = type(capture.container).__name__
            yield _error(
                "YE107",
                capture,
                paths,
                f"{platform.name} reads store {stream.store} from schema {capture.schema}, and a {kind} has no schemas",
                "leave schema= out; another database is another container",
            )


def _types(deployment: Deployment, paths: dict[int, str]) -> Iterator[Finding]:
    for stream in deployment.streams:
        for dataset in stream.datasets:
            for column in dataset.columns:
                if store_type(column.type) is None:
                    yield _error(
                        "YE103",
                        column,
                        paths,
                        f"{deployment.platform.name} cannot store {column.type!r} "
                        f"(column {column.name} of {stream.store}.{dataset.name})",
                        "use another type, or assign the group to another platform",
                    )


def _workspaces(
    platform: YellowDataPlatform, workspaces: Iterable[Workspace], paths: dict[int, str]
) -> Iterator[Finding]:
    for workspace in workspaces:
        if not isinstance(workspace.container, PlatformManaged):
            yield _error(
                "YE105",
                workspace,
                paths,
                f"{platform.name} cannot make the views of {workspace.name} in a database of their own",
                "leave container= out: the views stand in the merge database, in the workspace's schema",
            )
        schema = naming.workspace_schema(workspace.name)
        if schema.startswith("pg_") or schema in (*_TAKEN_SCHEMAS, platform.schema):
            yield _error(
                "YE106",
                workspace,
                paths,
                f"the views of {workspace.name} would stand in schema {schema}, which has another use",
                "rename the workspace",
            )


def _transformers(
    platform: YellowDataPlatform, workspaces: Iterable[Workspace], paths: dict[int, str]
) -> Iterator[Finding]:
    for workspace in workspaces:
        if workspace.transformer is not None:
            yield _error(
                "YE108",
                workspace.transformer,
                paths,
                f"{platform.name} cannot run transformer {workspace.transformer.name} of workspace {workspace.name}",
                "assign the groups of the workspace to a platform that runs transformers",
            )


def _clearances(
    deployment: Deployment, workspaces: Iterable[Workspace], elements: dict[str, Element], paths: dict[int, str]
) -> Iterator[Finding]:
    """Views show every column as it is: Yellow makes no masks."""
    clearances = {workspace.name: workspace.clearance for workspace in workspaces}
    for view in deployment.views:
        clearance = clearances[view.workspace]
        if clearance is None:
            continue
        kinds = {column.name: view.dataset.classification_of(column) for column in view.dataset.columns}
        hidden = [name for name, kind in kinds.items() if kind not in clearance]
        if hidden:
            missing = {kind.name if kind is not None else "unclassified" for kind in map(kinds.get, hidden)}
            yield _error(
                "YE109",
                elements[view.path],
                paths,
                f"{deployment.platform.name} would show {view.workspace} columns of {view.store}.{view.dataset.name} "
                f"that it has no clearance for: {listed(hidden)} ({listed(missing)})",
                "Yellow makes no masks: widen clearance=, or take the dataset out of the group",
            )


def _names(
    platform: YellowDataPlatform, ecosystem: Ecosystem, deployment: Deployment, paths: dict[int, str]
) -> Iterator[Finding]:
    """Two different objects of the merge database that would get one name, as ``a_b`` + ``c`` and ``a`` + ``b_c``."""
    owners: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for neighbour in (platform, *_neighbours(platform, ecosystem)):
        for stream in deployment_of(ecosystem, neighbour).streams:
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
                paths,
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
