"""Models out of git: one commit, nothing left behind, no secret repeated."""

import subprocess
from pathlib import Path

import pytest

from datasurface.errors import CheckoutError, UsageError
from datasurface.operations.checkout import ModelFolder, Repository, model_folder


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
        pytest.raises(CheckoutError, match=r"nowhere cannot be cloned: .*does not exist"),
        model_folder(Repository(str(tmp_path / "nowhere"), "main")),
    ):
        pass


def test_a_machine_without_git_is_told_so(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CheckoutError, match="git is not installed"), model_folder(Repository(str(repository), "main")):
        pass


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    source = Repository("https://deploy:hunter2@127.0.0.1:1/model.git", "main")
    with pytest.raises(UsageError) as refused, model_folder(source):
        pass
    assert "https://127.0.0.1:1/model.git" in refused.value.message
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint} {source!r}"


def test_a_token_as_user_is_not_repeated_in_what_git_says() -> None:
    source = Repository("http://hunter2@127.0.0.1:1/model.git", "main")
    with pytest.raises(CheckoutError) as refused, model_folder(source):
        pass
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint}"
