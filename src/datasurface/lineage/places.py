"""What OpenLineage calls datasets: a namespace, which is the server, and a name within it.

The forms are those of its naming conventions, so that what others say of the same tables meets ours.
"""

from collections.abc import Sequence

from attrs import frozen

from datasurface.model import Container, MySqlDatabase, PostgresDatabase, SqliteDatabase
from datasurface.model.datastore import SqlCapture
from datasurface.results import PhysicalObject


@frozen
class Place:
    """A table or view.

    Attributes:
        source: the container's name in the model.
    """

    namespace: str
    name: str
    source: str


def place(container: Container, schema: str | None, name: str) -> Place:
    """A table or view of a container."""
    match container:
        case PostgresDatabase():
            namespace = f"postgres://{_host(container.host)}:{container.port}"
            return Place(namespace, ".".join([container.database, schema or "public", name]), container.name)
        case MySqlDatabase():
            namespace = f"mysql://{_host(container.host)}:{container.port}"
            return Place(namespace, f"{container.database}.{name}", container.name)
        case SqliteDatabase():
            return Place("file", f"{container.path}/{name}", container.name)
        case _:
            return Place(container.name, name if schema is None else f"{schema}.{name}", container.name)


def at_source(capture: SqlCapture, dataset: str) -> Place:
    """The table that a dataset is read from."""
    return place(capture.container, capture.schema, capture.table_of(dataset))


@frozen
class Standing:
    """What stands in the databases of a platform, by what of the model it comes from.

    Attributes:
        containers: by their names.
    """

    objects: Sequence[PhysicalObject]
    containers: Sequence[Container]

    def table(self, path: str, database: str) -> Place | None:
        """The table of a dataset in a database."""
        return next(iter(self._of("table", path, database)), None)

    def live_view(self, path: str, database: str) -> Place | None:
        """The view of the live rows of a sink."""
        return next((it for it in self._of("view", path, database) if it.name.endswith("_view")), None)

    def views(self, path: str, database: str) -> Sequence[Place]:
        """The views of a sink's rows: of the live ones, and of the history where there is one."""
        return [it for it in self._of("view", path, database) if it.name.endswith(("_view", "_history"))]

    def _of(self, kind: str, path: str, database: str) -> Sequence[Place]:
        found = {each.name: each for each in self.containers}
        return [
            place(found[each.database], each.schema, each.name)
            for each in self.objects
            if (each.kind, each.path, each.database) == (kind, path, database) and each.database in found
        ]


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()
