"""Visit every object of a model, with its path or without."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from enum import Enum
from functools import cache
from types import NoneType
from typing import get_args, get_type_hints

from attrs import fields

from datasurface.findings import SourceLine
from datasurface.model.element import Element
from datasurface.types import DataType

_PLAIN = (str, bytes, int, float, NoneType, date, time, timedelta, Enum, DataType, SourceLine)
"""What is no element and holds none."""


def walk(root: Element, path: str = "", *, leaves: tuple[type[Element], ...] = ()) -> Iterator[tuple[str, Element]]:
    """Every element below and with ``root``, parents first, in the order of the fields; the order is the same for equal
    models.

    A path is made of field and name, as ``zones/USA/teams/team1/datastores/Store1``; an object without a name has its
    field's name alone. Objects of the classes ``leaves`` are visited, what is inside them is not.
    """
    ahead = [(path, root)]
    while ahead:
        path, element = ahead.pop()
        yield path, element
        if leaves and isinstance(element, leaves):
            continue
        inner: list[tuple[str, Element]] = []
        for name in _holding(type(element)):  # type: ignore[arg-type]  # a class is hashable
            value = getattr(element, name)
            if isinstance(value, Element):
                inner.append((_join(path, name), value))
            elif isinstance(value, tuple):
                below = _join(path, name)
                inner += [
                    (f"{below}/{item.key() or index}", item)
                    for index, item in enumerate(value)
                    if isinstance(item, Element)
                ]
        ahead += reversed(inner)


def elements(root: Element, *, leaves: tuple[type[Element], ...] = ()) -> Iterator[Element]:
    """The same elements in the same order. Without their paths a large model is visited in a third of the time."""
    ahead = [root]
    while ahead:
        element = ahead.pop()
        yield element
        if leaves and isinstance(element, leaves):
            continue
        for name in reversed(_holding(type(element))):  # type: ignore[arg-type]  # a class is hashable
            value = getattr(element, name)
            if isinstance(value, Element):
                ahead.append(value)
            elif isinstance(value, tuple):
                ahead += [item for item in reversed(value) if isinstance(item, Element)]


@cache
def _holding(cls: type[Element]) -> tuple[str, ...]:
    """The fields of a class that can hold elements, by their types: most of the many columns' fields cannot."""
    names = tuple(attribute.name for attribute in fields(cls))
    try:
        hints = get_type_hints(cls)
    except Exception:  # a plugin's class can name types that are there only for type checkers
        return names
    return tuple(name for name in names if _may_hold(hints.get(name, object)))


def _may_hold(hint: object) -> bool:
    inner = [argument for argument in get_args(hint) if argument is not ...]
    if inner:
        return any(map(_may_hold, inner))
    return not (isinstance(hint, type) and issubclass(hint, _PLAIN))


def _join(path: str, step: str) -> str:
    return f"{path}/{step}" if path else step
