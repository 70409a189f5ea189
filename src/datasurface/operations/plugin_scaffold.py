"""The files of a new plugin with merge strategies, from the templates of the package."""

import keyword
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from datasurface.errors import UsageError
from datasurface.operations.scaffold import write_new
from datasurface.plugins.hookspecs import VERSION

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def plugin_scaffold(folder: Path, name: str) -> tuple[Path, ...]:
    """Write a distribution of that name into a folder, which is made where it is missing. Its package is called as it
    is, with ``_`` for ``-``.

    Raises:
        UsageError: the name cannot be one of a distribution and a package, or a file is there already; nothing was
            written.
        OSError: a file cannot be written; none stays.
    """
    package = name.replace("-", "_")
    if not _NAME.fullmatch(name) or keyword.iskeyword(package):
        raise UsageError(
            f"'{name}' cannot be the name of a plugin", hint="write small letters, digits and -: acme-lake"
        )
    values = {"name": name, "package": package, "version": version("datasurface"), "hooks": str(VERSION)}
    return write_new(folder, _files(package), values)


def _files(package: str) -> Mapping[str, str]:
    modules = {"__init__": "init", **{module: module for module in ("kit", "plugin", "store", "strategy")}}
    return {
        "pyproject.toml": "plugin/pyproject.toml.template",
        "README.md": "plugin/README.md.template",
        **{f"{package}/{module}.py": f"plugin/{template}.py.template" for module, template in modules.items()},
        "tests/test_conformance.py": "plugin/test_conformance.py.template",
    }
