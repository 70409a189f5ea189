"""Row filters: each is about something that is there, and hides rows from somebody."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from uuid import UUID

from datasurface import types
from datasurface.findings import Severity
from datasurface.hints import did_you_mean, listed
from datasurface.lint.governed import governed
from datasurface.lint.parts import policies, sunk
from datasurface.lint.registry import Problem, rule
from datasurface.model import Column, Ecosystem, FilterValue, RowFilter, RowFilterPolicy
from datasurface.types import DataType


def _filters(ecosystem: Ecosystem) -> Iterator[tuple[RowFilterPolicy, RowFilter]]:
    """Every filter of every owner."""
    for policy in policies(ecosystem, RowFilterPolicy):
        for each in policy.filters:
            yield policy, each


def _columns(ecosystem: Ecosystem) -> Mapping[str, list[Column]]:
    """The columns of each dataset, as filters name it; none where no policy filters anything."""
    found: dict[str, list[Column]] = {}
    for store in ecosystem.datastores() if any(_filters(ecosystem)) else ():
        for dataset in store.datasets:
            found.setdefault(f"{store.name}.{dataset.name}", []).extend(dataset.columns)
    return found


@rule("DS711", "A row filter names what there is")
def names_what_there_is(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A `RowFilter` names a dataset, a column or a workspace that is not there. Rows that should be hidden would be
    shown, or the other way round.

    A dataset is named with its datastore, as `Shop.customers`.
    """
    columns, workspaces = _columns(ecosystem), {workspace.name for workspace in ecosystem.workspaces()}
    for policy, each in _filters(ecosystem):
        what = f"policy '{policy.name}' filters '{each.dataset}'"
        if each.dataset not in columns:
            yield Problem(each, f"{what}, which is not there", did_you_mean(each.dataset, columns))
            continue
        known = {column.name for column in columns[each.dataset]}
        if each.column not in known:
            yield Problem(
                each, f"{what} by column '{each.column}', which it does not have", did_you_mean(each.column, known)
            )
        for name in sorted({*(each.workspaces or ()), *each.exempt} - workspaces):
            yield Problem(
                each, f"{what} and names workspace '{name}', which is not there", did_you_mean(name, workspaces)
            )


@rule("DS712", "The values of a row filter fit the column")
def values_fit(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A `RowFilter` lists a value that its column can never have, or the column is of a type that rows are not filtered
    by.

    Rows are filtered by texts (not longer than the column), whole numbers, `Decimal` (`"12.50"` or a whole number),
    `Boolean`, `Date` (`"2030-12-31"`) and `Uuid` (in lower case, with hyphens). None is NULL, in any of them.
    """
    columns = _columns(ecosystem)
    for policy, each in _filters(ecosystem):
        for column in columns.get(each.dataset, ()):
            if column.name != each.column:
                continue
            what = f"policy '{policy.name}' filters '{each.dataset}' by '{column.name}', a {column.type!r}"
            takes = _taking(column.type)
            if takes is None:
                yield Problem(
                    each,
                    f"{what}, by which rows are not filtered",
                    "filter by texts, whole numbers, Decimal, Boolean, Date or Uuid",
                )
                continue
            fits, words = takes
            wrong = [repr(value) for value in each.values if value is not None and not fits(value)]
            if wrong:
                yield Problem(each, f"{what}, which is never {listed(set(wrong), 3)}", f"give {words}")


@rule("DS713", "A row filter hides rows from somebody", Severity.WARNING)
def hides_from_somebody(ecosystem: Ecosystem) -> Iterator[Problem]:
    """No workspace that a `RowFilter` is for reads its dataset, or its policy stands neither above the datastore nor
    above such a workspace: everything is as if it were not there."""
    columns, used = _columns(ecosystem), set[int]()
    bound = governed(ecosystem, RowFilterPolicy)
    of_stores, of_workspaces = bound.of_stores(), bound.of_workspaces()
    for workspace, _, _, store, dataset in sunk(ecosystem) if columns else ():
        for binding in (*of_stores.get(store.name, ()), *of_workspaces.get(workspace.name, ())):
            for each in binding.policy.filters:
                if each.dataset == f"{store.name}.{dataset.name}" and each.is_for(workspace.name):
                    used.add(id(each))
    for policy, each in _filters(ecosystem):
        if id(each) not in used and each.dataset in columns:
            yield Problem(
                each,
                f"policy '{policy.name}' filters '{each.dataset}' by '{each.column}' for nobody",
                "put it above the datastore or above a workspace that reads it, or take it out",
            )


Taking = tuple[Callable[[FilterValue], bool], str]
"""Whether a value can be one of a column's, and what can be, in words."""


def _taking(of: DataType) -> Taking | None:
    """What rows can be filtered by in a column of a type; None where they cannot."""
    match of:
        case types.Char(length) | types.VarChar(length) | types.NVarChar(length):
            return (
                lambda value: isinstance(value, str) and len(value) <= length,
                f"texts of at most {length} characters",
            )
        case types.Text():
            return lambda value: isinstance(value, str), "texts"
        case types.TinyInt():
            return _whole(-(2**7), 2**8)
        case types.SmallInt():
            return _whole(-(2**15), 2**15)
        case types.Integer():
            return _whole(-(2**31), 2**31)
        case types.BigInt():
            return _whole(-(2**63), 2**63)
        case types.Decimal():
            return lambda value: _is_decimal(value, of), 'whole numbers, or texts as "12.50", with no more digits'
        case types.Boolean():
            return lambda value: isinstance(value, bool), "True or False"
        case types.Date():
            return lambda value: _is_written(value, date.fromisoformat), 'dates as texts, as "2030-12-31"'
        case types.Uuid():
            return lambda value: _is_written(value, UUID), "UUIDs as texts, in lower case and with hyphens"
    return None


def _whole(least: int, beyond: int) -> Taking:
    def fits(value: FilterValue) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value < beyond

    return fits, f"whole numbers from {least} to {beyond - 1}"


_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _is_decimal(value: FilterValue, of: types.Decimal) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int) or not _DECIMAL.fullmatch(str(value)):
        return False
    whole, _, fraction = str(value).lstrip("-").partition(".")
    if of.precision is None:
        return True
    scale = of.scale or 0
    return len(whole.lstrip("0")) <= of.precision - scale and len(fraction.rstrip("0")) <= scale


def _is_written(value: FilterValue, read: Callable[[str], date | UUID]) -> bool:
    """Whether a text is what is read from it: the one way to write it."""
    try:
        return isinstance(value, str) and str(read(value)) == value
    except ValueError:
        return False
