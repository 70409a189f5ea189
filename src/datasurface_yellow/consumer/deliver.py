"""Bring a deployment's views to the databases of its consumers, and take away what it no longer has there."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import psycopg2
from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials, Secret
from datasurface.deployment import Deployment, MaskKind
from datasurface.erasure import CopiedErasure
from datasurface.errors import ApplyRefused, DataSurfaceError
from datasurface.results import CopiedRows, ListedView, Step, ViewSummary
from datasurface_yellow.consumer.copies import drop_left_copies, ensure_copies, lock_held
from datasurface_yellow.consumer.foreign_server import ensure_way, remove_way
from datasurface_yellow.consumer.foreign_tables import OverForeignTables, drop_left_tables
from datasurface_yellow.consumer.locale import collation_like, database_locale
from datasurface_yellow.consumer.merge_side import (
    MergeSide,
    forget,
    merge_side,
    refuse_reader,
    remember,
    remembered_sites,
)
from datasurface_yellow.consumer.refresh import Copying
from datasurface_yellow.consumer.site import Site, wanted_sites
from datasurface_yellow.deploy.listing import list_views
from datasurface_yellow.deploy.views import reconcile, refuse_failed
from datasurface_yellow.deploy.wanted import View
from datasurface_yellow.erasure.vacuum import vacuum_tables
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import (
    PlannedSession,
    closing,
    connect,
    execute,
    place,
    primary_message,
    told_of,
)
from datasurface_yellow.store.planned import with_sql
from datasurface_yellow.store.statements import statement

Looked = Sequence[tuple[Site, MergeSide]]
"""The sites of a deployment, each with what the merge database has for it."""


@frozen
class Consumers:
    """The consumers' databases of one deployment."""

    deployment: Deployment
    platform: YellowDataPlatform
    names: PlatformNames
    credentials: Credentials

    def look(self, merge: Connection, views: Sequence[View], coming: Collection[str] = ()) -> Looked:
        """What the merge database has for each site, in the session that has just made it; and where something is about
        to stand, written down. ApplyRefused for a reader that may read too much.

        ``views``: all of the deployment. ``coming``: as in ``merge_side``.
        """
        return [(site, self._look(merge, site, coming)) for site in wanted_sites(self.deployment, views)]

    def apply(self, merge: Connection, looked: Looked, *, dry_run: bool) -> list[Step]:
        """Make what should stand in each database, in one transaction there; what should go stays. ApplyRefused where
        anything of a site cannot be made.

        A dry run changes nothing, and says what would go as well.
        """
        steps: list[Step] = []
        for site, side in looked:
            with self._session(site, PlannedSession if dry_run else Connection) as session, session:
                steps += self._made(merge, session, site, side)
        if dry_run:
            steps += self._would_go(merge)
        return steps

    def reconcile(self, merge: Connection, views: Sequence[View]) -> ViewSummary:
        """Make every database have exactly what the deployment says. One that cannot be reached keeps no other from
        being put right."""
        summary = ViewSummary()
        for site in wanted_sites(self.deployment, views):
            labels = tuple(site.labelled(view.label) for view in site.views)
            try:
                with merge:
                    side = self._look(merge, site)
                with self._session(site) as session, session:
                    summary = summary.plus(self._reconciled(merge, session, site, side))
            except DataSurfaceError as error:
                summary = summary.plus(ViewSummary(failed=labels, reasons=dict.fromkeys(labels, error.message)))
        with merge:
            former = self._former(merge)
        for site in former:
            try:
                with self._session(site) as session, session:
                    gone, _ = self._removed(session, site)
                summary = summary.plus(gone)
                if gone.is_well:
                    with merge:
                        forget(merge, self.names, site)
            except DataSurfaceError as error:
                label = site.labelled(site.schema)
                summary = summary.plus(ViewSummary(failed=(label,), reasons={label: error.message}))
        return summary

    def list_views(self, merge: Connection, views: Sequence[View]) -> Iterator[ListedView]:
        """How what stands in each database is to what should. Changes nothing."""
        for site in wanted_sites(self.deployment, views):
            side = merge_side(merge, site)
            with self._session(site) as session:
                session.set_session(isolation_level="REPEATABLE READ", readonly=True)
                maker = self._maker(session, site, side)
                for listed in list_views(session, self.deployment, site.views, maker, schema=site.schema):
                    yield evolve(listed, name=site.labelled(listed.name))

    def refresh(
        self, merge: Connection, views: Sequence[View], workspace: str, group: str, *, whole: bool
    ) -> tuple[CopiedRows, ...]:
        """Bring the copies of a group to what the merge database shows, in one transaction of the consumer's database.

        ``whole``: compare every row, whatever is known of it.
        """
        [site] = [site for site in wanted_sites(self.deployment, views) if site.workspace == workspace]
        views = [view for view in site.copied if view.names[2] == group]
        if not views:  # all columns of all its datasets are hidden
            return ()
        with self._session(site) as session, session:
            return Copying(merge, session, self.names, site, views, whole).run()

    def copies_of(self, views: Sequence[View], stream: str, dataset: str) -> tuple[CopiedErasure, ...]:
        """The copies of a dataset, by the groups that have them."""
        names: dict[tuple[str, str], list[str]] = {}
        for site, view in self._copies(views, stream, dataset):
            names.setdefault((site.workspace, view.names[2]), []).append(site.labelled(view.label))
        return tuple(CopiedErasure(*group, tuple(of_group)) for group, of_group in names.items())

    def vacuum(self, views: Sequence[View], stream: str, dataset: str) -> Iterator[str]:
        """Free the files of the copies of a dataset of the bytes of what they do not hold any more; what is left to do,
        in words."""
        for site in wanted_sites(self.deployment, views):
            names = [view.name for at, view in self._copies(views, stream, dataset) if at == site]
            if not names:
                continue
            try:
                with self._session(site) as session:
                    session.autocommit = True
                    yield from vacuum_tables(session, site.copied_schema, names, f"{dataset} in {site.container.name}")
            except DataSurfaceError as error:
                yield f"the copies of {dataset} in {site.container.name} are not written anew: {error.message}"

    def _copies(self, views: Sequence[View], stream: str, dataset: str) -> Iterator[tuple[Site, View]]:
        for site in wanted_sites(self.deployment, views):
            for view in site.copied:
                if (view.stream, view.table.name) == (stream, dataset):
                    yield site, view

    def _former(self, merge: Connection) -> Sequence[Site]:
        wanted = {site.address for site in wanted_sites(self.deployment, ())}
        return [site for site in remembered_sites(merge, self.names) if site.address not in wanted]

    def _look(self, merge: Connection, site: Site, coming: Collection[str] = ()) -> MergeSide:
        refuse_reader(merge, site, self._login(site).user or "")
        known = {each.address: each.container for each in remembered_sites(merge, self.names)}
        if known.get(site.address) != site.container:
            remember(merge, self.names, site)
        return merge_side(merge, site, coming)

    def _login(self, site: Site) -> Secret:
        return self.credentials.secret(site.reader)

    def _made(self, merge: Connection, session: Connection, site: Site, side: MergeSide) -> Iterator[Step]:
        way = with_sql(session, self._way(session, site))
        yield from (evolve(step, object=site.labelled(step.object)) for step in way)
        summary = self._brought(session, site, side, may_remove=False)
        refuse_failed(summary)
        if not isinstance(session, PlannedSession):
            self._read(merge, session, site, side)
        yield from _steps(session, summary, site)

    def _reconciled(self, merge: Connection, session: Connection, site: Site, side: MergeSide) -> ViewSummary:
        list(self._way(session, site))
        summary = self._brought(session, site, side, may_remove=True)
        self._read(merge, session, site, side)
        return summary

    def _way(self, session: Connection, site: Site) -> Iterator[Step]:
        yield from ensure_way(session, site, self.platform.merge_database, self._login(site))
        yield from ensure_copies(session, site)

    def _read(self, merge: Connection, session: Connection, site: Site, side: MergeSide) -> None:
        """See that the merge database can be read, and fill the copies that were just made, or of whose view there
        another was made: with all others of their group, so that they are of one batch. Those of hashes are compared
        each time, as their key may be another."""
        copied = [view for view in site.copied if view.name in side.columns]
        if not copied:
            _read_nothing(session, site, side)
            return
        every = Copying(merge, session, self.names, site, copied, whole=True)
        made = every.made()
        _read_nothing(session, site, side)
        every.open_snapshot()
        seen, held = every.seen(made), lock_held(session, site, [view.name for view in copied])
        through = {name: copy.view_id for name, copy in held.items()}
        for group in sorted({view.names[2] for view in copied}):
            views = [view for view in copied if view.names[2] == group]
            if any(through.get(view.name) != seen[view.name].view_id or _hashes(view) for view in views):
                evolve(every, views=views).run_whole(seen)

    def _brought(self, session: Connection, site: Site, side: MergeSide, *, may_remove: bool) -> ViewSummary:
        """The site's views and functions, put right over their foreign tables."""
        maker = self._maker(session, site, side)
        summary = reconcile(session, self.deployment, site.views, maker, may_remove=may_remove, schema=site.schema)
        drop_left_copies(session, site)
        drop_left_tables(session, site, summary.removed)
        return site.of_this(summary)

    def _maker(self, session: Connection, site: Site, side: MergeSide) -> OverForeignTables:
        return OverForeignTables(session, site, side, self.names, _collation(session, site, side))

    def _removed(self, session: Connection, site: Site) -> tuple[ViewSummary, list[Step]]:
        """Take away all that a site has, as far as nobody's objects stand on it."""
        summary = self._brought(session, site, MergeSide({}, database_locale(session)), may_remove=True)
        steps = _steps(session, summary, site)
        if summary.is_well:
            way = with_sql(session, remove_way(session, site))
            steps += [evolve(step, object=site.labelled(step.object)) for step in way]
        return summary, steps

    def _would_go(self, merge: Connection) -> Iterator[Step]:
        for site in self._former(merge):
            try:
                with self._session(site, PlannedSession) as session, session:
                    _, steps = self._removed(session, site)
            except DataSurfaceError:  # it is away, maybe for ever: reconcile_views says so
                continue
            yield from steps

    @contextmanager
    def _session(self, site: Site, kind: type[Connection] = Connection) -> Iterator[Connection]:
        name = f"datasurface {self.platform.name} views"
        target = place(site.container, self.credentials)
        with closing(connect(target, name, self.platform.lock_wait, kind)) as session:
            if kind is PlannedSession:
                session.set_session(isolation_level="REPEATABLE READ", readonly=True)
            what = f"platform {self.platform.name}: consumer database {target}"
            with told_of(what, "nothing was half done there; try again once its cause is gone"):
                yield session


