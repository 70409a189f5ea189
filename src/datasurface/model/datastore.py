"""Datastores: who produces which datasets, and how they are captured."""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import NoneType

from attrs import field, frozen

from datasurface.model.element import Element, all_of_type, as_tuple, not_empty, of_type
from datasurface.model.place import Container
from datasurface.model.schema import Dataset


class Consistency(Enum):
    """Whether all datasets of a store are read in one snapshot and merged in one batch, or each on its own."""

    MULTI_DATASET = "multi_dataset"
    SINGLE_DATASET = "single_dataset"


@frozen
class DatasetSink(Element):
    """A consumer's wish for one dataset of one store. ``name`` replaces the dataset's name in the consumer's views."""

    store: str = field(validator=not_empty)
    dataset: str = field(validator=not_empty)
    name: str | None = field(default=None, kw_only=True, validator=of_type(str, NoneType))


@frozen
class Capture(Element):
    """Base of the ways to read a source; ``container`` is the database it reads."""

    container: Container = field(validator=of_type(Container))
    consistency: Consistency = field(default=Consistency.MULTI_DATASET, kw_only=True, validator=of_type(Consistency))


def _as_pairs(tables: Mapping[str, str] | tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    pairs = tables.items() if isinstance(tables, Mapping) else tables
    return tuple(sorted((str(dataset), str(table)) for dataset, table in pairs))


@frozen
class SqlSnapshot(Capture):
    """Every batch reads the whole of each table, all in one snapshot, and moves only what changed.

    Attributes:
        schema: of the tables in the container.
        tables: dataset name to table name, where the table is not called as the dataset.
    """

    schema: str = field(default="public", kw_only=True, validator=not_empty)
    tables: tuple[tuple[str, str], ...] = field(default=(), kw_only=True, converter=_as_pairs)

    def table_of(self, dataset: str) -> str:
        """The source table of a dataset."""
        return dict(self.tables).get(dataset, dataset)


def _as_datasets(items: Iterable["Dataset"]) -> "tuple[Dataset, ...]":
    return as_tuple(items)


@frozen
class Datastore(Element):
    """A producer's datasets with the way they are captured."""

    name: str = field(validator=not_empty)
    capture: Capture = field(kw_only=True, validator=of_type(Capture))
    datasets: tuple[Dataset, ...] = field(kw_only=True, converter=_as_datasets, validator=all_of_type(Dataset))
    description: str = field(default="", kw_only=True, validator=of_type(str))

    def sinks(self, *datasets: str) -> tuple[DatasetSink, ...]:
        """Sinks for the named datasets of this store; for all of them when none is named."""
        return tuple(DatasetSink(self.name, name) for name in datasets or [dataset.name for dataset in self.datasets])
