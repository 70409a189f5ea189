"""The plan of a change: what differs, whether consumers can live with it, what platforms will do, and who has to agree.

It is made of two models and nothing else, so that a check of a pull request needs no database and no secret.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum

from attrs import evolve, frozen

from datasurface.change.compatibility import RULES, Judgement, Verdict, judge
from datasurface.change.diff import Change, ChangeKind, diff
from datasurface.change.effects import PlatformEffects, effects
from datasurface.change.impact import Affected, affected
from datasurface.change.ownership import Unauthorised, owners, unauthorised
from datasurface.change.transitions import Forbidden, forbidden
from datasurface.change.verdicts import CompatibilityRule
from datasurface.interchange.canonical import JsonValue
from datasurface.model import Ecosystem, GitRepository


class Outcome(Enum):
    """What can be done with a plan."""

    EMPTY = "no changes"
    CHANGES = "can be applied"
    REFUSED = "refused"


class Reason(Enum):
    """Why something is refused."""

    BREAKING = "breaking"
    UNAUTHORISED = "unauthorised"
    TRANSITION = "transition"


@frozen
class Refusal:
    """Something that keeps the new model from being applied.

    Attributes:
        rule: of the compatibility table where consumers would break; else empty.
        paths: of what is refused.
        message: what is wrong, in one sentence.
        hint: what to do about it.
        affected: who would break.
    """

    reason: Reason
    rule: str
    paths: tuple[str, ...]
    message: str
    hint: str
    affected: tuple[Affected, ...] = ()


@frozen
class Judged:
    """Changes that belong together with what they mean, and who consumes what they are about."""

    judgement: Judgement
    affected: tuple[Affected, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes."""
        return self.judgement.changes


@frozen
class RowImpact:
    """How many stored rows of a platform a change touches, as its database says.

    Attributes:
        what: the step that the platform takes, as ``added column people.nick``.
        rows: at most so many.
        note: what becomes of them.
    """

    platform: str
    what: str
    rows: int
    note: str


@frozen
class Consent:
    """The changes that the owner of a repository has to agree to."""

    owner: GitRepository
    changes: tuple[Change, ...]


@frozen
class Plan:
    """What comes with a new model.

    Attributes:
        ecosystem: its name.
        is_first: whether nothing was there before.
        source: the repository that the change comes from, where that is known.
        judged: every change once, with what it means for consumers, and for whom.
        effects: what platforms will do.
        consents: the owners of what changes; without the source of the change, which agrees by making it.
        refusals: breaking changes first, then those that the source may not make, then forbidden transitions.
        rows: the stored rows that are touched; None where no database was asked.
    """

    ecosystem: str
    is_first: bool
    source: GitRepository | None
    judged: tuple[Judged, ...]
    effects: tuple[PlatformEffects, ...]
    consents: tuple[Consent, ...]
    refusals: tuple[Refusal, ...]
    rows: tuple[RowImpact, ...] | None = None

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, judgement by judgement."""
        return tuple(change for judged in self.judged for change in judged.changes)

    @property
    def is_empty(self) -> bool:
        """Whether the two models are equal."""
        return not self.judged

    @property
    def is_refused(self) -> bool:
        """Whether the new model may not be applied."""
        return bool(self.refusals)

    @property
    def outcome(self) -> Outcome:
        """What can be done with it."""
        if self.is_refused:
            return Outcome.REFUSED
        return Outcome.EMPTY if self.is_empty else Outcome.CHANGES

    def document(self) -> dict[str, JsonValue]:
        """The plan as plain JSON values, in the form of ``schemas/plan.schema.json``."""
        from datasurface.change.document import plan_document

        return plan_document(self)

    def _repr_html_(self) -> str:
        from datasurface.change.html import as_html

        return as_html(self)

    def without_breaking(self) -> "Plan":
        """The plan for somebody who lets consumers break."""
        return evolve(self, refusals=tuple(it for it in self.refusals if it.reason is not Reason.BREAKING))


def plan(
    old: Ecosystem | None,
    new: Ecosystem,
    *,
    today: date,
    change_source: GitRepository | None = None,
    rules: Iterable[CompatibilityRule] = RULES,
) -> Plan:
    """The plan of going from one model to another.

    Args:
        old: what is in force, or the branch that the change goes to; None for a first check-in.
        new: a model that lint has passed.
        today: deprecations that ran out before this day allow removals.
        change_source: the repository and branch that the change comes from; None where nobody is held to what they own.
        rules: of compatibility, ours and those of plugins.
    """
    base = old if old is not None else _nothing_of(new)
    changes = diff(base, new)
    judged = tuple(_judged(judge(changes, base, new, today=today, rules=rules), changes, base, new))
    return Plan(
        ecosystem=new.name,
        is_first=old is None,
        source=change_source,
        judged=judged,
        effects=effects(old, new),
        consents=tuple(_consents(changes, change_source)),
        refusals=(
            *_breaking(judged),
            *_unauthorised(changes, change_source),
            *_forbidden(forbidden(changes) if old is not None else ()),
        ),
    )


def _nothing_of(new: Ecosystem) -> Ecosystem:
    """The ecosystem before its first check-in: its name and whose it is."""
    return Ecosystem(new.name, repository=new.repository, platforms=[], zones=[])


def _judged(
    judgements: Iterable[Judgement], changes: tuple[Change, ...], old: Ecosystem, new: Ecosystem
) -> Iterator[Judged]:
    consumers = {_key(change): found for change, found in zip(changes, affected(changes, old, new), strict=True)}
    for judgement in judgements:
        everybody = dict.fromkeys(it for change in judgement.changes for it in consumers[_key(change)])
        yield Judged(judgement, tuple(everybody))


def _key(change: Change) -> tuple[str, ChangeKind, str | None]:
    return change.path, change.kind, change.attribute


def _breaking(found: Iterable[Judged]) -> Iterator[Refusal]:
    for judged in found:
        for it in judged.judgement.distinct:
            if it.verdict is Verdict.BREAKING:
                paths = tuple(change.path for change in judged.changes)
                yield Refusal(Reason.BREAKING, it.rule, paths, it.reason, it.hint, judged.affected)


def _unauthorised(changes: Iterable[Change], source: GitRepository | None) -> Iterator[Refusal]:
    """One refusal for each owner and each thing to do, however many changes."""
    if source is None:
        return
    together: dict[tuple[str, str], list[Unauthorised]] = {}
    for it in unauthorised(changes, source):
        together.setdefault((it.owner.shown, it.hint), []).append(it)
    for (owner, hint), theirs in together.items():
        message = f"{source.shown} asks for {len(theirs):,} changes of what {owner} owns"
        message = theirs[0].message if len(theirs) == 1 else message
        yield Refusal(Reason.UNAUTHORISED, "", tuple(it.change.path for it in theirs), message, hint)


def _forbidden(found: Iterable[Forbidden]) -> Iterator[Refusal]:
    for it in found:
        yield Refusal(Reason.TRANSITION, "", (it.change.path,), it.message, it.hint)


def _consents(changes: Iterable[Change], source: GitRepository | None) -> Iterator[Consent]:
    found: dict[tuple[str, str], tuple[GitRepository, list[Change]]] = {}
    for change in changes:
        for owner in owners(change):
            found.setdefault(owner.identity, (owner, []))[1].append(change)
    for owner, theirs in found.values():
        if source is None or not owner.is_same(source):
            yield Consent(owner, tuple(theirs))
