"""A mistake in the example model, and how to write one down."""

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

EXAMPLE = Path(__file__).parents[3] / "examples" / "customer360"
ECO = "eco.py"
MAPPING = "dsg_platform_mapping.json"
BASE = {name: (EXAMPLE / name).read_text(encoding="utf-8") for name in (ECO, MAPPING)}

Edit = tuple[str, str]
Place = tuple[str, str, int]
"""Code, file and line of a finding."""


@frozen
class Mistake:
    """A model folder with one mistake, and exactly the findings that must come of it.

    Attributes:
        files: what is in the folder; bytes where it is no text.
        code, file, line: the finding.
        also: what else is then true.
        hint: what the hint must contain.
        is_error: whether the model is refused.
        timeout: seconds that the model's code may run; short where it never ends.
    """

    name: str
    files: Mapping[str, str | bytes]
    code: str
    file: str
    line: int
    also: tuple[Place, ...] = field(default=(), kw_only=True)
    hint: str = field(default="", kw_only=True)
    is_error: bool = field(default=True, kw_only=True)
    timeout: float = field(default=60.0, kw_only=True)

    def write_to(self, folder: Path) -> None:
        """Make the model folder."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    @property
    def places(self) -> set[Place]:
        """All findings."""
        return {(self.code, self.file, self.line), *self.also}


def line_of(text: str, mark: str) -> int:
    """The line on which the only ``mark`` of a text begins."""
    assert text.count(mark) == 1, f"{mark!r} is {text.count(mark)} times in the text"
    return text.count("\n", 0, text.index(mark)) + 1


def edited(file: str, *edits: Edit) -> str:
    """A file of the example with pieces replaced, each of which is in it once."""
    text = BASE[file]
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        text = text.replace(old, new)
    return text


def in_file(
    file: str,
    name: str,
    code: str,
    *edits: Edit,
    at: str,
    also: tuple[Place, ...] = (),
    hint: str = "",
    is_error: bool = True,
    timeout: float = 60.0,
) -> Mistake:
    """A mistake in one file of the example; ``at`` begins on the line of the finding."""
    text = edited(file, *edits)
    return Mistake(
        name,
        {**BASE, file: text},
        code,
        file,
        line_of(text, at),
        also=also,
        hint=hint,
        is_error=is_error,
        timeout=timeout,
    )
