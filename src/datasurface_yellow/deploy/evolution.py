"""What a changed dataset means for its tables: a pure decision over the layout, what stands, and the model.

Nothing of what is stored is given up. The merge table may be looser than the model: wider numbers, longer texts,
columns that may be NULL, columns that the model has no longer. What the source may send is checked where it is read.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum

from attrs import evolve, frozen

from datasurface.model import Dataset
from datasurface_yellow.store.layout import LaidColumn, TableLayout, type_of

_WIDENINGS = (("smallint", "integer", "bigint"), ("real", "double precision"))
_TEXTS = {"varchar", "text"}


class Fit(Enum):
    """How a type of the model fits what a column is stored as."""

    KEEP = "keep"
    """The stored type holds it."""
    WIDEN = "widen"
    OTHER = "other"
    """Another family: its values would read differently."""


def fit(stored: str, wanted: str) -> Fit:
    """How a base type of the model fits the one that is stored."""
    if stored.endswith("[]") and wanted.endswith("[]"):
        return fit(stored[:-2], wanted[:-2])
    if stored == wanted or {stored, wanted} <= _TEXTS:
        return Fit.KEEP
    for family in _WIDENINGS:
        if stored in family and wanted in family:
            return Fit.WIDEN if family.index(stored) < family.index(wanted) else Fit.KEEP
    return Fit.OTHER


@frozen
class Standing:
    """The tables of a dataset as they stand.

    Attributes:
        merge, staging: type and nullability by column; ``staging`` is empty where that table is missing.
        required: columns outside the key that staging asks a value for.
        is_new: no batch was ever merged, so nothing is hashed.
    """

    merge: Mapping[str, tuple[str, bool]]
    staging: Mapping[str, tuple[str, bool]]
    required: frozenset[str]
    is_new: bool


@frozen
class Widened:
    """A column that gets a wider type."""

    name: str
    base: str
    is_key: bool


@frozen
class Evolution:
    """The way from tables that stand to those that a model needs. Columns are called as they are called afterwards.

    Attributes:
        hashed: the layout that the stored hashes are of.
        layout: what it becomes.
        renamed: names before and after.
        added, added_to_staging: columns that the merge table, and that staging lacks.
        retired, revived: columns that the model has no longer, and has again.
        loosened, tightened: columns of the merge table that may be NULL now, and that may not; the latter only before
            the first batch.
        required: the columns that staging asks a value for, where these are others than today.
        refusals: why it cannot be done.
        drift: what somebody else has done to the merge table, so that it cannot.
    """

    hashed: TableLayout
    layout: TableLayout
    renamed: tuple[tuple[str, str], ...] = ()
    added: tuple[LaidColumn, ...] = ()
    added_to_staging: tuple[LaidColumn, ...] = ()
    widened: tuple[Widened, ...] = ()
    retired: tuple[str, ...] = ()
    revived: tuple[str, ...] = ()
    loosened: tuple[str, ...] = ()
    tightened: tuple[str, ...] = ()
    required: frozenset[str] | None = None
    refusals: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the tables are as the model needs them."""
        return self == Evolution(self.hashed, self.hashed)

    @property
    def shows(self) -> bool:
        """Whether views have other columns afterwards."""
        return bool(self.renamed or self.added or self.widened or self.retired or self.revived)

    @property
    def rewrites(self) -> tuple[str, ...]:
        """What changes the hashes of stored rows, in words; nothing before the first batch."""
        return (
            *(f"column {column.name} widened to {column.base}" for column in self.widened),
            *(f"column {name} dropped from the model" for name in self.retired),
            *(f"column {name} taken back into the model" for name in self.revived),
        )


def plan_evolution(layout: TableLayout, standing: Standing, dataset: Dataset) -> Evolution:
    """What has to be done, or why it cannot."""
    drift = _not_as_laid(layout, standing)
    if drift:
        return Evolution(layout, layout, drift=tuple(drift))
    names = {column.name for column in dataset.columns}
    renamed, refusals = _renames(layout, dataset, names)
    hashed = _mapped(layout, lambda column: column.renamed(renamed[column.name]) if column.name in renamed else column)
    standing = _under_new_names(standing, renamed)
    refusals = [*refusals, *_key_refusals(hashed, dataset), *_type_refusals(hashed, dataset)]
    if refusals:
        return Evolution(layout, layout, refusals=tuple(refusals))
    widened = tuple(_widened(hashed, dataset))
    after = _after(hashed, dataset, widened)
    if standing.is_new:
        after = _of_one_layer(after)
    required = frozenset(column.name for column in dataset.columns if not column.nullable and not column.primary_key)
    loose = {column.name for column in after.columns if column.name not in names} | {
        column.name for column in dataset.columns if column.nullable
    }
    active = [column for column in after.columns if column.name in names]
    return Evolution(
        hashed=hashed,
        layout=after,
        renamed=tuple(renamed.items()),
        added=tuple(column for column in active if column.name not in standing.merge),
        added_to_staging=tuple(c for c in active if standing.staging and c.name not in standing.staging),
        widened=widened,
        retired=tuple(c.name for c in hashed.columns if c.name not in names and not c.is_retired),
        revived=tuple(c.name for c in hashed.columns if c.name in names and c.is_retired),
        loosened=tuple(
            sorted(name for name, (_, nullable) in standing.merge.items() if not nullable and name in loose)
        ),
        tightened=tuple(sorted(name for name in required if standing.merge.get(name, ("", True))[1]))
        if standing.is_new
        else (),
        required=required if standing.staging and required != standing.required else None,
    )


