"""The conformance kit from outside: what a plugin's author types, on the strategy of the example."""

from pathlib import Path

import pytest

from tests.support.length import long_or
from tests.support.plugins import MEMORY, install, run_kit


@pytest.mark.parametrize("name", long_or(["memory-live", "memory-forensic"], ["memory-forensic"]))
def test_the_strategy_of_the_example_passes(name: str, tmp_path: Path) -> None:
    environment = install(MEMORY, tmp_path)
    done = run_kit(tmp_path, [f"--datasurface-strategy={name}", "--datasurface-examples=4"], environment)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_the_kit_is_also_found_by_the_name_of_its_package(tmp_path: Path) -> None:
    environment = install(MEMORY, tmp_path)
    words = ["--pyargs", "datasurface.testing.conformance", "--datasurface-strategy=memory-live", "--co"]
    done = run_kit(tmp_path, words, environment)
    assert done.returncode == 0, done.stdout
    for law in range(1, 13):
        assert f"::test_L{law}_" in done.stdout


def test_a_name_that_nobody_brings_is_one_error_with_the_names_there_are(tmp_path: Path) -> None:
    done = run_kit(tmp_path, ["--datasurface-strategy=granite-live"], install(MEMORY, tmp_path))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip().splitlines() == [
        "ERROR: there is no merge strategy 'granite-live'; installed plugins bring: "
        "memory-forensic, memory-live, yellow-forensic, yellow-live"
    ]


def test_without_the_option_nothing_is_collected(tmp_path: Path) -> None:
    done = run_kit(tmp_path, ["--pyargs", "datasurface.testing.conformance"])
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout
