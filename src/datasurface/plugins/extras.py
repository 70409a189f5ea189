"""Which of our extras brings a module that is not installed."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from traceback import walk_tb

from datasurface.errors import MissingExtra

_EXTRA = re.compile(r"([A-Za-z0-9._-]+).*;.*\bextra\s*==\s*['\"]([^'\"]+)['\"]")
_NAMED_OTHERWISE = {"yaml": "pyyaml"}
"""Modules whose distribution has a name that does not begin with theirs."""


@contextmanager
def extra_named(feature: str) -> Iterator[None]:
    """Turn the import of a module that one of our extras brings into MissingExtra; ``feature`` is what needs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = missing_extra(error, feature)
        if missing is None:
            raise
        raise missing from error


def missing_extra(error: ModuleNotFoundError, feature: str) -> MissingExtra | None:
    """The error that names the extra with the module that was not found; None when none of our extras brings it."""
    extra = _extra_with((error.name or "").partition(".")[0], _importers(error))
    return None if extra is None else MissingExtra(feature, extra)


def _importers(error: ModuleNotFoundError) -> list[str]:
    """The names of the modules on the way to an import that failed, the one that has it first."""
    names = [str(frame.f_globals.get("__name__", "")) for frame, _ in walk_tb(error.__traceback__)]
    return names[::-1]


def _extra_with(module: str, importers: Sequence[str]) -> str | None:
    """The extra of this distribution that brings a top-level module, as psycopg2-binary brings psycopg2. Of several the
    one that a part of an importer's name is, as datasurface_airflow has ``airflow``; else the smallest."""
    try:
        requirements = metadata.requires("datasurface") or ()
    except metadata.PackageNotFoundError:
        return None
    brought: dict[str, list[str]] = defaultdict(list)
    for requirement in filter(None, map(_EXTRA.match, requirements)):
        brought[requirement[2]].append(re.sub(r"[-_.]+", "_", requirement[1]).lower())
    start = f"{_NAMED_OTHERWISE.get(module, module).lower()}_"
    fitting = [extra for extra, names in brought.items() if any(f"{name}_".startswith(start) for name in names)]
    parts = (part for name in importers for part in re.split(r"[._]", name))
    named = next((part for part in parts if part in fitting), None)
    return (named or min(fitting, key=lambda extra: len(brought[extra]), default=None)) if module else None