def implied_layout(standing: Standing, dataset: Dataset) -> TableLayout:
    """The layout of a table that none is kept of: one layer, of what stands. Staging keeps the key of deleted rows and
    nothing else of them: the columns that it must have are the key's."""
    keys = {name for name, (_, nullable) in standing.staging.items() if not nullable}
    keys = keys or {column.name for column in dataset.key_columns}
    names = sorted(standing.merge)
    return TableLayout((tuple(LaidColumn(name, standing.merge[name][0], name in keys) for name in names),))


def _not_as_laid(layout: TableLayout, standing: Standing) -> list[str]:
    """What somebody else has done to the merge table."""
    laid = {column.name: column.base for column in layout.columns}
    found = {name: base for name, (base, _) in standing.merge.items()}
    return [
        *(f"column {name} is gone" for name in sorted(laid.keys() - found.keys())),
        *(f"column {name} is none of ours" for name in sorted(found.keys() - laid.keys())),
        *(
            f"column {name} is {found[name]}, and was made as {laid[name]}"
            for name in sorted(laid.keys() & found.keys())
            if found[name] != laid[name]
        ),
    ]


def _renames(layout: TableLayout, dataset: Dataset, names: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """Names before and after: what the model declares, then what an earlier model called otherwise; and refusals."""
    renamed: dict[str, str] = {}
    refusals = []
    for column in dataset.columns:
        declared = layout.of_model(column.renamed_from, names) if column.renamed_from else None
        if declared is None or declared.name in names:
            continue
        if layout.find(column.name) is not None:
            refusals.append(
                f"column {column.name} is renamed from {declared.name}, and the table has a column of each name"
            )
        else:
            renamed[declared.name] = column.name
    for column in dataset.columns:
        if column.name not in renamed.values():
            laid = layout.of_model(column.name, names)
            if laid is not None and laid.name != column.name and laid.name not in renamed:
                renamed[laid.name] = column.name
    return renamed, refusals


def _key_refusals(layout: TableLayout, dataset: Dataset) -> Iterable[str]:
    stands = sorted(column.name for column in layout.columns if column.is_key)
    wanted = sorted(column.name for column in dataset.key_columns)
    if stands != wanted:
        yield f"the key is {', '.join(stands)}, the model says {', '.join(wanted)}"


def _type_refusals(layout: TableLayout, dataset: Dataset) -> Iterable[str]:
    for column in dataset.columns:
        laid, wanted = layout.find(column.name), type_of(dataset, column).base
        if laid is not None and fit(laid.base, wanted) is Fit.OTHER:
            since = " since it was dropped from the model" if laid.is_retired else ""
            yield f"column {column.name} is stored as {laid.base}{since}, and the model says {wanted}"


def _widened(layout: TableLayout, dataset: Dataset) -> Iterable[Widened]:
    for column in dataset.columns:
        laid, wanted = layout.find(column.name), type_of(dataset, column).base
        if laid is not None and fit(laid.base, wanted) is Fit.WIDEN:
            yield Widened(laid.name, wanted, laid.is_key)


def _after(layout: TableLayout, dataset: Dataset, widened: Iterable[Widened]) -> TableLayout:
    """The layout with the model's types and columns; new columns are a layer of their own."""
    names = {column.name for column in dataset.columns}
    bases = {column.name: column.base for column in widened}
    after = _mapped(layout, lambda c: evolve(c, base=bases.get(c.name, c.base), is_retired=c.name not in names))
    new = sorted((column for column in dataset.columns if layout.find(column.name) is None), key=lambda c: c.name)
    if not new:
        return after
    return TableLayout((*after.layers, tuple(LaidColumn(c.name, type_of(dataset, c).base) for c in new)))


def _of_one_layer(layout: TableLayout) -> TableLayout:
    return TableLayout((tuple(sorted(layout.columns, key=lambda column: column.name)),))


def _mapped(layout: TableLayout, change: Callable[[LaidColumn], LaidColumn]) -> TableLayout:
    return TableLayout(tuple(tuple(map(change, layer)) for layer in layout.layers))


def _under_new_names(standing: Standing, renamed: Mapping[str, str]) -> Standing:
    return evolve(
        standing,
        merge={renamed.get(name, name): found for name, found in standing.merge.items()},
        staging={renamed.get(name, name): found for name, found in standing.staging.items()},
        required=frozenset(renamed.get(name, name) for name in standing.required),
    )
