"""Hypothesis strategies for a model and what became of it by a few edits."""

from collections.abc import Callable

from attrs import evolve, fields
from hypothesis import strategies as st

from datasurface.errors import ModelValueError
from datasurface.model import Ecosystem, Element, walk
from datasurface.model.rebuild import rebuilt
from tests.support.models import ecosystems


@st.composite
def edited_models(draw: st.DrawFn) -> tuple[Ecosystem, Ecosystem]:
    """A model, and the same with up to three edits anywhere in it."""
    old = draw(ecosystems)
    new = old
    for _ in range(draw(st.integers(1, 3))):
        new = draw(_edited(new))
    return old, new


@st.composite
def _edited(draw: st.DrawFn, ecosystem: Ecosystem) -> Ecosystem:
    """One element has another value in one attribute, of those that can be had from its own."""
    elements = [element for _, element in walk(ecosystem)]
    chosen = elements[draw(st.integers(0, len(elements) - 1))]  # sampled_from would look into each of them
    edits = [
        (attribute.alias, value)
        for attribute in fields(type(chosen))
        if attribute.init
        for value in _others(getattr(chosen, attribute.name))
    ]
    if not edits:
        return ecosystem
    name, value = edits[draw(st.integers(0, len(edits) - 1))]
    return _replaced(ecosystem, chosen, lambda element: evolve(element, **{name: value}))


def _others(value: object) -> list[object]:
    match value:
        case bool():
            return [not value]
        case str():
            return [f"{value}2", f"`<b>@{value}"]
        case tuple() if value and isinstance(value[0], Element):
            return [value[1:], value[::-1], (*value, value[0])]
    return []


def _replaced(ecosystem: Ecosystem, chosen: Element, change: Callable[[Element], Element]) -> Ecosystem:
    """The model with the one object changed; as it was where the change makes an impossible object."""

    def changed(element: Element) -> Element:
        return change(element) if element is chosen else element

    try:
        return rebuilt(ecosystem, changed)
    except (ModelValueError, ValueError, TypeError):
        return ecosystem
