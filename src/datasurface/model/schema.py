"""Datasets and their columns: what a producer offers."""

from collections.abc import Iterable
from enum import Enum
from types import NoneType

from attrs import Attribute, field, frozen

from datasurface.classification import Classification
from datasurface.errors import ModelValueError
from datasurface.model.element import Element, all_of_type, as_texts, as_tuple, not_empty, of_type
from datasurface.model.lifecycle import Approval, Deprecation
from datasurface.types import DataType

_IS_BOOL = of_type(bool)


@frozen(repr=False)
class Column(Element):
    """One column. A primary key column is never null.

    Attributes:
        name: exactly as the source has it, up to 63 bytes.
        type: a type of ``datasurface.types``.
        primary_key: part of the dataset's key, in the order of the columns.
        nullable: whether the value may be absent; always False for a key column.
        classification: how sensitive its values are; the dataset's where None.
        renamed_from: the name that the column had in an earlier model; its values stay.
        description: Markdown.

    >>> from datasurface.classification import PII
    >>> from datasurface.types import VarChar
    >>> Column("id", VarChar(20), primary_key=True).nullable
    False
    >>> Column("email", VarChar(100), classification=PII).nullable
    True
    """

    name: str = field(validator=not_empty)
    type: DataType = field(validator=of_type(DataType))
    primary_key: bool = field(default=False, kw_only=True, validator=of_type(bool))
    nullable: bool = field(kw_only=True)
    classification: Classification | None = field(
        default=None, kw_only=True, validator=of_type(Classification, NoneType)
    )
    renamed_from: str | None = field(default=None, kw_only=True, validator=of_type(str, NoneType))
    description: str = field(default="", kw_only=True, validator=of_type(str))

    @nullable.default
    def _nullable_unless_key(self) -> bool:
        return not self.primary_key

    @nullable.validator
    def _never_null_in_a_key(self, attribute: "Attribute[bool]", value: bool) -> None:
        _IS_BOOL(self, attribute, value)  # one validator asks both: it runs for every column, in two processes
        if value and self.primary_key:
            raise ModelValueError(
                f"Column {self.name!r}: a primary key column cannot be nullable", hint="take nullable=True away"
            )


@frozen(repr=False)
class ForeignKey(Element):
    """Columns of this dataset name a row of another one in the same datastore by its primary key.

    Attributes:
        columns: names of columns of this dataset, in the order of the other's key.
        dataset: the name of the other.

    >>> ForeignKey(["billingAddressId"], "addresses").key()
    'billingAddressId->addresses'
    """

    columns: tuple[str, ...] = field(converter=as_texts, validator=all_of_type(str))
    dataset: str = field(validator=not_empty)

    def key(self) -> str:
        """Its columns and what they refer to."""
        return f"{','.join(self.columns)}->{self.dataset}"


def _as_columns(items: Iterable["Column"]) -> "tuple[Column, ...]":
    return as_tuple(items)


def _as_foreign_keys(items: Iterable["ForeignKey"]) -> "tuple[ForeignKey, ...]":
    return as_tuple(items)


def _as_approvals(items: Iterable["Approval"]) -> "tuple[Approval, ...]":
    return as_tuple(items)


class OnAdd(Enum):
    """How rows that were merged before a column was added get their values in it.

    >>> Dataset("customers", columns=[], on_add=OnAdd.BACKFILL).on_add.value
    'backfill'
    """

    NEW_VERSION = "new_version"
    """As with any other change: a row whose value arrives gets a new version."""
    BACKFILL = "backfill"
    """The first batch that reads the column fills it in the live rows that are otherwise unchanged: they look as if
    they had always had it."""


@frozen(repr=False)
class Dataset(Element):
    """A table of a datastore.

    Attributes:
        columns: in the order that consumers see.
        foreign_keys: references to other datasets of the store; they may form a cycle.
        classification: of every column that has none of its own.
        max_delete_fraction: a batch that would delete a greater part of the live rows is refused; default 0.5 once
            there were more than 100.
        on_add: how rows that were merged before get the values of a new column.
        requires_approval: whether only the workspaces in ``approvals`` may sink it.
        approvals: given by the dataset's owner, one for a workspace.
        deprecation: given when it goes away.
        description: Markdown.

    >>> from datasurface.classification import PII, PUBLIC
    >>> from datasurface.types import Date, VarChar
    >>> customers = Dataset(
    ...     "customers",
    ...     columns=[
    ...         Column("id", VarChar(20), primary_key=True, classification=PUBLIC),
    ...         Column("dob", Date(), nullable=False),
    ...     ],
    ...     classification=PII,
    ...     max_delete_fraction=0.2,
    ... )
    >>> [column.name for column in customers.key_columns]
    ['id']
    >>> customers.classification_of(customers.columns[1]).name
    'PII'
    """

    name: str = field(validator=not_empty)
    columns: tuple[Column, ...] = field(kw_only=True, converter=_as_columns, validator=all_of_type(Column))
    foreign_keys: tuple[ForeignKey, ...] = field(
        default=(), kw_only=True, converter=_as_foreign_keys, validator=all_of_type(ForeignKey)
    )
    classification: Classification | None = field(
        default=None, kw_only=True, validator=of_type(Classification, NoneType)
    )
    max_delete_fraction: float | None = field(default=None, kw_only=True, validator=of_type(float, int, NoneType))
    on_add: OnAdd = field(default=OnAdd.NEW_VERSION, kw_only=True, validator=of_type(OnAdd))
    requires_approval: bool = field(default=False, kw_only=True, validator=of_type(bool))
    approvals: tuple[Approval, ...] = field(
        default=(), kw_only=True, converter=_as_approvals, validator=all_of_type(Approval)
    )
    deprecation: Deprecation | None = field(default=None, kw_only=True, validator=of_type(Deprecation, NoneType))
    description: str = field(default="", kw_only=True, validator=of_type(str))

    @max_delete_fraction.validator
    def _a_fraction(self, _attribute: object, value: float | None) -> None:
        if value is not None and not 0 <= value <= 1:
            raise ModelValueError(
                f"Dataset {self.name!r}: max_delete_fraction must be between 0 and 1, not {value!r}",
                hint="0.2 allows a batch to delete a fifth of the rows; 1 allows all",
            )

    @property
    def key_columns(self) -> tuple[Column, ...]:
        """The primary key, in column order."""
        return tuple(column for column in self.columns if column.primary_key)

    def classification_of(self, column: Column) -> Classification | None:
        """The column's own classification, else the dataset's."""
        return column.classification or self.classification
