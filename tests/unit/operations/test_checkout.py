"""Models out of git: one commit, nothing left behind, no secret repeated."""

import subprocess
from pathlib import Path

import pytest

from datasurface.errors import CheckoutError, UsageError
from datasurface.operations.checkout import ModelFolder, ModelSource, Repository, Revision, base_of, model_folder


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", "-C", folder, *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, text: str) -> str:
    (folder / "eco.py").write_text(text, encoding="utf-8")
    git(folder, "add", "eco.py")
    git(folder, "commit", "--quiet", "-m", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits on main, the first with the tag ``v1``, and a branch ``next``; the work tree is changed."""
    folder = tmp_path / "model"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, "first")
    git(folder, "tag", "v1")
    commit(folder, "second")
    git(folder, "checkout", "--quiet", "-b", "next")
    commit(folder, "third")
    git(folder, "checkout", "--quiet", "main")
    (folder / "eco.py").write_text("not committed", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("revision", "text"), [("main", "second"), ("next", "third"), ("v1", "first"), ("HEAD", "second")]
)
def test_a_revision_is_checked_out_and_its_commit_recorded(repository: Path, revision: str, text: str) -> None:
    with model_folder(Repository(str(repository), revision)) as folder:
        assert (folder.path / "eco.py").read_text(encoding="utf-8") == text
        assert folder.commit == git(repository, "rev-parse", revision)
        assert folder.path != repository
    assert not folder.path.exists()


def test_a_commit_is_a_revision_in_full_and_in_short(repository: Path) -> None:
    full = git(repository, "rev-parse", "v1")
    for revision in (full, full[:10]):
        with model_folder(Repository(repository.as_uri(), revision)) as folder:
            assert folder.commit == full


def test_a_branch_comes_before_a_tag_of_its_name(repository: Path) -> None:
    git(repository, "tag", "next", "v1")
    with model_folder(Repository(str(repository), "next")) as folder:
        assert (folder.path / "eco.py").read_text(encoding="utf-8") == "third"


def test_a_folder_is_used_as_it_is_and_has_no_commit(repository: Path) -> None:
    with model_folder(ModelFolder(repository)) as folder:
        assert folder == ModelFolder(repository, None)
    assert repository.exists()


def test_the_variables_of_a_git_hook_do_not_lead_to_the_hooks_own_repository(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    with model_folder(Repository(str(repository), "main")) as folder:
        assert (folder.path / "eco.py").read_text(encoding="utf-8") == "second"


@pytest.mark.parametrize("revision", ["missing", "--all", "v1:eco.py", ""])
def test_a_revision_that_is_none_is_named(repository: Path, revision: str) -> None:
    with (
        pytest.raises(CheckoutError, match=f"no revision '{revision}'"),
        model_folder(Repository(str(repository), revision)),
    ):
        pass


def test_a_repository_that_is_none_is_named_with_what_git_says(tmp_path: Path) -> None:
    with (
        pytest.raises(CheckoutError, match=r"nowhere cannot be cloned: .*not appear to be a git repository"),
        model_folder(Repository(str(tmp_path / "nowhere"), "main")),
    ):
        pass


def test_a_machine_without_git_is_told_so(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CheckoutError, match="git is not installed"), model_folder(Repository(str(repository), "main")):
        pass


@pytest.mark.parametrize("password", ["hunter2", "hunter2#", "?hunter2", "hunter2/x"])
def test_a_password_in_the_url_is_refused_and_not_repeated(password: str) -> None:
    source = Repository(f"https://deploy:{password}@127.0.0.1:1/model.git", "main")
    with pytest.raises(UsageError) as refused, model_folder(source):
        pass
    assert "https://127.0.0.1:1/model.git" in refused.value.message
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint} {source!r}"


def test_a_url_that_python_cannot_read_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="cannot be read"), model_folder(Repository("https://[x/y", "main")):
        pass


def test_a_token_as_user_is_not_repeated_in_what_git_says() -> None:
    source = Repository("http://hunter2@127.0.0.1:1/model.git", "main")
    with pytest.raises(CheckoutError) as refused, model_folder(source):
        pass
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint}"


def text_of(source: ModelSource) -> str:
    with model_folder(source) as folder:
        return (folder.path / "eco.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("base", "text"), [("main", "second"), ("next", "third"), ("v1", "first"), ("HEAD~1", "first")]
)
def test_the_base_of_a_folder_is_a_revision_of_its_repository(repository: Path, base: str, text: str) -> None:
    before = git(repository, "status", "--porcelain")
    with model_folder(base_of(ModelFolder(repository), base)) as folder:
        assert (folder.path / "eco.py").read_text(encoding="utf-8") == text
        assert folder.commit == git(repository, "rev-parse", base)
    assert not folder.path.exists()
    assert git(repository, "status", "--porcelain") == before
    assert (repository / "eco.py").read_text(encoding="utf-8") == "not committed"


def test_the_base_of_a_folder_can_be_another_folder(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "eco.py").write_text("other", encoding="utf-8")
    assert text_of(base_of(ModelFolder(repository), str(other))) == "other"


def test_a_folder_without_a_model_does_not_hide_the_branch_of_its_name(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "next").mkdir()
    assert text_of(base_of(ModelFolder(repository), "next")) == "third"


def test_the_base_of_a_model_in_a_repository_is_a_revision_there(repository: Path) -> None:
    assert base_of(Repository(str(repository), "next"), "v1") == Repository(str(repository), "v1")


def test_a_model_in_a_folder_of_its_repository_comes_with_what_is_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "shop"
    folder.mkdir(parents=True)
    git(tmp_path, "init", "--quiet")
    (tmp_path / "shared.py").write_text("shared", encoding="utf-8")
    git(tmp_path, "add", "shared.py")
    commit(folder, "old")
    (folder / "eco.py").write_text("new", encoding="utf-8")
    with model_folder(base_of(ModelFolder(folder), "HEAD")) as base:
        assert (base.path / "eco.py").read_text(encoding="utf-8") == "old"
        assert (base.path / "../../shared.py").read_text(encoding="utf-8") == "shared"


def test_a_branch_of_the_origin_that_was_fetched_alone_into_a_shallow_clone(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=next", repository.as_uri(), str(clone))
    git(clone, "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    assert text_of(base_of(ModelFolder(clone), "origin/main")) == "second"


def test_no_hook_of_the_repository_runs(repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {repository}/ran\n", encoding="utf-8")
    hook.chmod(0o755)
    git(repository, "checkout", "--quiet", "--force", "next")
    (repository / "ran").unlink()
    assert text_of(base_of(ModelFolder(repository), "v1")) == "first"
    assert not (repository / "ran").exists()


def test_a_base_that_is_nothing_says_what_it_could_be(repository: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(
            CheckoutError, match=r"'missing' is no folder with a model, and the repository of .* no such"
        ) as no,
        model_folder(base_of(ModelFolder(repository), "missing")),
    ):
        pass
    assert "git fetch origin main" in str(no.value.hint)
    with (
        pytest.raises(CheckoutError, match="is in no git repository that has it as a revision: fatal"),
        model_folder(base_of(ModelFolder(tmp_path), "main")),
    ):
        pass


@pytest.mark.parametrize("base", ["main", "origin/main"])
def test_a_folder_in_a_change_does_not_choose_the_base_of_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    git(repository, "update-ref", "refs/remotes/origin/main", "main")
    (repository / base).mkdir(parents=True)
    (repository / base / "eco.py").write_text("ours", encoding="utf-8")
    monkeypatch.chdir(repository)
    for source in (ModelFolder(Path()), Revision(Path(), "HEAD"), Repository(str(repository), "main")):
        with pytest.raises(UsageError, match=f"'{base}' is both a revision and a folder") as refused:
            base_of(source, base)
        assert f"./{base} for the folder" in str(refused.value.hint)
    assert text_of(base_of(ModelFolder(Path()), f"./{base}")) == "ours"
    assert text_of(base_of(ModelFolder(Path()), str(repository / base))) == "ours"
    assert text_of(base_of(ModelFolder(Path()), "refs/heads/main")) == "second"


def test_a_name_that_is_no_revision_is_a_folder_with_a_model(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "eco.py").write_text("before", encoding="utf-8")
    for source in (ModelFolder(repository), ModelFolder(tmp_path / "before"), Repository(str(repository), "main")):
        assert text_of(base_of(source, "before")) == "before"


@pytest.mark.parametrize("base", [".", "./main", "..", "/nowhere"])
def test_what_is_written_as_a_folder_is_no_revision(
    repository: Path, tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckoutError, match="is no folder with a model"):
        base_of(ModelFolder(repository), base)


def test_a_base_without_a_name_is_not_the_folder_one_stands_in(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    with pytest.raises(CheckoutError, match="no such revision"), model_folder(base_of(ModelFolder(Path()), "")):
        pass


def test_a_repository_that_git_refuses_to_read_does_not_make_a_name_a_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    (repository / "main").mkdir()
    (repository / "main" / "eco.py").write_text("ours", encoding="utf-8")
    (repository / ".git" / "config").write_text("[core", encoding="utf-8")
    with pytest.raises(CheckoutError, match="bad config"):
        base_of(ModelFolder(Path()), "main")
