"""What Yellow cannot execute, found before anything is applied: captures, containers, types, sizes, workspaces,
transformers, names that would meet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from weakref import ref

from datasurface.deployment import Deployment, TransformerConfig
from datasurface.findings import Finding, Severity
from datasurface.graph import deployments
from datasurface.lint import addresses
from datasurface.lint.registry import Problem
from datasurface.model import (
    Dataset,
    Ecosystem,
    Milestoning,
    MySqlDatabase,
    PlatformManaged,
    PostgresDatabase,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    walk,
)
from datasurface.model.datastore import DEFAULT_SCHEMA
from datasurface.model.element import Element
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import naming
from datasurface_yellow.store.types import store_type

_TAKEN_SCHEMAS = ("public", "information_schema")
"""Schemas of every PostgreSQL database; those that begin with ``pg_`` are its own, too."""

_MOST_COLUMNS = 1600 - 5
"""PostgreSQL's limit for a table without our own columns of a staging table, which has the most."""
_MOST_KEYS = 32
"""PostgreSQL's limit for an index."""

_Address = tuple[str, int, str]
_Place = tuple[str, str]
"""Schema and name of a table or view of a merge database."""
_Tables = Mapping[_Place, set[tuple[str, ...]]]
"""Tables of a merge database, with what each is of."""
_Found = tuple[str, Problem]
"""A code and what it is about."""


