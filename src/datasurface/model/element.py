"""What all model objects share: a frozen value that remembers the user's line it was written on."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import NoneType
from typing import TypeVar

from attrs import Attribute, field, frozen

from datasurface.errors import ModelValueError
from datasurface.findings import SourceLine
from datasurface.model.users_line import users_line
from datasurface.python_text import as_python

T = TypeVar("T")

_given: ContextVar[tuple[SourceLine | None] | None] = ContextVar("_given", default=None)


@contextmanager
def standing_at(source: SourceLine | None) -> Iterator[None]:
    """Give all objects that are built inside one line, as those of a document that is read by one line of code."""
    token = _given.set((source,))
    try:
        yield
    finally:
        _given.reset(token)


@frozen(repr=False)
class Element:
    """Base of every object in a model. ``source`` takes no part in equality, hash, repr or JSON.

    Subclasses are made with ``@frozen(repr=False)``: the repr is the Python that builds the object again.

    >>> from datasurface import GitRepository
    >>> GitRepository("acme/model") == GitRepository("acme/model")
    True
    >>> eval(repr(GitRepository("acme/model", branch="next"))).branch
    'next'
    """

    _source: SourceLine | None = field(init=False, default=None, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        given = _given.get()
        object.__setattr__(self, "_source", users_line(2) if given is None else given[0])

    def __repr__(self) -> str:
        return as_python(self)

    def _repr_html_(self) -> str | None:
        """What notebooks show; None for the repr."""
        from datasurface.model.showing import html_of  # knows all classes, which are made of this one

        return html_of(self)

    def key(self) -> str | None:
        """What tells this object from the others in its field; None where only its place does."""
        name = getattr(self, "name", None)
        return name if isinstance(name, str) else None

    @property
    def source(self) -> SourceLine | None:
        """The user's file and line that built this object."""
        return self._source

    def with_source(self, source: SourceLine | None) -> None:
        """Restore the line after the object came back from JSON; only the loader does this."""
        object.__setattr__(self, "_source", source)


def not_empty(instance: object, attribute: "Attribute[str]", value: object) -> None:
    """Validator: a non-empty string."""
    if not isinstance(value, str) or not value:
        raise ModelValueError(
            f"{type(instance).__name__}: {attribute.name} must be a non-empty string, not {value!r}",
            hint=f"give {type(instance).__name__} a {attribute.name}",
        )
    if not value.isascii() or "\0" in value:
        check_storable(instance, attribute.name, value)


def of_type(*classes: type) -> Callable[[object, "Attribute[T]", T], None]:
    """Validator: an instance of one of the classes, with an error that names object, attribute and value."""
    expected = " or ".join("None" if cls is NoneType else cls.__name__ for cls in classes)
    kinds = classes if len(classes) > 1 else classes[0]
    takes_text = str in classes

    def check(instance: object, attribute: "Attribute[T]", value: T) -> None:
        if not isinstance(value, kinds):
            raise ModelValueError(
                f"{_label(instance)}: {attribute.name} must be {expected}, not {value!r}",
                hint=f"pass {expected} as {attribute.name}=",
            )
        if takes_text and isinstance(value, str) and (not value.isascii() or "\0" in value):
            check_storable(instance, attribute.name, value)

    return check


def check_storable(instance: object, attribute: str, text: str) -> None:
    """Refuse what no database and no JSON file can hold: the character NUL and halves of surrogate pairs."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ModelValueError(
            f"{_label(instance)}: {attribute} {text!r} holds a character that no database can store",
            hint="take NUL and lone surrogates out of it",
        )


def all_of_type(cls: type) -> Callable[[object, "Attribute[tuple[T, ...]]", tuple[T, ...]], None]:
    """Validator: a tuple whose items are all instances of the class."""
    takes_text = issubclass(cls, str)

    def check(instance: object, attribute: "Attribute[tuple[T, ...]]", value: tuple[T, ...]) -> None:
        for item in value:
            if not isinstance(item, cls):
                raise ModelValueError(
                    f"{_label(instance)}: {attribute.name} takes {cls.__name__} objects, not {item!r}",
                    hint=f"put {cls.__name__}(...) into {attribute.name}=",
                )
        if takes_text:
            for item in value:
                check_storable(instance, attribute.name, str(item))

    return check


def as_tuple(items: Iterable[T]) -> tuple[T, ...]:
    """Converter: lists in, tuples kept; a single object or a string is refused instead of being taken apart."""
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise ModelValueError(f"a list is needed, not {items!r}", hint="put the value into [ ]")
    return tuple(items)


def as_texts(items: Iterable[str]) -> tuple[str, ...]:
    """The same for a list of texts. A converter has its own type, so that wrong lists are seen by type checkers."""
    return as_tuple(items)


def _label(instance: object) -> str:
    name = getattr(instance, "name", None)
    return f"{type(instance).__name__} {name!r}" if isinstance(name, str) else type(instance).__name__
