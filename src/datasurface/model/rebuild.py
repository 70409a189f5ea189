"""Copies of model objects with something changed, which keep the user's lines."""

from collections.abc import Callable
from typing import TypeVar

from attrs import evolve, fields

from datasurface.model.element import Element

E = TypeVar("E", bound=Element)


def evolved(element: E, **changes: object) -> E:
    """A copy with other values of some attributes, on the line of the original."""
    copy = evolve(element, **changes)
    copy.with_source(element.source)
    return copy


def rebuilt(element: E, change: Callable[[Element], Element], *, leaves: tuple[type[Element], ...] = ()) -> E:
    """A copy in which ``change`` was applied to every element, children first; what stays equal stays the same object.

    ``change`` returns an element of the class that it was given. Objects of the classes ``leaves`` are left alone.
    """
    if isinstance(element, leaves):
        return element

    def rebuilt_value(value: object) -> object:
        if isinstance(value, Element):
            return rebuilt(value, change, leaves=leaves)
        if isinstance(value, tuple):
            items = tuple(rebuilt_value(item) for item in value)
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    changes = {}
    for attribute in fields(type(element)):
        if attribute.init:
            value = getattr(element, attribute.name)
            new = rebuilt_value(value)
            if new is not value:
                changes[attribute.alias] = new
    copy = change(evolved(element, **changes) if changes else element)
    if not isinstance(copy, type(element)):
        raise TypeError(f"{type(element).__name__} was replaced by {type(copy).__name__}")
    return copy
