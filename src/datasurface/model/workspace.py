"""Workspaces: who consumes which datasets, and what they require."""

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum
from types import NoneType

from attrs import field, frozen

from datasurface.model.datastore import DatasetSink
from datasurface.model.element import Element, all_of_type, as_tuple, not_empty, of_type
from datasurface.model.place import PlatformManaged, PostgresDatabase


class Milestoning(Enum):
    """What of the past a merge table keeps."""

    LIVE_ONLY = "live_only"
    """Only the current rows (SCD1)."""
    FORENSIC = "forensic"
    """Every version of every row, by batch number (SCD2)."""


@frozen
class Requirements(Element):
    """What a group of consumers needs.

    Attributes:
        milestoning: live rows, or full history.
        latency: the longest gap between batch starts that is accepted.
        retention: how long history must be kept; None for ever.
    """

    milestoning: Milestoning = field(validator=of_type(Milestoning))
    latency: timedelta = field(kw_only=True, validator=of_type(timedelta))
    retention: timedelta | None = field(default=None, kw_only=True, validator=of_type(timedelta, NoneType))


def _as_dataset_sinks(items: Iterable["DatasetSink"]) -> "tuple[DatasetSink, ...]":
    return as_tuple(items)


@frozen
class DatasetGroup(Element):
    """Datasets that are consumed together under the same requirements."""

    name: str = field(validator=not_empty)
    sinks: tuple[DatasetSink, ...] = field(
        kw_only=True, converter=_as_dataset_sinks, validator=all_of_type(DatasetSink)
    )
    requires: Requirements = field(kw_only=True, validator=of_type(Requirements))


def _as_dataset_groups(items: Iterable["DatasetGroup"]) -> "tuple[DatasetGroup, ...]":
    return as_tuple(items)


@frozen
class Workspace(Element):
    """A consumer's place: its groups, and where its views stand."""

    name: str = field(validator=not_empty)
    groups: tuple[DatasetGroup, ...] = field(
        kw_only=True, converter=_as_dataset_groups, validator=all_of_type(DatasetGroup)
    )
    container: PlatformManaged | PostgresDatabase = field(
        factory=PlatformManaged, kw_only=True, validator=of_type(PlatformManaged, PostgresDatabase)
    )
    description: str = field(default="", kw_only=True, validator=of_type(str))
