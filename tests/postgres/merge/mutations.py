"""Breaks the engine on purpose, for as long as a test wants it: text that is replaced in its statements and functions.

A replacement that does not find its text fails loudly, so a variant cannot rot into one that breaks nothing.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FunctionType

import pytest
from attrs import frozen

from datasurface_yellow.merge.changed_keys import _compare, fetch
from datasurface_yellow.merge.receipt import check_load, check_merge
from datasurface_yellow.store import statements


class NothingToBreak(AssertionError):
    """The text that a variant replaces is not there, or not as often as it should."""


@frozen
class SqlEdit:
    """Another text in a statement file of the engine, such as ``merge/stage.sql.j2``."""

    file: str
    old: str
    new: str
    times: int = 1


@frozen
class CodeEdit:
    """Another text in the source of a function of the engine."""

    function: Callable[..., object]
    old: str
    new: str
    times: int = 1


Edit = SqlEdit | CodeEdit

RECEIPTS_IGNORED: tuple[Edit, ...] = tuple(
    CodeEdit(function, "raise mismatch(", "mismatch(", times)
    for function, times in ((_compare, 1), (fetch, 1), (check_merge, 2), (check_load, 1))
)
"""The engine still takes its receipts, but does not mind what they say: what the tests find is then found by them."""


@contextmanager
def broken(edits: Iterable[Edit]) -> Iterator[None]:
    """The engine with these edits in it."""
    sql = [edit for edit in edits if isinstance(edit, SqlEdit)]
    code: dict[FunctionType, list[CodeEdit]] = {}
    for edit in edits:
        if isinstance(edit, CodeEdit):
            assert isinstance(edit.function, FunctionType)
            code.setdefault(edit.function, []).append(edit)
    with pytest.MonkeyPatch.context() as patch:
        _break_statements(patch, sql)
        for function, its_edits in code.items():
            patch.setattr(function, "__code__", _compiled(function, its_edits).__code__)
        try:
            yield
        finally:
            statements.forget()
    statements.forget()


def _break_statements(patch: pytest.MonkeyPatch, edits: Iterable[SqlEdit]) -> None:
    broken_files: dict[str, str] = {}
    for edit in edits:
        text = broken_files.get(edit.file) or statements.read(*edit.file.split("/"))
        broken_files[edit.file] = _replaced(edit.file, text, edit)
    read = statements.read
    patch.setattr(
        statements, "read", lambda package, file: broken_files.get(f"{package}/{file}") or read(package, file)
    )
    statements.forget()


def _compiled(function: FunctionType, edits: Iterable[CodeEdit]) -> FunctionType:
    """The function with another body; it lives in the globals of the first."""
    source = textwrap.dedent(inspect.getsource(function))
    for edit in edits:
        source = _replaced(function.__qualname__, source, edit)
    made: dict[str, object] = {}
    exec(compile(source, f"<broken {function.__qualname__}>", "exec"), dict(function.__globals__), made)  # noqa: S102
    replacement = made[function.__name__]
    assert isinstance(replacement, FunctionType)
    return replacement


def _replaced(place: str, text: str, edit: Edit) -> str:
    if text.count(edit.old) != edit.times:
        raise NothingToBreak(f"{place} has {text.count(edit.old)} times, not {edit.times}: {edit.old!r}")
    return text.replace(edit.old, edit.new)
