"""Yellow at work on one deployment: PlatformRuntime over PostgreSQL.

A job is a process of its own, minute by minute: it loads what a batch needs. What serves other commands loads inside
the methods that need it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import psycopg2
from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection

from datasurface.access import AccessReport
from datasurface.credentials import Credentials
from datasurface.deployment import Deployment, HandOver, StreamConfig
from datasurface.erasure import CopiedErasure, Erasure, Key, Pruning
from datasurface.errors import DataSurfaceError, NotApplied
from datasurface.model import SqlWatermark
from datasurface.results import (
    BatchState,
    CopiedRows,
    JobResult,
    LawCheck,
    ListedView,
    PhysicalObject,
    Preview,
    Step,
    TransformResult,
    ViewSummary,
    consumers_of,
)
from datasurface.runtime import Generation, OpenCode
from datasurface.unused import UnusedDataset
from datasurface_yellow.batch.counts import check_counts
from datasurface_yellow.batch.housekeeping import prune
from datasurface_yellow.batch.job import Job, Order, Workplace, kept_out, open_session
from datasurface_yellow.batch.records import Records, fingerprint_of
from datasurface_yellow.batch.store import StreamStore, schema_of
from datasurface_yellow.capture.sources import Source
from datasurface_yellow.deploy.tables import make_tables
from datasurface_yellow.merge.postgres import PostgresMerge
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import naming
from datasurface_yellow.store.catalog import PlatformNames, platform_names, refuse_other_version
from datasurface_yellow.store.connection import (
    Place,
    PlannedSession,
    closing,
    connect,
    execute,
    place,
    told_of,
)
from datasurface_yellow.store.horizons import read_horizons
from datasurface_yellow.store.layouts import read_layouts
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable, stream_tables

if TYPE_CHECKING:
    from datasurface_yellow.batch.applying import Applying, Desired
    from datasurface_yellow.batch.dropping import Dropping
    from datasurface_yellow.batch.operations import Operations
    from datasurface_yellow.consumer.deliver import Consumers
    from datasurface_yellow.erasure.forget import Forgetting
    from datasurface_yellow.erasure.retention import Retention
    from datasurface_yellow.observing.observatory import PostgresObservatory
    from datasurface_yellow.transform.applying import Transformers


@frozen
class YellowRuntime:
    """One deployment of a Yellow platform. Every method has its own connections, so that it can be called from any
    thread.

    Attributes:
        generation: the one in force; None while apply prepares the next.
    """

    deployment: Deployment
    platform: YellowDataPlatform
    generation: Generation | None
    credentials: Credentials

    def apply(self, *, dry_run: bool = False, handed_over: Sequence[HandOver] = ()) -> Sequence[Step]:
        """Tables, views and grants, in transactions of the merge database; a dry run can only read in it."""
        with self._session("apply", PlannedSession if dry_run else Connection) as session:
            if dry_run:
                session.set_session(isolation_level="REPEATABLE READ", readonly=True)
            self._transformers.refuse_logins(session)
            applied = self._applying(session).run(handed_over)
            looked = self._consumers.look(session, applied.views, applied.shown if dry_run else ())
            if not dry_run:
                session.commit()  # the databases of consumers read what is there
            steps = applied.steps + self._consumers.apply(session, looked, dry_run=dry_run)
            return [*steps, *self._transformers.apply(dry_run=dry_run)]

    def run_batch(
        self, stream: str, run_id: str, *, budget: float | None = None, allow_deletes: bool = False
    ) -> JobResult:
        """One job on one stream."""
        order = Order(run_id, budget, allow_deletes)
        workplace = self._workplace(self.deployment.stream(stream))
        try:
            session = open_session(workplace, order)
        except DataSurfaceError as error:
            return kept_out(workplace, order, error)
        with closing(session):
            try:
                refuse_other_version(session, self._names.catalogue)
            except (DataSurfaceError, psycopg2.Error) as error:
                return kept_out(workplace, order, error)
            records = self._records(session, stream)
            return Job(workplace, order, session, records, lambda: self._store(session, workplace.stream)).run()

    def keep_result(self, result: JobResult) -> None:
        """Keep the result record of a job that was none of a stream's."""
        with self._session("result") as session:
            records = self._records(session, result.stream)
            records.result(result)
            session.commit()
            prune(records, self.platform)

    def status(self, stream: str, *, last: int = 10) -> Sequence[BatchState]:
        """The newest batches, newest first."""
        with self._session("status") as session:
            return self._records(session, stream).history(last)

    def preview_reset(self, stream: str) -> Preview:
        """What a reset would do."""
        with self._operations(stream, "look") as operations:
            return operations.preview_reset()

    def reset(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        """Give up what the uncommitted batch has staged; it starts afresh under its number."""
        with self._operations(stream, "reset") as operations:
            return operations.reset(seen)

    def preview_repair(self, stream: str) -> Preview:
        """What a repair would begin with."""
        with self._operations(stream, "look") as operations:
            return operations.preview_repair()

    def repair(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        """Let the next batch compare every row with the source and trust none of its own."""
        with self._operations(stream, "repair") as operations:
            return operations.repair(seen)

    def preview_rollback(self, stream: str, to: int) -> Preview:
        """What a rollback would do."""
        with self._operations(stream, "look") as operations:
            return operations.preview_rollback(to)

    def rollback(self, stream: str, to: int, *, seen: Preview | None = None) -> Sequence[BatchState]:
        """Take the stream back to what a committed batch left."""
        with self._operations(stream, "rollback") as operations:
            return operations.rollback(to, seen)

    def preview_replay(self, stream: str, *, up_to: int | None = None) -> Preview:
        """What a replay would do."""
        with self._operations(stream, "look") as operations:
            return operations.preview_replay(up_to)

    def replay(self, stream: str, *, up_to: int | None = None, seen: Preview | None = None) -> Sequence[BatchState]:
        """Merge again what rolled back batches have staged."""
        with self._operations(stream, "replay") as operations:
            return operations.replay(up_to, seen)

    @contextmanager
    def observe(self) -> "Iterator[PostgresObservatory]":
        """The platform's work, in one snapshot of the merge database."""
        from datasurface_yellow.observing.observatory import PostgresObservatory

        with self._session("observe") as session:
            session.set_session(isolation_level="REPEATABLE READ", readonly=True)
            yield PostgresObservatory(session, self._names, self.deployment)

    def verify(self, stream: str) -> Sequence[LawCheck]:
        """The laws on the stream's real tables, and the identities of its counts, in one snapshot of the merge
        database."""
        config = self.deployment.stream(stream)
        with self._session("verify") as session:
            self._look(session, config)
            committed = self._records(session, stream).all_committed()
            store = self._store(session, config)
            horizons = read_horizons(session, self._names, stream)
            checks: list[LawCheck] = []
            for table in store.tables:
                documents = [(batch, datasets[table.name]) for batch, datasets in committed if table.name in datasets]
                known = [entry for entry in documents if entry[0] >= horizons.get(table.name, 0)]
                checks += store.strategy.verify(
                    table.dataset, [(batch, fingerprint_of(document)) for batch, document in known]
                )
                checks.append(check_counts(stream, table.name, documents))
            return checks

    def preview_forget(
        self, stream: str, dataset: str, keys: Sequence[Key], *, even_if_at_source: bool = False
    ) -> Erasure:
        """What an erasure would do."""
        with self._forgetting(stream, "look", dataset, keys, even_if_at_source) as forgetting:
            return evolve(forgetting.preview(), copies=self._copies_of(stream, dataset))

    def forget(
        self,
        stream: str,
        dataset: str,
        keys: Sequence[Key],
        *,
        even_if_at_source: bool = False,
        seen: Erasure | None = None,
    ) -> Erasure:
        """Erase all that is held of some keys, then let copies be what is left."""
        with self._forgetting(stream, "forget", dataset, keys, even_if_at_source) as forgetting:
            gone = forgetting.forget(seen)
        return evolve(gone, copies=tuple(map(self._erased, self._copies_of(stream, dataset))))

    def _copies_of(self, stream: str, dataset: str) -> tuple[CopiedErasure, ...]:
        return self._consumers.copies_of(self._desired.views({}), stream, dataset)

    def _erased(self, copied: CopiedErasure) -> CopiedErasure:
        try:
            self.refresh_copies(copied.workspace, copied.group, whole=True)
        except DataSurfaceError as error:
            return evolve(copied, left=error.message)
        return copied

    def vacuum(self, stream: str, dataset: str) -> Sequence[str]:
        """Free the files of what an erasure touched of its bytes."""
        from datasurface_yellow.erasure.forget import table_of
        from datasurface_yellow.erasure.vacuum import vacuum

        with self._held(stream, "vacuum") as records:
            table = table_of(self._store(records.session, self.deployment.stream(stream)).tables, stream, dataset)
            records.session.commit()
            notes = vacuum(records.session, self._names, table)
        return [*notes, *self._consumers.vacuum(self._desired.views({}), stream, dataset)]

    def preview_retention(self, stream: str) -> Sequence[Pruning]:
        """What is old enough to go."""
        config = self.deployment.stream(stream)
        with self._session("look") as session:
            self._look(session, config)
            return self._retention(session, config).preview()

    def prune_history(self, stream: str, *, seen: Sequence[Pruning] | None = None) -> Sequence[Pruning]:
        """Take closed versions away that no consumer needs any longer."""
        with self._session("retention") as session:
            return self._retention(session, self.deployment.stream(stream)).prune(seen)

    def reconcile_views(self) -> ViewSummary:
        """Make the views be exactly those of the deployment."""
        with self._session("views") as session:
            views, summary = self._applying(session).reconcile_views()
            return summary.plus(self._consumers.reconcile(session, views))

    def remove_views(self) -> ViewSummary:
        """Take away the views that the deployment no longer has."""
        with self._session("views") as session:
            views, summary = self._applying(session).remove_views()
            return summary.plus(self._consumers.reconcile(session, views))

    def refresh_copies(self, workspace: str, group: str, *, whole: bool = False) -> Sequence[CopiedRows]:
        """Bring a consumer's copies to what the merge database shows."""
        self.deployment.copied_group(workspace, group)
        with self._session("copies") as session:
            views = self._desired.views(read_layouts(session, self._names))
            session.commit()
            return self._consumers.refresh(session, views, workspace, group, whole=whole)

    def transform(self, name: str, run_id: str, code: OpenCode) -> TransformResult:
        """One run of a transformer."""
        from datasurface_yellow.transform.running import Transforming

        config = self.deployment.transformer(name)
        return Transforming(
            self.deployment, self.platform, self._names, self._in_force, self.credentials, config, run_id
        ).run(code)

    @contextmanager
    def _session(self, purpose: str, kind: type[Connection] = Connection) -> Iterator[Connection]:
        application = f"datasurface {self.platform.name} {purpose}"
        with closing(connect(self._target, application, self.platform.lock_wait, kind)) as session:
            what = f"platform {self.platform.name}, {purpose}: the merge database"
            with told_of(what, "nothing was half done; try again once its cause is gone"):
                if purpose != "apply":
                    refuse_other_version(session, self._names.catalogue)
                yield session

    @contextmanager
    def _operations(self, stream: str, purpose: str) -> "Iterator[Operations]":
        """The operations on a stream, which is theirs until the end. Those that only look see one moment of the merge
        database and cannot write."""
        from datasurface_yellow.batch.operations import Operations

        config, generation = self.deployment.stream(stream), self._in_force
        with self._held(stream, purpose) as records:
            yield Operations(
                records,
                self._store(records.session, config),
                consumers_of(self.deployment, stream),
                generation.number,
                generation.commit,
                not isinstance(config.capture, SqlWatermark),
            )

    @contextmanager
    def _forgetting(
        self, stream: str, purpose: str, dataset: str, keys: Sequence[Key], even_if_at_source: bool
    ) -> "Iterator[Forgetting]":
        """As ``_operations``. The source is asked while no job can bring anything from it."""
        from datasurface_yellow.erasure.at_source import refuse_at_source
        from datasurface_yellow.erasure.forget import Forgetting, refuse_older_catalogue, table_of
        from datasurface_yellow.erasure.keys import GivenKeys

        config, generation = self.deployment.stream(stream), self._in_force
        with self._held(stream, purpose) as records:
            refuse_older_catalogue(records)
            table = table_of(self._store(records.session, config).tables, stream, dataset)
            given = GivenKeys.read(records.session, table, keys)
            if not even_if_at_source:
                with self._session("look at the source") as beside:
                    refuse_at_source(beside, self._workplace(config).source, given)
            yield Forgetting(records, table, given, consumers_of(self.deployment, stream), generation.number)

    @contextmanager
    def _held(self, stream: str, purpose: str) -> Iterator[Records]:
        """The stream's records, in a session that has the stream, or that looks at one moment of it."""
        config = self.deployment.stream(stream)
        with self._session(purpose) as session:
            records = self._records(session, stream)
            if purpose == "look":
                self._look(session, config)
                yield records
                return
            records.take()
            try:
                yield records
            finally:
                records.unlock()

    def _look(self, session: Connection, stream: StreamConfig) -> None:
        """See one moment of the merge database. The tables are locked before it is taken: a table that is rewritten
        later would look empty from it."""
        session.set_session(isolation_level="REPEATABLE READ", readonly=True)
        for dataset in stream.datasets:
            name = naming.merge_table(self.platform.name, stream.store, dataset.name)
            execute(session, statement("merge", "verify.sql.j2", "lock", schema=self.platform.schema, merge=name))

    def _retention(self, session: Connection, config: StreamConfig) -> "Retention":
        from datasurface_yellow.erasure.forget import refuse_older_catalogue
        from datasurface_yellow.erasure.retention import Retention

        records = self._records(session, config.key)
        refuse_older_catalogue(records)
        tables = [table for table in self._store(session, config).tables if table.is_forensic]
        return Retention(records, config, tables)

    @property
    def _target(self) -> Place:
        return place(self.platform.merge_database, self.credentials)

    def unused(self, *, count: bool = False) -> Sequence[UnusedDataset]:
        """What stands in the merge database of datasets that the deployment has no longer."""
        with self._session("apply") as session:
            session.set_session(isolation_level="REPEATABLE READ", readonly=True)
            return self._dropping(session).find(count=count)

    def drop_unused(self, seen: Sequence[UnusedDataset], *, dry_run: bool = False) -> Sequence[Step]:
        """Drop it, in transactions of the merge database; a dry run can only read in it."""
        with self._session("apply", PlannedSession if dry_run else Connection) as session:
            if dry_run:
                session.set_session(isolation_level="REPEATABLE READ", readonly=True)
            return self._dropping(session).run(seen)

    def list_views(self) -> Sequence[ListedView]:
        """What stands for consumers and what should, in the merge database and then in their own."""
        from datasurface_yellow.deploy.listing import list_views
        from datasurface_yellow.deploy.making import OverMergeTables

        with self._session("views") as session:
            session.set_session(isolation_level="REPEATABLE READ", readonly=True)
            views = self._desired.views(read_layouts(session, self._names))
            maker = OverMergeTables.of(session, self._names, views)
            listed = list_views(session, self.deployment, views, maker)
            return [*listed, *self._consumers.list_views(session, views)]

    def objects(self) -> Sequence[PhysicalObject]:
        """What stands in the merge database, in consumers' own and where transformers write, once the deployment is
        applied and its streams have had a batch."""
        from datasurface_yellow.consumer.site import site_objects
        from datasurface_yellow.deploy.objects import merge_objects
        from datasurface_yellow.transform.workshop import Workshop

        views = self._desired.views({})
        database = self.platform.merge_database.name
        shops = [Workshop.of(self.deployment, config) for config in self.deployment.transformers]
        return [
            *merge_objects(self.deployment, views, self._names, database),
            *site_objects(self.deployment, views),
            *(found for shop in shops for found in shop.objects()),
        ]

    def check_access(self, credential: str | None = None) -> Sequence[AccessReport]:
        """Become each role that reads in the merge database and in consumers' own, and try what it may do there and
        what not."""
        from datasurface_yellow.access.databases import AccessCheck

        every = self._in_force.deployments
        check = AccessCheck(self.deployment, self.platform, every, self.credentials, credential)
        return check.reports(lambda: self._session("access check"))

    def _dropping(self, session: Connection) -> "Dropping":
        from datasurface_yellow.batch.dropping import Dropping

        return Dropping(session, self._names, self._desired)

    def _applying(self, session: Connection) -> "Applying":
        from datasurface_yellow.batch.applying import Applying

        return Applying(session, self._names, self._desired, self.credentials)

    @cached_property
    def _desired(self) -> "Desired":
        from datasurface_yellow.batch.applying import Desired

        return Desired.of(self.deployment, self.platform.schema)

    @property
    def _consumers(self) -> "Consumers":
        from datasurface_yellow.consumer.deliver import Consumers

        return Consumers(self.deployment, self.platform, self._names, self.credentials)

    @property
    def _transformers(self) -> "Transformers":
        from datasurface_yellow.transform.applying import Transformers

        return Transformers(self.deployment, self.platform, self.credentials)

    @property
    def _names(self) -> PlatformNames:
        return platform_names(self.platform.name, self.platform.schema)

    def _records(self, session: Connection, stream: str) -> Records:
        return Records(session, self._names, stream)

    def _store(self, session: Connection, stream: StreamConfig) -> StreamStore:
        """The stream's tables as they stand."""
        tables = stream_tables(self.deployment, stream, self.platform.schema, read_layouts(session, self._names))
        return StreamStore(tables, schema_of(tables), self._strategy(session, stream.key, tables))

    def _strategy(self, session: Connection, stream: str, tables: tuple[MergeTable, ...]) -> PostgresMerge:
        return PostgresMerge(
            session, stream, tables, self.platform.milestoning, self.platform.keep_batches, make_tables
        )

    @property
    def _in_force(self) -> Generation:
        if self.generation is None:
            raise NotApplied(f"platform {self.platform.name} is not in force", hint="run `datasurface apply`")
        return self.generation

    def _workplace(self, stream: StreamConfig) -> Workplace:
        return Workplace(
            platform=self.platform,
            stream=stream,
            generation=self._in_force.number,
            commit=self._in_force.commit,
            source=Source(
                stream.capture, self.credentials, self.platform, f"datasurface {self.platform.name} {stream.key}"
            ),
            target=self._target,
        )
