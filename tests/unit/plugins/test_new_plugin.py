"""``datasurface plugin new`` writes a plugin that its author fills in with little, and that passes the kit then."""

import difflib
import shutil
from pathlib import Path

import pytest

from datasurface.cli.main import main
from tests.support import filled_store
from tests.support.length import long_or
from tests.support.plugins import install, run_kit

FILLED = Path(filled_store.__file__)
MOST_LINES = 150


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A plugin as it was just written."""
    project = tmp_path / "acme-lake"
    assert main(["plugin", "new", "acme-lake", "--output", str(project)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 8
    return project


def test_the_author_writes_few_lines(project: Path) -> None:
    template = (project / "acme_lake" / "store.py").read_text(encoding="utf-8").splitlines()
    filled = FILLED.read_text(encoding="utf-8").splitlines()
    written = [line for line in difflib.ndiff(template, filled) if line.startswith("+ ") and line[2:].strip()]
    assert 20 < len(written) <= MOST_LINES


@pytest.mark.slow
@pytest.mark.parametrize("strategy", long_or(["acme-lake-live", "acme-lake-forensic"], ["acme-lake-forensic"]))
def test_once_it_is_filled_in_it_passes_the_kit(project: Path, tmp_path: Path, strategy: str) -> None:
    shutil.copy(FILLED, project / "acme_lake" / "store.py")
    environment = install(project, tmp_path)
    done = run_kit(tmp_path, [f"--datasurface-strategy={strategy}", "--datasurface-examples=1"], environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "33 passed, 1 skipped" in done.stdout  # it merges no parts of sources


def test_before_that_it_is_a_sound_plugin_that_fails_the_kit(project: Path, tmp_path: Path) -> None:
    environment = install(project, tmp_path)
    words = ["--datasurface-strategy=acme-lake-live", "--datasurface-examples=1", "-k", "ensure"]
    done = run_kit(tmp_path, words, environment)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "NotImplementedError" in done.stdout


def test_nothing_is_written_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "README.md").write_text("mine", encoding="utf-8")
    assert main(["plugin", "new", "acme-lake", "--output", str(project)]) == 64
    assert "nothing was written" in capsys.readouterr().err
    assert (project / "README.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["Lake", "acme_lake", "1lake", "lake-", "class", "acme lake", "../lake", ""])
def test_a_name_that_no_package_can_have_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugin", "new", name, "--output", str(tmp_path / "new")]) == 64
    assert "cannot be the name of a plugin" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
