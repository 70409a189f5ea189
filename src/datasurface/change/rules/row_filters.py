"""Row filters: which rows consumers see."""

from collections.abc import Iterator, Mapping

from datasurface.change.consumption import Models, Table
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.verdicts import Opinion, compatible, notice, rule
from datasurface.deployment import ColumnFilter
from datasurface.hints import listed
from datasurface.model import FilterValue, RowFilter, RowFilterPolicy

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED
_MOST_NAMES = 3


@rule(
    "CC761",
    "A row filter is added, removed or changed",
    (RowFilterPolicy, _ADDED),
    (RowFilterPolicy, _REMOVED),
    (RowFilterPolicy, "filters"),
    (RowFilter, _ADDED),
    (RowFilter, _REMOVED),
    *((RowFilter, name) for name in ("dataset", "column", "values", "workspaces", "exempt")),
)
def other_rows(change: Change, models: Models) -> Opinion:
    """Workspaces that consume the dataset before and after see fewer of its rows, live ones and past ones, or more, or
    others: by all filters together, whatever this one says. Which rows they may see is for the owner of the policy;
    consumers are told."""
    said = [
        f"{listed(names, _MOST_NAMES)} {'see' if len(names) > 1 else 'sees'} {what} rows of {'.'.join(table)}"
        for table in _tables(change, models)
        for what, names in _consumers(table, models).items()
    ]
    if not said:
        return compatible("nobody who consumes what is filtered sees other rows")
    return notice("; ".join(said))


def _tables(change: Change, models: Models) -> list[Table]:
    """The datasets that the changed filters are about, as they were and as they are."""
    names = {each.dataset for element in (change.before[-1], change.after[-1]) for each in _filters(element)}
    tables = {*models.old.consumers, *models.new.consumers}
    return sorted(table for table in tables if ".".join(table) in names)


def _filters(element: object) -> tuple[RowFilter, ...]:
    """Those that an element is or holds."""
    if isinstance(element, RowFilterPolicy):
        return element.filters
    return (element,) if isinstance(element, RowFilter) else ()


def _consumers(table: Table, models: Models) -> Mapping[str, list[str]]:
    """The workspaces that consume a dataset before and after, by what becomes of its rows."""
    found: dict[str, list[str]] = {}
    for workspace in models.old.readers.get(table, frozenset()) & models.new.readers.get(table, frozenset()):
        old = _passing(models.old.protections.filters_of(workspace, *table), _renamed(table, models))
        new = _passing(models.new.protections.filters_of(workspace, *table), {})
        if old != new:
            found.setdefault(_what(old, new), []).append(workspace)
    return {what: found[what] for what in ("fewer", "more", "other") if what in found}


_Passing = Mapping[str, frozenset[FilterValue]]
"""By column, the values that rows may have; any value in others."""


def _passing(filters: tuple[ColumnFilter, ...], renamed: Mapping[str, str]) -> _Passing:
    """What rows may have that pass all of some filters."""
    found: dict[str, frozenset[FilterValue]] = {}
    for each in filters:
        column, values = renamed.get(each.column, each.column), frozenset(each.values)
        found[column] = found.get(column, values) & values
    return found


def _renamed(table: Table, models: Models) -> Mapping[str, str]:
    """What columns of the old model are called in the new one, where it is something else."""
    return dict(_renames(table, models))


def _renames(table: Table, models: Models) -> Iterator[tuple[str, str]]:
    old = models.old.columns(table)
    for name, column in models.new.columns(table).items():
        if column.renamed_from is not None and column.renamed_from in old and name not in old:
            yield column.renamed_from, name


def _what(old: _Passing, new: _Passing) -> str:
    """What becomes of the rows that are seen, by the filters alone."""
    if _is_within(new, old):
        return "fewer"
    return "more" if _is_within(old, new) else "other"


def _is_within(inner: _Passing, outer: _Passing) -> bool:
    """Whether whatever passes the first passes the second."""
    return all(column in inner and inner[column] <= values for column, values in outer.items())
