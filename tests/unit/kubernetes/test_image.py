"""The image: its steps, run in an empty folder without a daemon, make a program that any user can run and that holds
nothing to build with."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.length import IS_LONG

REPOSITORY = Path(__file__).parents[3]
DOCKERFILE = REPOSITORY / "deploy" / "Dockerfile"
PYTHON = "/usr/bin/python3"
"""One that every user of the machine may run; a folder of root's is closed to them."""
NOBODY = 65534


def _stages() -> list[list[tuple[str, str]]]:
    """Each stage's instructions, as words and what follows them."""
    text = re.sub(r"^#.*\n|\\\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    stages: list[list[tuple[str, str]]] = [[]]
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest.strip()))
    return stages[1:]


def test_the_last_stage_builds_nothing_and_is_no_root() -> None:
    last = _stages()[-1]
    run = " ".join(rest for word, rest in last if word == "RUN")
    assert not re.search(r"pip install|gcc|build-essential|compile|uv ", run)
    assert "pip uninstall --yes pip" in run
    assert [rest for word, rest in last if word == "USER"] == ["10001:10001"]
    assert [word for word, _ in last if word in ("COPY", "ADD")] == ["COPY"]
    assert ("ENTRYPOINT", '["datasurface"]') in last


def test_what_is_copied_is_there_and_let_in() -> None:
    ignored = (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for word, rest in _stages()[0]:
        if word == "COPY":
            for name in rest.split()[:-1]:
                assert (REPOSITORY / name).exists()
                assert f"!{name}" in ignored


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="datasurface-image-", dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(not IS_LONG, reason="installs from a registry for most of a minute: `tox -e kubernetes` does")
def test_its_steps_make_a_program_that_anybody_can_run(folder: Path) -> None:
    if os.getuid() != 0 or not Path(PYTHON).exists():
        pytest.skip(f"needs root, to run as another user, and {PYTHON}")
    build, opt = folder / "build", folder / "opt"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    build.mkdir()
    opt.mkdir()
    for word, rest in _stages()[0]:
        if word == "COPY":
            *names, target = rest.split()
            for name in names:
                _copy(REPOSITORY / name, build / target)
        elif word == "RUN":
            command = rest.replace("/opt/", f"{opt}/").replace("${EXTRAS}", "yellow")
            command = re.sub(r"^python ", f"{PYTHON} ", command)
            done = subprocess.run(
                ["sh", "-euc", command], cwd=build, env=clean, capture_output=True, text=True, check=False, timeout=300
            )
            assert done.returncode == 0, done.stderr
    shutil.rmtree(build)  # the last stage has none of it
    assert not [*opt.rglob("bin/pip*"), *opt.rglob("site-packages/pip"), *opt.rglob("site-packages/setuptools")]
    done = subprocess.run(
        [opt / "datasurface" / "bin" / "datasurface", "ingest", "--help"],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp"},  # noqa: S108 as in the image
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Run one batch of one stream" in done.stdout


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
