"""Edits of a model by paths, as ``walk`` gives them: what a user would write otherwise."""

from collections.abc import Callable, Iterable

from attrs import evolve, fields

from datasurface.errors import ModelValueError
from datasurface.model import Ecosystem, Element, walk
from datasurface.model.rebuild import rebuilt

Edit = Callable[[Ecosystem], Ecosystem]


def with_values(path: str, /, **values: object) -> Edit:
    """Other values of an element's attributes; ``source`` and all else stays."""

    def edit(model: Ecosystem) -> Ecosystem:
        return _replaced(model, path, lambda element: evolve(element, **values), *values)

    return edit


def with_more(path: str, *elements: Element) -> Edit:
    """More elements in a list; the path ends with the attribute that is the list."""
    parent, _, name = path.rpartition("/")

    def edit(model: Ecosystem) -> Ecosystem:
        return _replaced(model, parent, lambda found: evolve(found, **{name: (*getattr(found, name), *elements)}), name)

    return edit


def without(path: str) -> Edit:
    """The model without an element of a list, or without what need not be there."""

    def edit(model: Ecosystem) -> Ecosystem:
        elements = dict(walk(model))
        gone = elements[path]
        parent = path.rpartition("/")[0]
        if parent not in elements:
            parent = parent.rpartition("/")[0]
        return _replaced(model, parent, lambda found: _without(found, gone))

    return edit


def _without(parent: Element, gone: Element) -> Element:
    for attribute in fields(type(parent)):
        value = getattr(parent, attribute.name)
        if value is gone:
            return evolve(parent, **{attribute.name: None})
        if isinstance(value, tuple) and any(item is gone for item in value):
            return evolve(parent, **{attribute.name: tuple(item for item in value if item is not gone)})
    raise LookupError(f"{parent!r} has no {gone!r}")


def _replaced(model: Ecosystem, path: str, change: Callable[[Element], Element], *names: str) -> Ecosystem:
    """The model with another element at a path, which must have attributes of these names."""
    target = dict(walk(model))[path]
    if not all(hasattr(target, name) for name in names):
        raise LookupError(f"{path} is a {type(target).__name__} and has not {names}")
    return rebuilt(model, lambda element: change(element) if element is target else element)


def moved(path: str, to: str) -> Edit:
    """An element in another list."""

    def edit(model: Ecosystem) -> Ecosystem:
        return with_more(to, dict(walk(model))[path])(without(path)(model))

    return edit


def backwards(path: str, name: str) -> Edit:
    """A list in the opposite order."""

    def edit(model: Ecosystem) -> Ecosystem:
        return _replaced(model, path, lambda found: evolve(found, **{name: getattr(found, name)[::-1]}), name)

    return edit


def edited(edits: Iterable[Edit], model: Ecosystem) -> Ecosystem:
    """The model after those of the edits that it can take."""
    for edit in edits:
        try:
            model = edit(model)
        except (LookupError, ModelValueError):  # its place is gone, or it does not go together with the others
            continue
    return model
