"""What is wrong with a site as built: links and anchors that lead nowhere, and what a reader's browser would fetch from
another host."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import define, field

_FETCHED: Mapping[str, Sequence[str]] = {
    "link": ("href",),
    "script": ("src",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "iframe": ("src",),
    "object": ("data",),
    "embed": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "input": ("src",),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}
"""Attributes whose target a browser fetches by itself, by tag."""

_NOT_FETCHED = {"canonical", "next", "prev", "alternate"}
"""Relations of a ``<link>`` that only say something."""

_OF_A_STYLE = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s;]+)""")


@define
class _Page(HTMLParser):
    """What a page has and what it leads to."""

    anchors: set[str] = field(factory=set)
    links: list[str] = field(factory=list)
    fetched: list[str] = field(factory=list)
    _in_style: bool = False

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attrs if value is not None}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        self._in_style = tag == "style"
        self.fetched += _OF_A_STYLE.findall(found.get("style", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "link" and _NOT_FETCHED & {*found.get("rel", "").split()}:
            return
        for name in _FETCHED.get(tag, ()):
            several = found.get(name, "").split(",") if name == "srcset" else [found.get(name, "")]
            self.fetched += [each.split()[0] for each in several if each.strip()]

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.fetched += _OF_A_STYLE.findall(data)


def problems(site: Path) -> list[str]:
    """What is wrong, a line each, with the page on which it is."""
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    found = [
        f"{path.relative_to(site)}: {text}"
        for path, page in pages.items()
        for text in _of_page(site, path, page, pages)
    ]
    for path in sorted([*site.rglob("*.css"), *site.rglob("*.svg")]):
        text = path.read_text(encoding="utf-8")
        fetched = [*_OF_A_STYLE.findall(text), *(_read(path).fetched if path.suffix == ".svg" else ())]
        found += [f"{path.relative_to(site)}: {text}" for text in _elsewhere(fetched)]
    return found


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _of_page(site: Path, path: Path, page: _Page, pages: Mapping[Path, _Page]) -> Iterator[str]:
    yield from _elsewhere(page.fetched)
    here = [target for target in page.fetched if not _is_elsewhere(target)]
    for target in dict.fromkeys([*page.links, *here]):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        name, anchor = unquote(parts.path), unquote(parts.fragment)
        base = site if name.startswith("/") else path.parent  # the page of what is not found stands anywhere
        file = (base / name.lstrip("/")).resolve() if name else path
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            yield f"{target} leads to no file"
        elif anchor and file in pages and anchor not in pages[file].anchors:
            yield f"{target} leads to no heading"


def _elsewhere(targets: Sequence[str]) -> Iterator[str]:
    for target in dict.fromkeys(targets):
        if _is_elsewhere(target):
            yield f"{target} is fetched from another host"


def _is_elsewhere(target: str) -> bool:
    parts = urlsplit(target)
    return bool(parts.netloc) or parts.scheme in {"http", "https"}
