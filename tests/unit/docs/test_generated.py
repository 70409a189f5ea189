"""What the pages say of the code is what the code says: generated parts are current, lists are complete."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import datasurface
import datasurface_monitor
import datasurface_yellow
from datasurface import types
from datasurface.cli.group import CHANGES, WRONG_USAGE
from datasurface.cli.main import FAILED
from datasurface.errors import DataSurfaceError
from docs import generate, pictures
from tests.unit.docs.markdown import REPOSITORY, page, table, text_of


@pytest.mark.parametrize("path", generate.pages(), ids=lambda path: path.name)
def test_generated_parts_are_current(path: Path) -> None:
    text = text_of(path)
    assert generate.renewed(text) == text, "run `python -m docs.generate`"


def test_the_picture_of_milestoning_is_current() -> None:
    assert text_of(generate.PICTURE) == pictures.milestoning(), "run `python -m docs.generate`"


def test_every_type_of_the_model_is_on_the_page() -> None:
    of_the_model = {
        cls for cls in vars(types).values() if isinstance(cls, type) and issubclass(cls, types.DataType)
    } - {types.DataType}
    assert {type(example) for example in generate._EXAMPLES} == of_the_model


@pytest.mark.parametrize(("name", "letters"), [("rules.md", "DS|YE"), ("compatibility.md", "CC|YC")])
def test_every_code_has_a_section_that_says_what_to_do(name: str, letters: str) -> None:
    sources = [path for path in (REPOSITORY / "src").rglob("*.py") if "testing" not in path.parts]
    in_code = {code for path in sources for code in re.findall(rf'"((?:{letters})\d{{3}})"', text_of(path))}
    sections = dict(re.findall(rf"^#+ ((?:{letters})\d{{3}})\n\n(.+)$", text_of(page(name)), flags=re.MULTILINE))
    assert sections.keys() == in_code
    assert all(len(text.split()) > 4 for text in sections.values())


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__") and ".testing" not in found.name:
            yield importlib.import_module(found.name)


def _below(cls: type[DataSurfaceError]) -> Iterator[type[DataSurfaceError]]:
    yield cls
    for subclass in cls.__subclasses__():
        yield from _below(subclass)


def test_every_error_is_explained() -> None:
    modules = {
        module.__name__
        for package in (datasurface, datasurface_monitor, datasurface_yellow)
        for module in _modules(package)
    }
    ours = {cls.__name__ for cls in _below(DataSurfaceError) if cls.__module__ in modules}
    explained = dict(
        re.findall(r"^### (\w+)\n\n((?:(?!^#).*\n)*)", text_of(page("troubleshooting.md")), flags=re.MULTILINE)
    )
    assert explained.keys() == ours
    assert all("**What to do:**" in text for text in explained.values())


def test_exit_codes_are_those_of_the_command_line() -> None:
    codes = {int(code) for code, _ in table(page("contract.md"), "## Exit codes")}
    assert codes == {0, FAILED, CHANGES, WRONG_USAGE}
