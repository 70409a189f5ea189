"""Where the boxes and arrows of a drawing stand: columns from left to right, with few crossings and short arrows.

The steps are those of Sugiyama, Tagawa and Toda (1981), with the columns given: an arrow over several columns gets a
lane in those between; boxes and lanes are ordered by the mean place of their neighbours; then each moves as near to its
neighbours as its order lets it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

from attrs import define, frozen

from datasurface.drawing.parts import Arrow, Box, Drawing, visible
from datasurface.drawing.widths import width_of

TITLE_SIZE, NOTE_SIZE = 14.0, 11.0
BOLD = 1.1
"""How much wider the titles' letters are."""
PADDING = 12.0
HEAD_HEIGHT, ROW_HEIGHT = 46.0, 24.0
WIDEST = 280.0
_LANE_HEIGHT = 6.0
_BETWEEN_BOXES = 20.0
_LEAST_GAP, _GAP_FOR_AN_ARROW, _MOST_GAP = 80.0, 4.0, 260.0
_MARGIN = 8.0
_SWEEPS = 6


@define(eq=False)
class Item:
    """The place of a box, or of an arrow's lane through a column: ``rows`` are the ids of the box's."""

    column: int
    height: float
    width: float
    rows: tuple[str, ...] = ()
    top: float = 0.0
    left: float = 0.0

    def middle(self, part: str) -> float:
        """Where arrows of the box, or of one of its rows, begin and end."""
        if part in self.rows:
            return self.top + HEAD_HEIGHT + ROW_HEIGHT * (self.rows.index(part) + 0.5)
        return self.top + (HEAD_HEIGHT if self.rows else self.height) / 2


@frozen
class Way:
    """An arrow with the boxes that it joins and the lanes that it takes, in its direction."""

    arrow: Arrow
    items: tuple[Item, ...]


@frozen
class Layout:
    """A drawing's boxes and ways with their places, in a picture of this size."""

    boxes: tuple[tuple[Box, Item], ...]
    ways: tuple[Way, ...]
    width: float
    height: float


Neighbours = Mapping[int, Sequence[tuple[Item, str, str]]]
"""By the identity of an item: what arrows join it with in one direction, and the parts of both that they touch."""


def laid_out(drawing: Drawing) -> Layout:
    """The places of everything; the same for equal drawings."""
    boxes = tuple((box, _item(box)) for box in drawing.boxes)
    home = {part: item for box, item in boxes for part in (box.id, *item.rows)}
    columns: dict[int, list[Item]] = defaultdict(list)
    for _, item in boxes:
        columns[item.column].append(item)
    ways = tuple(_way(arrow, home, columns) for arrow in drawing.arrows)
    ordered = [columns[number] for number in sorted(columns)]
    before, after = _neighbours(ways)
    for column in ordered:
        _stack(column)
    for _ in range(_SWEEPS):
        for sweep, neighbours in ((ordered, before), (ordered[::-1], after)):
            for column in sweep:
                column.sort(key=_mean_of(neighbours))
                _stack(column)
    for _ in range(_SWEEPS):
        for sweep, neighbours in ((ordered, before), (ordered[::-1], after)):
            for column in sweep:
                _draw_near(column, neighbours)
    return _in_picture(boxes, ways, ordered)


def _item(box: Box) -> Item:
    texts = [(box.title, TITLE_SIZE * BOLD), (box.note, NOTE_SIZE), *((row.text, NOTE_SIZE) for row in box.rows)]
    width = max(width_of(visible(text), size) for text, size in texts) + 2 * PADDING
    rows = tuple(row.id for row in box.rows)
    return Item(box.column, HEAD_HEIGHT + ROW_HEIGHT * len(rows), min(width, WIDEST), rows)


def _way(arrow: Arrow, home: Mapping[str, Item], columns: Mapping[int, list[Item]]) -> Way:
    start, end = home[arrow.start], home[arrow.end]
    lanes = []
    for number in range(start.column + 1, end.column):
        lane = Item(number, _LANE_HEIGHT, 0.0)
        columns[number].append(lane)
        lanes.append(lane)
    return Way(arrow, (start, *lanes, end))


def _neighbours(ways: Iterable[Way]) -> tuple[Neighbours, Neighbours]:
    """What is joined to an item from the left, and from the right."""
    before: dict[int, list[tuple[Item, str, str]]] = defaultdict(list)
    after: dict[int, list[tuple[Item, str, str]]] = defaultdict(list)
    for way in ways:
        for left, right in zip(way.items, way.items[1:], strict=False):
            if left.column < right.column:
                before[id(right)].append((left, way.arrow.start, way.arrow.end))
                after[id(left)].append((right, way.arrow.end, way.arrow.start))
    return before, after


def _mean_of(neighbours: Neighbours) -> Callable[[Item], float]:
    """Where an item would stand if only its neighbours counted; where it stands, if it has none."""

    def mean(item: Item) -> float:
        joined = neighbours.get(id(item), ())
        return fmean(other.middle(part) for other, part, _ in joined) if joined else item.middle("")

    return mean


def _stack(column: Iterable[Item]) -> None:
    top = 0.0
    for item in column:
        item.top = top
        top += item.height + _BETWEEN_BOXES


def _draw_near(column: Sequence[Item], neighbours: Neighbours) -> None:
    """Move each item so that its arrows are as level as the order and the room allow, in the least squares: isotonic
    regression by pooling adjacent violators (Ayer and others, 1955).
    """
    pools: list[tuple[float, int]] = []  # the mean of the wished places, less what stands above, and how many they are
    above = []
    used = 0.0
    for item in column:
        joined = neighbours.get(id(item), ())
        shift = fmean(other.middle(part) - item.middle(own) for other, part, own in joined) if joined else 0.0
        pools.append((item.top + shift - used, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (second, count), (first, number) = pools.pop(), pools.pop()
            pools.append(((first * number + second * count) / (number + count), number + count))
        above.append(used)
        used += item.height + _BETWEEN_BOXES
    places = [place for place, count in pools for _ in range(count)]
    for item, place, offset in zip(column, places, above, strict=True):
        item.top = place + offset


def _in_picture(
    boxes: tuple[tuple[Box, Item], ...], ways: tuple[Way, ...], columns: Sequence[Sequence[Item]]
) -> Layout:
    highest = min((item.top for column in columns for item in column), default=0.0)
    crossing = Counter(item.column for way in ways for item in way.items[:-1])
    right = left = _MARGIN
    for column in columns:
        width = max(item.width for item in column)
        for item in column:
            item.top += _MARGIN - highest
            item.left = left
            item.width = width
        right = left + width
        left = right + min(_LEAST_GAP + _GAP_FOR_AN_ARROW * crossing[column[0].column], _MOST_GAP)
    lowest = max((item.top + item.height for column in columns for item in column), default=0.0)
    return Layout(boxes, ways, right + _MARGIN, lowest + _MARGIN)
