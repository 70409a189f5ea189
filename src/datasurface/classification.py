"""Classification of data: who may see a column unmasked, and what may appear in messages."""

from enum import Enum


class Classification(Enum):
    """How sensitive the values of a column are, from open to most protected."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
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
