"""What the views make of values, without a server: shapes of plots, versions of a key, lists, text of others."""

import doctest
from datetime import UTC, datetime, timedelta
from threading import Event
from types import ModuleType

import pytest
from markupsafe import Markup

from datasurface.observing import KeyHistory, KeyVersion
from datasurface_monitor import kept, wording
from datasurface_monitor.kept import Kept
from datasurface_monitor.render import Renderer
from datasurface_monitor.views import plots
from datasurface_monitor.views.history import history_page
from datasurface_monitor.views.pages import ROWS, part_of
from datasurface_monitor.views.plots import Series, lines, stacked

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("module", [wording, plots], ids=lambda module: module.__name__)
def test_examples_are_right(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_a_line_has_a_gap_where_there_is_no_value_and_every_value_stands_in_the_table() -> None:
    at = [NOON + timedelta(minutes=minute) for minute in (0, 1, 2, 4)]
    plot = lines("rows", at, [Series("a", (0.0, 50.0, None, 100.0))], wording.number)
    assert plot.shapes[0].path == "M0.0 100.00h0.1L250.0 50.00M1000.0 0.00h0.1"
    assert plot.marks == ("100", "50", "0")
    assert [row[1] for row in plot.rows] == ["100", "", "50", "0"]


def test_bars_stand_on_each_other_and_none_exceeds_the_plot() -> None:
    plot = stacked("time", [NOON], [Series("a", (1.0,)), Series("b", (1.0,))], wording.seconds)
    assert [shape.path for shape in plot.shapes] == [
        "M100.0 100.00H900.0V50.00H100.0Z",
        "M100.0 50.00H900.0V0.00H100.0Z",
    ]
    assert stacked("time", [], [Series("a", ())], wording.seconds).is_empty


def test_a_version_says_whether_the_row_was_gone_after_it() -> None:
    def version(batch_in: int, batch_out: int | None, *changed: str) -> KeyVersion:
        return KeyVersion(batch_in, batch_out, None, None, {"id": "1", "x": None}, changed)

    found = KeyHistory(
        "S", "d", ("1",), ("id", "x"), ("x",), True, (version(7, 9), version(2, 4, "x"), version(1, 1)), True
    )
    page = history_page("P", "S", "d", [("id", "1")], True, found)
    assert [it.is_gone for it in page.versions] == [True, True, False]
    assert [it.is_first for it in page.versions] == [False, False, True]
    assert [(cell.is_masked, cell.is_changed) for cell in page.versions[1].cells] == [(False, False), (True, True)]


def test_a_page_beyond_the_last_is_the_last() -> None:
    part = part_of(range(2 * ROWS + 1), 99)
    assert (part.rows, part.number, part.first, part.total) == ((2 * ROWS,), 3, 2 * ROWS + 1, 2 * ROWS + 1)
    assert part_of([], 1).pages == 1


def test_text_of_others_is_escaped_and_hides_nothing() -> None:
    assert wording.shown("a\u202eb\nc\x07") == "a\ufffdb\nc\u2407"
    assert wording.shown(Markup("<b>\u202e</b>")) == Markup("<b>\u202e</b>")
    page = {"title": "<script>", "message": "\u202e'\"", "hint": None}
    text = Renderer().page("error", page, "", {"ecosystem": "<b>", "generation": None})
    assert "<b>" not in text
    assert "<h1>&lt;script&gt;</h1>" in text
    assert "\ufffd&#39;&#34;" in text


def test_what_takes_long_is_read_behind_and_the_value_before_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FRESH", 0.0)
    monkeypatch.setattr(kept, "QUICK", -1.0)  # everything takes long
    values, go_on, was_read = iter((1, 2)), Event(), Event()

    def read() -> int:
        value = next(values)
        if value == 2:
            go_on.wait(10)
            was_read.set()
        return value

    found = Kept(read)
    assert found.get()[0] == 1
    assert [found.get()[0] for _ in range(3)] == [1, 1, 1]
    go_on.set()
    assert was_read.wait(10)
