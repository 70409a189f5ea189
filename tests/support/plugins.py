"""Plugins of examples, installed for a process of their own; and the conformance kit in such a process."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
MEMORY = REPOSITORY / "examples" / "plugin_memory"


def install_memory_plugin(folder: Path) -> Mapping[str, str]:
    """The environment of a process in which the example's plugin is installed, as pip would."""
    info = folder / "datasurface_memory-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: datasurface-memory\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[datasurface]\nmemory = memory_strategy.plugin\n")
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(MEMORY)])}


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
