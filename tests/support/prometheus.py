"""Prometheus' own programs, as far as they are installed."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE, STDOUT, run

from tests.conftest import missing_ring


def program(name: str) -> Path:
    """``prometheus`` or ``promtool``; without it the test is skipped."""
    found = shutil.which(name)
    if found is None:
        missing_ring(f"no {name} on this machine: Debian's package is prometheus")
    return Path(found)


def promtool(*words: str | Path) -> str:
    """What promtool prints; an AssertionError with that where it ends otherwise than well."""
    return _run([program("promtool"), *words])


def _run(words: Sequence[str | Path]) -> str:
    done = run([str(word) for word in words], stdout=PIPE, stderr=STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout
