"""Tables of an environment file, written as the file that a pod reads."""

import json
from collections.abc import Iterator, Mapping

Tables = Mapping[str, Mapping[str, Mapping[str, object]]]
"""By kind and name, keys with texts, numbers, or true and false."""


def toml_text(kinds: Tables) -> str:
    """The text of an environment file."""
    return "\n".join(_lines(kinds))


def _lines(kinds: Tables) -> Iterator[str]:
    yield "# What `datasurface emit kubernetes` was told of the places of this cluster."
    for kind, tables in kinds.items():
        for name, values in tables.items():
            yield f"[{_quoted(kind)}.{_quoted(name)}]"
            for key, value in values.items():
                yield f"{_quoted(key)} = {_value(value)}"
    yield ""


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
