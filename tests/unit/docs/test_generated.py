"""What the pages say of the code is what the code says: generated parts are current, lists are complete."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import datasurface
import datasurface_yellow
from datasurface import types
from datasurface.cli.group import CHANGES, WRONG_USAGE
from datasurface.cli.main import FAILED
from datasurface.errors import DataSurfaceError
from docs import generate
from tests.unit.docs.markdown import REPOSITORY, page, prose, table, text_of, words


@pytest.mark.parametrize("path", generate.pages(), ids=lambda path: path.name)
def test_generated_parts_are_current(path: Path) -> None:
    text = text_of(path)
    assert generate.renewed(text) == text, "run `python docs/generate.py`"


def test_every_type_of_the_model_is_on_the_page() -> None:
    of_the_model = {
        cls for cls in vars(types).values() if isinstance(cls, type) and issubclass(cls, types.DataType)
    } - {types.DataType}
    assert {type(example) for example in generate._EXAMPLES} == of_the_model


def test_every_code_of_a_finding_is_on_the_page() -> None:
    sources = [path for path in (REPOSITORY / "src").rglob("*.py") if "testing" not in path.parts]
    in_code = {code for path in sources for code in re.findall(r'"((?:DS|YE)\d{3})"', text_of(path))}
    on_page = set(re.findall(r"^\| ((?:DS|YE)\d{3}) \|", text_of(page("rules.md")), flags=re.MULTILINE))
    assert on_page == in_code


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__") and ".testing" not in found.name:
            yield importlib.import_module(found.name)


def _below(cls: type[DataSurfaceError]) -> Iterator[type[DataSurfaceError]]:
    yield cls
    for subclass in cls.__subclasses__():
        yield from _below(subclass)


def test_every_error_is_explained() -> None:
    modules = {module.__name__ for package in (datasurface, datasurface_yellow) for module in _modules(package)}
    ours = {cls.__name__ for cls in _below(DataSurfaceError) if cls.__module__ in modules}
    explained = {*words(prose(page("troubleshooting.md")))}
    assert ours <= explained
    assert {word for word in explained if re.fullmatch(r"[A-Z][A-Za-z]+(Error|Refused|Failed)", word)} <= ours


def test_exit_codes_are_those_of_the_command_line() -> None:
    codes = {int(code) for code, _ in table(page("contract.md"), "## Exit codes")}
    assert codes == {0, FAILED, CHANGES, WRONG_USAGE}
