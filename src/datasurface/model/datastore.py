"""Datastores: who produces which datasets, and how they are captured."""

import itertools
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from types import NoneType

from attrs import Attribute, field, frozen

from datasurface.errors import ModelValueError
from datasurface.model.element import Element, all_of_type, as_tuple, check_storable, not_empty, of_type
from datasurface.model.lifecycle import Deprecation, ProductionStatus
from datasurface.model.place import Container
from datasurface.model.schema import Dataset


class Consistency(Enum):
    """Whether all datasets of a store are read and merged together.

    >>> from datasurface import PostgresDatabase
    >>> crm = PostgresDatabase("CRM", host="db", database="crm")
    >>> SqlSnapshot(crm, consistency=Consistency.SINGLE_DATASET).consistency.value
    'single_dataset'
    """

    MULTI_DATASET = "multi_dataset"
    """All in one snapshot and one batch: consumers see one moment of all of them."""
    SINGLE_DATASET = "single_dataset"
    """Each on its own: a stream for each dataset."""


@frozen(repr=False)
class DatasetSink(Element):
    """A consumer's wish for one dataset of one store.

    Attributes:
        store, dataset: their names.
        name: replaces the dataset's name in the consumer's views.
        accepts_deprecation: the consumer knows that a deprecated dataset goes away.

    >>> DatasetSink("Shop", "customers", name="buyers").key()
    'Shop.customers'
    """

    store: str = field(validator=not_empty)
    dataset: str = field(validator=not_empty)
    name: str | None = field(default=None, kw_only=True, validator=of_type(str, NoneType))
    accepts_deprecation: bool = field(default=False, kw_only=True, validator=of_type(bool))

    def key(self) -> str:
        """Store and dataset."""
        return f"{self.store}.{self.dataset}"


@frozen(repr=False)
class Capture(Element):
    """Base of the ways to read a source.

    Attributes:
        container: the database it reads.
        consistency: whether its datasets are read and merged together.

    >>> from datasurface import SqliteDatabase
    >>> isinstance(SqlSnapshot(SqliteDatabase("Till", path="/data/till.db")), Capture)
    True
    """

    container: Container = field(validator=of_type(Container))
    consistency: Consistency = field(default=Consistency.MULTI_DATASET, kw_only=True, validator=of_type(Consistency))


DEFAULT_SCHEMA = "public"


