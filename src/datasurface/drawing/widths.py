"""How wide text is, as far as that can be said without its font."""

from unicodedata import east_asian_width

_NARROW = set("fijlrtI.,:;'|!()[]{}/\\ -·")
_WIDE = set("mwMW@%&")


def width_of(text: str, size: float) -> float:
    """The width in pixels at a font's size; rather too much than too little."""
    return size * sum(_share(character) for character in text)


def cut(text: str, size: float, limit: float) -> str:
    """The text, or its beginning and an ellipsis where it is wider than the limit."""
    if width_of(text, size) <= limit:
        return text
    room = limit - width_of("…", size)
    for end, character in enumerate(text):
        room -= size * _share(character)
        if room < 0:
            return f"{text[:end]}…"
    return text


def _share(character: str) -> float:
    if character in _NARROW:
        return 0.4
    if character in _WIDE or east_asian_width(character) in "WF":
        return 1.0
    return 0.74 if character.isupper() else 0.6
