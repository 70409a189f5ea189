"""The repository's pages: their code blocks, headings and links."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

REPOSITORY = Path(__file__).parents[3]
DOCS = REPOSITORY / "docs"
README = REPOSITORY / "README.md"

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]+) -->\n)?^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@frozen
class Block:
    """A fenced block; ``mark`` is the comment on the line before it."""

    page: Path
    line: int
    language: str
    mark: str
    text: str
    is_skipped: bool

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def pages() -> list[Path]:
    """Every page that users read."""
    return sorted([*REPOSITORY.glob("*.md"), *DOCS.glob("*.md")])


def page(name: str) -> Path:
    """A page of the docs."""
    return DOCS / name


def text_of(path: Path) -> str:
    """The text of a page."""
    return path.read_text(encoding="utf-8")


def blocks(path: Path, *languages: str) -> Iterator[Block]:
    """The fenced blocks of a page in these languages, or in all."""
    text = text_of(path)
    for found in _BLOCK.finditer(text):
        language, _, words = found["info"].partition(" ")
        if not languages or language in languages:
            line = text.count("\n", 0, found.start("text")) + 1
            yield Block(path, line, language, found["mark"] or "", found["text"], words == "skip")


def prose(path: Path) -> str:
    """The text of a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(path), flags=re.MULTILINE | re.DOTALL)


def links(path: Path) -> list[str]:
    """The targets of a page's links."""
    return _LINK.findall(prose(path))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(path: Path, after: str) -> Sequence[Sequence[str]]:
    """The rows of the first table that follows a piece of text, without its head."""
    lines = text_of(path).partition(after)[2].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def words(cell: str) -> list[str]:
    """The words that a cell sets as code."""
    return re.findall(r"`([^`]+)`", cell)


def shape(document: object) -> object:
    """The keys of a JSON document; of a list those of its first item."""
    match document:
        case dict():
            return {key: shape(value) for key, value in document.items()}
        case list():
            return [shape(document[0])] if document and isinstance(document[0], dict) else []
        case _:
            return None
