"""Which reader reads which source."""

from contextlib import AbstractContextManager

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials
from datasurface.errors import JobError
from datasurface.model import SqlSnapshot
from datasurface.model.datastore import Capture
from datasurface_yellow.capture.postgres import open_snapshot
from datasurface_yellow.capture.source import SourceSnapshot
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

    def open(self, tables: tuple[MergeTable, ...], _target: Connection) -> AbstractContextManager[SourceSnapshot]:
        """One snapshot of the tables, for reads into a session of the merge database; JobError without one."""
        if not isinstance(self.capture, SqlSnapshot):
            raise JobError(f"{type(self.capture).__name__} is no capture that Yellow reads", hint="use SqlSnapshot")
        where = place(self.capture.container, self.credentials)
        return open_snapshot(where, self.capture, tables, self.platform, self.application)
