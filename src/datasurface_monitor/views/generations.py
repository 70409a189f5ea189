"""What came into force, and what each generation changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import frozen

from datasurface.interchange.canonical import JsonValue
from datasurface.runtime import GenerationChange, PastGeneration

MOST_CHANGES = 500
"""Changes of one generation that the page shows; `plan --json` has them all."""


@frozen
class ShownChange:
    """One change: ``kind`` is added, removed or changed."""

    kind: str
    what: str
    part: str


@frozen
class ShownObject:
    """What of the model changed, with what that means for consumers.

    Attributes:
        verdicts: each notice and each break, as ``notice CC101: why``.
        affected: workspaces that consume it, with their teams.
    """

    path: str
    kind: str
    changes: tuple[ShownChange, ...]
    verdicts: tuple[str, ...]
    affected: tuple[str, ...]


@frozen
class ShownEffects:
    """What a platform made, changed or removed."""

    platform: str
    effects: tuple[ShownChange, ...]


@frozen
class GenerationPage:
    """One generation. ``left_out``: changes that are not shown."""

    number: int
    is_in_force: bool
    generation: PastGeneration | None
    rollback_to: int | None
    summary: str | None
    is_first: bool
    objects: tuple[ShownObject, ...]
    platforms: tuple[ShownEffects, ...]
    left_out: int


@frozen
class GenerationsPage:
    """The newest generations, newest first. ``more``: how many to ask for to see older ones; None for none."""

    generations: Sequence[PastGeneration]
    newest_at: datetime | None
    more: int | None


def generations_page(found: Sequence[PastGeneration], asked: int) -> GenerationsPage:
    """The list. ``found``: the newest, one more than ``asked`` where there are as many."""
    shown = found[:asked]
    return GenerationsPage(shown, shown[0].applied_at if shown else None, asked * 2 if len(found) > asked else None)


def generation_page(
    number: int, in_force: int, listed: Iterable[PastGeneration], change: GenerationChange | None
) -> GenerationPage:
    """One generation by what was kept of its change. ``listed``: the newest; an older one has no more to show."""
    plan: dict[str, JsonValue] = change.plan if change is not None and isinstance(change.plan, dict) else {}
    judgements = [it for it in _list(plan.get("judgements")) if isinstance(it, dict)]
    objects = _objects(judgements)
    shown, left_out, room = [], 0, MOST_CHANGES
    for it in objects:
        if room <= 0:
            left_out += len(it.changes)
            continue
        room -= len(it.changes)
        shown.append(it)
    platforms = plan.get("platforms")
    return GenerationPage(
        number=number,
        is_in_force=number == in_force,
        generation=next((it for it in listed if it.number == number), None),
        rollback_to=change.rollback_to if change else None,
        summary=change.summary if change else None,
        is_first=bool(plan.get("first")),
        objects=tuple(shown),
        platforms=tuple(
            ShownEffects(name, tuple(_effect(it) for it in _list(effects)[:MOST_CHANGES] if isinstance(it, dict)))
            for name, effects in (platforms.items() if isinstance(platforms, dict) else ())
            if effects
        ),
        left_out=left_out,
    )


def _objects(judgements: Sequence[Mapping[str, JsonValue]]) -> list[ShownObject]:
    """The changes by the object that they are of, in the order of the plan."""
    changes: dict[tuple[str, str], list[ShownChange]] = {}
    verdicts: dict[tuple[str, str], dict[str, None]] = {}
    affected: dict[tuple[str, str], dict[str, None]] = {}
    for judgement in judgements:
        said = str(judgement["verdict"])
        for change in _list(judgement["changes"]):
            assert isinstance(change, dict)  # noqa: S101 the plan's schema
            subject = change["object"]
            assert isinstance(subject, dict)  # noqa: S101 the plan's schema
            key = str(subject["path"] or subject["name"]), str(subject["kind"])
            part = str(change["path"]).removeprefix(str(subject["path"])).lstrip("/")
            changes.setdefault(key, []).append(ShownChange(str(change["kind"]), str(change["what"]), part))
            if said != "compatible":
                verdicts.setdefault(key, {})[f"{said} {judgement['rule']}: {judgement['reason']}"] = None
                for it in _list(judgement["affected"]):
                    assert isinstance(it, dict)  # noqa: S101 the plan's schema
                    affected.setdefault(key, {})[f"{it['workspace']} ({it['team']})"] = None
    return [
        ShownObject(*key, tuple(found), tuple(verdicts.get(key, ())), tuple(affected.get(key, ())))
        for key, found in changes.items()
    ]


def _effect(effect: Mapping[str, JsonValue]) -> ShownChange:
    return ShownChange(str(effect["kind"]), f"{effect['thing']} {effect['name']}", str(effect["detail"] or ""))


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list) else []
