"""``init``: a repository that is valid, plans its own changes, and is never written over."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from datasurface.cli.main import main

FILES = {
    "eco.py",
    "dsg_platform_mapping.json",
    "requirements.txt",
    "README.md",
    ".gitignore",
    "environments/laptop.toml",
    ".github/workflows/model.yml",
}


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "Acme"
    assert main(["init", str(folder), "--repository", "acme/model"]) == 0
    capsys.readouterr()
    return folder


def written(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_it_says_what_it_wrote_and_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a folder"
    assert main(["init", str(folder)]) == 0
    printed = capsys.readouterr()
    assert set(printed.out.splitlines()) == {f"wrote {folder / file}" for file in FILES}
    assert written(folder) == FILES
    assert printed.err.startswith(f"next: cd '{folder}' && datasurface validate\n")
    assert 'return Ecosystem(\n        "a_folder",' in (folder / "eco.py").read_text(encoding="utf-8")


def test_the_model_has_no_finding_here_and_on_a_laptop(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(folder)]) == 0
    assert main(["validate", str(folder), "--environment", str(folder / "environments" / "laptop.toml")]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings\n" * 2


def test_a_change_of_it_is_planned(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(folder, "init", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "A model")
    assert main(["plan", str(folder), "--base", "main"]) == 0
    eco = folder / "eco.py"
    eco.write_text(eco.read_text(encoding="utf-8").replace("VarChar(100)", "VarChar(200)"), encoding="utf-8")
    assert main(["plan", str(folder), "--base", "main", "--markdown"]) == 2
    assert "`Acme: can be applied`" in capsys.readouterr().out


@pytest.mark.parametrize("file", sorted(FILES))
def test_nothing_is_written_over(folder: Path, capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / file).parent.mkdir(parents=True)
    (other / file).write_text("mine", encoding="utf-8")
    assert main(["init", str(other)]) == 64
    assert capsys.readouterr().err == (
        f"error: {other} has {file} already; nothing was written\n"
        "hint: name an empty folder, and take from it what you need\n"
    )
    assert written(other) == {file}
    assert (other / file).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("file", sorted(FILES))
def test_nothing_is_written_through_a_link_to_nothing(tmp_path: Path, file: str) -> None:
    other = tmp_path / "other"
    (other / file).parent.mkdir(parents=True)
    (other / file).symlink_to(tmp_path / "elsewhere")
    assert main(["init", str(other)]) == 64
    assert not (tmp_path / "elsewhere").exists()
    assert written(other) == set()


def test_where_one_file_cannot_be_written_none_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / ".github").write_text("mine", encoding="utf-8")
    assert main(["init", str(other)]) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert [path.name for path in other.rglob("*")] == [".github"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--name", "a b"], "error: 'a b' cannot be the name of an ecosystem\nhint: as in --name a_b\n"),
        (["--repository", 'a"b'], "error: 'a\"b' is no git repository\nhint: write owner/name, or a clone URL\n"),
    ],
)
def test_names_that_would_break_the_text_are_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert main(["init", str(tmp_path / "new"), *words]) == 64
    assert capsys.readouterr().err == message
    assert not (tmp_path / "new").exists()


def test_the_document_names_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "new"), "--name", "Shop", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.keys() == {"name", "files"}
    assert (document["name"], {*document["files"]}) == ("Shop", {str(tmp_path / "new" / file) for file in FILES})


@pytest.fixture
def workflow(folder: Path) -> dict[Any, Any]:
    workflow: dict[Any, Any] = yaml.safe_load((folder / ".github" / "workflows" / "model.yml").read_text())
    return workflow


@pytest.fixture
def jobs(workflow: dict[Any, Any]) -> dict[str, Any]:
    jobs: dict[str, Any] = workflow["jobs"]
    return jobs


def test_it_begins_by_pull_requests_without_secrets_and_by_what_is_merged(workflow: dict[Any, Any]) -> None:
    assert workflow[True] == {"pull_request": None, "push": {"branches": ["main"]}}  # YAML 1.1 reads `on` as true
    assert workflow["permissions"] == {}


def test_foreign_code_runs_only_where_there_is_no_secret_and_no_right_to_write(jobs: dict[str, Any]) -> None:
    assert jobs["check"]["permissions"] == {"contents": "read"}
    assert "secrets." not in json.dumps(jobs["check"])
    assert "secrets." not in json.dumps(jobs["comment"])
    assert jobs["comment"]["permissions"] == {"pull-requests": "write"}
    assert not any("checkout" in step.get("uses", "") for step in jobs["comment"]["steps"])
    assert "github.event_name == 'push'" in jobs["apply"]["if"]
    assert jobs["apply"]["permissions"] == {"contents": "read"}
    assert jobs["apply"]["environment"] == "production"


def test_no_text_of_others_is_put_into_a_script(jobs: dict[str, Any]) -> None:
    scripts = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_the_job_that_comments_gets_the_plan_and_nothing_else(jobs: dict[str, Any]) -> None:
    [download, comment] = jobs["comment"]["steps"]
    [upload] = [step for step in jobs["check"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert upload["with"]["path"] == "plan.md"
    assert download["with"]["name"] == upload["with"]["name"]
    assert comment["run"].startswith("gh pr comment")
    assert "--body-file plan.md" in comment["run"]
    assert jobs["comment"]["needs"] == "check"


def test_merges_are_applied_one_after_the_other_with_the_history_that_tells_their_order(jobs: dict[str, Any]) -> None:
    assert jobs["apply"]["concurrency"] == {"group": "model-apply", "cancel-in-progress": False}
    assert jobs["check"]["concurrency"]["cancel-in-progress"] is True
    for job in ("check", "apply"):
        [checkout] = [step for step in jobs[job]["steps"] if "actions/checkout@" in step.get("uses", "")]
        assert checkout["with"]["fetch-depth"] == 0
    assert jobs["apply"]["steps"][-1]["run"] == 'datasurface apply --repo . --rev "$GITHUB_SHA"'


def test_actions_are_pinned_and_leave_no_token_behind(jobs: dict[str, Any]) -> None:
    steps = [step for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert all(len(step["uses"].partition("@")[2]) == 40 for step in steps)
    checkouts = [step for step in steps if step["uses"].startswith("actions/checkout@")]
    assert len(checkouts) == 2
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize(("planned", "ended"), [(0, 0), (2, 0), (1, 1), (64, 1)])
def test_the_step_that_plans_fails_where_the_plan_is_refused(
    jobs: dict[str, Any], tmp_path: Path, planned: int, ended: int
) -> None:
    """The step's own script, with a program in the place of ours that ends as it is told."""
    assert ran(jobs, "Plan", tmp_path, f"echo planned\nexit {planned}") == ended
    assert (tmp_path / "summary").read_text(encoding="utf-8") == "planned\n"


@pytest.mark.parametrize(("validated", "is_plan"), [(0, False), (1, True)])
def test_a_model_with_errors_fails_the_check_and_takes_the_place_of_its_plan(
    jobs: dict[str, Any], tmp_path: Path, validated: int, is_plan: bool
) -> None:
    assert ran(jobs, "Validate", tmp_path, f"exit {validated}") == validated
    assert (tmp_path / "plan.md").exists() == is_plan


def ran(jobs: dict[str, Any], name: str, folder: Path, program: str) -> int:
    """How the script of a step of the check ends, with a program in the place of ours."""
    [script] = [step["run"] for step in jobs["check"]["steps"] if step.get("name") == name]
    stands = folder / "datasurface"
    stands.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    stands.chmod(0o755)
    bash = shutil.which("bash")
    assert bash is not None
    variables = {"PATH": f"{folder}:/usr/bin:/bin", "BASE": "main", "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    return subprocess.run([bash, "-e", "-c", script], cwd=folder, env=variables, check=False).returncode
