"""Our rules, by subject."""

from datasurface.lint.registry import Rule
from datasurface.lint.rules import (
    assignments,
    classification,
    foreign_keys,
    freshness,
    keys,
    names,
    places,
    secrets,
    sinks,
    watermarks,
)

_SUBJECTS = (names, keys, foreign_keys, watermarks, sinks, assignments, freshness, secrets, classification, places)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (member for subject in _SUBJECTS for member in vars(subject).values() if isinstance(member, Rule)),
        key=lambda rule: rule.code,
    )
)
