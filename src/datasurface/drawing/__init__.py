"""Drawings of boxes and arrows, as SVG, Mermaid and DOT. Nothing here knows what the boxes mean."""

from datasurface.drawing.dot import as_dot
from datasurface.drawing.mermaid import as_mermaid
from datasurface.drawing.parts import Arrow, Box, Colour, Drawing, Row
from datasurface.drawing.svg import as_svg

__all__ = ["Arrow", "Box", "Colour", "Drawing", "Row", "as_dot", "as_mermaid", "as_svg"]
