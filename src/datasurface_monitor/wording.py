"""How the page says things: spans of time, numbers, moments, and text of others."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from markupsafe import Markup

from datasurface.drawing.parts import visible

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def span(time: timedelta) -> str:
    """A span in its two largest units.

    >>> span(timedelta(seconds=61)), span(timedelta(hours=26)), span(timedelta(milliseconds=20))
    ('1 min 1 s', '1 d 2 h', '0 s')
    """
    left = max(0, round(time.total_seconds()))
    for index, (unit, size) in enumerate(_UNITS):
        count, rest = divmod(left, size)
        if count:
            smaller = _UNITS[index + 1 :][:1]
            more = [f"{rest // length} {name}" for name, length in smaller if rest // length]
            return " ".join([f"{count} {unit}", *more])
    return "0 s"


def seconds(number: float) -> str:
    """Seconds with as many digits as say something.

    >>> seconds(0.0123), seconds(3.14159), seconds(123.4)
    ('0.012 s', '3.14 s', '123 s')
    """
    return f"{number:.3f} s" if number < 1 else f"{number:.2f} s" if number < 10 else f"{number:,.0f} s"


def number(value: float) -> str:
    """A number with a space between thousands, which no language reads as a decimal mark.

    >>> number(1234567)
    '1\u202f234\u202f567'
    """
    return f"{value:,.0f}".replace(",", "\u202f")


def moment(at: datetime) -> str:
    """A moment to the second, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def link(path: str, **words: object) -> str:
    """An address of the page; words that are None or empty are left out."""
    given = {name: str(word) for name, word in words.items() if word not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def shown(value: object) -> object:
    """What a template puts out: text without what no reader sees or what turns the order of letters around; line
    breaks stay. Markup of ours is left alone."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "\n".join("".join(map(_shown, line)) for line in value.split("\n"))


def _shown(character: str) -> str:
    return character if character in "\u00a0\u202f" else visible(character)
