"""Our rules, by subject."""

from datasurface.lint.registry import Rule
from datasurface.lint.rules import (
    access,
    approvals,
    assignments,
    classification,
    deprecation,
    foreign_keys,
    freshness,
    keys,
    masks,
    names,
    places,
    policies,
    policies_of_place,
    policies_of_use,
    production,
    repositories,
    retention,
    row_filters,
    secrets,
    separation,
    sinks,
    transformers,
    watermarks,
)

_SUBJECTS = (
    names,
    keys,
    foreign_keys,
    watermarks,
    transformers,
    sinks,
    production,
    deprecation,
    approvals,
    assignments,
    freshness,
    retention,
    secrets,
    access,
    separation,
    classification,
    places,
    repositories,
    policies_of_place,
    policies_of_use,
    policies,
    masks,
    row_filters,
)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (member for subject in _SUBJECTS for member in vars(subject).values() if isinstance(member, Rule)),
        key=lambda rule: rule.code,
    )
)