def findings(platform: YellowDataPlatform, ecosystem: Ecosystem) -> Iterable[Finding]:
    """Findings on the work that is assigned to the platform; for a model whose references are sound."""
    # What cannot be shown is said before the platform is filled, not when consumers are to see it.
    looked = _looked_at(ecosystem)
    deployment = looked.deployment(platform, ecosystem)
    problems = [
        *_captures(platform, deployment),
        *_types(platform, deployment),
        *_sizes(platform, deployment),
        *_workspaces(platform, deployment, ecosystem),
        *_consumer_databases(platform, deployment, ecosystem),
        *_transformers(platform, deployment, ecosystem),
        *_names(platform, deployment, looked.tables(platform, ecosystem)),
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
        if not isinstance(capture, SqlSnapshot | SqlWatermark):
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


def _sizes(platform: YellowDataPlatform, deployment: Deployment) -> Iterator[_Found]:
    # The index of a history has the batch beside the key.
    most_keys = _MOST_KEYS - (platform.milestoning is Milestoning.FORENSIC)
    for stream in deployment.streams:
        for dataset in stream.datasets:
            if len(dataset.key_columns) > most_keys:
                yield _error(
                    "YE110",
                    dataset,
                    f"the key of {stream.store}.{dataset.name} has {len(dataset.key_columns)} columns, and an index of "
                    f"{platform.name} holds {most_keys}",
                    "choose a key of fewer columns",
                )
            if len(dataset.columns) > _MOST_COLUMNS:
                yield _error(
                    "YE111",
                    dataset,
                    f"{stream.store}.{dataset.name} has {len(dataset.columns):,} columns, and a table of "
                    f"{platform.name} holds {_MOST_COLUMNS:,}",
                    "offer it as several datasets with the same key",
                )


def _workspaces(platform: YellowDataPlatform, deployment: Deployment, ecosystem: Ecosystem) -> Iterator[_Found]:
    assigned = {view.workspace for view in deployment.views}
    for workspace in ecosystem.workspaces():
        schema = naming.workspace_schema(workspace.name)
        if workspace.name in assigned and (schema.startswith("pg_") or schema in (*_TAKEN_SCHEMAS, platform.schema)):
            yield _error(
                "YE106",
                workspace,
                f"the views of {workspace.name} would stand in schema {schema}, which has another use",
                "rename the workspace",
            )


def _consumer_databases(platform: YellowDataPlatform, deployment: Deployment, ecosystem: Ecosystem) -> Iterator[_Found]:
    assigned = {view.workspace for view in deployment.views}
    places: dict[tuple[addresses.Address | None, str], str] = {}
    for workspace in sorted(ecosystem.workspaces(), key=lambda each: each.name):
        container = workspace.container
        if workspace.name not in assigned or isinstance(container, PlatformManaged):
            continue
        if workspace.reader is None:
            yield _error(
                "YE105",
                workspace,
                f"{container.name} cannot read the views of {workspace.name} in the merge database without a reader",
                'add reader=Credential("…"): a login there that may read the views of this workspace and nothing else',
            )
        held = [platform.merge_database, *([ecosystem.control_database] if ecosystem.control_database else [])]
        if addresses.address(container) in map(addresses.address, held):
            yield _error(
                "YE112",
                container,
                f"{container.name}, the database of workspace {workspace.name}, is where {platform.name} merges or the "
                "configuration is",
                "name a database of the consumer's own, or leave container= out: the views then stand in the merge "
                "database",
            )
        schemas = [naming.workspace_schema(workspace.name), naming.remote_schema(workspace.name)]
        if any(group.copied is not None for group in workspace.groups):
            schemas.append(naming.copied_schema(workspace.name))
        for schema in schemas:
            other = places.setdefault((addresses.address(container), schema), workspace.name)
            if other != workspace.name:
                yield _error(
                    "YE113",
                    workspace,
                    f"{workspace.name} and {other} would both have schema {schema} in {container.name}",
                    "rename one of them, or give each a database of its own",
                )


def _transformers(platform: YellowDataPlatform, deployment: Deployment, ecosystem: Ecosystem) -> Iterator[_Found]:
    made = {each.transformer.name: each.transformer for each in ecosystem.workspaces() if each.transformer is not None}
    for config in deployment.transformers:
        transformer, container = made[config.name], config.container
        if config.credential is None:
            yield _error(
                "YE108",
                transformer,
                f"{platform.name} cannot run transformer {config.name} without a login of its own",
                'add credential=Credential("…"): a login that may read the views of its workspace and nothing else',
            )
        if not isinstance(container, PostgresDatabase):
            yield _error(
                "YE114",
                container,
                f"{platform.name} cannot write what transformer {config.name} makes to a {type(container).__name__}",
                "use a PostgresDatabase",
            )
        for dataset in config.outputs:
            yield from _output(platform, config, dataset)


def _output(platform: YellowDataPlatform, config: TransformerConfig, dataset: Dataset) -> Iterator[_Found]:
    """What keeps a table for a dataset of a transformer from being made; nobody may sink the dataset."""
    if len(dataset.name.encode()) > naming.LIMIT:
        yield _error(
            "YE115",
            dataset,
            f"{platform.name} cannot make a table {dataset.name}, which transformer {config.name} writes: its name has "
            f"more than {naming.LIMIT} bytes",
            "give the dataset a shorter name",
        )
    for column in dataset.columns:
        if store_type(column.type) is None:
            yield _error(
                "YE103",
                column,
                f"{platform.name} cannot store {column.type!r} (column {column.name} of {config.store}.{dataset.name})",
                "use another type, or assign the group to another platform",
            )


def _names(platform: YellowDataPlatform, deployment: Deployment, shared: _Tables) -> Iterator[_Found]:
    """Two different objects of the merge database that would get one name, as ``a_b`` + ``c`` and ``a`` + ``b_c``."""
    owners: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for place, owner in _tables(platform, deployment):
        owners[place] |= {owner, *shared.get(place, ())}  # where two others meet is for them to say
    for view in deployment.views:
        parts = (view.workspace, view.group, view.name, view.store)
        name = naming.consumers_name(platform.name, view.workspace, view.group, view.name, "view")
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


def _tables(platform: YellowDataPlatform, deployment: Deployment) -> Iterator[tuple[_Place, tuple[str, ...]]]:
    """The merge tables of a platform: where each is, and of what."""
    for stream in deployment.streams:
        for dataset in stream.datasets:
            owner = (platform.name, stream.store, dataset.name)
            yield (platform.schema, naming.merge_table(*owner)), owner


class _Looked:
    """What was found out of a model for one of its platforms and serves the others."""

    def __init__(self, ecosystem: Ecosystem) -> None:
        # It is kept for as long as the model is, and must not keep the model.
        self._ecosystem = ref(ecosystem, _forget)
        self._deployments: dict[int, Deployment] = {}
        self._tables: dict[_Address, _Tables] = {}

    def is_alive(self) -> bool:
        return self._ecosystem() is not None

    def is_of(self, ecosystem: Ecosystem) -> bool:
        return self._ecosystem() is ecosystem

    def deployment(self, platform: YellowDataPlatform, ecosystem: Ecosystem) -> Deployment:
        """What the platform has to provide, with the views that are to come."""
        if not self._deployments:
            made = deployments(ecosystem, with_coming_views=True)
            self._deployments = {id(each.platform): each for each in made}
        return self._deployments[id(platform)]

    def tables(self, platform: YellowDataPlatform, ecosystem: Ecosystem) -> _Tables:
        """The merge tables of all platforms in the platform's merge database, with what they are of."""
        address = _address(platform.merge_database)
        if address not in self._tables:
            owners: dict[_Place, set[tuple[str, ...]]] = defaultdict(set)
            for other in ecosystem.platforms:
                if isinstance(other, YellowDataPlatform) and _address(other.merge_database) == address:
                    for place, owner in _tables(other, self.deployment(other, ecosystem)):
                        owners[place].add(owner)
            self._tables[address] = dict(owners)
        return self._tables[address]


_last: list[_Looked] = []
"""Of the model that was looked at last: the platforms of a model are asked one after the other."""


def _looked_at(ecosystem: Ecosystem) -> _Looked:
    found = next((looked for looked in _last if looked.is_of(ecosystem)), None) or _Looked(ecosystem)
    _last[:] = [found]
    return found


def _forget(_: object) -> None:
    _last[:] = [looked for looked in _last if looked.is_alive()]


def _address(database: PostgresDatabase) -> _Address:
    return database.host, database.port, database.database
