"""Links lead somewhere, and what stands in the pages' code blocks is right."""

import ast
import json
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from datasurface.cli.application import Application
from datasurface.cli.main import datasurface
from tests.unit.docs.markdown import DOCS, REPOSITORY, Block, anchors, blocks, links, pages, text_of


def _all(*languages: str) -> list[Block]:
    return [block for page in pages() for block in blocks(page, *languages)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link}"
        assert target.is_relative_to(REPOSITORY)
        assert not anchor or anchor in anchors(target), f"{page.name}: {link} is not among {sorted(anchors(target))}"


def test_the_index_names_every_page() -> None:
    assert {page.name for page in DOCS.glob("*.md")} - {"README.md"} <= {*links(DOCS / "README.md")}


@pytest.mark.parametrize("block", _all("json"), ids=str)
def test_json_can_be_read(block: Block) -> None:
    assert json.loads(block.text)


@pytest.mark.parametrize("block", _all("toml"), ids=str)
def test_toml_can_be_read(block: Block) -> None:
    assert tomllib.loads(block.text)


def _commands(block: Block) -> Iterator[list[str]]:
    for line in block.text.replace("\\\n", " ").splitlines():
        for part in line.split("&&"):
            words = shlex.split(part, comments=True)
            if words[:1] == ["datasurface"] and words[1:] != ["--version"]:
                yield words[1:]


@pytest.mark.parametrize("block", [block for block in _all("bash") if "datasurface " in block.text], ids=str)
def test_commands_are_those_of_the_command_line(block: Block) -> None:
    for words in _commands(block):
        command: click.Command = datasurface
        context = click.Context(command, obj=Application())
        while isinstance(command, click.Group):
            name, found, words = command.resolve_command(context, words)
            assert found is not None
            command, context = found, click.Context(found, info_name=name, parent=context)
        command.make_context(command.name, words, parent=context.parent)


@pytest.mark.parametrize("page", [page for page in pages() if any(blocks(page, "python"))], ids=lambda page: page.name)
def test_python_runs(page: Path) -> None:
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks(page, "python"):
        if block.mark.startswith(("file: ", "as the analyst")):
            continue  # of a folder, which a test of its own makes, or of a server
        code = "\n" * (block.line - 1) + block.text
        exec(compile(code, str(page), "exec"), names)  # noqa: S102 our own pages


def test_the_page_on_the_model_shows_the_whole_example() -> None:
    shown = "\n".join(block.text for block in blocks(DOCS / "model.md") if block.mark == "example")
    example = text_of(REPOSITORY / "examples" / "customer360" / "eco.py")
    assert _code(shown) == _code(example)


def _code(text: str) -> list[str]:
    """The statements of a program without its docstrings and comments."""
    return [ast.dump(statement) for statement in ast.parse(text).body if not isinstance(statement, ast.Expr)]
