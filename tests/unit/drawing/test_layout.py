"""Where boxes and arrows stand."""

from itertools import pairwise

from hypothesis import given

from datasurface.drawing import Arrow, Box, Colour, Drawing, Row
from datasurface.drawing.layout import Layout, laid_out
from tests.unit.drawing.test_formats import FEW, drawings


def box(name: str, column: int, *rows: str) -> Box:
    return Box(name, name, "note", column, Colour.BLUE, tuple(Row(f"{name}/{row}", row) for row in rows))


def column(layout: Layout, number: int) -> list[str]:
    """The boxes of a column from top to bottom."""
    return [box.title for box, item in sorted(layout.boxes, key=lambda pair: pair[1].top) if item.column == number]


@FEW
@given(drawings())
def test_boxes_are_in_the_picture_and_do_not_meet(drawing: Drawing) -> None:
    layout = laid_out(drawing)
    for _, item in layout.boxes:
        assert item.left >= 0
        assert item.top >= 0
        assert item.left + item.width <= layout.width
        assert item.top + item.height <= layout.height
    ordered = sorted((item for _, item in layout.boxes), key=lambda item: (item.column, item.top))
    for upper, lower in pairwise(ordered):
        if upper.column == lower.column:
            assert upper.top + upper.height < lower.top + 1e-6
        else:
            assert upper.left + upper.width < lower.left


@FEW
@given(drawings())
def test_equal_drawings_have_equal_places(drawing: Drawing) -> None:
    places = [[(item.left, item.top, item.width, item.height) for _, item in laid_out(drawing).boxes] for _ in range(2)]
    assert places[0] == places[1]


def test_boxes_are_ordered_so_that_arrows_do_not_cross() -> None:
    boxes = [box("a", 0), box("b", 0), box("c", 0), box("x", 1), box("y", 1), box("z", 1)]
    layout = laid_out(Drawing("d", boxes, [Arrow("a", "z"), Arrow("b", "y"), Arrow("c", "x")]))
    pairs = {"a": "z", "b": "y", "c": "x"}
    assert [pairs[name] for name in column(layout, 0)] == column(layout, 1)


def test_arrows_reach_the_row_that_they_name() -> None:
    drawing = Drawing("d", [box("a", 0), box("w", 1, "first", "second")], [Arrow("a", "w/second")])
    [way] = laid_out(drawing).ways
    first, second, whole = (way.items[-1].middle(part) for part in ("w/first", "w/second", "w"))
    assert whole < first < second < way.items[-1].top + way.items[-1].height
    assert abs(way.items[0].middle("a") - second) < 1


def test_an_arrow_over_a_column_has_a_lane_beside_its_boxes() -> None:
    drawing = Drawing("d", [box("a", 0), box("b", 1), box("c", 2)], [Arrow("a", "b"), Arrow("b", "c"), Arrow("a", "c")])
    layout = laid_out(drawing)
    lane = layout.ways[2].items[1]
    between = next(item for found, item in layout.boxes if found.title == "b")
    assert lane.column == between.column
    assert lane.top + lane.height <= between.top or between.top + between.height <= lane.top
