"""The check of a platform: its merge database, then each database of a consumer's own. What cannot be tried in one
keeps no other from being tried."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import groupby

import psycopg2
from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection

from datasurface.access import AccessReport
from datasurface.credentials import Credentials
from datasurface.deployment import Deployment
from datasurface.errors import DataSurfaceError, StoreUnavailable
from datasurface.model import PostgresDatabase
from datasurface_yellow.access.check import check_merge_database, made, other_views
from datasurface_yellow.access.sites import Standing, check_site_database, standing_in_merge_database
from datasurface_yellow.consumer.site import Site, wanted_sites
from datasurface_yellow.deploy.wanted import View, wanted_views
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.catalog import platform_names
from datasurface_yellow.store.connection import Place, hint_for_store, place, primary_message
from datasurface_yellow.store.layouts import read_layouts


@frozen
class AccessCheck:
    """Everything that is tried for one platform.

    Attributes:
        all_deployments: of the generation in force.
        credential: of a login that may become the roles, in every database; None for that of each database.
    """

    deployment: Deployment
    platform: YellowDataPlatform
    all_deployments: Sequence[Deployment]
    credentials: Credentials
    credential: str | None

    def reports(self, open_merge: Callable[[], AbstractContextManager[Connection]]) -> list[AccessReport]:
        """A report of each database; ``open_merge``: a session of the platform's own role.

        MissingCredential where nothing says who is to become the roles.
        """
        where = self._place(self.platform.merge_database)
        views, standing = made(wanted_views(self.deployment, self.platform.schema)), dict[str, Standing]()
        try:
            with open_merge() as session:
                names = platform_names(self.platform.name, self.platform.schema)
                views = made(wanted_views(self.deployment, self.platform.schema, read_layouts(session, names)))
                for site in self._sites(views):
                    standing[site.workspace] = standing_in_merge_database(session, site)
                readers, errors = self._readers(views)
                merge = check_merge_database(
                    session, where, self.deployment, views, self.all_deployments, names, readers
                )
                reports = [evolve(merge, errors=(*merge.errors, *errors))]
        except DataSurfaceError as error:
            reports = [AccessReport(where.container.name, errors=(error,))]
        return [*reports, *self._consumers(views, standing)]

    def _place(self, container: PostgresDatabase) -> Place:
        if self.credential is None:
            return place(container, self.credentials)
        return Place(container, self.credentials.secret(self.credential))

    def _sites(self, views: Sequence[View]) -> Sequence[Site]:
        return wanted_sites(self.deployment, views)

    def _readers(self, views: Sequence[View]) -> tuple[dict[str, str], list[DataSurfaceError]]:
        """The login by which each site reads, with its workspace's role; and errors of those that nothing names."""
        found: dict[str, str] = {}
        errors: list[DataSurfaceError] = []
        for site in self._sites(views):
            try:
                found[self.credentials.secret(site.reader).user or ""] = site.role
            except DataSurfaceError as error:
                errors.append(error)
        return found, errors

    def _consumers(self, views: Sequence[View], standing: Mapping[str, Standing]) -> Iterator[AccessReport]:
        others = [
            site
            for other, theirs in other_views(self.deployment, self.all_deployments)
            for site in wanted_sites(other, theirs)
        ]
        for address, group in groupby(sorted(self._sites(views), key=_address), key=_address):
            sites = list(group)
            container, beside = sites[0].container, [site for site in others if _address(site) == address]
            try:
                yield self._of_consumer(container, sites, beside, standing)
            except DataSurfaceError as error:
                yield AccessReport(container.name, errors=(error,))

    def _of_consumer(
        self,
        container: PostgresDatabase,
        sites: Sequence[Site],
        others: Sequence[Site],
        standing: Mapping[str, Standing],
    ) -> AccessReport:
        where = self._place(container)
        try:
            return check_site_database(where, sites, others, self.platform.merge_database, standing)
        except psycopg2.Error as error:
            raise StoreUnavailable(
                f"platform {self.platform.name}, access check: consumer database {where} failed: "
                f"{primary_message(error)}",
                hint=hint_for_store(error, "nothing was changed; try again once its cause is gone"),
            ) from error


def _address(site: Site) -> tuple[str, int, str]:
    return site.container.host, site.container.port, site.container.database
