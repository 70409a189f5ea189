"""Plots as shapes in a box of 1000 by 100 units, which the page stretches; what is written at them stays text, and all
figures stand in a table below."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from math import floor, log10

from attrs import frozen

from datasurface_monitor.wording import moment

WIDTH, HEIGHT = 1000.0, 100.0


@frozen
class Series:
    """Values by name, one for each moment of a plot; None where there is none."""

    name: str
    values: tuple[float | None, ...]


@frozen
class Shape:
    """A path in the colour of a series: filled, or a line. ``tone``: its place among the series, from 0 on."""

    tone: int
    path: str


@frozen
class Plot:
    """A plot and its table.

    Attributes:
        marks: labels of the vertical axis, the highest first, evenly spaced from the top to zero.
        times: labels of the horizontal axis, evenly spaced.
        rows: a moment and its values as text.
    """

    title: str
    is_filled: bool
    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    marks: tuple[str, ...]
    times: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows


def lines(title: str, at: Sequence[datetime], series: Sequence[Series], text: Callable[[float], str]) -> Plot:
    """Each series as a line over time. ``text``: how a value is written."""
    top = _top(value for one in series for value in one.values)
    places = _over_time(at)
    shapes = tuple(Shape(tone, _line(places, one.values, top)) for tone, one in enumerate(series))
    return _plot(title, False, at, series, shapes, top, text)


def stacked(title: str, at: Sequence[datetime], series: Sequence[Series], text: Callable[[float], str]) -> Plot:
    """A bar for each moment, of the series' values one above the other. Bars stand side by side, in their order."""
    sums = [sum(one.values[index] or 0.0 for one in series) for index in range(len(at))]
    top = _top(sums)
    width = WIDTH / max(len(at), 1)
    below = [0.0] * len(at)
    shapes = []
    for tone, one in enumerate(series):
        parts = []
        for index, value in enumerate(one.values):
            if value:
                low, high = (HEIGHT * (1 - height / top) for height in (below[index], below[index] + value))
                left, right = index * width + width * 0.1, (index + 1) * width - width * 0.1
                parts.append(f"M{left:.1f} {low:.2f}H{right:.1f}V{high:.2f}H{left:.1f}Z")
                below[index] += value
        shapes.append(Shape(tone, "".join(parts)))
    return _plot(title, True, at, series, tuple(shapes), top, text)


def _plot(
    title: str,
    is_filled: bool,
    at: Sequence[datetime],
    series: Sequence[Series],
    shapes: tuple[Shape, ...],
    top: float,
    text: Callable[[float], str],
) -> Plot:
    rows = tuple(
        (moment(when), *("" if one.values[index] is None else text(one.values[index] or 0.0) for one in series))
        for index, when in reversed(list(enumerate(at)))
    )
    times = tuple(_time(at[index], at) for index in sorted({0, len(at) // 2, len(at) - 1})) if at else ()
    marks = (text(top), text(top / 2), "0")
    return Plot(title, is_filled, tuple(one.name for one in series), shapes, marks, times, rows)


def _top(values: Iterable[float | None]) -> float:
    """A round number that no value exceeds: 1, 2 or 5 times a power of ten.

    >>> _top([0.3, 17.0]), _top([None]), _top([0.004])
    (20.0, 1.0, 0.005)
    """
    most = max((value for value in values if value is not None), default=0.0)
    if most <= 0:
        return 1.0
    size = 10.0 ** floor(log10(most))
    return float(next((f"{step * size:g}" for step in (1, 2, 5) if step * size >= most), f"{10 * size:g}"))


def _time(when: datetime, at: Sequence[datetime]) -> str:
    return f"{when:%H:%M:%S}" if at[0].date() == at[-1].date() else f"{when:%m-%d %H:%M}"


def _over_time(at: Sequence[datetime]) -> list[float]:
    whole = (at[-1] - at[0]).total_seconds() if at else 0.0
    return [WIDTH * (when - at[0]).total_seconds() / whole if whole else WIDTH / 2 for when in at]


def _line(places: Sequence[float], values: Sequence[float | None], top: float) -> str:
    """Begins anew after a gap; a point alone is a short stroke."""
    path, is_open = [], False
    for x, value in zip(places, values, strict=True):
        if value is None:
            is_open = False
            continue
        y = HEIGHT * (1 - value / top)
        path.append(f"L{x:.1f} {y:.2f}" if is_open else f"M{x:.1f} {y:.2f}h0.1")
        is_open = True
    return "".join(path)
