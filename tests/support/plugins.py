"""Plugins of examples, installed for a process of their own; and the conformance kit in such a process."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
MEMORY = REPOSITORY / "examples" / "plugin_memory"


def install(project: Path, folder: Path) -> Mapping[str, str]:
    """The environment of a process in which a plugin's project is installed as pip would; ``folder`` keeps what says
    so."""
    told = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{told['name'].replace('-', '_')}-{told['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {told['name']}\nVersion: {told['version']}\n")
    entries = (f"{name} = {module}\n" for name, module in told["entry-points"]["datasurface"].items())
    (info / "entry_points.txt").write_text("".join(["[datasurface]\n", *entries]))
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(project)])}


def run_kit(
    folder: Path, words: Sequence[str], environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """``pytest`` with these words in a folder that holds no project."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
