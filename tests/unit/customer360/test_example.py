"""Where the example is found."""

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
SOURCES = REPOSITORY / "src"


def test_in_a_clone_the_example_is_the_repository_s() -> None:
    assert _example_folder_of(SOURCES).stdout.strip() == str(REPOSITORY / "examples" / "customer360")


def test_in_an_installed_wheel_the_example_lies_in_the_package(tmp_path: Path) -> None:
    for package in ("datasurface", "datasurface_yellow"):
        shutil.copytree(SOURCES / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    packed = tmp_path / "datasurface_yellow" / "local" / "customer360"

    assert _example_folder_of(tmp_path).stderr.endswith("SimulatorError: the customer360 example is not installed\n")
    shutil.copytree(REPOSITORY / "examples" / "customer360", packed)
    assert _example_folder_of(tmp_path).stdout.strip() == str(packed)


def _example_folder_of(path: Path) -> subprocess.CompletedProcess[str]:
    code = "from datasurface_yellow.simulator.example import example_folder; print(example_folder())"
    program = f"import sys; sys.path.insert(0, {str(path)!r}); {code}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
