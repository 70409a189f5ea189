"""A drawing in DOT, the language of Graphviz."""

from collections.abc import Iterator

from datasurface.drawing.parts import Arrow, Box, Drawing, visible


def as_dot(drawing: Drawing) -> str:
    """The text of a directed graph; labels are escaped, so that any text may stand in them."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    ids = [part_id for box in drawing.boxes for part_id in (box.id, *(row.id for row in box.rows))]
    names = {part_id: f"n{number}" for number, part_id in enumerate(ids)}
    clusters = {box.id: box for box in drawing.boxes if box.rows}
    yield f"digraph {_quoted(drawing.title)} {{"
    yield "    graph [rankdir=LR, compound=true, fontname=Helvetica];"
    yield '    node [shape=box, style="rounded,filled", fontname=Helvetica];'
    for box in drawing.boxes:
        yield from _box(box, names)
    for arrow in drawing.arrows:
        yield _arrow(arrow, names, clusters)
    yield "}"


def _box(box: Box, names: dict[str, str]) -> Iterator[str]:
    label = f'"{_escaped(box.title)}\\n{_escaped(box.note)}"'
    colours = f'color="{box.colour.value}", fillcolor="{box.colour.value}33"'
    if not box.rows:
        yield f"    {names[box.id]} [label={label}, {colours}];"
        return
    yield f"    subgraph cluster_{names[box.id]} {{"
    yield f'        label={label}; color="{box.colour.value}";'
    for row in box.rows:
        yield f"        {names[row.id]} [label={_quoted(row.text)}, {colours}];"
    yield "    }"


def _arrow(arrow: Arrow, names: dict[str, str], clusters: dict[str, Box]) -> str:
    """Graphviz draws arrows between nodes only; they are cut at the border of a cluster that is meant as a whole."""
    attributes = ["style=dashed"] if arrow.is_dashed else []
    ends = []
    for part_id, cut in ((arrow.start, "ltail"), (arrow.end, "lhead")):
        if part_id in clusters:
            attributes.append(f"{cut}=cluster_{names[part_id]}")
            part_id = clusters[part_id].rows[0].id
        ends.append(names[part_id])
    how = f" [{', '.join(attributes)}]" if attributes else ""
    return f"    {ends[0]} -> {ends[1]}{how};"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """For a label in double quotes, in which a backslash begins an escape and an ampersand an entity of HTML."""
    return visible(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
