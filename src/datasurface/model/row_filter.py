"""Row filters: which rows of a dataset a consumer sees."""

from collections.abc import Iterable
from types import NoneType

from attrs import Attribute, field, frozen
from attrs.validators import optional

from datasurface.errors import ModelValueError
from datasurface.model.element import Element, all_of_type, as_texts, as_tuple, check_storable, not_empty
from datasurface.model.policy import Policy

FilterValue = str | int | bool | None
"""A value of a column, as a model writes it."""


def _as_values(items: Iterable[FilterValue]) -> tuple[FilterValue, ...]:
    return as_tuple(items)


def _as_texts_or_none(items: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if items is None else as_tuple(items)


@frozen(repr=False)
class RowFilter(Element):
    """Workspaces see the rows of a dataset that have one of some values in a column, and no others. It is asked of each
    version of a row, by the value that this version has, whatever else the workspace sees of the column.

    Attributes:
        dataset: with its datastore, as ``Shop.customers``.
        column: of the dataset.
        values: that rows may have: numbers, True and False, texts; dates, UUIDs and decimals as texts, such as
            ``"2030-12-31"``. None is NULL, which passes only where it is listed. Without any value no row passes.
        workspaces: names of those that it is for; all of them where None.
        exempt: names of those that it is not for.

    >>> germans = RowFilter("Shop.customers", "country", ["DE"], workspaces=["Berlin"])
    >>> germans.is_for("Berlin"), germans.is_for("Paris")
    (True, False)
    """

    dataset: str = field(validator=not_empty)
    column: str = field(validator=not_empty)
    values: tuple[FilterValue, ...] = field(converter=_as_values)
    workspaces: tuple[str, ...] | None = field(
        default=None, kw_only=True, converter=_as_texts_or_none, validator=optional(all_of_type(str))
    )
    exempt: tuple[str, ...] = field(default=(), kw_only=True, converter=as_texts, validator=all_of_type(str))

    @values.validator
    def _plain(self, _attribute: "Attribute[tuple[FilterValue, ...]]", values: tuple[FilterValue, ...]) -> None:
        for value in values:
            if type(value) not in (str, int, bool, NoneType):
                raise ModelValueError(
                    f"RowFilter of {self.dataset}.{self.column}: {value!r} is no text, no whole number, and not True, "
                    "False or None",
                    hint='write dates, UUIDs and decimals as texts, as "2030-12-31"',
                )
            if isinstance(value, str):
                check_storable(self, "values", value)

    @exempt.validator
    def _one_list(self, _attribute: object, exempt: tuple[str, ...]) -> None:
        if exempt and self.workspaces is not None:
            raise ModelValueError(
                f"RowFilter of {self.dataset}.{self.column}: it names workspaces that it is for, and exempts others",
                hint="give workspaces= or exempt=: a filter is for those that it names, or for all but some",
            )

    def key(self) -> str:
        """The column, and whom it is for."""
        of = f"{self.dataset}.{self.column}"
        if self.workspaces is not None:
            return f"{of} for {','.join(sorted(self.workspaces)) or 'nobody'}"
        return f"{of} but for {','.join(sorted(self.exempt))}" if self.exempt else of

    def is_for(self, workspace: str) -> bool:
        """Whether it holds for a workspace of this name."""
        return workspace not in self.exempt and (self.workspaces is None or workspace in self.workspaces)


def _as_filters(items: Iterable[RowFilter]) -> tuple[RowFilter, ...]:
    return as_tuple(items)


@frozen(repr=False)
class RowFilterPolicy(Policy):
    """Which rows workspaces see of datasets.

    A policy above a datastore is about its datasets, whoever consumes them; one above a workspace is about whatever the
    workspace consumes. All filters of a dataset hold at once, so none shows what another one does not.

    Attributes:
        filters: the columns and their values.

    >>> own = RowFilterPolicy("OwnCountry", filters=[RowFilter("Shop.customers", "country", ["DE"], exempt=["Audit"])])
    >>> own.filters[0].key()
    'Shop.customers.country but for Audit'
    """

    filters: tuple[RowFilter, ...] = field(kw_only=True, converter=_as_filters, validator=all_of_type(RowFilter))
