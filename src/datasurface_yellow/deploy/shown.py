"""What a consumer sees of a dataset's columns: the one place where the select list of a view is made."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from datasurface_yellow.deploy.wanted import View
from datasurface_yellow.store.quoting import identifier

MERGE_ALIAS = "m"
"""What views call the merge table."""


@frozen
class ShownColumn:
    """A column of a view.

    Attributes:
        type: its SQL type.
        expression: what it shows, of the merge table ``m``.
        is_key: whether it is a column of the key, and shows that as it is.
    """

    name: str
    type: str
    expression: str
    is_key: bool

    @property
    def quoted(self) -> str:
        """The name, quoted."""
        return identifier(self.name)


def shown_columns(view: View) -> Sequence[ShownColumn]:
    """The columns that a view shows of its dataset, in order."""
    return [
        ShownColumn(column.name, column.type.base, column.of(MERGE_ALIAS), column.is_key)
        for column in view.table.columns
    ]


def select_list(columns: Iterable[ShownColumn]) -> str:
    """The columns as a view selects them."""
    return ", ".join(
        column.expression
        if column.expression == f"{MERGE_ALIAS}.{column.quoted}"
        else f"{column.expression} AS {column.quoted}"
        for column in columns
    )
