"""Masks: what a consumer sees of a value that it may not see as it is."""

from collections.abc import Iterable
from typing import ClassVar

from attrs import field, frozen

from datasurface import types
from datasurface.classification import Classification
from datasurface.errors import ModelValueError
from datasurface.model.element import Element, all_of_type, as_tuple, of_type
from datasurface.model.place import Credential
from datasurface.model.policy import Policy
from datasurface.types import DataType

_TEXTS = (types.Char, types.VarChar, types.NVarChar, types.Text)


@frozen(repr=False)
class Mask(Element):
    """Base of the masks. NULL stays NULL under every mask.

    Attributes:
        classification: of the columns that it is for.

    >>> from datasurface.classification import PII
    >>> HashMask(PII, credential=Credential("mask-key")).fits(types.Date())
    False
    """

    _fitting: ClassVar[tuple[type[DataType], ...]] = ()

    classification: Classification = field(validator=of_type(Classification))

    def key(self) -> str:
        """Its classification and its kind."""
        return f"{self.classification.name}.{type(self).__name__}"

    def fits(self, of: DataType) -> bool:
        """Whether values of a type can be shown by it."""
        return isinstance(of, self._fitting)


@frozen(repr=False)
class NullMask(Mask):
    """NULL in place of every value; the column keeps its type. What no policy masks otherwise is masked by this.

    >>> from datasurface.classification import PII
    >>> NullMask(PII).fits(types.Json())
    True
    """

    _fitting = (DataType,)


@frozen(repr=False)
class HashMask(Mask):
    """A keyed hash in place of a text: HMAC-SHA-256 as 64 hexadecimal digits, of the column type Text.

    Equal values have equal hashes wherever the same secret is used, so that they can be counted and joined. Without the
    secret nobody can try out which value a hash is of.

    Attributes:
        credential: names the secret, its password or its token. Who changes the secret changes all hashes.

    >>> from datasurface.classification import PII
    >>> HashMask(PII, credential=Credential("mask-key")).fits(types.VarChar(100))
    True
    """

    _fitting = _TEXTS

    credential: Credential = field(kw_only=True, validator=of_type(Credential))


@frozen(repr=False)
class PartialMask(Mask):
    """The first and last characters of a text, with ``***`` for all between, of the column type Text. A text of which
    less would stay hidden than is shown is ``***`` as a whole.

    Attributes:
        first, last: how many characters are shown at the beginning and at the end.

    >>> from datasurface.classification import CONFIDENTIAL
    >>> PartialMask(CONFIDENTIAL, first=2, last=4).fits(types.VarChar(34))  # an IBAN: DE***4711
    True
    """

    _fitting = _TEXTS

    first: int = field(default=0, kw_only=True, validator=of_type(int))
    last: int = field(default=0, kw_only=True, validator=of_type(int))

    @last.validator
    def _shows_some(self, _attribute: object, value: int) -> None:
        if isinstance(value, bool) or isinstance(self.first, bool) or min(self.first, value) < 0:
            raise ModelValueError(
                f"PartialMask: first and last must be numbers of characters, not {self.first!r} and {value!r}",
                hint="as in PartialMask(CONFIDENTIAL, last=4)",
            )
        if not self.first and not value:
            raise ModelValueError("PartialMask: it shows nothing", hint="give first= or last=, or use NullMask")


@frozen(repr=False)
class YearMask(Mask):
    """The first day of the year in place of a Date or a Timestamp, in UTC where it has a time zone; the column keeps
    its type. What is before the year 1 or after 9999 is NULL.

    >>> from datasurface.classification import PII
    >>> YearMask(PII).fits(types.Date())
    True
    """

    _fitting = (types.Date, types.Timestamp)


def _as_masks(items: Iterable[Mask]) -> tuple[Mask, ...]:
    return as_tuple(items)


@frozen(repr=False)
class MaskingPolicy(Policy):
    """How columns are shown to workspaces that have no ``clearance`` for their classification: by the first of the
    ``masks`` of that classification that fits the column's type, else NULL.

    The policies above a datastore choose for its columns, whoever consumes them. Those above a workspace can only show
    it less. Of several masks the one that shows least is used: NULL, then a hash, then a part.

    Attributes:
        masks: in the order in which they are tried.

    >>> from datasurface.classification import PII
    >>> persons = MaskingPolicy("Persons", masks=[YearMask(PII), HashMask(PII, credential=Credential("mask-key"))])
    >>> [mask.key() for mask in persons.masks]
    ['PII.YearMask', 'PII.HashMask']
    """

    masks: tuple[Mask, ...] = field(kw_only=True, converter=_as_masks, validator=all_of_type(Mask))
