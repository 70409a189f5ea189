"""What a rule says of a change of the model: a verdict, why, and what to do."""

import inspect
from collections.abc import Callable, Iterable
from enum import Enum

from attrs import frozen

from datasurface.change.consumption import Models
from datasurface.change.diff import Change, ChangeKind


class Verdict(Enum):
    """What a change means for those who consume what it changes, from least to most."""

    COMPATIBLE = "compatible"
    """Nobody who consumes data has anything to do."""
    NOTICE = "notice"
    """Allowed, but consumers see it."""
    BREAKING = "breaking"
    """Refused: consumers would lose what they rely on, or the tables that stand cannot follow."""

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return list(Verdict).index(self)


@frozen
class Opinion:
    """What a rule says of one change.

    Attributes:
        reason: why, with the names of whom it touches.
        hint: what to do instead; empty where there is nothing to do.
    """

    verdict: Verdict
    reason: str
    hint: str = ""


@frozen
class Judgement:
    """The verdict on changes that belong together, as the two of a column that is renamed; mostly on one change.

    Attributes:
        rule: its code, as ``CC101``.
        reason: why, in one sentence.
        hint: what to do instead; empty where there is nothing to do.
        also: what else is to be said of the changes, and of each difference that a rename or a move hides: those have
            no change of their own. It is never graver than ``verdict``, and holds the gravest of them again.
    """

    changes: tuple[Change, ...]
    verdict: Verdict
    rule: str
    reason: str
    hint: str = ""
    also: tuple["Judgement", ...] = ()

    @property
    def distinct(self) -> tuple["Judgement", ...]:
        """This judgement and those beside it, each saying something of its own, this one first."""
        return tuple({(it.verdict, it.rule, it.reason): it for it in (*reversed(self.also), self)}.values())[::-1]


def compatible(reason: str) -> Opinion:
    """Nobody has anything to do."""
    return Opinion(Verdict.COMPATIBLE, reason)


def notice(reason: str, hint: str = "") -> Opinion:
    """Allowed, but consumers see it."""
    return Opinion(Verdict.NOTICE, reason, hint)


def breaking(reason: str, hint: str) -> Opinion:
    """Refused."""
    return Opinion(Verdict.BREAKING, reason, hint)


_MOST_REASONS = 3


def worst(opinions: Iterable[Opinion], otherwise: Opinion, *, most: int = _MOST_REASONS) -> Opinion:
    """The gravest of several opinions with the first ``most`` reasons for it; ``otherwise`` where there is none."""
    found = list(opinions) or [otherwise]
    verdict = max((opinion.verdict for opinion in found), key=lambda verdict: verdict.rank)
    reasons = {opinion.reason: opinion.hint for opinion in found if opinion.verdict is verdict}
    shown = list(reasons)[:most]
    more = f"; and {len(reasons) - len(shown)} more" if len(reasons) > len(shown) else ""
    return Opinion(verdict, "; ".join(shown) + more, next(filter(None, reasons.values()), ""))


Check = Callable[[Change, Models], Opinion | None]
"""Gives an opinion on a change, or None where it is for the next rule of its target to judge."""

Target = tuple[type, str | ChangeKind]
"""A class of the model with one of its attributes, or with ADDED or REMOVED: changes of such elements."""


@frozen
class CompatibilityRule:
    """One rule of compatibility.

    Attributes:
        code: its stable name: letters of who brings it, and a number of which the hundreds are the subject.
        title: what it judges, as a short sentence.
        targets: the changes that it judges, of subclasses too. Rules of a class are asked before those of its bases,
            and those of one class in the order of their codes.
        check: gives its opinion on one of them; None leaves it to the next rule.
    """

    code: str
    title: str
    targets: tuple[Target, ...]
    check: Check

    @property
    def documentation(self) -> str:
        """How it judges and why, in Markdown: the docstring of its function."""
        return inspect.getdoc(self.check) or ""


def rule(code: str, title: str, *targets: Target) -> Callable[[Check], CompatibilityRule]:
    """Make a function a rule; the function's docstring is the rule's documentation."""

    def as_rule(check: Check) -> CompatibilityRule:
        return CompatibilityRule(code, title, targets, check)

    return as_rule
