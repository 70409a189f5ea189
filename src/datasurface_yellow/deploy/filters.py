"""Which rows a view shows: conditions that name columns of the merge table, with their values as parameters."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from datasurface.deployment import ColumnFilter
from datasurface.model import FilterValue
from datasurface_yellow.store.statements import statement

if TYPE_CHECKING:
    from datasurface_yellow.deploy.wanted import View


@frozen
class FilteredColumn:
    """A column that rows are filtered by.

    Attributes:
        value: the column, of whatever relation is filtered; None where there is no such column: no row passes then.
        type: its SQL type.
    """

    value: str | None
    type: str
    filter: ColumnFilter


def filtered_columns(view: "View", alias: str) -> Sequence[FilteredColumn]:
    """What the rows of a view are filtered by: values as they are in its merge table, whatever is shown of them."""
    columns = {column.source: column for column in view.table.columns}
    return [
        FilteredColumn(columns[each.column].of(alias), columns[each.column].type.base, each)
        if each.column in columns
        else FilteredColumn(None, "", each)
        for each in view.filters
    ]


def conditions(columns: Sequence[FilteredColumn]) -> list[str]:
    """The condition of each filter, with parameters in the place of values."""
    return [
        statement(
            "deploy",
            "filters.sql.j2",
            "condition",
            value=column.value,
            type=column.type,
            parameter=_parameter(at),
            takes_null=None in column.filter.values,
        )
        for at, column in enumerate(columns)
    ]


def parameters_of(columns: Sequence[FilteredColumn]) -> Mapping[str, list[str]]:
    """The values of the conditions."""
    return {_parameter(at): list(_texts(column.filter.values)) for at, column in enumerate(columns)}


def _parameter(at: int) -> str:
    return f"filter_{at}"


def _texts(values: Sequence[FilterValue]) -> Iterator[str]:
    """Values as the server reads them."""
    for value in values:
        if isinstance(value, bool):
            yield "true" if value else "false"
        elif value is not None:
            yield str(value)
