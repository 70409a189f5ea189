"""What roles should get, by the views of a deployment: values, no database."""

from collections.abc import Collection, Iterable, Mapping

from attrs import field, frozen

from datasurface.access import Seen
from datasurface.deployment import ColumnMask, MaskKind
from datasurface_yellow.deploy.definition import columns_of
from datasurface_yellow.deploy.filters import FilteredColumn, filtered_columns
from datasurface_yellow.deploy.shown import shown_columns
from datasurface_yellow.deploy.wanted import Kind, Place, View

SEEN = {
    MaskKind.NULL: Seen.NULL,
    MaskKind.HASH: Seen.HASH,
    MaskKind.PARTIAL: Seen.PARTIAL,
    MaskKind.YEAR: Seen.YEAR,
}


@frozen
class SeenView:
    """What a role gets of one view.

    Attributes:
        columns: those that it has, in order, each with its mask; None for one that is shown as it is.
        hidden: columns of the dataset that it does not have.
        is_filtered: whether there are rows that it must not show.
        filters: what its rows can be seen to pass, by columns that are shown as they are.
    """

    columns: Mapping[str, ColumnMask | None]
    hidden: tuple[str, ...] = ()
    is_filtered: bool = False
    filters: tuple[FilteredColumn, ...] = ()


@frozen
class Expected:
    """What one role may do; everything else is denied.

    Attributes:
        schemas: that it may use.
        views: that it may read.
        functions: that it may call.
        connects: whether it must be let into the database; who reads for a workspace that has a database of its own
            need not.
    """

    schemas: frozenset[str] = frozenset()
    views: Mapping[Place, SeenView] = field(factory=dict)
    functions: frozenset[Place] = frozenset()
    connects: bool = False

    def __or__(self, other: "Expected") -> "Expected":
        """What a member of two roles may do."""
        return Expected(
            self.schemas | other.schemas,
            {**self.views, **other.views},
            self.functions | other.functions,
            self.connects or other.connects,
        )


def expected(views: Iterable[View], elsewhere: Collection[str]) -> dict[str, Expected]:
    """What each role may do, by the views and functions that are for it.

    ``elsewhere``: the roles of workspaces that have databases of their own.
    """
    found: dict[str, Expected] = {}
    for view in views:
        place = view.place
        seen = Expected(
            frozenset({place.schema}),
            {place: _seen(view)} if place.is_view else {},
            frozenset() if place.is_view else frozenset({place}),
            view.role not in elsewhere,
        )
        found[view.role] = found.get(view.role, Expected()) | seen
    return found


def _seen(view: View) -> SeenView:
    masks = {column.name: column.mask for column in shown_columns(view)}
    columns = {name: masks.get(name) for name, _ in columns_of(view)}
    hidden = tuple(column.name for column in view.table.columns if column.name not in masks)
    if view.kind not in (Kind.LIVE, Kind.HISTORY) or not view.filters:
        return SeenView(columns, hidden)
    seen = (each for each in filtered_columns(view, "") if view.seen.get(each.filter.column, each) is None)
    return SeenView(columns, hidden, True, tuple(seen))


def is_masked_by(mask: ColumnMask, values: Iterable[object]) -> bool:
    """Whether all of these texts can be what a mask shows."""
    return all(value is None or _can_show(mask, str(value)) for value in values)


def _can_show(mask: ColumnMask, text: str) -> bool:
    match mask.kind:
        case MaskKind.NULL:
            return False
        case MaskKind.HASH:
            return len(text) == 64 and set(text) <= set("0123456789abcdef")
        case MaskKind.PARTIAL:
            return text == "***" or (len(text) == mask.first + 3 + mask.last and text[mask.first :][:3] == "***")
        case MaskKind.YEAR:
            return text[4:10] == "-01-01"
