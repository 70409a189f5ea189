"""Every small change of a model: another value for each attribute, by the kind of value, whatever the class."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from enum import Enum
from typing import TypeVar

from attrs import Attribute, evolve, fields, frozen

from datasurface import types
from datasurface.errors import ModelValueError
from datasurface.model import Ecosystem, Element, walk
from datasurface.types import DataType

E = TypeVar("E", bound=Element)
Rebuild = Callable[[Element], Ecosystem]


@frozen
class Mutation:
    """One change.

    Attributes:
        above: the elements from the ecosystem down to the one whose attribute it is.
        what: what it becomes, in words.
        make: gives the model with it.
        removed: the element that goes with it.
    """

    above: tuple[Element, ...]
    attribute: str
    what: str
    make: Callable[[], Ecosystem]
    removed: Element | None = None

    def __str__(self) -> str:
        names = [type(element).__name__ for element in self.above]
        return f"{'/'.join(names)}.{self.attribute}: {self.what}"


def attributes_of(cls: type[Element]) -> "list[Attribute[object]]":
    """The attributes that an element is made of."""
    return [attribute for attribute in fields(cls) if attribute.init]


def places(model: Ecosystem) -> Iterator[tuple[tuple[Element, ...], Rebuild]]:
    """Every element with those above it, and what puts another in its place."""
    yield from _places_below((model,), _itself)


def mutations(model: Ecosystem) -> Iterator[Mutation]:
    """Every attribute of every element with each other value that the element can have; each list with an element
    more, with each of its elements less, and turned round."""
    pool = _pool(model)
    for chain, rebuild in places(model):
        for attribute in attributes_of(type(chain[-1])):
            for what, new, removed in _others(getattr(chain[-1], attribute.name), pool):
                if _can_be(chain[-1], attribute.name, new):
                    make = _later(rebuild, chain[-1], attribute.name, new)
                    yield Mutation(chain, attribute.name, what, make, removed)


def _pool(model: Ecosystem) -> list[object]:
    """Values for what is empty: an element of each class in the model, a word of each enumeration, plain values."""
    elements = {type(element): _without_lists(element) for _, element in walk(model)}.values()
    values = [getattr(element, it.name) for _, element in walk(model) for it in attributes_of(type(element))]
    flat = [item for value in values for item in (value if isinstance(value, tuple) else (value,))]
    words = {type(item): item for item in flat if isinstance(item, Enum)}.values()
    return [*elements, *words, "x", 7, 0.5, timedelta(days=1), date(2030, 1, 1), ("a", "b")]


def _without_lists(element: Element) -> Element:
    lists = [it.name for it in attributes_of(type(element)) if isinstance(getattr(element, it.name), tuple)]
    return evolve(element, **dict.fromkeys(lists, ()))


def _itself(element: Element) -> Ecosystem:
    assert isinstance(element, Ecosystem)
    return element


def _places_below(chain: tuple[Element, ...], rebuild: Rebuild) -> Iterator[tuple[tuple[Element, ...], Rebuild]]:
    yield chain, rebuild
    for attribute in attributes_of(type(chain[-1])):
        value = getattr(chain[-1], attribute.name)
        for place, item in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(item, Element):
                yield from _places_below((*chain, item), _put(rebuild, chain[-1], attribute.name, value, place))


def _put(rebuild: Rebuild, above: Element, attribute: str, value: object, place: int) -> Rebuild:
    """What puts an element into an attribute, or into a place of its tuple."""

    def put(item: Element) -> Ecosystem:
        new = (*value[:place], item, *value[place + 1 :]) if isinstance(value, tuple) else item
        return rebuild(evolve(above, **{attribute: new}))

    return put


def _later(rebuild: Rebuild, element: Element, attribute: str, new: object) -> Callable[[], Ecosystem]:
    return lambda: rebuild(evolve(element, **{attribute: new}))


def _can_be(element: Element, attribute: str, new: object) -> bool:
    """Whether the class takes the value; and it is another one."""
    try:
        return evolve(element, **{attribute: new}) != element
    except (ModelValueError, TypeError, ValueError):
        return False


def _others(value: object, pool: list[object]) -> Iterator[tuple[str, object, Element | None]]:
    """Other values in words, with the element that goes."""
    if isinstance(value, Element):
        yield "another", fresh(value), None
        yield "None", None, value
        yield from ((f"a {type(it).__name__}", it, None) for it in pool if type(it) is not type(value))
    elif isinstance(value, tuple):
        yield from _other_tuples(value, pool)
    else:
        for new in (*_other_values(value), None, *(pool if value is None else ())):
            yield f"a {type(new).__name__}" if isinstance(new, Element) else repr(new), new, None
        if value is None:
            yield from ((f"[{item!r}]", (item,), None) for item in pool if not isinstance(item, Element))


def _other_tuples(value: tuple[object, ...], pool: list[object]) -> Iterator[tuple[str, object, Element | None]]:
    for place, item in enumerate(value):
        yield f"without {place}", (*value[:place], *value[place + 1 :]), item if isinstance(item, Element) else None
    yield "turned round", value[::-1], None
    news: Iterable[object] = pool if not value or isinstance(value[0], Element) else _fresh_values(value[0])
    for new in news:
        item = fresh(new) if isinstance(new, Element) else new
        yield f"with a {type(item).__name__} more", (*value, item), None


def fresh(element: E) -> E:
    """Another element of the class that can stand beside it; itself where all of the class are equal."""
    for attribute in attributes_of(type(element)):
        for new in _other_values(getattr(element, attribute.name)):
            if _can_be(element, attribute.name, new):
                other = evolve(element, **{attribute.name: new})
                if other.key() is None or other.key() != element.key():
                    return other
    return element


def _fresh_values(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        yield tuple(next(iter(_other_values(item))) for item in value)
    else:
        yield from _other_values(value)


def _other_values(value: object) -> Iterator[object]:
    match value:
        case bool():
            yield not value
        case int() | float():
            yield from (value + 1, value / 2)
        case str():
            yield f"{value}X"
            if value[:1].isdigit():  # as a quantity, which another unit would end
                yield f"1{value}"
        case Enum():
            yield from (member for member in type(value) if member is not value)
        case timedelta():
            yield value + timedelta(seconds=1)
        case date():
            yield value + timedelta(days=1)
        case DataType():
            yield from (other for other in (types.Boolean(), types.Text()) if other != value)
        case tuple():
            yield from ((*value, more) for item in value[:1] for more in _fresh_values(item))
