"""Whether this run is a long one, with more examples: ``DATASURFACE_LONG=1``."""

import os
from typing import TypeVar

T = TypeVar("T")

IS_LONG = os.environ.get("DATASURFACE_LONG") == "1"


def long_or(in_long_runs: T, otherwise: T) -> T:
    """The one or the other."""
    return in_long_runs if IS_LONG else otherwise
