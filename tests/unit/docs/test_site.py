"""The site: pages lead on it to what they lead to on GitHub, and a check finds what is wrong with it."""

import hashlib
from pathlib import Path, PurePosixPath

import pytest

from docs.site import check, stage
from tests.unit.docs.markdown import DOCS, REPOSITORY, table, text_of, words

PAGE = '<html><body><h1 id="top">A</h1>{}</body></html>'


@pytest.mark.parametrize(
    ("file", "link", "on_site"),
    [
        ("docs/plan.md", "apply.md#order", "apply.md#order"),
        ("docs/plan.md", "#here", "#here"),
        ("docs/plan.md", "https://example.com/a.md", "https://example.com/a.md"),
        ("docs/README.md", "../README.md", "project.md"),
        ("docs/plan.md", "../examples/eco.py", "source/examples/eco.py.md"),
        ("CONTRIBUTING.md", "docs/plan.md#a", "plan.md#a"),
    ],
)
def test_a_link_leads_to_where_its_file_stands(file: str, link: str, on_site: str) -> None:
    assert f"[a]({on_site})" in stage.page(PurePosixPath(file), f"see [a]({link}).").text


def test_code_stays_as_it_is_but_for_words_that_are_for_tests() -> None:
    code = "```bash skip\n[a](../b.py)\n```\n"
    assert stage.page(PurePosixPath("docs/a.md"), code).text == code.replace(" skip", "")


def test_a_file_that_is_no_page_is_shown_whole() -> None:
    text = 'x = """\n````\n"""\n'
    assert f"`````python\n{text}" in stage.shown(PurePosixPath("a/b.py"), text).text


def test_a_picture_of_ours_becomes_part_of_its_page_and_follows_its_colours(tmp_path: Path) -> None:
    dark = "<style>@media (prefers-color-scheme: dark) { .picture {} }</style>"
    (tmp_path / "ours.svg").write_text(f'<svg class="picture">{dark}</svg>', encoding="utf-8")
    (tmp_path / "other.svg").write_text("<svg/>", encoding="utf-8")
    text = stage.with_pictures('before\n\n![what "it" shows](ours.svg)\n\n![other](other.svg)\n', tmp_path)
    assert '<svg aria-label="what &quot;it&quot; shows" class="picture">' in text
    assert '[data-md-color-scheme="slate"] { .picture {} }' in text
    assert "![other](other.svg)" in text


def test_the_site_has_every_page_and_what_they_lead_to() -> None:
    pages = {str(each.path) for each in stage.staged()}
    assert {path.name for path in DOCS.glob("*.md")} <= pages
    assert "source/examples/customer360/eco.py.md" in pages


def test_every_page_is_in_the_navigation() -> None:
    navigation = text_of(REPOSITORY / "mkdocs.yml").partition("\nnav:\n")[2]
    named = {line.rpartition(": ")[2] for line in navigation.splitlines() if line.endswith(".md")}
    assert {path.name for path in DOCS.glob("*.md")} <= named


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('<a href="b.html">b</a>', "b.html leads to no file"),
        ('<a href="a.html#gone">a</a>', "a.html#gone leads to no heading"),
        ('<img src="gone.png">', "gone.png leads to no file"),
        ('<script src="https://cdn.example.com/a.js"></script>', "https://cdn.example.com/a.js is fetched"),
        ('<link rel="stylesheet" href="//cdn.example.com/a.css">', "//cdn.example.com/a.css is fetched"),
        ('<link rel="preconnect" href="https://fonts.example.com">', "https://fonts.example.com is fetched"),
        ('<img srcset="https://cdn.example.com/a.png 2x">', "https://cdn.example.com/a.png is fetched"),
        ("<style>@import 'https://cdn.example.com/f.css';</style>", "https://cdn.example.com/f.css is fetched"),
        ('<p style="background: url(https://cdn.example.com/a.png)">', "https://cdn.example.com/a.png is fetched"),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, body: str, problem: str) -> None:
    (tmp_path / "a.html").write_text(PAGE.format(body), encoding="utf-8")
    [found] = check.problems(tmp_path)
    assert found.startswith(f"a.html: {problem}")


def test_what_is_right_is_let_pass(tmp_path: Path) -> None:
    body = '<a href="a.html#top">a</a><a href="#top">a</a><a href="https://example.com">e</a><img src="p.svg">'
    (tmp_path / "a.html").write_text(PAGE.format(body), encoding="utf-8")
    (tmp_path / "p.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    assert check.problems(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.css", "a { background: url(https://cdn.example.com/a.png) }"),
        ("a.svg", '<svg><image href="https://cdn.example.com/a.png"/></svg>'),
    ],
)
def test_styles_and_pictures_fetch_nothing_either(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert check.problems(tmp_path) == [f"{name}: https://cdn.example.com/a.png is fetched from another host"]


def test_programs_of_others_are_those_that_their_page_names() -> None:
    assets = DOCS / "site" / "assets"
    named = {words(name)[0]: words(digest)[0] for name, _, _, digest in table(assets / "README.md", "npm")}
    assert named == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in assets.glob("*.js")}
