"""What consumers read: a view of each sink, and one of its history where versions are kept."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

import duckdb
from attrs import frozen

from datasurface.deployment import Deployment, ViewConfig
from datasurface.milestoning.rows import LIVE
from datasurface.model import Milestoning
from datasurface.results import ListedView, ViewState, ViewSummary
from datasurface_duckdb.statements import statement
from datasurface_duckdb.store import rows
from datasurface_duckdb.tables import StoredTable, table_name

Place = tuple[str, str]
"""Schema and name of a view."""

_FILE = "platform.sql.j2"


@frozen
class WantedView:
    """A view as it should be."""

    schema: str
    name: str
    sql: str
    path: str


def place_of(view: ViewConfig) -> Place:
    """Where the view of a sink stands: the schema is the workspace's."""
    return view.workspace.lower(), f"{view.group}_{view.name}".lower()


def wanted(deployment: Deployment, tables: str) -> Mapping[Place, WantedView]:
    """The views of a deployment. ``tables``: the schema of the merge tables, which stand also where no stream of the
    deployment fills them any longer."""
    views = (view for config in deployment.views for view in _of(config, deployment, tables))
    return {(view.schema, view.name): view for view in views}


def _of(config: ViewConfig, deployment: Deployment, tables: str) -> Iterator[WantedView]:
    schema, name = place_of(config)
    table = StoredTable.of(config.dataset, tables, table_name(config.store, config.dataset))
    histories = [False, True] if deployment.platform.milestoning is Milestoning.FORENSIC else [False]
    for history in histories:
        called = f"{name}_history" if history else name
        columns = list(config.seen)
        sql = statement(
            _FILE,
            "view",
            schema=schema,
            name=called,
            columns=columns,
            table=table.place,
            history=history,
            live=LIVE,
        )
        yield WantedView(schema, called, sql, config.path)


@frozen
class Views:
    """The views of one platform in its file. Their comments say whose they are and how they are made."""

    connection: duckdb.DuckDBPyConnection
    platform: str

    def reconcile(self, wanted: Mapping[Place, WantedView], *, removes: bool) -> ViewSummary:
        """Make those that are wanted, and take away those that are not where ``removes`` says so."""
        there = self._there()
        created, updated, unchanged = list[str](), list[str](), list[str]()
        for place, view in wanted.items():
            if there.get(place) == self._mark(view):
                unchanged.append(_words(place))
                continue
            (updated if place in there else created).append(_words(place))
            self.connection.execute(statement(_FILE, "create_schema", schema=view.schema))
            self.connection.execute(view.sql)
            comment = self._mark(view)
            self.connection.execute(statement(_FILE, "sign", schema=view.schema, name=view.name, comment=comment))
        unwanted = sorted(there.keys() - wanted.keys()) if removes else []
        for schema, name in unwanted:
            self.connection.execute(statement(_FILE, "drop_view", schema=schema, name=name))
        return ViewSummary(tuple(created), tuple(updated), tuple(unchanged), tuple(map(_words, unwanted)))

    def listed(self, wanted: Mapping[Place, WantedView]) -> Sequence[ListedView]:
        """How each view stands to what it should be."""
        there = self._there()
        return [
            ListedView(
                _words(place),
                self._state(there.get(place), wanted.get(place)),
                self._columns(place),
                (),
                wanted[place].path if place in wanted else None,
            )
            for place in sorted(there.keys() | wanted.keys())
        ]

    def _state(self, mark: str | None, view: WantedView | None) -> ViewState:
        if view is None:
            return ViewState.UNWANTED
        if mark is None:
            return ViewState.MISSING
        return ViewState.STANDS if mark == self._mark(view) else ViewState.DIFFERS

    def _there(self) -> Mapping[Place, str]:
        found = rows(self.connection, statement(_FILE, "views"), [f"datasurface {self.platform} "])
        return {(str(schema), str(name)): str(comment) for schema, name, comment in found}

    def _columns(self, place: Place) -> tuple[tuple[str, str], ...]:
        found = rows(self.connection, statement(_FILE, "view_columns"), place)
        return tuple((str(name), str(kind)) for name, kind in found)

    def _mark(self, view: WantedView) -> str:
        return f"datasurface {self.platform} {blake2b(view.sql.encode(), digest_size=8).hexdigest()}"


def _words(place: Place) -> str:
    return ".".join(place)
