"""The strategies pass the conformance kit, as the plugin is installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = 25 if os.environ.get("DATASURFACE_LONG") == "1" else 1


@pytest.mark.parametrize("name", ["duckdb-live", "duckdb-forensic"])
def test_the_strategy_passes_the_kit(name: str, tmp_path: Path) -> None:
    words = [f"--datasurface-strategy={name}", f"--datasurface-examples={EXAMPLES}", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "33 passed, 1 skipped" in done.stdout  # it merges no parts of sources, and says so
