"""``python -m benchmarks.model_size.written FOLDER``: a model's loops become what they build, a file for each team.

Most models are written so: every column is a line that Python has to compile, for every load afresh.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from datasurface.model import Ecosystem
from datasurface.python_text import as_python, imports_of

WIDTH = 120


def write_out(folder: Path) -> None:
    """Replace the Python files of a model's folder. Imports them, so that a process can do this once."""
    sys.path.insert(0, str(folder))
    ecosystem = import_module("eco").create_ecosystem()
    assert isinstance(ecosystem, Ecosystem)
    for file in folder.glob("*.py"):
        file.unlink()
    names: dict[object, str] = {}
    for number, team in enumerate(ecosystem.teams()):
        names[team] = f"team_{number}.TEAM"
        text = f"{_imports([team])}\nTEAM = {as_python(team, WIDTH)}\n"
        (folder / f"team_{number}.py").write_text(text, encoding="utf-8")
    modules = "".join(f"import team_{number}\n" for number in range(len(names)))
    model = as_python(ecosystem, WIDTH, names=names)
    text = f"{modules}{_imports([ecosystem])}\n\ndef create_ecosystem() -> Ecosystem:\n    return {model}\n"
    (folder / "eco.py").write_text(text, encoding="utf-8")


def _imports(values: Iterable[object]) -> str:
    return "".join(
        f"from {module} import {', '.join(sorted(names))}\n" for module, names in sorted(imports_of(values).items())
    )


if __name__ == "__main__":
    write_out(Path(sys.argv[1]))
