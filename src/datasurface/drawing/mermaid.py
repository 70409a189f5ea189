"""A drawing as a Mermaid flowchart."""

from collections.abc import Iterator

from datasurface.drawing.parts import Box, Colour, Drawing, visible


def as_mermaid(drawing: Drawing) -> str:
    """The text of a flowchart; labels are escaped, so that any text may stand in them."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    ids = [part_id for box in drawing.boxes for part_id in (box.id, *(row.id for row in box.rows))]
    names = {part_id: f"n{number}" for number, part_id in enumerate(ids)}
    yield "flowchart LR"
    for box in drawing.boxes:
        yield from _box(box, names)
    for arrow in drawing.arrows:
        yield f"    {names[arrow.start]} {'-.->' if arrow.is_dashed else '-->'} {names[arrow.end]}"
    for colour in Colour:
        members = [names[box.id] for box in drawing.boxes if box.colour is colour]
        if members:
            yield f"    classDef {colour.name.lower()} fill:{colour.value}33,stroke:{colour.value}"
            yield f"    class {','.join(members)} {colour.name.lower()}"


def _box(box: Box, names: dict[str, str]) -> Iterator[str]:
    label = f'["{_escaped(box.title)}<br/>{_escaped(box.note)}"]'
    if not box.rows:
        yield f"    {names[box.id]}{label}"
        return
    yield f"    subgraph {names[box.id]}{label}"
    for row in box.rows:
        yield f'        {names[row.id]}["{_escaped(row.text)}"]'
    yield "    end"


def _escaped(text: str) -> str:
    """Mermaid's own form of HTML's entities for all but letters, digits and what is no mark of its grammar."""
    return "".join(
        character if character.isalnum() or character in " _·" else f"#{ord(character)};" for character in visible(text)
    )
