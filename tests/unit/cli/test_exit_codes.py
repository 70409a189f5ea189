"""How commands end when they cannot do their work: exit codes, one message with a hint, the document of an error."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Command, Model
from tests.unit.cli.memory_platform import MemoryPlugin

LIVE = ("--platform", "Live", "--stream", "Store1")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["no-such-command"],
        ["apply", "--no-such-option"],
        ["ingest", "--stream", "Store1"],
        ["ingest", "--platform", "Live"],
        ["ingest", *LIVE, "--budget", "soon"],
        ["ingest", *LIVE, "--budget", "0"],
        ["run", "--duration", "-1"],
        ["run", "--duration", "nan"],
        ["run", "--duration", "inf"],
        ["ingest", *LIVE, "--budget", "nan"],
        ["validate", "--load-timeout", "0"],
        ["validate", "--load-timeout", "NaN"],
        ["validate", "--load-timeout", "1e300"],
        ["batch"],
        ["batch", "undo"],
        ["validate", "--rev", "main"],
        ["validate", "--repo", "model.git"],
        ["validate", "model", "--repo", "model.git", "--rev", "main"],
        ["verify", "model", "--store", "postgresql://db/merge?credential=w"],
        ["verify", "--repo", "model.git", "--rev", "main", "--store", "postgresql://db/merge?credential=w"],
        ["verify", "--store", "db/merge"],
    ],
)
def test_wrong_usage_is_64_with_a_message_on_standard_error(command: Command, words: list[str]) -> None:
    ended = command(*words)
    assert ended.code == 64
    assert ended.out == ""
    assert ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("words", [["validate", "--rev", "main", "--json"], ["ingest", "--json"]])
def test_wrong_usage_as_json_is_one_document(command: Command, words: list[str]) -> None:
    error: Any = command(*words).document()["error"]
    assert error.keys() == {"type", "message", "dataset", "hint"}
    assert error["type"] == "UsageError"


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["ingest", "--help"], ["batch", "--help"], ["--version"]])
def test_help_and_version_are_0_on_standard_output(command: Command, words: list[str]) -> None:
    ended = command(*words)
    assert ended.code == 0
    assert ended.out
    assert ended.err == ""


def test_the_help_lists_every_command_with_what_it_does(command: Command) -> None:
    lines = command("--help").out.splitlines()
    listed = {line.split()[0]: line.split()[1:] for line in lines[lines.index("Commands:") + 1 :] if line}
    ours = [
        "init",
        "validate",
        "plan",
        "graph",
        "apply",
        "rollback",
        "history",
        "hooks",
        "plugin",
        "ingest",
        "transform",
        "maintain",
        "batch",
        "verify",
        "forget",
        "retention",
        "views",
        "objects",
        "emit",
        "metrics",
        "access",
        "run",
        "import",
        "export",
    ]
    assert list(listed) == ours
    assert all(listed.values())


def test_nothing_in_force_is_1_and_says_what_to_do(command: Command, model: Model) -> None:
    ended = command("ingest", model, *LIVE, "--json")
    assert ended.code == 1
    assert ended.document() == {
        "error": {
            "type": "NotApplied",
            "message": "nothing is in force in the control database",
            "dataset": None,
            "hint": "run `datasurface apply` first",
        }
    }
    assert ended.err == "error: nothing is in force in the control database\nhint: run `datasurface apply` first\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ingest", "--platform", "Nope", "--stream", "Store1"), "no platform 'Nope'"),
        (("ingest", "--platform", "Live", "--stream", "Nope"), "runs no stream 'Nope'"),
        (("batch", "status", "--platform", "Live", "--stream", "Nope"), "runs no stream 'Nope'"),
        (("batch", "reset", "--yes", "--platform", "Live", "--stream", "Nope"), "runs no stream 'Nope'"),
        (("verify", "--platform", "Nope"), "no platform 'Nope'"),
        (("verify", "--stream", "Nope"), "no stream 'Nope'"),
        (("views", "reconcile", "--platform", "Nope"), "no platform 'Nope'"),
    ],
)
def test_what_is_not_in_force_is_1_and_what_is_gets_named(
    command: Command, model: Model, words: tuple[str, ...], message: str
) -> None:
    command("apply", model)
    ended = command(*words, "--store", "postgresql://db/merge?credential=writer")
    assert ended.code == 1
    assert message in ended.err
    assert "hint: " in ended.err
    assert "Live" in ended.err.replace("Nope", "") or "Store1" in ended.err


def test_a_refused_model_is_1_and_shows_its_findings_as_a_compiler_does(command: Command, model: Model) -> None:
    model.edit('"ForensicDSG", sinks=store.sinks("customers")', '"ForensicDSG", sinks=store.sinks("costumers")')
    ended = command("validate", model)
    assert ended.code == 1
    finding, *details = ended.out.splitlines()
    assert "eco.py:44: error DS" in finding
    assert "costumers" in finding
    assert [line.split()[0] for line in details] == ["in", "hint:", "1"]
    document = command("validate", model, "--json").document()
    findings: Any = document["findings"]
    assert (document["errors"], document["warnings"]) == (1, 0)
    assert findings[0].keys() == {"code", "severity", "path", "file", "line", "message", "hint"}


def test_a_refused_model_is_not_applied_and_its_findings_are_said(
    command: Command, model: Model, world: MemoryPlugin
) -> None:
    model.edit('"ForensicDSG", sinks=store.sinks("customers")', '"ForensicDSG", sinks=store.sinks("costumers")')
    ended = command("apply", model, "--json")
    assert ended.code == 1
    document = ended.document()
    error: Any = document["error"]
    findings: Any = document["findings"]
    assert error["type"] == "ModelRefused"
    assert len(findings) == 1
    assert "eco.py:44: error DS" in ended.err
    assert "error: the model has 1 error" in ended.err
    assert world.generations == []


def test_a_folder_without_a_model_is_1(command: Command, tmp_path: Path) -> None:
    ended = command("apply", tmp_path)
    assert ended.code == 1
    assert "eco.py" in ended.err


def test_a_missing_environment_file_is_1_and_named(command: Command, model: Model) -> None:
    ended = command("validate", model, "--environment", "nowhere.toml")
    assert ended.code == 1
    assert "nowhere.toml" in ended.err


def test_the_environment_variable_of_the_store_gives_way_to_a_model(
    command: Command, model: Model, world: MemoryPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("apply", model)
    monkeypatch.setenv("DATASURFACE_STORE", "not a url")
    assert command("verify", model).code == 0
    assert command("verify").code == 64


def test_a_store_is_enough_and_no_model_is_loaded(
    command: Command, model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command("apply", model)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATASURFACE_STORE", "postgresql://db/merge?credential=writer")
    assert command("ingest", *LIVE).code == 0
