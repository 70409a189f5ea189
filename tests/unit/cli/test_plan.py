"""``datasurface plan``: what it compares with, how it ends, and what it prints for whom."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import BOTH, Command, Model, assignment
from tests.unit.cli.memory_platform import MemoryPlugin
from tests.unit.operations.test_checkout import git

NAME = 'Column("name", VarChar(100))'
MORE = f'{NAME}, Column("nick", VarChar(20))'


@pytest.fixture
def base(model: Model, tmp_path: Path) -> str:
    """The model as it was."""
    return str(shutil.copytree(model.folder, tmp_path / "base"))


@pytest.fixture
def committed(model: Model) -> Model:
    """The model, with all of it committed on main."""
    git(model.folder, "init", "--quiet")
    git(model.folder, "add", ".")
    git(model.folder, "commit", "--quiet", "-m", "first")
    return model


def test_a_model_against_itself_is_0(command: Command, model: Model, base: str) -> None:
    ended = command("plan", model, "--base", base)
    assert (ended.code, ended.out) == (0, "Shop: no changes\n")


def test_changes_are_2(command: Command, model: Model, base: str, world: MemoryPlugin) -> None:
    model.edit(NAME, MORE)
    ended = command("plan", model, "--base", base)
    assert ended.code == 2
    assert ended.out.startswith("Shop: can be applied\n2 changes (2 added);")
    assert "  + datasets/customers/columns/nick  Column VarChar(20)" in ended.out
    assert "on Live\n" in ended.out
    assert world.generations == []


def test_what_would_break_a_consumer_is_1(command: Command, model: Model, base: str) -> None:
    model.edit(f", {NAME}", "")
    ended = command("plan", model, "--base", base)
    assert ended.code == 1
    assert ended.out.startswith("Shop: refused\n")
    assert "hint: " in ended.out


def test_the_base_can_be_a_revision_of_the_models_repository(command: Command, committed: Model) -> None:
    committed.edit(NAME, MORE)
    assert command("plan", committed, "--base", "main").code == 2
    git(committed.folder, "commit", "--quiet", "-a", "-m", "more")
    assert command("plan", committed, "--base", "main").code == 0
    assert command("plan", "--repo", str(committed.folder), "--rev", "main", "--base", "main~1").code == 2


def test_helper_modules_of_base_and_head_never_mix(command: Command, committed: Model) -> None:
    helper = committed.folder / "widths.py"
    helper.write_text("WIDTH = 100\n", encoding="utf-8")
    committed.edit(
        "from datasurface.types import VarChar\n", "from datasurface.types import VarChar\nfrom widths import WIDTH\n"
    )
    committed.edit("VarChar(100)", "VarChar(WIDTH)")
    git(committed.folder, "add", ".")
    git(committed.folder, "commit", "--quiet", "-m", "helper")
    helper.write_text("WIDTH = 200\n", encoding="utf-8")
    ended = command("plan", committed, "--base", "HEAD")
    assert ended.code == 2
    assert "type VarChar(100) to VarChar(200)" in ended.out


def test_the_mapping_file_takes_part(command: Command, model: Model, base: str) -> None:
    model.assign(BOTH[:1])
    shutil.copy(Path(base) / "eco.py", model.folder / "eco.py")
    back = command("plan", base, "--base", str(model))
    assert back.code == 2
    assert "assignments/Consumer1.ForensicDSG  (GroupAssignments, acme/model@main)" in back.out
    skipped = assignment("LiveDSG", "Live") | {"assignments": [{"platform": "Live", "status": "DECOMMISSIONED"}]}
    model.assign([skipped, BOTH[1]])
    ended = command("plan", model, "--base", base)
    assert ended.code == 1
    assert "may not go from PROVISIONED to DECOMMISSIONED" in ended.out


def test_without_a_base_it_is_the_model_in_force(command: Command, model: Model, world: MemoryPlugin) -> None:
    ended = command("plan", model)
    assert ended.code == 2
    assert ended.out.startswith("Shop, first check-in: can be applied\n")
    assert world.generations == []
    assert command("apply", model).code == 0
    model.edit(NAME, MORE)
    assert command("plan", model).code == 2
    assert command("apply", model).code == 0
    assert command("plan", model).code == 0


def test_whoever_does_not_own_a_change_is_refused(command: Command, model: Model, base: str) -> None:
    model.edit(NAME, MORE)
    assert command("plan", model, "--base", base, "--change-source", "git@github.com:acme/model.git@main").code == 2
    ended = command("plan", model, "--base", base, "--change-source", "acme/other@main")
    assert ended.code == 1
    assert "acme/other@main asks for 2 changes of what acme/model@main owns" in ended.out


def test_a_model_with_errors_is_refused_with_its_findings(command: Command, model: Model, base: str) -> None:
    model.edit('Column("id", VarChar(20), primary_key=True)', 'Column("id", VarChar(20))')
    ended = command("plan", model, "--base", base)
    assert (ended.code, ended.out) == (1, "")
    assert "eco.py:" in ended.err
    document: Any = command("plan", model, "--base", base, "--json").document()
    assert document["findings"]


def test_a_base_that_is_broken_is_named_and_the_model_is_not_blamed(command: Command, model: Model, base: str) -> None:
    (Path(base) / "eco.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    ended = command("plan", model, "--base", base)
    assert (ended.code, ended.out) == (1, "")
    assert f"the base '{base}' cannot be loaded: eco.py:1: No module named 'nothing_of_this_name'" in ended.err
    assert "compare with an older revision" in ended.err


def test_where_both_are_broken_the_model_is_named(command: Command, model: Model, base: str) -> None:
    (Path(base) / "eco.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    model.edit('Column("id", VarChar(20), primary_key=True)', 'Column("id", VarChar(20))')
    ended = command("plan", model, "--base", base)
    assert ended.code == 1
    assert "has no primary key" in ended.err
    assert "nothing_of_this_name" not in ended.err


def test_a_base_that_lint_refuses_can_be_repaired(command: Command, model: Model, base: str) -> None:
    file = Path(base) / "eco.py"
    file.write_text(
        file.read_text(encoding="utf-8").replace(
            '"ForensicDSG", sinks=store.sinks("customers")', '"ForensicDSG", sinks=store.sinks("nobody")'
        ),
        encoding="utf-8",
    )
    assert command("validate", base).code == 1
    assert command("plan", model, "--base", base).code == 2


def test_json_is_one_document_and_markdown_one_comment(command: Command, model: Model, base: str) -> None:
    model.edit(NAME, MORE)
    ended = command("plan", model, "--base", base, "--json")
    assert (ended.code, ended.document()["outcome"]) == (2, "changes")
    ended = command("plan", model, "--base", base, "--markdown")
    assert ended.code == 2
    assert ended.out.startswith("### 🟢 Plan: can be applied\n")


@pytest.mark.parametrize(
    "words",
    [["--json", "--markdown"], ["--change-source", "acme/model"], ["--change-source", "@main"], ["--base"]],
)
def test_wrong_usage_is_64(command: Command, model: Model, words: list[str]) -> None:
    assert command("plan", model, *words).code == 64


@pytest.mark.parametrize("name", ["--all"])
def test_a_base_that_is_nothing_is_named(command: Command, committed: Model, name: str) -> None:
    ended = command("plan", committed, "--base", name)
    assert ended.code == 1
    assert f"'{name}' is no folder with a model" in ended.err
