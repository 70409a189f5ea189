"""Values of attrs classes as the Python that builds them: what ``repr`` shows and what ``import`` writes.

The text can be pasted back: positional fields by position, the rest by keyword, defaults left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import cast

from attrs import NOTHING, Attribute, AttrsInstance, Factory, fields, frozen, has

_INDENT = "    "


@frozen
class _Call:
    """A call or a bracket whose parts can stand on lines of their own."""

    opening: str
    parts: tuple[tuple[str, "_Call | str"], ...]
    closing: str


def as_python(
    value: object, width: int | None = None, indent: int = 0, *, names: Mapping[object, str] | None = None
) -> str:
    """The expression that builds ``value``; broken over lines, as formatters do, where it is wider than ``width``.

    Args:
        indent: how many columns stand before every line but the first.
        names: of variables that hold parts of the value: the name stands in the part's place.
    """
    return _text(_tree(value, names or {}), width, indent, indent)


def imports_of(values: Iterable[object]) -> dict[str, set[str]]:
    """The names that the expressions of ``values`` need, by the module that they are imported from."""
    found: dict[str, set[str]] = {}
    for value in values:
        for cls in _classes(value):
            found.setdefault(_public_module(cls), set()).add(cls.__name__)
    return found


def _public_module(cls: type) -> str:
    """Where users import a class from: the model's classes from ``datasurface``, a plugin's from its package.

    Those of the mapping file, which no ``eco.py`` writes, are in ``datasurface.model``.
    """
    if cls.__module__ == "datasurface.model.assignment":
        return "datasurface.model"
    if cls.__module__.startswith("datasurface.model."):
        return "datasurface"
    package, _, module = cls.__module__.partition(".")
    return package if module in ("platform", "model") else cls.__module__


def _classes(value: object) -> Iterator[type]:
    if isinstance(value, Enum | timedelta | date):
        yield type(value)
    elif has(type(value)):
        yield type(value)
        for attribute in _shown(value):
            yield from _classes(getattr(value, attribute.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _classes(item)


def _tree(value: object, names: Mapping[object, str]) -> _Call | str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, timedelta):
        return _span(value)
    if isinstance(value, date):
        return _Call("date(", tuple(("", str(part)) for part in (value.year, value.month, value.day)), ")")
    if has(type(value)):
        if value in names:
            return names[value]
        parts = tuple(
            (f"{attribute.alias}=" if attribute.kw_only else "", _tree(getattr(value, attribute.name), names))
            for attribute in _shown(value)
        )
        return _Call(f"{type(value).__name__}(", parts, ")")
    if isinstance(value, tuple):
        if value and all(isinstance(item, tuple) for item in value):
            return _Call("{", tuple((f"{_quoted(key)}: ", _tree(item, names)) for key, item in value), "}")
        return _Call("[", tuple(("", _tree(item, names)) for item in value), "]")
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """A string as formatters write it: in double quotes, where that needs no more escapes."""
    if text.count('"') > text.count("'"):
        return repr(text)
    # repr takes double quotes where there are single ones only: each part gets one, and loses it
    return '"' + '\\"'.join(repr(f"{part}'")[1:-2] for part in text.split('"')) + '"'


def _shown(value: object) -> Iterator["Attribute[object]"]:
    """The fields that an expression has to give: all positional ones up to the last that is no default, and the others
    that are none."""
    given = [attribute for attribute in fields(cast("type[AttrsInstance]", type(value))) if attribute.init]
    differs = [not _is_default(value, attribute) for attribute in given]
    last = max((at for at, attribute in enumerate(given) if differs[at] and not attribute.kw_only), default=-1)
    for at, attribute in enumerate(given):
        if differs[at] or (not attribute.kw_only and at < last):
            yield attribute


def _is_default(value: object, attribute: "Attribute[object]") -> bool:
    default: object = attribute.default
    if default is NOTHING:
        return False
    if isinstance(default, Factory):  # type: ignore[arg-type]  # attrs declares it as a function
        # For the same reason its attributes are not known.
        default = default.factory(value) if default.takes_self else default.factory()  # type: ignore[attr-defined]
    return bool(getattr(value, attribute.name) == default)


def _span(span: timedelta) -> _Call:
    """In the words of its constructor, as few as can be."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)):
        count, rest = divmod(span, timedelta(seconds=length))
        if span and not rest:
            return _Call("timedelta(", ((f"{unit}=", str(count)),), ")")
    words = {"days": span.days, "seconds": span.seconds, "microseconds": span.microseconds}
    parts = tuple((f"{unit}=", str(count)) for unit, count in words.items() if count)
    return _Call("timedelta(", parts or (("", "0"),), ")")


def _text(tree: _Call | str, width: int | None, indent: int, at: int) -> str:
    """The text of a tree whose first line begins in column ``at``."""
    flat = _flat(tree)
    if isinstance(tree, str) or width is None or not tree.parts or at + len(flat) <= width:
        return flat
    inner = indent + len(_INDENT)
    lines = (f"{' ' * inner}{name}{_text(part, width, inner, inner + len(name) + 1)}," for name, part in tree.parts)
    return "\n".join([tree.opening, *lines, f"{' ' * indent}{tree.closing}"])


def _flat(tree: _Call | str) -> str:
    if isinstance(tree, str):
        return tree
    return f"{tree.opening}{', '.join(name + _flat(part) for name, part in tree.parts)}{tree.closing}"
