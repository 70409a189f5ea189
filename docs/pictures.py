"""Draws the picture of the page on concepts from real rows: ``python -m docs.generate`` writes it.

Its rows are merged by the meaning of milestoning, ``datasurface.milestoning.oracle``, so the picture cannot say
anything else than the platforms do. Colours are those of light or dark, as the reader's system has it.
"""

from collections.abc import Sequence
from xml.etree import ElementTree

from datasurface.milestoning.oracle import ForensicTable, LiveTable, merge
from datasurface.milestoning.rows import LIVE, Layout, Row, Version

SNAPSHOTS: Sequence[Sequence[Row]] = (
    ((1, "ada@example.com"), (2, "grace@example.com"), (3, "alan@example.com")),
    ((1, "ada@lovelace.example"), (2, "grace@example.com"), (4, "edsger@example.com")),
    ((1, "ada@lovelace.example"), (3, "alan@example.com"), (4, "edsger@example.com")),
)
"""What the source holds when each batch reads it: the rows of the tutorial, and one batch more."""

STYLE = """
.picture { --ink: #1f2328; --soft: #59636e; --line: #d1d9e0 }
.picture { --row: #f6f8fa; --new: #ddf4ff; --past: #eaeef2; --now: #dafbe1 }
@media (prefers-color-scheme: dark) {
  .picture { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d }
  .picture { --row: #151b23; --new: #0c2d6b; --past: #262c36; --now: #033a16 }
}
.picture text { fill: var(--ink); font: 13px system-ui, sans-serif }
.picture .title { font-weight: 600 }
.picture .soft { fill: var(--soft); font-size: 12px }
.picture rect { stroke: var(--line); rx: 3px }
.picture .row { fill: var(--row) } .picture .new { fill: var(--new) }
.picture .past { fill: var(--past) } .picture .now { fill: var(--now) }
.picture line { stroke: var(--soft); stroke-dasharray: 4 4 }
"""

_LEFT, _WIDTH, _GAP, _HEIGHT = 150, 235, 16, 24
_LAYOUT = Layout(key=(0,), required=frozenset({0, 1}))


def milestoning() -> str:
    """What the source held, batch by batch, and what a LIVE_ONLY and a FORENSIC table hold of it."""
    live, forensic, counts = LiveTable(), ForensicTable(), []
    lives: list[LiveTable] = []
    for batch, snapshot in enumerate(SNAPSHOTS, start=1):
        live, _ = merge(live, snapshot, _LAYOUT, batch)
        forensic, count = merge(forensic, snapshot, _LAYOUT, batch)
        lives.append(live)
        counts.append(count)
    drawing = _Drawing()
    for batch, count in enumerate(counts, start=1):
        words = f"+{count.inserted} ~{count.updated} −{count.deleted}"
        drawing.text(_x(batch), 20, f"batch {batch}", "title")
        drawing.text(_x(batch) + 60, 20, words, "soft")
    top = 34
    top = _tables(drawing, top, "source", "what the batch read", [list(rows) for rows in SNAPSHOTS])
    rows = [[version.row for version in sorted(table.versions, key=lambda it: it.key)] for table in lives]
    top = _tables(drawing, top, "LIVE_ONLY", "the rows that are live", rows)
    drawing.text(0, top + 16, "FORENSIC", "title")
    drawing.text(0, top + 34, "every version, from", "soft")
    drawing.text(0, top + 50, "batch_in to batch_out", "soft")
    versions = sorted(forensic.versions, key=lambda version: (version.key, version.batch_in))
    for line, version in enumerate(versions):
        _bar(drawing, top + line * (_HEIGHT + 4), version)
    bottom = top + len(versions) * (_HEIGHT + 4)
    between = _x(2) + _WIDTH - 4
    drawing.line(between, top - 6, between, bottom + 4)
    drawing.text(between - 210, bottom + 20, "as of batch 2: the bars that the line crosses", "soft")
    return drawing.svg(_x(len(SNAPSHOTS)) + _WIDTH, bottom + 30)


def _x(batch: int) -> int:
    return _LEFT + (batch - 1) * (_WIDTH + _GAP)


def _tables(drawing: "_Drawing", top: int, title: str, words: str, tables: Sequence[Sequence[Row]]) -> int:
    """One table below each batch, what is new in it marked; where the next may begin."""
    drawing.text(0, top + 16, title, "title")
    drawing.text(0, top + 34, words, "soft")
    before: Sequence[Row] = ()
    for batch, rows in enumerate(tables, start=1):
        for line, row in enumerate(rows):
            place = (_x(batch), top + line * _HEIGHT, _WIDTH, _HEIGHT)
            drawing.box(*place, _words(row), "row" if row in before else "new")
        before = rows
    return top + max(map(len, tables)) * _HEIGHT + 22


def _bar(drawing: "_Drawing", top: int, version: Version) -> None:
    last = min(version.batch_out, len(SNAPSHOTS))
    width = _x(last) + _WIDTH - _x(version.batch_in)
    end = "∞" if version.batch_out == LIVE else str(version.batch_out)
    words = f"{_words(version.row)}   [{version.batch_in}, {end}]"
    drawing.box(_x(version.batch_in), top, width, _HEIGHT, words, "now" if version.is_live else "past")


def _words(row: Row) -> str:
    return "  ".join(map(str, row))


class _Drawing:
    """Shapes, in the order in which they are drawn."""

    def __init__(self) -> None:
        self._root = ElementTree.Element(
            "svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "picture", "role": "img"}
        )
        ElementTree.SubElement(self._root, "style").text = STYLE

    def text(self, x: int, y: int, words: str, kind: str = "") -> None:
        ElementTree.SubElement(self._root, "text", {"x": str(x), "y": str(y), "class": kind}).text = words

    def box(self, x: int, y: int, width: int, height: int, words: str, kind: str) -> None:
        place = {"x": str(x), "y": str(y), "width": str(width), "height": str(height), "class": kind}
        ElementTree.SubElement(self._root, "rect", place)
        self.text(x + 8, y + 16, words)

    def line(self, x1: int, y1: int, x2: int, y2: int) -> None:
        ElementTree.SubElement(self._root, "line", {"x1": str(x1), "y1": str(y1), "x2": str(x2), "y2": str(y2)})

    def svg(self, width: int, height: int) -> str:
        """The whole, which takes the width that it is given."""
        self._root.set("viewBox", f"0 0 {width} {height}")
        ElementTree.indent(self._root)
        return ElementTree.tostring(self._root, encoding="unicode") + "\n"
