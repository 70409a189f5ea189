"""Every hook has its documentation, a test, and an implementation in the example that is a distribution of its own."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasurface.plugins.discovery import HookManager
from tests.support.plugins import REPOSITORY

HOOKS = sorted(HookManager().hooks)
EXAMPLE = REPOSITORY / "examples" / "plugin_duckdb"


def _marked(module: Path) -> Iterator[str]:
    """The functions of a module that are marked as hooks."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and any(ast.unparse(each) == "hookimpl" for each in node.decorator_list):
            yield node.name


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_says_what_it_is_for(hook: str) -> None:
    from datasurface.plugins import hookspecs

    assert len((inspect.getdoc(getattr(hookspecs, hook)) or "").split()) > 5
    assert f"`{hook}(" in (REPOSITORY / "docs" / "plugins.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_an_implementation_in_the_example(hook: str) -> None:
    assert hook in _marked(EXAMPLE / "datasurface_duckdb" / "plugin.py")


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_test(hook: str) -> None:
    tests = [*(REPOSITORY / "tests" / "unit").rglob("*.py"), *(EXAMPLE / "tests").glob("*.py")]
    others = (file for file in tests if file != Path(__file__))
    assert any(hook in file.read_text(encoding="utf-8") for file in others)
