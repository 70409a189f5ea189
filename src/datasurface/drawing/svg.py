"""A drawing as SVG that has the page's own colour of text, on a light page and on a dark one."""

from collections.abc import Iterator
from html import escape

from datasurface.drawing.layout import (
    BOLD,
    HEAD_HEIGHT,
    NOTE_SIZE,
    PADDING,
    ROW_HEIGHT,
    TITLE_SIZE,
    WIDEST,
    Item,
    Layout,
    Way,
    laid_out,
)
from datasurface.drawing.parts import Box, Drawing, visible
from datasurface.drawing.widths import cut

_ROOM = WIDEST - 2 * PADDING
_BACK = 40.0
_OWN_COLOURS = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"


def as_svg(drawing: Drawing, *, is_file: bool = False, is_styled: bool = True) -> str:
    """An ``<svg>`` element, for use inside a page; with ``is_file`` a file of its own, which chooses its colours.

    ``is_styled``: it fits itself into its surroundings; without, the page's style sheet does, and may be the only one.
    """
    return "\n".join(_lines(drawing, laid_out(drawing), is_file, is_styled)) + "\n"


def _lines(drawing: Drawing, layout: Layout, is_file: bool, is_styled: bool) -> Iterator[str]:
    size = f'width="{layout.width:.0f}" height="{layout.height:.0f}"'
    style = ' style="max-width:100%;height:auto"' if is_styled else ""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {layout.width:.0f} {layout.height:.0f}" '
        f'{size}{style} font-family="system-ui,sans-serif" fill="currentColor">'
    )
    yield f"<title>{escape(visible(drawing.title))}</title>"
    if is_file:
        yield _OWN_COLOURS
    for way in layout.ways:
        yield from _arrow(way)
    for box, item in layout.boxes:
        yield from _box(box, item)
    yield "</svg>"


def _box(box: Box, item: Item) -> Iterator[str]:
    colour, x = box.colour.value, item.left
    whole = "\n".join(escape(visible(text)) for text in (box.title, box.note, *(row.text for row in box.rows)))
    yield f"<g><title>{whole}</title>"
    yield (
        f'<rect x="{x:.1f}" y="{item.top:.1f}" width="{item.width:.1f}" height="{item.height:.1f}" rx="6" '
        f'fill="{colour}" fill-opacity="0.14" stroke="{colour}" stroke-width="1.2"/>'
    )
    title = cut(visible(box.title), TITLE_SIZE * BOLD, _ROOM)
    yield _text(title, x + PADDING, item.top + 20, TITLE_SIZE, 'font-weight="600"')
    yield _text(box.note, x + PADDING, item.top + 36, NOTE_SIZE, 'opacity="0.75"')
    for index, row in enumerate(box.rows):
        top = item.top + HEAD_HEIGHT + index * ROW_HEIGHT
        yield (
            f'<line x1="{x:.1f}" y1="{top:.1f}" x2="{x + item.width:.1f}" y2="{top:.1f}" '
            f'stroke="{colour}" stroke-opacity="0.45"/>'
        )
        yield _text(row.text, x + PADDING, top + 16, NOTE_SIZE)
    yield "</g>"


def _text(text: str, x: float, y: float, size: float, more: str = "") -> str:
    shown = escape(cut(visible(text), size, _ROOM))
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{f" {more}" if more else ""}>{shown}</text>'


def _arrow(way: Way) -> Iterator[str]:
    """A curve that leaves and reaches everything level, and its head."""
    first, *lanes, last = way.items
    x, y = first.left + first.width, first.middle(way.arrow.start)
    path = [f"M{x:.1f} {y:.1f}"]
    for lane in lanes:
        path.append(_curve(x, y, lane.left, lane.middle("")))
        x, y = lane.left + lane.width, lane.middle("")
        path.append(f"H{x:.1f}")
    tip, end = last.left, last.middle(way.arrow.end)
    path.append(_curve(x, y, tip - 6, end))
    dashes = ' stroke-dasharray="4 4"' if way.arrow.is_dashed else ""
    yield (
        f'<path d="{" ".join(path)}" fill="none" stroke="currentColor" stroke-opacity="0.55" stroke-width="1.2"'
        f"{dashes}/>"
    )
    yield f'<path d="M{tip:.1f} {end:.1f} l-8 -4 v8 z" fill-opacity="0.7"/>'


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    bend = max((to_x - x) / 2, _BACK)
    return f"C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
