"""Classification of data: who may see a column unmasked, and what may appear in messages."""

from enum import Enum


class Classification(Enum):
    """How sensitive the values of a column are, from open to most protected.

    >>> PUBLIC.is_open, PII.is_open
    (True, False)
    >>> [level.name for level in Classification]
    ['PUBLIC', 'INTERNAL', 'CONFIDENTIAL', 'PII']
    """

    PUBLIC = "public"
    """Everybody may see it; it may stand in messages and logs."""
    INTERNAL = "internal"
    """Everybody in the company may see it."""
    CONFIDENTIAL = "confidential"
    """Few may see it."""
    PII = "pii"
    """Personally identifiable information."""

    @property
    def is_open(self) -> bool:
        """True when values may appear in messages and logs."""
        return self is Classification.PUBLIC


PUBLIC = Classification.PUBLIC
INTERNAL = Classification.INTERNAL
CONFIDENTIAL = Classification.CONFIDENTIAL
PII = Classification.PII
