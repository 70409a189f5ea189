"""Ownership: which repositories have to agree to a change, and which changes a repository may not make.

An object belongs to the nearest owner above it: its team, its zone, or the ecosystem. What counts is who that was
before the change, so that nobody can take a thing over and change it at once.

- An attribute belongs to the owner of its object. Whose a team, a zone or the ecosystem is, its ``repository``, is said
  one level up: a team is handed over by its zone, a zone by the ecosystem, the ecosystem by itself.
- What is added belongs to the owner of what it is added to.
- What is removed belongs to the owner of what it is removed from, and to every owner inside that still has something
  there: a zone cannot remove what its team has made, but the team that is left. One that only has another name now is
  not removed.
- A first check-in adds everything to an ecosystem that has nothing, so it is the ecosystem's.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeGuard

from attrs import field, fields, frozen

from datasurface.change.diff import Change, ChangeKind
from datasurface.errors import ModelValueError, UsageError
from datasurface.git_url import split_branch
from datasurface.model import Ecosystem, Element, GitRepository, GovernanceZone, Team, walk

Owner = Ecosystem | GovernanceZone | Team

_OWNERSHIP = "repository"
"""The attribute of an owner that says who it is."""

_FORM = "write REPOSITORY@BRANCH, as in acme/model@main or git@github.com:acme/model.git@main"


@frozen
class Unauthorised:
    """A change that needs the consent of somebody who did not ask for it.

    Attributes:
        owner: whose consent is missing.
        message: what was changed, whose it is and who asked, in one line.
        hint: what to do.
    """

    change: Change
    owner: GitRepository
    message: str
    hint: str


def owners(change: Change) -> tuple[GitRepository, ...]:
    """The repositories that have to agree to a change: mostly one, the nearest owner first."""
    if change.kind is not ChangeKind.REMOVED:
        return (_owner_above(_without_own_repository(change)).repository,)
    *parents, removed = change.before
    found: dict[tuple[str, str], GitRepository] = {}
    for owner in (_owner_above(parents), *(() if _is_renamed(change) else _at_home_in(removed))):
        found.setdefault(owner.repository.identity, owner.repository)
    return tuple(found.values())


def unauthorised(changes: Iterable[Change], source: GitRepository) -> tuple[Unauthorised, ...]:
    """What of these changes ``source`` may not make, in their order, once for each owner whose consent is missing."""
    return tuple(
        Unauthorised(change, owner, f"{_what(change)}: {owner.shown} owns this, and {source.shown} asks for it", hint)
        for change in changes
        for owner, hint in _missing(change, source)
    )


def change_source(text: str) -> GitRepository:
    """The repository and branch of ``REPOSITORY@BRANCH``; UsageError where the text has another form."""
    url, branch = split_branch(text)
    if not branch:
        raise UsageError("the source of a change names no branch", hint=_FORM)
    try:
        return GitRepository(url, branch=branch)
    except ModelValueError as error:
        raise UsageError("the source of a change names no repository", hint=_FORM) from error


def _without_own_repository(change: Change) -> tuple[Element, ...]:
    """The elements above and with what changes; those above the owner where it is the owner that changes."""
    chain = change.before
    for depth, element in enumerate(chain):
        if not _is_owner(element):
            continue
        below = chain[depth + 1] if depth + 1 < len(chain) else None
        names_owner = below is element.repository if below is not None else change.attribute == _OWNERSHIP
        if names_owner and depth:
            return chain[:depth]
    return chain


def _owner_above(chain: Iterable[Element]) -> Owner:
    return [element for element in chain if _is_owner(element)][-1]


def _is_renamed(change: Change) -> bool:
    """Whether the place of a removed owner now has a new one that is the same but for its name."""
    removed, parent, parent_now = change.before[-1], change.before[-2], change.after[-1]
    if not (_is_owner(removed) and _is_owner(parent) and _is_owner(parent_now)):
        return False
    return _without_name(removed) in _new_owners(_Place(parent, parent_now))


@frozen
class _Place:
    """What stood in an owner and what stands there: one place is known by the two objects, not by what is in them."""

    before: Owner = field(eq=id)
    after: Owner = field(eq=id)


@lru_cache(maxsize=4)  # the removals of one place follow each other
def _new_owners(place: _Place) -> frozenset[tuple[object, ...]]:
    """The owners that a place got, without their names."""
    had = {it.key() for it in _children(place.before)}
    return frozenset(_without_name(it) for it in _children(place.after) if _is_owner(it) and it.key() not in had)


def _without_name(owner: Owner) -> tuple[object, ...]:
    """Everything that makes two owners equal, but for the name."""
    kept = (attribute.name for attribute in fields(type(owner)) if attribute.eq and attribute.name != "name")
    return type(owner), *(getattr(owner, name) for name in kept)


def _at_home_in(removed: Element) -> Iterator[Owner]:
    """The owners in what is removed that have something there."""
    for _, element in walk(removed):
        if _is_owner(element) and any(_children(element)):
            yield element


def _children(owner: Owner) -> Iterator[Element]:
    for attribute in fields(type(owner)):
        value = getattr(owner, attribute.name)
        if attribute.name != _OWNERSHIP:
            yield from (item for item in (value if isinstance(value, tuple) else [value]) if isinstance(item, Element))


def _is_owner(element: Element) -> TypeGuard[Owner]:
    return isinstance(element, Owner)


def _missing(change: Change, source: GitRepository) -> Iterator[tuple[GitRepository, str]]:
    """The owners who did not ask for a change, and what to do about each."""
    nearest, *inside = owners(change)
    if not nearest.is_same(source):
        yield nearest, f"make it in a pull request from {nearest.shown}"
    for owner in inside:
        if not owner.is_same(source):
            yield owner, f"let {owner.shown} take away what it has there first, or hand it to another owner"


def _what(change: Change) -> str:
    """The place and the attribute, as ``changed zones/USA/teams/team1: description``."""
    place = change.path or f"ecosystem {change.element.key()}"
    return f"{change.kind.value} {place}" + (f": {change.attribute}" if change.attribute else "")
