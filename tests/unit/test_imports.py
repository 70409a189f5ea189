"""What an ``eco.py`` costs: importing the vocabulary needs no driver, no command line and no terminal library."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.imports.bare_environment import PACKAGES, bare_environment

REPORT_OF_IMPORT = """
import sys, json
sys.path.insert(0, sys.argv[1])
__import__(sys.argv[2])
outside = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__main__"}
print(json.dumps(sorted(outside)))
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Our packages and the distributions that they may import, and nothing else."""
    with bare_environment() as folder:
        yield folder


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_beside_nothing_but_attrs_cattrs_and_pluggy(package: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", REPORT_OF_IMPORT, folder, package],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert package in loaded
    assert loaded <= {"attr", "attrs", "cattr", "cattrs", "pluggy", "typing_extensions", *PACKAGES}


def test_the_core_does_not_load_a_platform(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", REPORT_OF_IMPORT, folder, "datasurface"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "datasurface_yellow" not in json.loads(done.stdout)
