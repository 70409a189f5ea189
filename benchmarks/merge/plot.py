"""The figures as a picture: one bar a case and platform, in multiples of the floor, with the bound beside it."""

import re
import sys
from collections.abc import Sequence

from benchmarks.merge.measured import Figures
from benchmarks.merge.model import FORENSIC, LIVE
from benchmarks.merge.shapes import STANDARD

_COLOURS = ("#1b7f79", "#5b8fd6", "#c9c9c9")
_HIGHEST = 4.0
"""Bars end here, so that the short ones can be read; a longer one has its number written on it."""


def plot(title: str, found: Sequence[Figures]) -> str:
    """An SVG document of the standard table's cases."""
    import pygal
    from pygal.style import Style

    # The library leaves an importer for its plugins, of a kind that Python warns of at every later import.
    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    jobs = [figures for figures in found if figures.platform and figures.case.shape == STANDARD]
    cases = list(dict.fromkeys(figures.case for figures in jobs))
    chart = pygal.HorizontalBar(
        style=Style(colors=_COLOURS, background="white", plot_background="white", font_family="sans-serif"),
        title=title,
        x_title="times the bare COPY of the whole table",
        range=(0, _HIGHEST),
        width=900,
        height=80 + 90 * len(cases),
        legend_at_bottom=True,
        print_values=True,
        js=[],
        show_y_guides=True,
    )
    chart.x_labels = [case.title for case in reversed(cases)]
    for name, platform in (("live", LIVE), ("forensic", FORENSIC)):
        chart.add(name, [_bar(_ratio(jobs, case.name, platform)) for case in reversed(cases)])
    chart.add("bound (forensic)", [_bar(_bound(jobs, case.name)) for case in reversed(cases)])
    document: str = chart.render(is_unicode=True)
    # The library's tooltips; a picture in a page runs nothing.
    return re.sub(r"<script.*?</script>", "", document, flags=re.DOTALL)


def _ratio(jobs: Sequence[Figures], case: str, platform: str) -> float | None:
    """The ratio of most runs of a case."""
    found = [figures for figures in jobs if (figures.case.name, figures.platform) == (case, platform)]
    return max(found, key=lambda figures: figures.runs).ratio.median if found else None


def _bound(jobs: Sequence[Figures], case: str) -> float | None:
    bounds = [figures.bound for figures in jobs if (figures.case.name, figures.platform) == (case, FORENSIC)]
    return bounds[0] if bounds else None


def _bar(ratio: float | None) -> dict[str, object] | None:
    if ratio is None:
        return None
    return {"value": min(ratio, _HIGHEST), "formatter": lambda _value: f"{ratio:.2f}"}
