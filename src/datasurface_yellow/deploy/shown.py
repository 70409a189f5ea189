"""What a consumer sees of a dataset's columns: the one place where the select list of a view is made."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from datasurface.deployment import ColumnMask, MaskKind
from datasurface_yellow.deploy.masks import masked
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.store.rowhash import StoredColumn

if TYPE_CHECKING:
    from datasurface_yellow.deploy.wanted import View

MERGE_ALIAS = "m"
"""What views call the merge table."""


@frozen
class ShownColumn:
    """A column of a view.

    Attributes:
        type: its SQL type.
        expression: what it shows, of the merge table ``m``.
        mask: what it shows in place of values, if anything.
        is_key: whether it is a column of the key, as it is or hashed: what tells rows apart.
    """

    name: str
    type: str
    expression: str
    is_key: bool
    mask: ColumnMask | None = None

    @property
    def quoted(self) -> str:
        """The name, quoted."""
        return identifier(self.name)


def shown_columns(view: "View") -> Sequence[ShownColumn]:
    """The columns that a view shows of its dataset, in order."""
    keys = view.mask_keys
    return [
        _shown(column, view.seen[column.source], keys) for column in view.table.columns if column.source in view.seen
    ]


def _shown(column: StoredColumn, mask: ColumnMask | None, keys: str) -> ShownColumn:
    value = column.of(MERGE_ALIAS)
    if mask is None:
        return ShownColumn(column.name, column.type.base, value, column.is_key)
    kind, expression = masked(column, value, mask, keys)
    return ShownColumn(column.name, kind, expression, column.is_key and mask.kind is MaskKind.HASH, mask)


def select_list(columns: Iterable[ShownColumn]) -> str:
    """The columns as a view selects them."""
    return ", ".join(
        column.expression
        if column.expression == f"{MERGE_ALIAS}.{column.quoted}"
        else f"{column.expression} AS {column.quoted}"
        for column in columns
    )
