"""Statements from ``.sql.j2`` files: named blocks, rendered with quoted names; values are always bound by the driver.

A block begins with ``-- name: x``; the comment lines below it say what it does and why, and are not sent.
"""

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from datasurface_yellow.store import naming
from datasurface_yellow.store.fragments import as_text, column_list, given_keys, match, staging_check
from datasurface_yellow.store.quoting import identifier, qualified
from datasurface_yellow.store.rowhash import bucket, casts, key_hash, row_hash, version_hash

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def _environment() -> Environment:
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 SQL, not HTML
    environment.filters["identifier"] = identifier
    for fragment in (
        *(qualified, column_list, as_text, match, given_keys, staging_check),
        *(casts, row_hash, key_hash, version_hash, bucket),
    ):
        environment.globals[fragment.__name__] = fragment
    for constant in ("KEY_HASH", "ALL_HASH", "BATCH_IN", "BATCH_OUT", "OPERATION", "BATCH", "TOKEN", "LIVE"):
        environment.globals[constant] = getattr(naming, constant)
    return environment


def read(package: str, file: str) -> str:
    """The text of a statement file of a package."""
    return (files(f"datasurface_yellow.{package}") / "sql" / file).read_text(encoding="utf-8")


@cache
def _blocks(package: str, file: str) -> dict[str, Template]:
    parts = _NAME.split(read(package, file))[1:]
    return {
        name: _environment().from_string(_without_comments(text))
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--")).strip()


def statement(package: str, file: str, block: str, /, **context: object) -> str:
    """One block of ``datasurface_yellow/<package>/sql/<file>``, rendered."""
    return _blocks(package, file)[block].render(**context)


def block_names(package: str, file: str) -> tuple[str, ...]:
    """The names of a file's blocks, in order."""
    return tuple(_blocks(package, file))


def forget() -> None:
    """Read the files again at the next use."""
    _blocks.cache_clear()
