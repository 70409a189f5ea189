"""How a model goes from one process to another: as lines of JSON, of which each datastore has two of its own.

The first line is the rest of the model, in which a number stands for each datastore, with the source lines of the rest.
Then come, for each datastore, its document and the source lines of what is inside it. Datastores are nearly all of a
large model: no process has the plain values of more than one, and where two models have the same text for one, it need
be built once.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from threading import Event
from typing import NoReturn, cast

from attrs import define, field, frozen

from datasurface.findings import SourceLine
from datasurface.interchange.canonical import Canonical, JsonValue
from datasurface.model import Datastore, Ecosystem, Element, elements

_LAST_LINE = 1 << 31
_write = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


class NoModel(ValueError):
    """What came is no model."""


def read_json(text: bytes) -> JsonValue:
    """The value of a line; ValueError where it is none."""
    value: JsonValue = _DECODER.decode(text.decode())
    return value


def an_object(value: JsonValue) -> dict[str, JsonValue]:
    """The value; NoModel where it is no object."""
    if not isinstance(value, dict):
        raise NoModel("it holds no object where one is needed")
    return value


def a_line(value: JsonValue) -> int:
    """The value; NoModel where it is no line number."""
    if type(value) is not int or not 0 <= value < _LAST_LINE:
        raise NoModel("it holds no line number where one is needed")
    return value


def _line_numbers(value: JsonValue) -> list[int]:
    """The value; NoModel where it is no list of line numbers. There are two for each element of a large model."""
    if not isinstance(value, list):
        raise NoModel("it holds no list where one is needed")
    if set(map(type, value)) <= {int}:
        numbers = cast("list[int]", value)
        a_line(min(numbers, default=0))
        a_line(max(numbers, default=0))
        return numbers
    raise NoModel("it holds no line number where one is needed")


def in_pieces(ecosystem: Ecosystem, canonical: Canonical, shown: Callable[[str], str]) -> str:
    """The text of a model. ``shown`` says how the name of a file is written."""
    files: dict[str, int] = {}
    rest: list[Element] = []
    lines_of = {}
    for element in elements(ecosystem, leaves=(Datastore,)):
        if isinstance(element, Datastore):
            lines_of[id(element)] = _lines(elements(element), files)
        else:
            rest.append(element)
    texts: list[str] = []

    def apart(store: Datastore, document: JsonValue) -> JsonValue:
        texts.extend((_write(document), _write(lines_of[id(store)])))
        return len(texts) // 2 - 1

    canonical.write_apart(Datastore, apart)
    document = canonical.document(ecosystem)
    lines = _lines(rest, files)
    names = [shown(file) for file in files]
    return "\n".join((_write({"ecosystem": document, "files": names, "lines": lines}), *texts))


def _lines(found: Iterable[Element], files: dict[str, int]) -> list[int]:
    """File and line of each element, one after the other; ``files`` gets the names of those that are new."""
    lines: list[int] = []
    for element in found:
        source = element.source or SourceLine("", 0)
        lines += (files.setdefault(source.file, len(files)), source.line)
    return lines


@define
class Shared:
    """The datastores of one model, by their texts, for another that is read beside it.

    An object that both have has the source lines of the model that gives it.
    """

    _by_text: dict[bytes, Datastore] = field(factory=dict, init=False)
    _is_given: Event = field(factory=Event, init=False)

    def give(self, by_text: Mapping[bytes, Datastore]) -> None:
        """Let the other model have these; only the first call counts."""
        if not self._is_given.is_set():
            self._by_text.update(by_text)
            self._is_given.set()

    def taken(self) -> dict[bytes, Datastore]:
        """What was given; waits for it."""
        self._is_given.wait()
        return self._by_text


@frozen
class Pieces:
    """The text of a model that anybody can have written: what is no model is a NoModel, or another ValueError.

    Attributes:
        texts: of each datastore its document and its lines, one after the other.
        names: of the files.
        known: datastores of another model, by their texts; each is taken once.
        read: those of this model, by their texts.
    """

    texts: Sequence[bytes]
    names: Sequence[str]
    known: dict[bytes, Datastore]
    read: dict[bytes, Datastore] = field(factory=dict, init=False)
    _used: set[int] = field(factory=set, init=False)
    _lines: dict[tuple[int, int], SourceLine] = field(factory=dict, init=False)

    def ecosystem(self, document: JsonValue, lines: JsonValue, canonical: Canonical) -> Ecosystem:
        """The model of the first line's values."""
        canonical.read_apart(Datastore, self._datastore)
        ecosystem = canonical.value(document, Ecosystem)
        if 2 * len(self._used) != len(self.texts):
            raise NoModel("it holds datastores that are nowhere in it")
        rest = (it for it in elements(ecosystem, leaves=(Datastore,)) if not isinstance(it, Datastore))
        self._restore(rest, lines)
        return ecosystem

    def _datastore(self, number: JsonValue, build: Callable[[JsonValue], Datastore]) -> Datastore:
        if type(number) is not int or not 0 <= 2 * number + 1 < len(self.texts) or number in self._used:
            raise NoModel("it holds no number of a datastore where one is needed")
        self._used.add(number)
        text, lines = self.texts[2 * number : 2 * number + 2]
        store = self.known.pop(text, None)
        if store is None:
            store = build(read_json(text))
            self._restore(elements(store), read_json(lines))
        self.read[text] = store
        return store

    def _restore(self, found: Iterator[Element], lines: JsonValue) -> None:
        """Give the elements the lines that the child noted; equal lines become one object."""
        numbers = _line_numbers(lines)
        if max(numbers[::2], default=-1) >= len(self.names):
            raise NoModel("it names a file that it does not have")
        for element, place in zip(found, zip(numbers[::2], numbers[1::2], strict=True), strict=True):
            source = self._lines.get(place)
            if source is None:
                file, line = place
                source = self._lines[place] = SourceLine(self.names[file], line)
            element.with_source(source)


def _refuse(constant: str) -> NoReturn:
    raise NoModel(f"{constant} is no number")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
