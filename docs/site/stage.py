"""The pages as zensical takes them: all in one folder, with what their links to other files of the repository show.

On GitHub a page may lead to any file. On the site, a Markdown file from elsewhere becomes a page, and any other file a
page that shows it.
"""

import html
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from attrs import frozen

REPOSITORY = Path(__file__).parents[2]
DOCS = "docs"

_LINK = re.compile(r"(?P<before>!?\[[^\]]*\]\()(?P<target>[^)\s]+)(?P<after>\))")
_FENCE = re.compile(r"^(?P<fence>```|~~~)(?P<language>\w*)[^\n]*\n(?P<code>.*?^(?P=fence))$", re.MULTILINE | re.DOTALL)
"""A block of code. What stands after its language is for our tests, and more than zensical takes."""

_PICTURE = re.compile(r"^!\[(?P<words>[^\]]*)\]\((?P<file>[\w-]+\.svg)\)$", re.MULTILINE)
_PICTURES = (".svg", ".png")
_LANGUAGES = {".py": "python", ".json": "json", ".ipynb": "json", ".j2": "jinja", ".sql": "sql", ".toml": "toml"}


@frozen
class Staged:
    """A page of the site: where it stands there, its text, and the files of the repository that it leads to."""

    path: PurePosixPath
    text: str
    leads_to: frozenset[PurePosixPath] = frozenset()


def site_path(file: PurePosixPath) -> PurePosixPath:
    """Where a file of the repository stands on the site.

    >>> str(site_path(PurePosixPath("docs/plan.md"))), str(site_path(PurePosixPath("examples/eco.py")))
    ('plan.md', 'source/examples/eco.py.md')
    """
    if file.parts[0] == DOCS:
        return PurePosixPath(*file.parts[1:])
    if file == PurePosixPath("README.md"):
        return PurePosixPath("project.md")  # docs/README.md is the first page
    return file if file.suffix == ".md" else PurePosixPath("source", f"{file}.md")


def page(file: PurePosixPath, text: str) -> Staged:
    """A Markdown file of the repository as a page, its links as the site needs them."""
    here, leads_to = site_path(file), set[PurePosixPath]()

    def moved(link: re.Match[str]) -> str:
        name, hash_sign, anchor = link["target"].partition("#")
        if not name or "://" in name or name.startswith("mailto:"):
            return link[0]
        target = PurePosixPath(os.path.normpath(file.parent / name))
        leads_to.add(target)
        there = os.path.relpath(site_path(target), here.parent)
        return f"{link['before']}{there}{hash_sign}{anchor}{link['after']}"

    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        language = f"{fence['fence']}{fence['language']}\n"
        parts += [_LINK.sub(moved, text[end : fence.start()]), language, fence["code"]]
        end = fence.end()
    parts.append(_LINK.sub(moved, text[end:]))
    return Staged(here, _with_drawing("".join(parts), here), frozenset(leads_to))


def with_pictures(text: str, folder: Path) -> str:
    """Our own pictures as parts of the page, so that they follow its choice of light or dark."""

    def put_in(image: re.Match[str]) -> str:
        drawn = (folder / image["file"]).read_text(encoding="utf-8")
        if 'class="picture"' not in drawn:
            return image[0]
        drawn = drawn.replace("@media (prefers-color-scheme: dark)", '[data-md-color-scheme="slate"]')
        drawn = drawn.replace("<svg ", f'<svg aria-label="{html.escape(image["words"])}" ', 1)
        return "".join(line.strip() + " " for line in drawn.splitlines())

    return _PICTURE.sub(put_in, text)


def _with_drawing(text: str, here: PurePosixPath) -> str:
    """With the program that draws, where there is something to draw: 2.5 MB that other pages do not load."""
    if "```mermaid" not in text:
        return text
    script = os.path.relpath("assets/mermaid.tiny.js", here.parent)
    return f'{text}\n<script src="{script}"></script>\n'


def shown(file: PurePosixPath, text: str) -> Staged:
    """A file that is no page, as one that shows it, and which no search finds."""
    fence = "`" * max(4, *(len(run) + 1 for run in re.findall(r"`+", text)), 0)
    head = "---\nsearch:\n  exclude: true\n---\n"
    code = f"{fence}{_LANGUAGES.get(file.suffix, 'text')}\n{text}\n{fence}\n"
    return Staged(site_path(file), f"{head}# {file.name}\n\n`{file}`\n\n{code}")


def staged(repository: Path = REPOSITORY) -> Iterator[Staged]:
    """Every page of the docs, and every file that they lead to, directly or not."""
    todo = {PurePosixPath(DOCS, path.name) for path in (repository / DOCS).glob("*.md")}
    done: set[PurePosixPath] = set()
    while todo:
        file = min(todo)
        text = (repository / file).read_text(encoding="utf-8")
        made = page(file, text) if file.suffix == ".md" else shown(file, text)
        yield made
        done.add(file)
        todo = {each for each in todo | made.leads_to if each.suffix not in _PICTURES} - done


def write(folder: Path, repository: Path = REPOSITORY) -> int:
    """Write the pages, pictures and assets into a folder that is made anew; how many pages."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(Path(__file__).parent / "assets", folder / "assets", ignore=shutil.ignore_patterns("*.md"))
    for picture in (repository / DOCS).rglob("*"):
        if picture.suffix in _PICTURES:
            target = folder / picture.relative_to(repository / DOCS)
            target.parent.mkdir(exist_ok=True)
            shutil.copy(picture, target)
    count = 0
    for made in staged(repository):
        target = folder / made.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(with_pictures(made.text, repository / DOCS), encoding="utf-8")
        count += 1
    return count
