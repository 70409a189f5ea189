"""Statements from ``.sql.j2`` files: named blocks, with names quoted here; values are always bound by the driver."""

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


@cache
def _environment() -> Environment:
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 SQL, not HTML
    environment.filters["quoted"] = quoted
    return environment


@cache
def _blocks(file: str) -> dict[str, Template]:
    head, *parts = _NAME.split((files("datasurface_duckdb") / "sql" / file).read_text(encoding="utf-8"))
    macros = head.strip()
    return {
        name: _environment().from_string(f"{macros}\n{text}")
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def statement(file: str, block: str, /, **context: object) -> str:
    """One block of ``sql/<file>``, rendered."""
    return _blocks(file)[block].render(**context).strip()
