"""The files of a new model repository, from the templates of the package."""

from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
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
    """
    there = [file for file in FILES if (folder / file).exists()]
    if there:
        raise UsageError(
            f"{folder} has {listed(there)} already; nothing was written",
            hint="name an empty folder, and take from it what you need",
        )
    values = {"name": name, "repository": repository, "version": version("datasurface")}
    templates = files("datasurface") / "templates"
    texts = {
        folder / file: _Template((templates / template).read_text(encoding="utf-8")).substitute(values)
        for file, template in FILES.items()
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tuple(texts)
