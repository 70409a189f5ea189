"""Which reader reads which source."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials
from datasurface.errors import JobError
from datasurface.model import MySqlDatabase, SqliteDatabase, SqlSnapshot, SqlWatermark
from datasurface.model.datastore import Capture, SqlCapture
from datasurface_yellow.capture.arrived import ArrivedSnapshot, SentRows
from datasurface_yellow.capture.postgres import PostgresSnapshot, open_snapshot
from datasurface_yellow.capture.postgres_window import open_window
from datasurface_yellow.capture.source import SourceSnapshot
from datasurface_yellow.capture.window import Mark
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import place
from datasurface_yellow.store.table import MergeTable

Tables = tuple[MergeTable, ...]


@frozen
class Source:
    """A stream's source: what is read, how, and as whom.

    Attributes:
        application: how the sessions that read call themselves.
    """

    capture: Capture
    credentials: Credentials
    platform: YellowDataPlatform
    application: str

    @contextmanager
    def open(self, tables: Tables, target: Connection, marks: Mapping[str, Mark]) -> Iterator[SourceSnapshot]:
        """One snapshot of the tables, for reads into a session of the merge database; JobError without one.

        ``marks``: how far the datasets were read by the last batch, for captures that go on from there.
        """
        match self.capture:
            case SqlSnapshot(container=SqliteDatabase() as database) as capture:
                with self._sqlite(database, capture, tables) as sent:
                    yield ArrivedSnapshot(sent, target, tables)
            case SqlSnapshot(container=MySqlDatabase() as database) as capture:
                with self._mysql(database, capture, tables) as sent:
                    yield ArrivedSnapshot(sent, target, tables)
            case SqlSnapshot() | SqlWatermark() as capture:
                with self._postgres(capture, tables, marks) as snapshot:
                    hashes = capture.hash_at_source and snapshot.hashes_as(target)
                    yield snapshot if hashes else ArrivedSnapshot(snapshot, target, tables)
            case other:
                raise JobError(
                    f"{type(other).__name__} is no capture that Yellow reads", hint="use SqlSnapshot or SqlWatermark"
                )

    def _sqlite(
        self, database: SqliteDatabase, capture: SqlCapture, tables: Tables
    ) -> AbstractContextManager[SentRows]:
        # Drivers of other databases load where they are used: who reads none of these needs none of those.
        from datasurface_yellow.capture.portable.sqlite import open_rows

        return open_rows(database, capture, tables, self.platform)

    def _mysql(self, database: MySqlDatabase, capture: SqlCapture, tables: Tables) -> AbstractContextManager[SentRows]:
        from datasurface_yellow.capture.portable.mysql import open_rows

        return open_rows(database, capture, tables, self.credentials, self.platform, self.application)

    def _postgres(
        self, capture: SqlSnapshot | SqlWatermark, tables: Tables, marks: Mapping[str, Mark]
    ) -> AbstractContextManager[PostgresSnapshot]:
        where = place(capture.container, self.credentials)
        if isinstance(capture, SqlWatermark):
            return open_window(where, capture, tables, self.platform, self.application, marks)
        return open_snapshot(where, capture, tables, self.platform, self.application)