def _hashes(view: View) -> bool:
    return any(mask is not None and mask.kind is MaskKind.HASH for mask in view.seen.values())


def _steps(session: Connection, summary: ViewSummary, site: Site) -> list[Step]:
    labelled = session.labelled if isinstance(session, PlannedSession) else {}
    sql = {site.labelled(name): statements for name, statements in labelled.items()}
    return summary.steps(sql)


def _collation(session: Connection, site: Site, side: MergeSide) -> str | None:
    """What texts are declared to be sorted by; None where both databases sort alike."""
    own = database_locale(session)
    if own == side.locale:
        return None
    found = collation_like(session, side.locale)
    if found is None:
        raise ApplyRefused(
            f"{site.container.name} sorts text by {own} and the merge database by {side.locale}, which it has no "
            "collation for: joins could lose rows",
            hint="make the database with the locale of the merge database, or CREATE COLLATION with that locale in it",
        )
    return found


def _read_nothing(session: Connection, site: Site, side: MergeSide) -> None:
    """ApplyRefused unless the consumer's server reaches the merge database and is let in."""
    name = next(iter(side.columns), None)
    if name is None:
        return
    try:
        sql = statement("consumer", "consumer.sql.j2", "read_nothing", schema=site.remote_schema, name=name)
        execute(session, sql)
    except psycopg2.Error as error:
        # Of a connection that fails the detail is the driver's, and says why.
        detail = (error.diag.message_detail or "").strip() if (error.pgcode or "").startswith("08") else ""
        raise ApplyRefused(
            f"{site.container.name} cannot read the merge database: {primary_message(error)}{detail and f': {detail}'}",
            hint="its server must reach host and port of the platform's merge_database; the password of credential "
            f"'{site.reader}' must be that of the role there",
        ) from error
