"""One dataset on one platform: its tables' names and its columns as the store has them."""

from collections.abc import Mapping

from attrs import evolve, frozen

from datasurface.deployment import Deployment, StreamConfig
from datasurface.model import Dataset, Milestoning
from datasurface_yellow.store import naming
from datasurface_yellow.store.layout import TableLayout, first_layout
from datasurface_yellow.store.rowhash import StoredColumn, recipe, retired_columns, stored_columns


@frozen
class MergeTable:
    """The tables of one dataset.

    Attributes:
        live: where live rows stand: the live partition of a forensic table, else the merge table itself.
        columns: the dataset's, as they are stored and hashed.
        retired: columns that the model has no longer, and the table still has.
        recipe: the id of its row hashes.
    """

    dataset: Dataset
    milestoning: Milestoning
    schema: str
    layout: TableLayout
    columns: tuple[StoredColumn, ...]
    retired: tuple[StoredColumn, ...]
    recipe: str
    merge: str
    live: str
    history: str
    staging: str
    key_index: str
    history_index: str

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.dataset.name

    @property
    def keys(self) -> tuple[StoredColumn, ...]:
        """The key's columns."""
        return tuple(column for column in self.columns if column.is_key)

    @property
    def kept(self) -> tuple[StoredColumn, ...]:
        """All columns of the table, retired ones too."""
        return (*self.columns, *self.retired)

    @property
    def at_source(self) -> "MergeTable":
        """The same with the columns' names at the source, for who reads there."""
        return evolve(self, columns=tuple(evolve(column, name=column.source) for column in self.columns))

    @property
    def is_forensic(self) -> bool:
        """Whether it keeps every version."""
        return self.milestoning is Milestoning.FORENSIC

    @property
    def parts(self) -> tuple[str, ...]:
        """The tables that hold its rows."""
        return (self.live, self.history) if self.is_forensic else (self.merge,)

    @property
    def relations(self) -> tuple[str, ...]:
        """The names of all its tables and of their indexes that have one."""
        forensic = (*self.parts, self.history_index) if self.is_forensic else ()
        return (self.merge, *forensic, self.staging, self.key_index)

    @property
    def required(self) -> tuple[StoredColumn, ...]:
        """Columns outside the key that may not be null."""
        return tuple(column for column in self.columns if not column.nullable and not column.is_key)


def merge_table(
    deployment: Deployment, store: str, dataset: Dataset, schema: str, layouts: Mapping[str, TableLayout] | None = None
) -> MergeTable:
    """The tables of a dataset under the names of a platform.

    ``layouts``: of the tables that stand, by their names; one that has none is as it is made for the dataset.
    """
    platform, milestoning = deployment.platform.name, deployment.platform.milestoning
    names = (platform, store, dataset.name)
    merge = naming.merge_table(*names)
    layout = (layouts or {}).get(merge) or first_layout(dataset)
    columns = stored_columns(dataset, layout)
    return MergeTable(
        dataset=dataset,
        milestoning=milestoning,
        schema=schema,
        layout=layout,
        columns=columns,
        retired=retired_columns(layout),
        recipe=recipe(columns),
        merge=merge,
        live=naming.live_partition(*names) if milestoning is Milestoning.FORENSIC else merge,
        history=naming.history_partition(*names),
        staging=naming.staging_table(*names),
        key_index=naming.key_index(*names),
        history_index=naming.history_index(*names),
    )


def stream_tables(
    deployment: Deployment, stream: StreamConfig, schema: str, layouts: Mapping[str, TableLayout] | None = None
) -> tuple[MergeTable, ...]:
    """The tables of a stream's datasets; ``layouts`` as in ``merge_table``."""
    return tuple(merge_table(deployment, stream.store, dataset, schema, layouts) for dataset in stream.datasets)
