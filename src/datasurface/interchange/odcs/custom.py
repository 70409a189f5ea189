"""Custom properties: what a model has and the standard has no word for.

Which these are is found, not listed: whatever of an object does not come back from the standard's own words. So a new
attribute of the model needs nothing here.
"""

from collections.abc import Collection, Iterable, Mapping

from open_data_contract_standard.model import CustomProperty

from datasurface.interchange.canonical import JsonValue

PREFIX = "datasurface."

Document = dict[str, JsonValue]


def missing(actual: Mapping[str, JsonValue], read: Mapping[str, JsonValue], parts: Collection[str]) -> Document:
    """The attributes of an object that were not read back as they are, except its parts.

    An object of another class than the one that was read has all of them.
    """
    is_other = actual.get("type") != read.get("type") and isinstance(actual.get("type"), str)
    return {
        name: value
        for name, value in actual.items()
        if name not in parts and (is_other or name not in read or read[name] != value)
    }


def completed(read: Mapping[str, JsonValue], custom: Mapping[str, JsonValue], parts: Collection[str]) -> Document:
    """What was read, with what custom properties say instead; the inverse of ``missing``."""
    if isinstance(custom.get("type"), str):
        return {**{name: read[name] for name in parts if name in read}, **custom}
    return {**read, **custom}


def custom_properties(document: Mapping[str, JsonValue], prefix: str = PREFIX) -> list[JsonValue]:
    """Attributes as custom properties."""
    return [{"property": f"{prefix}{name}", "value": value} for name, value in document.items()]


def attributes(properties: Iterable[CustomProperty] | None, prefix: str = PREFIX) -> Document:
    """The attributes that custom properties of ours hold; the inverse of ``custom_properties``."""
    found: Document = {}
    for each in properties or ():
        name = (each.property or "").removeprefix(prefix)
        if (each.property or "").startswith(prefix) and "." not in name:
            found[name] = each.value
    return found
