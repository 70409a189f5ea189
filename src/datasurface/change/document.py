"""A plan as a JSON document, for programs; its form is in ``schemas/plan.schema.json``."""

from pathlib import Path

from datasurface.change.diff import Change, ChangeKind
from datasurface.change.impact import Affected
from datasurface.change.ownership import owners
from datasurface.change.plan import Judged, Outcome, Plan
from datasurface.change.subject import subject_of
from datasurface.change.wording import value_python, what
from datasurface.git_url import without_user
from datasurface.interchange.canonical import JsonValue
from datasurface.model import GitRepository

FORMAT = 1
"""Version of the document's form; rises when a reader of the one before could go wrong."""

SCHEMA_FILE = Path(__file__).parents[1] / "schemas" / "plan.schema.json"

_OUTCOMES = {Outcome.EMPTY: "empty", Outcome.CHANGES: "changes", Outcome.REFUSED: "refused"}


def plan_document(plan: Plan) -> dict[str, JsonValue]:
    """The plan as plain JSON values. Values of the model stand in it as Python writes them."""
    return {
        "format": FORMAT,
        "ecosystem": plan.ecosystem,
        "first": plan.is_first,
        "outcome": _OUTCOMES[plan.outcome],
        "source": _repository(plan.source) if plan.source is not None else None,
        "refusals": [
            {
                "reason": it.reason.value,
                "rule": it.rule or None,
                "paths": [*it.paths],
                "message": it.message,
                "hint": it.hint,
            }
            for it in plan.refusals
        ],
        "judgements": [_judgement(judged) for judged in plan.judged],
        "platforms": {
            platform.platform: [
                {"kind": it.kind.value, "thing": it.thing.value, "name": it.name, "detail": it.detail}
                for it in platform.effects
            ]
            for platform in plan.effects
        },
        "rows": None
        if plan.rows is None
        else [{"platform": it.platform, "what": it.what, "rows": it.rows, "note": it.note} for it in plan.rows],
        "approvals": [
            {"owner": _repository(consent.owner), "paths": [*sorted({change.path for change in consent.changes})]}
            for consent in plan.consents
        ],
    }


def _judgement(judged: Judged) -> JsonValue:
    return {
        "verdict": judged.judgement.verdict.value,
        "rule": judged.judgement.rule,
        "reason": judged.judgement.reason,
        "hint": judged.judgement.hint or None,
        "changes": [_change(change) for change in judged.changes],
        "affected": [_affected(it) for it in judged.affected],
        "also": [
            {
                "verdict": it.verdict.value,
                "rule": it.rule,
                "reason": it.reason,
                "hint": it.hint or None,
                "path": it.changes[0].path,
                "what": what(it.changes[0]),
            }
            for it in judged.judgement.also
        ],
    }


def _change(change: Change) -> JsonValue:
    subject = subject_of(change)
    is_changed = change.kind is ChangeKind.CHANGED
    return {
        "path": change.path,
        "kind": change.kind.value,
        "element": type(change.element).__name__,
        "attribute": change.attribute,
        "old": value_python(change.old) if is_changed else None,
        "new": value_python(change.new) if is_changed else None,
        "what": what(change),
        "object": {"path": subject.path, "kind": subject.kind, "name": subject.name, "part": subject.part},
        "owners": [_repository(owner) for owner in owners(change)],
    }


def _affected(found: Affected) -> JsonValue:
    return {
        "team": found.team,
        "workspace": found.workspace,
        "group": found.group,
        "through": list(found.through),
        "datasets": list(found.datasets),
    }


def _repository(repository: GitRepository) -> JsonValue:
    return {"url": without_user(repository.url), "branch": repository.branch}
