"""Our rules of compatibility, by subject."""

from datasurface.change.rules import (
    assignments,
    columns,
    datasets,
    governance,
    masks,
    places,
    platforms,
    row_filters,
    stores,
    transformers,
    words,
    workspaces,
)
from datasurface.change.verdicts import CompatibilityRule

_SUBJECTS = (
    columns,
    datasets,
    stores,
    places,
    workspaces,
    platforms,
    assignments,
    governance,
    masks,
    row_filters,
    transformers,
    words,
)

RULES: tuple[CompatibilityRule, ...] = tuple(
    sorted(
        (member for subject in _SUBJECTS for member in vars(subject).values() if isinstance(member, CompatibilityRule)),
        key=lambda rule: rule.code,
    )
)
