"""The files of a new model repository, from the templates of the package."""

import os
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from string import Template

from datasurface.errors import UsageError
from datasurface.hints import listed

FILES: Mapping[str, str] = {
    "eco.py": "eco.py.template",
    "dsg_platform_mapping.json": "mapping.json.template",
    "requirements.txt": "requirements.txt.template",
    "README.md": "README.md.template",
    ".gitignore": "gitignore.template",
    "environments/laptop.toml": "laptop.toml.template",
    ".github/workflows/model.yml": "workflow.yml.template",
}
"""What is written, and the template that it is made of."""


class _Template(Template):
    """``%{name}``: dollars and braces mean something else in workflows."""

    delimiter = "%"


def scaffold(folder: Path, name: str, repository: str) -> tuple[Path, ...]:
    """Write the files of a model repository into a folder, which is made where it is missing.

    Args:
        name: of the ecosystem.
        repository: that may change it, as ``owner/name``.

    Raises:
        UsageError: a file is there already; none was written.
        OSError: one cannot be written; none stays.
    """
    return write_new(folder, FILES, {"name": name, "repository": repository, "version": version("datasurface")})


def write_new(folder: Path, files: Mapping[str, str], values: Mapping[str, str]) -> tuple[Path, ...]:
    """Write new files from templates.

    Args:
        files: what is written into the folder, and the template that it is made of.
        values: what stands in the templates as ``%{name}``.

    Raises: as ``scaffold``.
    """
    there = [file for file in files if os.path.lexists(folder / file)]
    if there:
        raise UsageError(
            f"{folder} has {listed(there)} already; nothing was written",
            hint="name an empty folder, and take from it what you need",
        )
    templates = resources.files("datasurface") / "templates"
    texts = {
        folder / file: _Template((templates / template).read_text(encoding="utf-8")).substitute(values)
        for file, template in files.items()
    }
    _write_all(texts)
    return tuple(texts)


def _write_all(texts: Mapping[Path, str]) -> None:
    """Write new files; where one cannot be, none stays."""
    files: list[Path] = []
    folders: list[Path] = []
    try:
        for path, text in texts.items():
            missing = [each for each in path.parents if not os.path.lexists(each)]
            for each in reversed(missing):
                each.mkdir()
                folders.append(each)
            with path.open("x", encoding="utf-8") as file:
                files.append(path)
                file.write(text)
    except OSError:
        with suppress(OSError):  # such as a disk that went away; the first error is the one to tell
            for path in files:
                path.unlink()
            for each in reversed(folders):
                each.rmdir()
        raise
