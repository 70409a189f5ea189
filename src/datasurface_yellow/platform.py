"""The platform as a model names it. Loads without any driver."""

from datetime import timedelta

from attrs import field, frozen
from attrs.validators import ge, instance_of

from datasurface.model import DataPlatform, PostgresDatabase
from datasurface.model.element import not_empty, of_type

_SPAN = ge(timedelta(0))


@frozen(repr=False)
class YellowDataPlatform(DataPlatform):
    """Snapshots of SQL sources, merged into PostgreSQL.

    Attributes:
        merge_database: where staging, merge tables and the consumers' views stand.
        namespace: the Kubernetes namespace of its jobs.
        schema: of its tables in the merge database.
        keep_batches: how many committed batches keep their staging, for replay and for a look at what changed.
        keep_metrics: how long the log of batches is kept where no past is kept (``LIVE_ONLY``); the newest batch
            is never pruned. A ``FORENSIC`` platform keeps its log as long as its history.
        keep_results: how long the result records of jobs are kept.
        lock_wait: how long a job waits for a lock of the producer or of another session before it gives up.
        read_limit: how long one statement on the producer may take, which bounds how long its snapshot lives.

    >>> from datasurface import Credential, Milestoning
    >>> merge = PostgresDatabase("Merge", host="merge", database="merge", credential=Credential("merge-writer"))
    >>> history = YellowDataPlatform(
    ...     "History",
    ...     milestoning=Milestoning.FORENSIC,
    ...     schedule="*/10 * * * *",
    ...     timezone="Europe/Berlin",
    ...     namespace="history",
    ...     merge_database=merge,
    ... )
    >>> history.keep_batches
    3
    """

    merge_database: PostgresDatabase = field(kw_only=True, validator=of_type(PostgresDatabase))
    namespace: str = field(kw_only=True, validator=not_empty)
    schema: str = field(default="public", kw_only=True, validator=not_empty)
    keep_batches: int = field(default=3, kw_only=True, validator=[instance_of(int), ge(0)])
    keep_metrics: timedelta = field(default=timedelta(days=90), kw_only=True, validator=[of_type(timedelta), _SPAN])
    keep_results: timedelta = field(default=timedelta(days=30), kw_only=True, validator=[of_type(timedelta), _SPAN])
    lock_wait: timedelta = field(default=timedelta(seconds=30), kw_only=True, validator=of_type(timedelta))
    read_limit: timedelta = field(default=timedelta(hours=1), kw_only=True, validator=of_type(timedelta))

    @property
    def merge_store(self) -> PostgresDatabase:
        """The merge database."""
        return self.merge_database
