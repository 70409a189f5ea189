"""What a drawing consists of."""

from collections.abc import Iterable
from enum import Enum

from attrs import field, frozen


class Colour(Enum):
    """Of a box: its border, and a pale tone of it inside. They are told apart on a light and on a dark page."""

    BLUE = "#3b78b8"
    ORANGE = "#c9731f"
    GREEN = "#3f9257"
    RED = "#d1384a"


@frozen
class Row:
    """A part of a box that arrows can reach by itself. Its ``id`` is unlike that of any other row or box."""

    id: str
    text: str


@frozen
class Box:
    """Something with a title, and a note below it in smaller letters.

    Attributes:
        id: unlike that of any other box or row.
        column: where it stands, from left to right; arrows go from lower to higher columns, mostly.
    """

    id: str
    title: str
    note: str
    column: int
    colour: Colour
    rows: tuple[Row, ...] = ()


@frozen
class Arrow:
    """From a box or row to another, by their ids; dashed where nothing flows."""

    start: str
    end: str
    is_dashed: bool = False


def _as_boxes(boxes: Iterable[Box]) -> tuple[Box, ...]:
    return tuple(boxes)


def _as_arrows(arrows: Iterable[Arrow]) -> tuple[Arrow, ...]:
    return tuple(arrows)


@frozen
class Drawing:
    """Boxes and the arrows between them. Every id of an arrow is one of a box or row."""

    title: str
    boxes: tuple[Box, ...] = field(converter=_as_boxes)
    arrows: tuple[Arrow, ...] = field(converter=_as_arrows)


def visible(text: str) -> str:
    """Text without what no reader sees and XML does not allow: control characters become their pictures."""
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return character if character.isprintable() else "\ufffd"
