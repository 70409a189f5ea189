"""What differs between two models, from the attrs fields themselves: a new field of any class takes part by itself."""

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from functools import cache

from attrs import field, fields, frozen

from datasurface.model import Ecosystem
from datasurface.model.element import Element


class ChangeKind(Enum):
    """What happened to an element."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen
class Change:
    """One difference.

    Attributes:
        path: of the element, as ``walk`` gives it: in the new model, or in the old one for what was removed.
        kind: whether the element is there on one side only, or one of its attributes differs.
        attribute: the one that differs; None for an element that was added or removed.
        old: the attribute's value before, or the element that was removed. For elements that only changed places, the
            keys of those that both models have, in their order.
        new: the attribute's value now, or the element that was added; likewise.
        before: the elements from the ecosystem down to this one as they were; without it where it was added.
        after: the same as they are now.
    """

    path: str
    kind: ChangeKind
    attribute: str | None
    old: object
    new: object
    before: tuple[Element, ...] = field(eq=False, repr=False)
    after: tuple[Element, ...] = field(eq=False, repr=False)

    @property
    def element(self) -> Element:
        """What was added or removed, or has the attribute; as it is now where it is still there."""
        return self.before[-1] if self.kind is ChangeKind.REMOVED else self.after[-1]


def diff(old: Ecosystem, new: Ecosystem) -> tuple[Change, ...]:
    """Every difference, parents before children, in the order of the fields; empty for equal models.

    Elements of a list are the same when their keys are. An element that is there on one side only is one change, what
    is inside it is not told apart. An attribute whose element is of another class now has changed as a whole.
    """
    return differences("", (old,), (new,))


def differences(path: str, before: tuple[Element, ...], after: tuple[Element, ...]) -> tuple[Change, ...]:
    """The same for one element of each model, whatever their names and places: every difference inside it. ``path`` is
    what the paths of the changes begin with, ``before`` and ``after`` are the elements down to it."""
    return tuple(_changes(path, before, after))


def _changes(path: str, before: tuple[Element, ...], after: tuple[Element, ...]) -> Iterator[Change]:
    old, new = before[-1], after[-1]
    if old == new:  # nearly all of a large model is, and equality is many times as fast as what follows
        return
    for name in _compared(type(new)):  # type: ignore[arg-type]  # a class is hashable
        was, now = getattr(old, name), getattr(new, name)
        if was is now:
            continue
        if isinstance(was, tuple) and isinstance(now, tuple) and _holds_elements(was, now):
            yield from _list_changes(path, name, before, after)
        elif isinstance(was, Element) or isinstance(now, Element):
            yield from _child_changes(path, name, before, after)
        elif was != now:
            yield Change(path, ChangeKind.CHANGED, name, was, now, before, after)


def _child_changes(path: str, name: str, before: tuple[Element, ...], after: tuple[Element, ...]) -> Iterator[Change]:
    was, now = getattr(before[-1], name), getattr(after[-1], name)
    inner = _join(path, name)
    if was is None:
        yield Change(inner, ChangeKind.ADDED, None, None, now, before, (*after, now))
    elif now is None:
        yield Change(inner, ChangeKind.REMOVED, None, was, None, (*before, was), after)
    elif type(was) is type(now):
        yield from _changes(inner, (*before, was), (*after, now))
    else:
        yield Change(path, ChangeKind.CHANGED, name, was, now, before, after)


def _list_changes(path: str, name: str, before: tuple[Element, ...], after: tuple[Element, ...]) -> Iterator[Change]:
    was, now = _by_key(getattr(before[-1], name)), _by_key(getattr(after[-1], name))
    inner = _join(path, name)
    for key, element in was.items():
        if key not in now or type(now[key]) is not type(element):
            yield Change(f"{inner}/{key}", ChangeKind.REMOVED, None, element, None, (*before, element), after)
    for key, element in now.items():
        if key in was and type(was[key]) is type(element):
            yield from _changes(f"{inner}/{key}", (*before, was[key]), (*after, element))
        else:
            yield Change(f"{inner}/{key}", ChangeKind.ADDED, None, None, element, before, (*after, element))
    order_before = tuple(key for key in was if key in now)
    order_now = tuple(key for key in now if key in was)
    if order_before != order_now:
        yield Change(path, ChangeKind.CHANGED, name, order_before, order_now, before, after)


@cache
def _compared(cls: type) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in fields(cls) if attribute.eq)


def _holds_elements(*values: tuple[object, ...]) -> bool:
    return any(value and isinstance(value[0], Element) for value in values)


def _by_key(elements: tuple[Element, ...]) -> dict[str, Element]:
    """The elements by key; those of one key, which lint refuses, by key and place among them."""
    seen: Counter[str] = Counter()
    found: dict[str, Element] = {}
    for index, element in enumerate(elements):
        key = element.key() or str(index)
        found[f"{key}#{seen[key] + 1}" if seen[key] else key] = element
        seen[key] += 1
    return found


def _join(path: str, step: str) -> str:
    return f"{path}/{step}" if path else step
