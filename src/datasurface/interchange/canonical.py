"""Canonical JSON: any value of the model or of a deployment to JSON and back, the same text for equal values.

Classes that stand in for a base class (types, containers, captures, platforms) carry their class name under ``type``;
which classes a name may mean is given by the caller, so that a document can never name code of its own choice.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import TypeVar, cast

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from datasurface import types
from datasurface.classification import Classification
from datasurface.errors import DataSurfaceError
from datasurface.model import (
    Capture,
    ClassificationPolicy,
    Container,
    DataPlatform,
    FilterValue,
    HashMask,
    Mask,
    MaskingPolicy,
    MySqlDatabase,
    NullMask,
    PartialMask,
    PlatformManaged,
    PlatformPolicy,
    Policy,
    PostgresDatabase,
    ProductionPolicy,
    RowFilterPolicy,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    StorageLocationPolicy,
    TransformerOutput,
    VendorPolicy,
    YearMask,
)
from datasurface.model.element import standing_at
from datasurface.model.users_line import users_line
from datasurface.types import DataType

T = TypeVar("T")
JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]

_DATA_TYPES = [
    cls for cls in vars(types).values() if isinstance(cls, type) and issubclass(cls, DataType) and cls is not DataType
]


CONTAINERS = (PostgresDatabase, MySqlDatabase, SqliteDatabase)
"""The classes of containers that need no plugin."""

_MASKS = [HashMask, NullMask, PartialMask, YearMask]
_POLICIES = [
    *(ClassificationPolicy, MaskingPolicy, PlatformPolicy, ProductionPolicy),
    *(RowFilterPolicy, StorageLocationPolicy, VendorPolicy),
]


_Pairs = tuple[tuple[str, str], ...]
_Read = Callable[[object, object], object]


class NotCanonical(DataSurfaceError):
    """A JSON document does not describe a value of the asked class."""


class Canonical:
    """Converter between values and canonical JSON.

    Args:
        platforms: the classes that a platform may have, from the plugins; more containers and captures likewise.
        omit_defaults: leave out of documents what is as its class has it by default; the same values come back.
    """

    def __init__(
        self,
        platforms: Iterable[type[DataPlatform]] = (),
        containers: Iterable[type[Container]] = (),
        captures: Iterable[type[Capture]] = (),
        *,
        omit_defaults: bool = False,
    ) -> None:
        self._omit_defaults = omit_defaults
        self._converter = Converter(forbid_extra_keys=True, detailed_validation=False, omit_if_default=omit_defaults)
        self._converter.register_unstructure_hook(timedelta, _span)
        self._converter.register_structure_hook(timedelta, _to_span)
        self._converter.register_unstructure_hook(datetime, datetime.isoformat)
        self._converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
        self._converter.register_unstructure_hook(date, date.isoformat)
        self._converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
        # Most columns have one of these: cattrs would ask three functions for it.
        self._alternatives(Classification | None, _classification, _to_classification)
        self._alternatives(timedelta | int, _span_or_number, _to_span_or_number)
        self._alternatives(str | _Pairs, _name_or_pairs, _to_name_or_pairs)
        self._alternatives(FilterValue, lambda value: value, _to_filter_value)
        self._family(DataType, _DATA_TYPES, read=_each_once)
        self._family(Container, [*CONTAINERS, *containers])
        self._family(Capture, [SqlSnapshot, SqlWatermark, TransformerOutput, *captures])
        self._family(DataPlatform, platforms)
        self._family(Mask, _MASKS)
        self._family(Policy, _POLICIES)
        self._family(PlatformManaged | PostgresDatabase, [PlatformManaged, PostgresDatabase])

    def _family(self, base: object, members: Iterable[type], read: Callable[[_Read], _Read] = lambda own: own) -> None:
        """Make values that are declared as ``base`` carry, and be chosen by, their class name.

        ``read`` may change how a document is read.
        """
        by_name = {member.__name__: member for member in members}

        # cattrs writes and compiles a function for a class: once each, on first use, when all families are known
        @cache
        def reader(name: str) -> Callable[[Mapping[str, JsonValue], object], object]:
            return self._reader(by_name[name])

        @cache
        def writer(name: str) -> Callable[[object], dict[str, JsonValue]]:
            return self._writer(by_name[name])

        def structure(document: object, _: object) -> object:
            content = dict(document) if isinstance(document, dict) else {}
            name = content.pop("type", None)
            if not isinstance(name, str) or name not in by_name:
                raise NotCanonical(
                    f"{name!r} is none of {', '.join(sorted(by_name)) or 'the known classes'}",
                    hint="install the plugin that brings it, in the version that wrote the document",
                )
            return reader(name)(content, by_name[name])

        def unstructure(value: object) -> dict[str, JsonValue]:
            name = type(value).__name__
            if by_name.get(name) is not type(value):
                raise NotCanonical(
                    f"{type(value)!r} is no class that a plugin registered", hint="register it by its hook"
                )
            return {"type": name, **writer(name)(value)}

        self._converter.register_structure_hook_func(lambda cls: cls == base, read(structure))
        self._converter.register_unstructure_hook_func(lambda cls: cls == base, unstructure)

    def _reader(self, cls: type) -> Callable[[Mapping[str, JsonValue], object], object]:
        return make_dict_structure_fn(cls, self._converter, _cattrs_forbid_extra_keys=True)

    def _writer(self, cls: type) -> Callable[[object], dict[str, JsonValue]]:
        return make_dict_unstructure_fn(cls, self._converter, _cattrs_omit_if_default=self._omit_defaults)

    def _alternatives(
        self, union: object, write: Callable[[object], object], read: Callable[[object, object], object]
    ) -> None:
        """How a field of two kinds of plain value is written, so that each kind is known again."""
        self._converter.register_structure_hook_func(lambda cls: cls == union, read)
        self._converter.register_unstructure_hook_func(lambda cls: cls == union, write)

    def write_apart(self, cls: type[T], write: Callable[[T, JsonValue], JsonValue]) -> None:
        """Let something else stand for the values of a class: what ``write`` makes of the value and its document."""
        writer = cache(lambda: self._writer(cls))
        self._converter.register_unstructure_hook(cls, lambda value: write(value, writer()(value)))

    def read_apart(self, cls: type[T], read: Callable[[JsonValue, Callable[[JsonValue], T]], T]) -> None:
        """The way back: ``read`` gets what stands for a value, and what makes the value of its document."""
        reader = cache(lambda: self._reader(cls))

        def build(document: JsonValue) -> T:
            return cast(T, reader()(cast("Mapping[str, JsonValue]", document), cls))

        self._converter.register_structure_hook(cls, lambda document, _: read(document, build))

    def document(self, value: object, cls: object = None) -> JsonValue:
        """The value as plain JSON values."""
        return cast(JsonValue, self._converter.unstructure(value, unstructure_as=cls))

    def text(self, value: object) -> str:
        """The value as canonical JSON text: sorted keys, no spaces, so that equal values give equal text."""
        return canonical_text(self.document(value))

    def value(self, document: JsonValue, cls: type[T]) -> T:
        """The value of class ``cls`` that the document describes; NotCanonical where it describes none."""
        try:
            with standing_at(users_line()):
                return self._converter.structure(document, cls)
        except NotCanonical:
            raise
        except Exception as error:  # a document from outside can be anything
            raise NotCanonical(
                f"the document is no {cls.__name__}: {_first_cause(error)}",
                hint="it may come from another version of DataSurface",
            ) from error


def _each_once(read: _Read) -> _Read:
    """Read equal documents of values that are no elements once: a million columns have a few dozen types."""
    known: dict[object, object] = {}

    def read_once(document: object, cls: object) -> object:
        try:
            key = tuple(cast("dict[str, JsonValue]", document).items())
            found = known.get(key)
        except (AttributeError, TypeError):  # no object, or one with lists or objects in it
            return read(document, cls)
        if found is None:
            found = known[key] = read(document, cls)
        return found

    return read_once


def _classification(value: object) -> object:
    return value.value if isinstance(value, Classification) else value


def _to_classification(document: object, _: object) -> Classification | None:
    return None if document is None else Classification(document)


_MICROSECOND = timedelta(microseconds=1)


def _span(span: timedelta) -> float | dict[str, int]:
    """Seconds; whole microseconds, and the word, where a float of seconds is not exactly the span."""
    seconds = span.total_seconds()
    try:
        is_exact = timedelta(seconds=seconds) == span
    except OverflowError:  # rounded to more than a span can be
        is_exact = False
    return seconds if is_exact else {"microseconds": span // _MICROSECOND}


def _to_span(document: object, _: object) -> timedelta:
    match document:
        case bool():
            pass
        case int() | float():
            return timedelta(seconds=document)
        case {"microseconds": int() as microseconds, **rest} if not rest and not isinstance(microseconds, bool):
            return timedelta(microseconds=microseconds)
    raise NotCanonical(f"{document!r} is no span", hint="a span is a number of seconds, as 600.0")


def _span_or_number(value: object) -> object:
    if not isinstance(value, timedelta):
        return value
    span = _span(value)
    return span if isinstance(span, dict) else {"seconds": span}


def _to_span_or_number(document: object, _: object) -> timedelta | int:
    match document:
        case {"seconds": bool()} | bool():
            pass
        case {"seconds": int() | float() as seconds, **rest} if not rest:
            return timedelta(seconds=seconds)
        case {"microseconds": int()}:
            return _to_span(document, timedelta)
        case int():
            return document
    raise NotCanonical(f"{document!r} is no span and no number", hint='a span is {"seconds": 600.0}')


def _name_or_pairs(value: object) -> object:
    return [list(pair) for pair in value] if isinstance(value, tuple) else value


def _to_name_or_pairs(document: object, _: object) -> str | _Pairs:
    match document:
        case str():
            return document
        case list() if all(isinstance(pair, list) and len(pair) == 2 for pair in document):
            return tuple((str(name), str(value)) for name, value in document)
    raise NotCanonical(f"{document!r} is no name and no list of pairs", hint='pairs are [["orders", "updatedAt"]]')


def _to_filter_value(document: object, _: object) -> FilterValue:
    if document is None or isinstance(document, str | int):
        return document
    raise NotCanonical(
        f"{document!r} is no value of a filter", hint="a value is a text, a whole number, a truth or null"
    )


def canonical_text(document: JsonValue) -> str:
    """JSON text with one form for one document."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _first_cause(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return str(error) or type(error).__name__


__all__ = ["Canonical", "JsonValue", "NotCanonical", "canonical_text"]
