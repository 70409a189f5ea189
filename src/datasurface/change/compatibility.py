"""Compatibility: what every change means for those who consume what it changes.

A change is refused where somebody who consumes a dataset would lose what they rely on, or where the tables that stand
cannot follow. It is a notice where consumers see it and can live with it, and compatible otherwise. Who relies on what
is read from the two models alone: a group consumes what it sinks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from attrs import evolve, frozen

from datasurface.change.consumption import Indexed, Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.rules import RULES
from datasurface.change.same import inside, rename_of
from datasurface.change.verdicts import (
    CompatibilityRule,
    Judgement,
    Opinion,
    Target,
    Verdict,
    breaking,
    notice,
)
from datasurface.model import Ecosystem

__all__ = ["RULES", "UNKNOWN", "Judgement", "Registry", "Verdict", "judge"]

UNKNOWN = "CC999"
"""The rule of what no rule knows: a class or attribute that a plugin brought without one. Consumers are told."""


def judge(
    changes: Sequence[Change],
    old: Ecosystem,
    new: Ecosystem,
    *,
    today: date,
    rules: Iterable[CompatibilityRule] = RULES,
) -> tuple[Judgement, ...]:
    """The verdict on every change between two models, in the order of the changes; each is in one judgement.

    Args:
        changes: of the two models, as ``diff`` gives them.
        today: the day from which deprecations are looked at.
        rules: ours, and those of plugins.
    """
    models, registry = Models(Indexed(old), Indexed(new), today), Registry.of(rules)
    return tuple(_judgement(group, models, registry) for group in _belonging(changes, models))


@frozen
class Registry:
    """The rules by what they judge."""

    by_target: Mapping[Target, tuple[CompatibilityRule, ...]]

    @classmethod
    def of(cls, rules: Iterable[CompatibilityRule]) -> "Registry":
        """The rules of each target in the order of their codes."""
        found: dict[Target, list[CompatibilityRule]] = {}
        for rule in sorted(rules, key=lambda rule: rule.code):
            for target in rule.targets:
                found.setdefault(target, []).append(rule)
        return cls({target: tuple(rules) for target, rules in found.items()})

    def rules_of(self, cls: type, what: str | ChangeKind) -> Iterator[CompatibilityRule]:
        """The rules of an attribute of a class, or of elements of it that come or go: those of the class itself first,
        then those of its bases."""
        for base in cls.__mro__:
            yield from self.by_target.get((base, what), ())

    def opinion(self, change: Change, models: Models) -> tuple[str, Opinion]:
        """The first opinion that a rule has on a change, with the rule's code."""
        for rule in self.rules_of(type(change.element), change.attribute or change.kind):
            try:
                opinion = rule.check(change, models)
            except Exception as error:  # a plugin's rule must not take the other judgements away
                reason = f"the rule '{rule.title}' failed on this change: {type(error).__name__}: {error}"
                return rule.code, breaking(reason, "tell who wrote the rule")
            if opinion is not None:
                return rule.code, opinion
        what = f"{type(change.element).__name__} {change.attribute or change.kind.value}"
        return UNKNOWN, notice(f"no rule knows what this means ({what})", "ask who wrote the plugin that brings it")


def _judgement(changes: tuple[Change, ...], models: Models, registry: Registry) -> Judgement:
    """The gravest opinion on the changes themselves and on what they hide; of those as grave, the first. The others
    stand beside it."""
    own = {_said(registry, changes, change, models): None for change in changes}
    differences = (difference for change in changes for difference in inside(change, models))
    hidden = [_said(registry, (difference,), difference, models) for difference in differences]
    gravest = max((*own, *hidden), key=lambda found: found.verdict.rank)
    return evolve(gravest, changes=changes, also=(*(it for it in own if it is not gravest), *hidden))


def _said(registry: Registry, changes: tuple[Change, ...], change: Change, models: Models) -> Judgement:
    """What is said of one of the changes that belong together."""
    code, opinion = registry.opinion(change, models)
    return Judgement(changes, opinion.verdict, code, opinion.reason, opinion.hint)


def _belonging(changes: Iterable[Change], models: Models) -> Iterable[tuple[Change, ...]]:
    """The changes, those together that are one thing: the two halves of a rename, what was removed first."""
    groups: dict[object, list[Change]] = {}
    for index, change in enumerate(changes):
        rename = rename_of(change, models)
        if rename is None:
            groups[index] = [change]
            continue
        place = (change.path.rpartition("/columns/")[0], rename[0][-1].key())
        halves = groups.setdefault(place, [])
        halves.insert(0 if change.kind is ChangeKind.REMOVED else len(halves), change)
    return map(tuple, groups.values())
