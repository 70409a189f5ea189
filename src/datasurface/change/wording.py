"""A change in words that fit on one line."""

import re
from collections import Counter
from collections.abc import Iterable

from datasurface.change.diff import Change, ChangeKind
from datasurface.model import (
    Column,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    Element,
    GovernanceZone,
    Team,
    Workspace,
)
from datasurface.model.walk import elements
from datasurface.python_text import as_python

_LOGIN = re.compile(r"""(?<=://)[^\s/?#'"]*@""")
SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}
"""What stands before a line."""

_LONGEST = 60
_COUNTED = {
    GovernanceZone: "zone",
    Team: "team",
    Datastore: "datastore",
    Dataset: "dataset",
    Column: "column",
    Workspace: "workspace",
    DatasetGroup: "group",
    DatasetSink: "sink",
}


def what(change: Change) -> str:
    """What was added or removed, or how an attribute differs."""
    if change.kind is not ChangeKind.CHANGED:
        return _described(change.element)
    if _is_order(change):
        return f"{change.attribute} in another order"
    return f"{change.attribute} {shortened(value_text(change.old))} to {shortened(value_text(change.new))}"


def value_python(value: object) -> str:
    """A value of the model as Python writes it, without users and passwords that URLs may have."""
    return _LOGIN.sub("", as_python(value))


def value_text(value: object) -> str:
    """A value of the model on one line, as Python writes it."""
    return printable(value_python(value))


def printable(text: str) -> str:
    """The text with everything escaped that would not be seen, or would move the cursor of a terminal."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def shortened(text: str, most: int = _LONGEST) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def counted(number: int, thing: str) -> str:
    """``1 change``, ``2,000 changes``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def listed_first(names: Iterable[str], most: int) -> str:
    """Names in their order, separated by commas; the first ``most`` of them."""
    distinct = list(dict.fromkeys(names))
    rest = len(distinct) - most
    return ", ".join(distinct[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def _is_order(change: Change) -> bool:
    """Whether elements of a list only changed places: then the values are their keys."""
    value = getattr(change.element, change.attribute or "", ())
    return isinstance(value, tuple) and any(isinstance(item, Element) for item in value)


def _described(element: Element) -> str:
    """The class of an element, and what is in it; a small one as it is written."""
    kind = type(element).__name__
    if isinstance(element, Column):
        return f"{kind} {value_text(element.type)}"
    inside = Counter(
        _COUNTED[type(part)] for part in elements(element) if part is not element and type(part) in _COUNTED
    )
    if inside:
        return f"{kind} with {', '.join(counted(inside[thing], thing) for thing in _COUNTED.values() if inside[thing])}"
    return shortened(value_text(element))
