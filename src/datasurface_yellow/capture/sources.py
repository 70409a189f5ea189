"""Which reader reads which source."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials
from datasurface.errors import JobError
from datasurface.model import SqlSnapshot, SqlWatermark
from datasurface.model.datastore import Capture
from datasurface_yellow.capture.postgres import open_snapshot
from datasurface_yellow.capture.postgres_window import open_window
from datasurface_yellow.capture.source import SourceSnapshot
from datasurface_yellow.capture.window import Mark
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import place
from datasurface_yellow.store.table import MergeTable


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

    def open(
        self, tables: tuple[MergeTable, ...], _target: Connection, marks: Mapping[str, Mark]
    ) -> AbstractContextManager[SourceSnapshot]:
        """One snapshot of the tables, for reads into a session of the merge database; JobError without one.

        ``marks``: how far the datasets were read by the last batch, for captures that go on from there.
        """
        where = place(self.capture.container, self.credentials)
        match self.capture:
            case SqlSnapshot() as capture:
                return open_snapshot(where, capture, tables, self.platform, self.application)
            case SqlWatermark() as capture:
                return open_window(where, capture, tables, self.platform, self.application, marks)
        raise JobError(
            f"{type(self.capture).__name__} is no capture that Yellow reads", hint="use SqlSnapshot or SqlWatermark"
        )