def _as_pairs(tables: Mapping[str, str] | tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    pairs = tables.items() if isinstance(tables, Mapping) else tables
    return tuple(sorted((str(dataset), str(table)) for dataset, table in pairs))


def _are_storable(instance: object, attribute: "Attribute[tuple[tuple[str, str], ...]]", value: object) -> None:
    for text in itertools.chain.from_iterable(value) if isinstance(value, tuple) else (value,):
        if isinstance(text, str):
            check_storable(instance, attribute.name, text)


@frozen(repr=False)
class SqlCapture(Capture):
    """Base of the captures that read the tables of a SQL database.

    Attributes:
        schema: of the tables in the container. Databases of MariaDB, MySQL and SQLite have none, and it is left out.
        tables: dataset name to table name, where the table is not called as the dataset.
        hash_at_source: whether a PostgreSQL producer computes the hashes of its rows, so that only what changed is
            sent. False spares it that work: it sends every row of every batch, and the merge database hashes.

    >>> from datasurface import PostgresDatabase
    >>> crm = PostgresDatabase("CRM", host="db", database="crm")
    >>> sales = SqlSnapshot(crm, schema="sales", tables={"customers": "Customer Master"})
    >>> sales.table_of("customers"), sales.table_of("orders")
    ('Customer Master', 'orders')
    """

    schema: str = field(default=DEFAULT_SCHEMA, kw_only=True, validator=not_empty)
    tables: tuple[tuple[str, str], ...] = field(default=(), kw_only=True, converter=_as_pairs, validator=_are_storable)
    hash_at_source: bool = field(default=True, kw_only=True, validator=of_type(bool))

    def table_of(self, dataset: str) -> str:
        """The source table of a dataset."""
        return dict(self.tables).get(dataset, dataset)


@frozen(repr=False)
class SqlSnapshot(SqlCapture):
    """Every batch reads the whole of each table, all in one snapshot, and moves only what changed.

    >>> from datasurface import PostgresDatabase
    >>> crm = PostgresDatabase("CRM", host="db", database="crm")
    >>> SqlSnapshot(crm, schema="sales").table_of("customers")
    'customers'
    """


def _as_column(
    column: str | Mapping[str, str] | tuple[tuple[str, str], ...],
) -> str | tuple[tuple[str, str], ...]:
    return column if isinstance(column, str) else _as_pairs(column)


_LONGEST_WINDOW = timedelta(days=36_525)


@frozen(repr=False)
class SqlWatermark(SqlCapture):
    """Every batch reads the rows whose watermark is new, and those of a window before it; a row that is absent is
    never a delete.

    Attributes:
        column: of the watermark, which rises when a row is inserted or changed: one name for all datasets, or a name
            by dataset.
        window: how far below the greatest watermark that was read a row may still appear, because the transaction that
            wrote it commits late: a span for Timestamp and Date, a number for whole numbers.
        rows_per_batch: so many rows with new watermarks a batch at most, and those that share the last one's; all
            where None.

    >>> from datasurface import PostgresDatabase
    >>> crm = PostgresDatabase("CRM", host="db", database="crm")
    >>> events = SqlWatermark(crm, column="updatedAt", window=timedelta(minutes=30), rows_per_batch=100_000)
    >>> events.column_of("orders")
    'updatedAt'
    """

    column: str | tuple[tuple[str, str], ...] = field(kw_only=True, converter=_as_column, validator=_are_storable)
    window: timedelta | int = field(default=timedelta(minutes=10), kw_only=True)
    rows_per_batch: int | None = field(default=None, kw_only=True)

    @column.validator
    def _named(self, _attribute: "Attribute[object]", value: str | tuple[tuple[str, str], ...]) -> None:
        if not value or (not isinstance(value, str) and not all(name and column for name, column in value)):
            raise ModelValueError(
                f"SqlWatermark: column must name a column, not {value!r}",
                hint='as in column="updatedAt", or column={"orders": "updatedAt", "parts": "version"}',
            )

    @window.validator
    def _positive(self, _attribute: "Attribute[object]", value: object) -> None:
        if isinstance(value, timedelta):
            is_right = timedelta(0) < value <= _LONGEST_WINDOW
        else:
            is_right = isinstance(value, int) and not isinstance(value, bool) and value > 0
        if not is_right:
            raise ModelValueError(
                f"SqlWatermark: window must be a positive span (up to 100 years) or a positive number, not {value!r}",
                hint="as long as the producer's longest transaction takes, as in window=timedelta(minutes=10)",
            )

    @rows_per_batch.validator
    def _some(self, _attribute: "Attribute[object]", value: object) -> None:
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise ModelValueError(
                f"SqlWatermark: rows_per_batch must be a whole number from 1 up or None, not {value!r}",
                hint="as in rows_per_batch=100_000; None reads all that is new in one batch",
            )

    def column_of(self, dataset: str) -> str | None:
        """The watermark's column in a dataset; None where none is named."""
        return self.column if isinstance(self.column, str) else dict(self.column).get(dataset)


def _as_datasets(items: Iterable["Dataset"]) -> "tuple[Dataset, ...]":
    return as_tuple(items)


@frozen(repr=False)
class Datastore(Element):
    """A producer's datasets with the way they are captured.

    Attributes:
        capture: how its source is read.
        datasets: what it offers.
        production_status: whether people rely on it.
        deprecation: given when all its datasets go away.
        description: Markdown.

    >>> from datasurface import PostgresDatabase
    >>> crm = PostgresDatabase("CRM", host="db", database="crm")
    >>> shop = Datastore("Shop", capture=SqlSnapshot(crm), datasets=[Dataset("orders", columns=[])])
    >>> shop.sinks()
    (DatasetSink("Shop", "orders"),)
    """

    name: str = field(validator=not_empty)
    capture: Capture = field(kw_only=True, validator=of_type(Capture))
    datasets: tuple[Dataset, ...] = field(kw_only=True, converter=_as_datasets, validator=all_of_type(Dataset))
    production_status: ProductionStatus = field(
        default=ProductionStatus.PRODUCTION, kw_only=True, validator=of_type(ProductionStatus)
    )
    deprecation: Deprecation | None = field(default=None, kw_only=True, validator=of_type(Deprecation, NoneType))
    description: str = field(default="", kw_only=True, validator=of_type(str))

    def deprecation_of(self, dataset: Dataset) -> Deprecation | None:
        """The dataset's own deprecation, else the store's."""
        return dataset.deprecation or self.deprecation

    def sinks(self, *datasets: str) -> tuple[DatasetSink, ...]:
        """Sinks for the named datasets of this store; for all of them when none is named."""
        return tuple(DatasetSink(self.name, name) for name in datasets or [dataset.name for dataset in self.datasets])
