"""Workspaces: who consumes which datasets, and what they require."""

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum
from types import NoneType

from attrs import field, frozen
from attrs.validators import optional

from datasurface.classification import Classification
from datasurface.model.datastore import DatasetSink
from datasurface.model.element import Element, all_of_type, as_tuple, not_empty, of_type
from datasurface.model.lifecycle import Priority, ProductionStatus
from datasurface.model.place import Credential, PlatformManaged, PostgresDatabase
from datasurface.model.transformer import DataTransformer


class Milestoning(Enum):
    """What of the past a merge table keeps.

    >>> Requirements(Milestoning.FORENSIC, latency=timedelta(hours=1)).milestoning.value
    'forensic'
    """

    LIVE_ONLY = "live_only"
    """Only the current rows (SCD1)."""
    FORENSIC = "forensic"
    """Every version of every row, by batch number (SCD2)."""


@frozen(repr=False)
class Requirements(Element):
    """What a group of consumers needs.

    Attributes:
        milestoning: live rows, or full history.
        latency: the longest gap between batch starts that is accepted.
        retention: how long history must be kept; None for ever.

    >>> hourly = Requirements(Milestoning.FORENSIC, latency=timedelta(hours=1), retention=timedelta(days=3650))
    >>> hourly.latency.total_seconds()
    3600.0
    """

    milestoning: Milestoning = field(validator=of_type(Milestoning))
    latency: timedelta = field(kw_only=True, validator=of_type(timedelta))
    retention: timedelta | None = field(default=None, kw_only=True, validator=of_type(timedelta, NoneType))


@frozen(repr=False)
class Copied(Element):
    """Ask for the rows of a group as tables in the workspace's own database.

    Its views read them there: while the merge database is away, too, and the rows as of the last refresh.

    Attributes:
        schedule: when they are refreshed: a cron expression in the platform's time zone, or ``every 5 minutes``; None
            after each batch of what they are copies of.

    >>> nightly = DatasetGroup(
    ...     "Nightly",
    ...     sinks=[DatasetSink("Shop", "orders")],
    ...     requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(days=1)),
    ...     copied=Copied(schedule="0 3 * * *"),
    ... )
    >>> nightly.copied
    Copied(schedule="0 3 * * *")
    """

    schedule: str | None = field(default=None, kw_only=True, validator=of_type(str, NoneType))


def _as_dataset_sinks(items: Iterable["DatasetSink"]) -> "tuple[DatasetSink, ...]":
    return as_tuple(items)


@frozen(repr=False)
class DatasetGroup(Element):
    """Datasets that are consumed together under the same requirements.

    Attributes:
        sinks: the datasets.
        requires: what is asked of them.
        copied: as tables in the workspace's own database; None to read the merge database with every query.
        description: Markdown.

    >>> audit = DatasetGroup(
    ...     "Audit",
    ...     sinks=[DatasetSink("Shop", "customers"), DatasetSink("Shop", "orders")],
    ...     requires=Requirements(Milestoning.FORENSIC, latency=timedelta(minutes=10)),
    ... )
    >>> [sink.dataset for sink in audit.sinks]
    ['customers', 'orders']
    """

    name: str = field(validator=not_empty)
    sinks: tuple[DatasetSink, ...] = field(
        kw_only=True, converter=_as_dataset_sinks, validator=all_of_type(DatasetSink)
    )
    requires: Requirements = field(kw_only=True, validator=of_type(Requirements))
    copied: Copied | None = field(default=None, kw_only=True, validator=of_type(Copied, NoneType))
    description: str = field(default="", kw_only=True, validator=of_type(str))


def _as_dataset_groups(items: Iterable["DatasetGroup"]) -> "tuple[DatasetGroup, ...]":
    return as_tuple(items)


def _as_clearance(items: "Iterable[Classification] | None") -> "tuple[Classification, ...] | None":
    return None if items is None else as_tuple(items)


@frozen(repr=False)
class Workspace(Element):
    """A consumer's place: its groups, and where its views stand.

    Attributes:
        groups: what it reads.
        container: where its views stand; by default a schema that the platform manages.
        reader: the secret of the login by which a database of its own reads the merge databases; a login that may read
            the views of this workspace and nothing else.
        clearance: the classifications whose values it may read as they are; all of them where None.
        production_status: whether people rely on it.
        priority: of its data, when there is more work than room.
        transformer: its code, where it makes a datastore of what it reads.
        description: Markdown.

    >>> from datasurface.classification import INTERNAL, PUBLIC
    >>> live = Requirements(Milestoning.LIVE_ONLY, latency=timedelta(minutes=1))
    >>> reports = Workspace(
    ...     "Reports",
    ...     groups=[DatasetGroup("Live", sinks=[DatasetSink("Shop", "orders")], requires=live)],
    ...     container=PostgresDatabase("ReportsDB", host="reports", database="reports", credential=Credential("owner")),
    ...     reader=Credential("reports-reader"),
    ...     clearance=[PUBLIC, INTERNAL],
    ... )
    >>> reports.container.name
    'ReportsDB'
    """

    name: str = field(validator=not_empty)
    groups: tuple[DatasetGroup, ...] = field(
        kw_only=True, converter=_as_dataset_groups, validator=all_of_type(DatasetGroup)
    )
    container: PlatformManaged | PostgresDatabase = field(
        factory=PlatformManaged, kw_only=True, validator=of_type(PlatformManaged, PostgresDatabase)
    )
    reader: Credential | None = field(default=None, kw_only=True, validator=of_type(Credential, NoneType))
    clearance: tuple[Classification, ...] | None = field(
        default=None, kw_only=True, converter=_as_clearance, validator=optional(all_of_type(Classification))
    )
    production_status: ProductionStatus = field(
        default=ProductionStatus.PRODUCTION, kw_only=True, validator=of_type(ProductionStatus)
    )
    priority: Priority = field(default=Priority.MEDIUM, kw_only=True, validator=of_type(Priority))
    transformer: DataTransformer | None = field(
        default=None, kw_only=True, validator=of_type(DataTransformer, NoneType)
    )
    description: str = field(default="", kw_only=True, validator=of_type(str))
