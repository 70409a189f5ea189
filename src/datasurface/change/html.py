"""A plan as HTML, for notebooks; works on dark pages too."""

from html import escape

from datasurface.change.lines import Line, Look, lines
from datasurface.change.plan import Plan

_STYLES = {
    Look.HEAD: "font-weight: bold",
    Look.REFUSED: "color: #c62828; font-weight: bold",
    Look.HINT: "color: #00838f",
    Look.OBJECT: "font-weight: bold",
    Look.ADDED: "color: #2e7d32",
    Look.REMOVED: "color: #c62828",
    Look.CHANGED: "color: #b26a00",
    Look.NOTE: "opacity: 0.75",
}


def as_html(plan: Plan) -> str:
    """The lines of the plan in their colours."""
    return "<pre>" + "\n".join(map(_span, lines(plan))) + "</pre>"


def _span(line: Line) -> str:
    return f'<span style="{_STYLES[line.look]}">{escape(line.text)}</span>' if line.text else ""
