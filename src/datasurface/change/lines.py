"""A plan as lines of text: the same in a terminal, in Markdown and in a notebook, each with colours of its own."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from enum import Enum

from attrs import frozen

from datasurface.change.compatibility import Verdict
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.effects import PlatformEffects
from datasurface.change.impact import Affected
from datasurface.change.ownership import owners
from datasurface.change.plan import Judged, Outcome, Plan, Reason, Refusal, RowImpact
from datasurface.change.subject import Subject, subject_of
from datasurface.change.wording import SIGNS, counted, listed_first, printable, what

_MOST_EFFECTS = 30
"""Lines for one platform; the JSON document has them all."""
_MOST_NAMES = 3
_MOST_PATHS = 5


class Look(Enum):
    """How a line is drawn."""

    HEAD = "head"
    REFUSED = "refused"
    HINT = "hint"
    OBJECT = "object"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    NOTE = "note"


@frozen
class Line:
    """One line; ``text`` holds no line break and nothing that moves a cursor."""

    look: Look
    text: str


_LOOKS = {ChangeKind.ADDED: Look.ADDED, ChangeKind.REMOVED: Look.REMOVED, ChangeKind.CHANGED: Look.CHANGED}


def lines(plan: Plan) -> Iterator[Line]:
    """The whole plan: what it comes to, what is refused, every change by object, platforms, and who has to agree."""
    yield from head(plan)
    yield from refused(plan)
    yield from details(plan)


def as_text(plan: Plan) -> str:
    """The plan as plain text, without colours."""
    return "\n".join(line.text for line in lines(plan))


def refusal_text(refusal: Refusal) -> str:
    """A refusal in one sentence, for an error: what, where, and who would break."""
    where = listed_first((path or "the ecosystem" for path in refusal.paths), _MOST_NAMES)
    is_said = where in refusal.message or refusal.reason is Reason.TRANSITION
    whom = "".join(f"; {line.text}" for line in _who(refusal.affected, indent=0))
    return printable(f"{_label(refusal)}: {refusal.message}{'' if is_said else f' (in {where})'}{whom}")


def head(plan: Plan) -> Iterator[Line]:
    """What it comes to: one line of verdict, one of figures."""
    look = Look.REFUSED if plan.is_refused else Look.HEAD
    first = ", first check-in" if plan.is_first else ""
    yield Line(look, f"{printable(plan.ecosystem)}{first}: {plan.outcome.value}")
    if plan.outcome is not Outcome.EMPTY:
        yield Line(Look.HEAD, "; ".join(_figures(plan)))


def summary(plan: Plan) -> str:
    """What it comes to, in figures, on one line."""
    first = "first check-in: " if plan.is_first else ""
    return f"{first}{'; '.join(_figures(plan))}" if plan.outcome is not Outcome.EMPTY else Outcome.EMPTY.value


def refused(plan: Plan) -> Iterator[Line]:
    """Why it is refused, and what to do about each reason."""
    for refusal in plan.refusals:
        yield Line(Look.HEAD, "")
        yield Line(Look.REFUSED, f"{_label(refusal)}: {printable(refusal.message)}")
        for path in refusal.paths[:_MOST_PATHS]:
            yield Line(Look.NOTE, f"    in {printable(path) or 'the ecosystem'}")
        if len(refusal.paths) > _MOST_PATHS:
            yield Line(Look.NOTE, f"    and {len(refusal.paths) - _MOST_PATHS:,} more")
        yield from _who(refusal.affected, indent=4)
        yield Line(Look.HINT, f"    hint: {printable(refusal.hint)}")


def details(plan: Plan) -> Iterator[Line]:
    """Every change under the object that it is about, then what platforms do, then who has to agree."""
    above = {refusal.rule for refusal in plan.refusals}
    for subject, found in _by_subject(plan):
        yield Line(Look.HEAD, "")
        yield Line(Look.OBJECT, _title(subject, (change for change, _ in found)))
        for change, judged in found:
            words = "  ".join(filter(None, (printable(subject.inside(change.path)), what(change))))
            yield Line(_LOOKS[change.kind], f"  {SIGNS[change.kind]} {words}")
            if change is judged.changes[-1]:
                yield from _verdict(judged, above)
    for platform in plan.effects:
        yield Line(Look.HEAD, "")
        yield from _platform(platform)
    if plan.rows is not None:
        yield Line(Look.HEAD, "")
        yield from _rows(plan.rows)
    if plan.consents:
        yield Line(Look.HEAD, "")
        yield Line(Look.OBJECT, "approval needed")
        for consent in plan.consents:
            parts = listed_first((_place(subject_of(change)) for change in consent.changes), _MOST_NAMES)
            text = f"  {printable(consent.owner.shown)}  {counted(len(consent.changes), 'change')}: {parts}"
            yield Line(Look.NOTE, text)


def _figures(plan: Plan) -> Iterator[str]:
    kinds = Counter(change.kind for change in plan.changes)
    each = ", ".join(f"{kinds[kind]:,} {kind.value}" for kind in ChangeKind if kinds[kind])
    yield f"{counted(kinds.total(), 'change')} ({each})"
    verdicts = Counter(judged.judgement.verdict for judged in plan.judged)
    if verdicts[Verdict.BREAKING]:
        yield f"{verdicts[Verdict.BREAKING]:,} breaking"
    if verdicts[Verdict.NOTICE]:
        yield counted(verdicts[Verdict.NOTICE], "notice")
    touched = {(it.team, it.workspace) for judged in plan.judged for it in judged.affected}
    if touched:
        yield f"{counted(len(touched), 'workspace')} affected"
    if plan.consents:
        yield f"{counted(len(plan.consents), 'approval')} needed"


def _label(refusal: Refusal) -> str:
    return f"{refusal.reason.value} {refusal.rule}".rstrip()


def _by_subject(plan: Plan) -> Iterable[tuple[Subject, list[tuple[Change, Judged]]]]:
    """The changes of each object, objects in the order of the model."""
    found: dict[Subject, list[tuple[Change, Judged]]] = {}
    for judged in plan.judged:
        subject = subject_of(judged.changes[0])
        found.setdefault(subject, []).extend((change, judged) for change in judged.changes)
    return found.items()


def _title(subject: Subject, changes: Iterable[Change]) -> str:
    whose = listed_first((owner.shown for change in changes for owner in owners(change)), _MOST_NAMES)
    return printable(f"{subject.path or subject.name}  ({subject.kind}, {whose})")


def _place(subject: Subject) -> str:
    return printable(subject.path) or "the ecosystem"


def _verdict(judged: Judged, above: Collection[str]) -> Iterator[Line]:
    """What is said of changes, and of each difference that they hide; ``above``: the rules by which the plan is
    refused, which say it there."""
    for judgement in judged.judgement.distinct:
        said = f"      {judgement.verdict.value} {judgement.rule}"
        look = Look.REFUSED if judgement.verdict is Verdict.BREAKING else Look.NOTE
        yield Line(look, f"{said}, as above" if judgement.rule in above else f"{said}: {printable(judgement.reason)}")
    if judged.judgement.verdict is not Verdict.COMPATIBLE and judged.judgement.rule not in above:
        yield from _who(judged.affected, indent=6)


def _who(consumers: Iterable[Affected], *, indent: int) -> Iterator[Line]:
    workspaces = list(dict.fromkeys((it.team, it.workspace) for it in consumers))
    if workspaces:
        teams = len({team for team, _ in workspaces})
        names = printable(listed_first((f"{workspace} ({team})" for team, workspace in workspaces), _MOST_NAMES))
        counts = f"{counted(len(workspaces), 'workspace')} of {counted(teams, 'team')}"
        yield Line(Look.NOTE, f"{' ' * indent}affects {counts}: {names}")


def _platform(found: PlatformEffects) -> Iterator[Line]:
    yield Line(Look.OBJECT, f"on {printable(found.platform)}")
    for effect in found.effects[:_MOST_EFFECTS]:
        detail = f": {printable(effect.detail)}" if effect.detail else ""
        text = f"  {SIGNS[effect.kind]} {effect.thing.value} {printable(effect.name)}{detail}"
        yield Line(_LOOKS[effect.kind], text)
    rest = len(found.effects) - _MOST_EFFECTS
    if rest > 0:
        yield Line(Look.NOTE, f"    and {rest:,} more, which --json names")


def _rows(found: Iterable[RowImpact]) -> Iterator[Line]:
    """What becomes of stored rows."""
    found = list(found)
    yield Line(Look.OBJECT, "stored rows" if found else "stored rows: none is touched")
    for it in found:
        yield Line(Look.NOTE, printable(f"  {it.platform}: {it.what}"))
        yield Line(Look.NOTE, printable(f"      {it.note or counted(it.rows, 'row')}"))
