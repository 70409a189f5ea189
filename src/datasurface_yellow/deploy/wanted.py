"""The consumers' views and functions that should stand."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property

from attrs import evolve, frozen

from datasurface.deployment import ColumnFilter, ColumnMask, Deployment, ViewConfig
from datasurface.errors import JobError
from datasurface.model import Milestoning
from datasurface_yellow.deploy.shown import ShownColumn, shown_columns
from datasurface_yellow.store import naming
from datasurface_yellow.store.layout import TableLayout
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.table import MergeTable, merge_table


class Kind(Enum):
    """What a consumer reads by. Those after the first are for forensic groups, in the order in which they are made."""

    LIVE = "live"
    HISTORY = "history"
    BATCHES = "batches"
    BATCH_AT = "batch_at"
    SETTLED = "settled"
    AS_OF_BATCH = "as_of_batch"
    AS_OF_TIME = "as_of_time"
    CHANGES = "changes"

    @property
    def is_view(self) -> bool:
        """Whether it is a view; else it is a function."""
        return self in (Kind.LIVE, Kind.HISTORY, Kind.BATCHES)

    @property
    def ending(self) -> str:
        """How its name ends."""
        return "view" if self is Kind.LIVE else self.value


ARGUMENTS: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    Kind.BATCH_AT: (("at", "timestamp with time zone"),),
    Kind.SETTLED: (("batch", "integer"),),
    Kind.AS_OF_BATCH: (("batch", "integer"),),
    Kind.AS_OF_TIME: (("at", "timestamp with time zone"),),
    Kind.CHANGES: (("after", "integer"), ("up_to", "integer")),
}
"""Names and types of the functions' arguments."""


@frozen
class Place:
    """Where a view or a function is.

    Attributes:
        signature: the types of a function's arguments, as the server writes them; None of a view.
    """

    schema: str
    name: str
    signature: str | None = None

    def __str__(self) -> str:
        name = f"{self.schema}.{self.name}" if self.schema else self.name
        return name if self.is_view else f"{name}({self.signature})"

    @property
    def is_view(self) -> bool:
        """Whether it is a view; else it is a function."""
        return self.signature is None

    @property
    def word(self) -> str:
        """What the server calls its kind."""
        return "VIEW" if self.is_view else "FUNCTION"

    @property
    def quoted(self) -> str:
        """The name as statements have it."""
        name = qualified(self.schema, self.name)
        return name if self.is_view else f"{name}({self.signature})"


@frozen(eq=False)
class View:
    """One view or function that should stand, in the schema of its workspace.

    Attributes:
        names: platform, workspace, group, and what stands for the dataset.
        role: who may read it.
        path: of the sink that it is for, in the model.
        seen: the columns that consumers see, by their names in the model, each with its mask or None.
        filters: what each row passes that consumers see.
        is_copied: whether consumers read a copy in a database of their own.
        store: the datastore that the dataset is of.
        owner: of the datastore, as in ``StreamConfig``.
    """

    schema: str
    names: tuple[str, str, str, str]
    role: str
    table: MergeTable
    stream: str
    kind: Kind
    path: str
    seen: Mapping[str, ColumnMask | None]
    filters: tuple[ColumnFilter, ...]
    store: str
    owner: str | None
    is_copied: bool = False

    @cached_property
    def place(self) -> Place:
        """Where it is."""
        name = naming.consumers_name(*self.names, self.kind.ending)
        signature = None if self.kind.is_view else ", ".join(kind for _, kind in ARGUMENTS[self.kind])
        return Place(self.schema, name, signature)

    @cached_property
    def columns(self) -> Sequence[ShownColumn]:
        """What it shows of the dataset's columns."""
        return shown_columns(self)

    @property
    def name(self) -> str:
        """Without its schema."""
        return self.place.name

    @property
    def label(self) -> str:
        """Schema and name, and what a function takes, for people."""
        return str(self.place)

    @property
    def is_barrier(self) -> bool:
        """Whether no function of a reader may run before what the view masks or leaves out is masked and left out."""
        return bool(self.filters) or any(mask is not None for mask in self.seen.values())

    @property
    def mask_keys(self) -> str:
        """The table of the keys of hashes, quoted."""
        return qualified(self.table.schema, naming.mask_keys(self.names[0]))

    @property
    def below(self) -> Kind:
        """The kind of what it reads: a view of its own kind, which a view is; of a function, a view."""
        if self.kind.is_view:
            return self.kind
        return Kind.BATCHES if self.kind in (Kind.BATCH_AT, Kind.SETTLED) else Kind.HISTORY

    def beside(self, kind: Kind) -> "View":
        """The one of another kind on the same rows."""
        return evolve(self, kind=kind)


Memory = dict[int, Sequence[View]]
"""Views by the place of their sink in the deployment."""


def wanted_views(
    deployment: Deployment,
    schema: str,
    layouts: Mapping[str, TableLayout] | None = None,
    known: Mapping[str, MergeTable] | None = None,
    before: Memory | None = None,
) -> Sequence[View]:
    """What a deployment shows its consumers, sink by sink: the live rows, and the past where a forensic group asks for
    it.

    ``layouts``: of the tables that stand, by their names. ``known``: tables that were worked out already. ``before``:
    the views that were, of the same deployment.
    """
    found, before, views = dict(known or {}), {} if before is None else before, list[View]()
    owners = {stream.key: stream.owner for stream in deployment.streams}
    for number, config in enumerate(deployment.views):
        table = table_of(deployment, config, schema, layouts or {}, found)
        found[table.merge] = table
        if number not in before or before[number][0].table is not table:
            before[number] = list(_views_of(deployment, config, table, owners.get(config.stream)))
        views += before[number]
    return views


def table_of(
    deployment: Deployment,
    config: ViewConfig,
    schema: str,
    layouts: Mapping[str, TableLayout],
    known: Mapping[str, MergeTable],
) -> MergeTable:
    """The table that a sink shows; layouts and known tables as in ``wanted_views``."""
    name = naming.merge_table(deployment.platform.name, config.store, config.dataset.name)
    table = known.get(name)
    if table is not None and table.dataset == config.dataset and table.layout == layouts.get(name, table.layout):
        return table
    try:
        return merge_table(deployment, config.store, config.dataset, schema, layouts)
    except JobError:  # the table is of another model, and the server says what of this one it cannot show
        return merge_table(deployment, config.store, config.dataset, schema)


def _views_of(deployment: Deployment, config: ViewConfig, table: MergeTable, owner: str | None) -> Iterator[View]:
    is_forensic = config.milestoning is Milestoning.FORENSIC
    place = naming.workspace_schema(config.workspace), naming.reader_role(config.workspace)
    names, seen = (deployment.platform.name, config.workspace, config.group, config.name), config.seen
    for kind in Kind:
        if kind is Kind.LIVE or is_forensic:
            yield View(
                schema=place[0],
                names=names,
                role=place[1],
                table=table,
                stream=config.stream,
                kind=kind,
                path=config.path,
                seen=seen,
                filters=config.filters,
                store=config.store,
                owner=owner,
                is_copied=config.is_copied,
            )
