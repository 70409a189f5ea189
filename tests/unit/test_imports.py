"""What an ``eco.py`` costs: importing the vocabulary needs no driver, no command line and no terminal library."""

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ALLOWED = ("attrs", "cattrs", "pluggy")
PACKAGES = ("datasurface", "datasurface_yellow")

REPORT_OF_IMPORT = """
import sys, json
sys.path.insert(0, sys.argv[1])
__import__(sys.argv[2])
outside = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__main__"}
print(json.dumps(sorted(outside)))
"""


def needed_distributions(names: tuple[str, ...]) -> Iterator[importlib.metadata.Distribution]:
    """The distributions of these names and what they need on this Python, without extras."""
    from packaging.requirements import Requirement

    for name in names:
        distribution = importlib.metadata.distribution(name)
        yield distribution
        for text in distribution.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield from needed_distributions((requirement.name,))


@pytest.fixture(scope="module")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds our packages and links to the allowed distributions, and nothing else."""
    folder = tmp_path_factory.mktemp("site-packages")
    for distribution in needed_distributions(ALLOWED):
        for top in {file.parts[0] for file in distribution.files or () if file.suffix == ".py"}:
            link = folder / top
            if not link.exists():
                link.symlink_to(str(distribution.locate_file(top)))
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        (folder / package).symlink_to(Path(spec.origin).parent)
    return folder


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_beside_nothing_but_attrs_cattrs_and_pluggy(package: str, bare_environment: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", REPORT_OF_IMPORT, bare_environment, package],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert package in loaded
    assert loaded <= {"attr", "attrs", "cattr", "cattrs", "pluggy", "typing_extensions", *PACKAGES}


def test_the_core_does_not_load_a_platform(bare_environment: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", REPORT_OF_IMPORT, bare_environment, "datasurface"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "datasurface_yellow" not in json.loads(done.stdout)
