"""What should stand in consumers' databases: decided from the deployment alone."""

from collections.abc import Iterator, Sequence

from attrs import asdict, frozen

from datasurface.deployment import Deployment
from datasurface.model import PostgresDatabase
from datasurface.results import PhysicalObject, ViewSummary
from datasurface_yellow.deploy.objects import view_object, workspace_of
from datasurface_yellow.deploy.wanted import View
from datasurface_yellow.store import naming


@frozen
class Site:
    """What one platform has for one workspace in a database of the workspace's own.

    Attributes:
        reader: the name of the secret by which that database reads the merge database.
        views: what the workspace has in the merge database; each view and function has one of its name here.
    """

    platform: str
    workspace: str
    container: PostgresDatabase
    reader: str
    views: tuple[View, ...]

    @property
    def schema(self) -> str:
        """Of the views that consumers read."""
        return naming.workspace_schema(self.workspace)

    @property
    def remote_schema(self) -> str:
        """Of the foreign tables, which nobody else may use."""
        return naming.remote_schema(self.workspace)

    @property
    def copied_schema(self) -> str:
        """Of the copies, which nobody else may use."""
        return naming.copied_schema(self.workspace)

    @property
    def copies(self) -> str:
        """The table that says what each copy holds."""
        return naming.copies(self.platform)

    @property
    def copied(self) -> tuple[View, ...]:
        """The views that read copies."""
        return tuple(view for view in self.views if view.is_copied and view.place.is_view)

    @property
    def names(self) -> dict[str, object]:
        """What statements call its parts."""
        schemas = {"schema": self.schema, "remote_schema": self.remote_schema, "copied_schema": self.copied_schema}
        return {**schemas, "server": self.server, "copies": self.copies}

    @property
    def server(self) -> str:
        """The foreign server: the merge database as this workspace reads it."""
        return naming.foreign_server(self.platform, self.workspace)

    @property
    def role(self) -> str:
        """Who may read the views; a role of that name is on the merge database's server, too."""
        return naming.reader_role(self.workspace)

    @property
    def address(self) -> tuple[str, str, int, str]:
        """What tells one site of a platform from another."""
        return self.workspace, self.container.host, self.container.port, self.container.database

    def of_this(self, summary: ViewSummary) -> ViewSummary:
        """What was done here, said so that it is not mistaken for the same in the merge database."""
        kinds = {
            kind: tuple(map(self.labelled, names))
            for kind, names in asdict(summary, recurse=False).items()
            if kind != "reasons"
        }
        return ViewSummary(**kinds, reasons={self.labelled(name): why for name, why in summary.reasons.items()})

    def labelled(self, name: str) -> str:
        """A thing of this database, for people."""
        return f"{name} in {self.container.name}"


def wanted_sites(deployment: Deployment, views: Sequence[View]) -> Sequence[Site]:
    """The sites of a deployment, by workspace. ``views``: all that it has in the merge database."""
    found: dict[str, Site] = {}
    for config in deployment.views:
        if isinstance(config.container, PostgresDatabase) and config.reader is not None:
            schema = naming.workspace_schema(config.workspace)
            found[config.workspace] = Site(
                deployment.platform.name,
                config.workspace,
                config.container,
                config.reader.name,
                tuple(view for view in views if view.schema == schema),
            )
    return [found[workspace] for workspace in sorted(found)]


def site_objects(deployment: Deployment, views: Sequence[View]) -> Iterator[PhysicalObject]:
    """What stands in consumers' databases once a deployment is applied. ``views`` as in ``wanted_sites``."""
    for site in wanted_sites(deployment, views):
        database = site.container.name
        path = next((workspace_of(view.path) for view in site.views), "")
        copied = site.copied
        for kind, name in (
            *(("schema", name) for name in (site.schema, site.remote_schema)),
            *([("schema", site.copied_schema)] if copied else []),
            ("role", site.role),
            ("foreign server", site.server),
        ):
            yield PhysicalObject(kind, database, None, name, path)
        if copied:
            yield PhysicalObject("catalogue table", database, site.copied_schema, site.copies, path)
        for view in site.views:
            if view.place.is_view:
                yield PhysicalObject("foreign table", database, site.remote_schema, view.name, view.path)
            if view in copied:
                yield PhysicalObject("copy", database, site.copied_schema, view.name, view.path)
            yield view_object(view, database)
