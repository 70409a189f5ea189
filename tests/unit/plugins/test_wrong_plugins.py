"""Wrong plugins beside sound ones, in processes of their own: each is named, and harms nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.acme import HOOK, install_plugin
from tests.support.plugins import MEMORY, run_kit

MODEL = Path(__file__).parents[3] / "examples" / "customer360"

LIAR = """
from attrs import evolve
from datasurface.milestoning.kit import StrategyKit
from datasurface.model import Milestoning
from datasurface.plugins.hookspecs import hookimpl
from memory_strategy.kit import MemoryWorkshop
from memory_strategy.strategy import MemoryMerge

HOOKS = 1
true_stage = MemoryMerge.stage

def stage(self, *words):
    found = true_stage(self, *words)
    return evolve(found, counts=evolve(found.counts, deleted=found.counts.deleted + 1))

MemoryMerge.stage = stage

@hookimpl
def merge_strategies():
    return [StrategyKit("liar-live", Milestoning.LIVE_ONLY, lambda: MemoryWorkshop(Milestoning.LIVE_ONLY))]
"""
"""One that counts a key too many as deleted."""


def run(folder: Path, *words: str, path: Sequence[Path] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "datasurface", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (folder, *path)))},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a plugin that raises at its import, one with a wrong signature, and one that gives something wrong."""
    folder = tmp_path_factory.mktemp("wrong")
    install_plugin(folder, "raise RuntimeError('no licence')", "raising", "raises")
    install_plugin(folder, f"{HOOK}def open_runtime(nothing_known): return None", "misread", "signature")
    install_plugin(folder, f"{HOOK}def lint_rules(): return ['no rule']", "untyped", "gives")
    return folder


SAID = {
    "raises": "plugin 'raises' of raising 1.2 does not load: RuntimeError: no licence",
    "signature": "plugin 'signature' of misread 1.2 does not load: there is no parameter of hook open_runtime named "
    "nothing_known; there is credentials, deployment, generation",
    "gives": "plugin 'gives' of untyped 1.2: lint_rules gave 'no rule' (str), which is no Rule",
}


def test_a_model_is_checked_as_without_them_and_each_is_named_once(folder: Path) -> None:
    done = run(folder, "validate", str(MODEL), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["errors"] == 0
    assert [line for line in done.stderr.splitlines() if "warning:" in line] == [
        f"warning: {said}" for said in (SAID["signature"], SAID["raises"], SAID["gives"])
    ]


def test_a_command_of_a_sound_plugin_is_found_among_them(folder: Path) -> None:
    done = run(folder, "demo", "--help")
    assert done.returncode == 0, done.stderr
    assert "--duration" in done.stdout


def test_a_model_with_errors_is_refused_with_the_same_code(folder: Path, tmp_path: Path) -> None:
    assert run(folder, "validate", str(tmp_path)).returncode == 1
    assert run(folder, "validate", "--no-such-option").returncode == 64


def test_the_list_shows_the_state_of_each_and_fails(folder: Path) -> None:
    done = run(folder, "plugin", "list", "--json")
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    plugins = {plugin["name"]: plugin for plugin in json.loads(done.stdout)["plugins"]}
    assert {name: plugin["state"] for name, plugin in plugins.items()} == {
        "airflow": "loaded",
        "prometheus": "loaded",
        "monitor": "loaded",
        "yellow": "loaded",
        **dict.fromkeys(SAID, "broken"),
    }
    assert {name: plugins[name]["problems"][0]["message"] for name in SAID} == SAID


def test_the_list_for_a_person_names_them_with_what_to_do(folder: Path) -> None:
    done = run(folder, "plugin", "list")
    assert done.returncode == 1
    assert done.stdout.count("broken") == 3
    for said in SAID.values():
        assert f"warning: {said}" in done.stderr
    assert "install a version that fits, or uninstall raising" in done.stderr


def test_a_list_of_sound_plugins_does_not_fail(tmp_path: Path) -> None:
    assert run(tmp_path, "plugin", "list").returncode == 0


@pytest.mark.slow
def test_a_strategy_that_lies_about_a_law_is_named_with_its_plugin(folder: Path, tmp_path: Path) -> None:
    install_plugin(tmp_path, LIAR, "untrue", "liar")
    environment = {"PYTHONPATH": os.pathsep.join(map(str, (tmp_path, folder, MEMORY)))}
    done = run_kit(tmp_path, ["--datasurface-strategy=liar-live", "--datasurface-examples=1", "-k", "L10"], environment)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "L10 (true counts) does not hold for strategy liar-live of plugin 'liar' of untrue 1.2:" in done.stdout
