"""A drawing's texts: whatever stands in a label, it stays one."""

import html
import re
from collections.abc import Sequence
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from datasurface.drawing import Arrow, Box, Colour, Drawing, Row, as_dot, as_mermaid, as_svg
from datasurface.drawing.parts import visible
from tests.support.length import long_or

MARKS = [
    '"',
    "\\",
    '"]',
    "<b>x</b>",
    "&lt;",
    "#35;",
    "end",
    "--> n0",
    "%% c",
    "`x`",
    "\\N",
    "\n",
    "\x01",
    "\ufffe",
    "ﬂ°°35¶ß",
]
FEW = settings(max_examples=long_or(1000, 50))
labels = st.sampled_from(MARKS) | st.text(max_size=20)


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Of any boxes, some with rows, and arrows between any of them."""
    count = draw(st.integers(0, 6))
    boxes = [
        Box(
            f"box {number}",
            draw(labels),
            draw(labels),
            draw(st.integers(0, 4)),
            draw(st.sampled_from(Colour)),
            tuple(Row(f"row {number} {at}", draw(labels)) for at in range(draw(st.integers(0, 2)))),
        )
        for number in range(count)
    ]
    ids = [part for box in boxes for part in (box.id, *(row.id for row in box.rows))]
    ends = st.sampled_from(ids) if ids else st.nothing()
    arrows = st.lists(st.builds(Arrow, ends, ends, st.booleans()), max_size=8) if ids else st.just([])
    return Drawing(draw(labels), boxes, draw(arrows))


def texts(drawing: Drawing) -> Sequence[str]:
    """What a reader must see, in order."""
    return [visible(text) for box in drawing.boxes for text in (box.title, box.note, *(row.text for row in box.rows))]


@FEW
@given(drawings())
def test_svg_is_xml_whose_tooltips_are_the_texts(drawing: Drawing) -> None:
    root = ElementTree.fromstring(as_svg(drawing, is_file=True))  # noqa: S314 our own text
    namespace = "{http://www.w3.org/2000/svg}"
    title = root.find(f"{namespace}title")
    assert title is not None
    assert (title.text or "") == visible(drawing.title)
    whole = [
        line for found in root.findall(f"{namespace}g/{namespace}title") for line in (found.text or "").split("\n")
    ]
    assert whole == texts(drawing)
    assert len(root.findall(f"{namespace}g/{namespace}rect")) == len(drawing.boxes)
    assert len([path for path in root.findall(f"{namespace}path") if path.get("fill") == "none"]) == len(drawing.arrows)


MERMAID_LABEL = r'\["(?:\w|[ ·]|#\d+;)*(?:<br/>(?:\w|[ ·]|#\d+;)*)?"\]'
MERMAID_LINES = [
    r"flowchart LR",
    rf"    (?:subgraph )?n\d+{MERMAID_LABEL}",
    rf"        n\d+{MERMAID_LABEL}",
    r"    end",
    r"    n\d+ (?:-->|-\.->) n\d+",
    r"    classDef \w+ fill:#\w{8},stroke:#\w{6}",
    r"    class n\d+(,n\d+)* \w+",
]


@FEW
@given(drawings())
def test_mermaid_has_nothing_but_lines_of_its_grammar_whose_labels_are_the_texts(drawing: Drawing) -> None:
    lines = as_mermaid(drawing).removesuffix("\n").split("\n")
    assert [line for line in lines if not any(re.fullmatch(form, line) for form in MERMAID_LINES)] == []
    found = re.findall(r'\["(.*?)"\]', "\n".join(lines))
    assert [_decoded(part) for label in found for part in label.split("<br/>")] == list(texts(drawing))
    assert len([line for line in lines if "->" in line]) == len(drawing.arrows)


def _decoded(label: str) -> str:
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label)


DOT_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|->|[\w-]+|[{}\[\]=,;]|\s+')
"""Of the part of DOT that is used: strings, arrows, names and numbers, and what stands between them."""


@FEW
@given(drawings())
def test_dot_has_nothing_but_tokens_of_its_grammar_whose_labels_are_the_texts(drawing: Drawing) -> None:
    text = as_dot(drawing)
    tokens = DOT_TOKEN.findall(text)
    assert "".join(tokens) == text
    solid = [token for token in tokens if not token.isspace()]
    shown = [solid[at + 2] for at, token in enumerate(solid) if token == "label"]
    assert [part for label in shown for part in _unquoted(label)] == list(texts(drawing))
    assert _unquoted(solid[1]) == [visible(drawing.title)]
    assert solid.count("->") == len(drawing.arrows)
    assert (solid.count("{"), solid[-1]) == (solid.count("}"), "}")


def _unquoted(label: str) -> list[str]:
    """The lines of a label, as Graphviz reads it: escapes first, then entities of HTML."""
    lines = [""]
    for token in re.findall(r"\\.|[^\\]", label[1:-1]):
        if token == "\\n":
            lines.append("")
        else:
            lines[-1] += token[-1]
    return [html.unescape(line.replace("&amp;", "&#38;")) for line in lines]


def test_what_no_reader_sees_is_made_visible() -> None:
    assert visible("a\tb\n\x7f\ufffe\u202e é🎉") == "a␉b␊␡�� é🎉"
