"""Data platforms as the model sees them: what they promise; plugins bring the classes that users name."""

from datetime import timedelta
from types import NoneType

from attrs import field, frozen

from datasurface.model.element import Element, not_empty, of_type
from datasurface.model.place import Container
from datasurface.model.resources import Resources
from datasurface.model.workspace import Milestoning


@frozen(repr=False)
class DataPlatform(Element):
    """Base of every platform class.

    Attributes:
        milestoning: what its merge tables keep.
        schedule: when its streams run: a cron expression, or ``every 5 seconds``.
        timezone: IANA name of the zone in which the cron expression is read.
        grace: added to a consumer's latency before freshness counts as missed.
        resources: of each of its jobs, where jobs run as pods; None for those of the installation.
        description: Markdown.

    >>> from datasurface import PostgresDatabase
    >>> @frozen(repr=False)
    ... class Lake(DataPlatform):
    ...     store: PostgresDatabase = field(kw_only=True)
    ...
    ...     @property
    ...     def merge_store(self) -> PostgresDatabase:
    ...         return self.store
    >>> store = PostgresDatabase("Merge", host="merge", database="merge")
    >>> lake = Lake("Lake", milestoning=Milestoning.FORENSIC, schedule="0 * * * *", store=store)
    >>> lake.merge_store.name, lake.timezone
    ('Merge', 'UTC')
    """

    name: str = field(validator=not_empty)
    milestoning: Milestoning = field(kw_only=True, validator=of_type(Milestoning))
    schedule: str = field(kw_only=True, validator=not_empty)
    timezone: str = field(default="UTC", kw_only=True, validator=not_empty)
    grace: timedelta = field(default=timedelta(0), kw_only=True, validator=of_type(timedelta))
    resources: Resources | None = field(default=None, kw_only=True, validator=of_type(Resources, NoneType))
    description: str = field(default="", kw_only=True, validator=of_type(str))

    @property
    def merge_store(self) -> Container:
        """The container that its merge tables stand in."""
        raise TypeError(f"{type(self).__name__} does not say where its merge tables stand (property merge_store)")
