"""Policies: what may be below an ecosystem, a zone or a team. Lint enforces them on everything there.

A policy allows a list and forbids a list. ``allowed=None`` (the default) is anything, ``allowed=[]`` is nothing; what
is forbidden is not allowed. All policies above an object hold for it at once, so a team can only be stricter than its
zone.
"""

from collections.abc import Iterable
from typing import TypeVar

from attrs import field, frozen
from attrs.validators import optional

from datasurface.classification import Classification
from datasurface.model.element import Element, all_of_type, as_texts, as_tuple, not_empty, of_type
from datasurface.model.lifecycle import ProductionStatus

T = TypeVar("T")


def _as_strs_or_none(items: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if items is None else as_tuple(items)


def _as_classifications(items: Iterable[Classification]) -> tuple[Classification, ...]:
    return as_tuple(items)


def _as_classifications_or_none(items: Iterable[Classification] | None) -> tuple[Classification, ...] | None:
    return None if items is None else as_tuple(items)


def _as_statuses(items: Iterable[ProductionStatus]) -> tuple[ProductionStatus, ...]:
    return as_tuple(items)


def _as_statuses_or_none(items: Iterable[ProductionStatus] | None) -> tuple[ProductionStatus, ...] | None:
    return None if items is None else as_tuple(items)


@frozen(repr=False)
class Policy(Element):
    """Base of the policies.

    >>> isinstance(VendorPolicy("OwnMachines", allowed=["acme"]), Policy)
    True
    """

    name: str = field(validator=not_empty)
    description: str = field(default="", kw_only=True, validator=of_type(str))


@frozen(repr=False)
class _NamesPolicy(Policy):
    """Base of the policies about things that have names.

    Attributes:
        allowed: names; all where None, none where empty.
        forbidden: names that are not allowed, whatever else is.
    """

    allowed: tuple[str, ...] | None = field(
        default=None, kw_only=True, converter=_as_strs_or_none, validator=optional(all_of_type(str))
    )
    forbidden: tuple[str, ...] = field(default=(), kw_only=True, converter=as_texts, validator=all_of_type(str))


@frozen(repr=False)
class StorageLocationPolicy(_NamesPolicy):
    """Where data may be: every container of a source, a workspace, a platform's merge store and a copy stands at one of
    the ``allowed`` locations or inside it, and at no ``forbidden`` one. Locations are paths, as ``aws/eu/frankfurt``.

    >>> in_europe = StorageLocationPolicy("InEurope", allowed=["aws/eu"], forbidden=["aws/eu/dublin"])
    >>> allows(in_europe.allowed, in_europe.forbidden, "aws/eu")
    True
    """


@frozen(repr=False)
class VendorPolicy(_NamesPolicy):
    """Whose machines may hold data: names of infrastructure vendors, for the same containers.

    >>> VendorPolicy("OwnMachines", allowed=["acme"]).allowed
    ('acme',)
    """


@frozen(repr=False)
class PlatformPolicy(_NamesPolicy):
    """Which data platforms may carry the datasets and serve the groups below: names of platforms.

    >>> PlatformPolicy("NoTrials", forbidden=["Trial"]).allowed is None  # any other platform
    True
    """


@frozen(repr=False)
class ClassificationPolicy(Policy):
    """Which classifications the columns may have that datastores below produce or workspaces below consume.

    Attributes:
        allowed: classifications; all where None, none where empty.
        forbidden: classifications that are not allowed, whatever else is.

    >>> from datasurface.classification import CONFIDENTIAL, PII
    >>> ClassificationPolicy("NoPersons", forbidden=[PII, CONFIDENTIAL]).forbidden[0].name
    'PII'
    """

    allowed: tuple[Classification, ...] | None = field(
        default=None,
        kw_only=True,
        converter=_as_classifications_or_none,
        validator=optional(all_of_type(Classification)),
    )
    forbidden: tuple[Classification, ...] = field(
        default=(), kw_only=True, converter=_as_classifications, validator=all_of_type(Classification)
    )


@frozen(repr=False)
class ProductionPolicy(Policy):
    """Which production statuses the datastores and workspaces below may have, and those whose data they consume.

    Attributes:
        allowed: statuses; all where None, none where empty.
        forbidden: statuses that are not allowed, whatever else is.

    >>> ProductionPolicy("NoTrials", allowed=[ProductionStatus.PRODUCTION]).allowed[0].value
    'production'
    """

    allowed: tuple[ProductionStatus, ...] | None = field(
        default=None, kw_only=True, converter=_as_statuses_or_none, validator=optional(all_of_type(ProductionStatus))
    )
    forbidden: tuple[ProductionStatus, ...] = field(
        default=(), kw_only=True, converter=_as_statuses, validator=all_of_type(ProductionStatus)
    )


def allows(allowed: tuple[T, ...] | None, forbidden: tuple[T, ...], value: T) -> bool:
    """Whether a list of what is allowed (None: anything) and one of what is forbidden let a value pass."""
    return value not in forbidden and (allowed is None or value in allowed)
