"""Pushes to a bare repository and polls of it, on a platform in memory: what triggers, what is refused, and how."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasurface.errors import StoreUnavailable
from datasurface.loader import Loaded, load
from tests.support.git import git, run
from tests.unit.cli.conftest import Command, Ended, Model
from tests.unit.cli.memory_platform import MemoryPlugin

pytestmark = pytest.mark.slow

NAME = 'Column("name", VarChar(100))'
STORE = "postgresql://db/merge?credential=writer"
ZEROS = "0" * 40
Call = Callable[..., Ended]


class Site:
    """A bare repository, and a clone of it that holds the model."""

    def __init__(self, bare: Path, model: Model) -> None:
        self.bare, self.model = bare, model

    def commit(self, *edit: str) -> str:
        """A commit of the model, with a piece of it replaced; pushed to where no hook looks."""
        if edit:
            self.model.edit(*edit)
        git(self.model.folder, "add", ".")
        git(self.model.folder, "commit", "--quiet", "--allow-empty", "-m", "change")
        git(self.model.folder, "push", "--quiet", "--force", str(self.bare), "HEAD:refs/all/new")
        return git(self.model.folder, "rev-parse", "HEAD")

    def let_in(self, commit: str) -> None:
        """Move the branch, as git does after pre-receive."""
        git(self.bare, "update-ref", "refs/heads/main", commit)


_LOADED: dict[tuple[bytes, ...], Loaded] = {}


@pytest.fixture(autouse=True)
def _each_model_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of these tests begin with the same model, and its process would be most of their time."""

    def remembered(folder: Path, *words: Any, **more: Any) -> Loaded:
        key = tuple(path.read_bytes() for path in sorted(folder.glob("*.*")) if path.is_file())
        if key not in _LOADED:
            _LOADED[key] = load(folder, *words, **more)
        return _LOADED[key]

    monkeypatch.setattr("datasurface.operations.model.load", remembered)


@pytest.fixture
def site(model: Model, tmp_path: Path) -> Site:
    git(tmp_path, "init", "--quiet", "--bare", "-b", "main", "model.git")
    git(model.folder, "init", "--quiet", "-b", "main")
    return Site(tmp_path / "model.git", model)


@pytest.fixture
def hook(command: Command, site: Site, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls a hook as git does: in the repository, with updates on standard input."""

    def call(name: str, *updates: tuple[str, str, str]) -> Ended:
        monkeypatch.chdir(site.bare)
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{' '.join(update)}\n" for update in updates)))
        return command("hooks", name, "--branch", "main")

    return call


def pushed(hook: Call, site: Site, old: str, new: str) -> tuple[Ended, Ended]:
    """A push from end to end."""
    before = hook("pre-receive", (old, new, "refs/heads/main"))
    assert before.code == 0, before.err
    site.let_in(new)
    return before, hook("post-receive", (old, new, "refs/heads/main"))


@pytest.fixture
def first(command: Command, site: Site) -> str:
    """The first commit, in force."""
    commit = site.commit()
    site.let_in(commit)
    assert command("apply", "--repo", site.bare, "--rev", "main").code == 0
    return commit


def commits(world: MemoryPlugin) -> list[str | None]:
    return [generation.commit for generation in world.generations]


def test_a_push_is_checked_and_applied(hook: Call, site: Site, world: MemoryPlugin) -> None:
    commit = site.commit()
    before, after = pushed(hook, site, ZEROS, commit)
    assert before.err.splitlines()[-1].startswith("checked: generation 1 would be in force, after ")
    assert "Live: created table" in after.err
    assert after.err.endswith("generation 1 is in force\n")
    assert (before.out, after.out, commits(world)) == ("", "", [commit])


def test_of_several_commits_the_last_counts(hook: Call, site: Site, world: MemoryPlugin, first: str) -> None:
    site.commit(NAME, f'{NAME}, Column("one", VarChar(9))')
    last = site.commit('"one"', '"two"')
    pushed(hook, site, first, last)
    assert commits(world) == [first, last]


def test_other_branches_and_tags_trigger_nothing(hook: Call, site: Site, world: MemoryPlugin) -> None:
    (site.model.folder / "eco.py").write_text("broken", encoding="utf-8")
    commit = site.commit()
    for name in ("pre-receive", "post-receive"):
        ended = hook(
            name, (ZEROS, commit, "refs/heads/main2"), (ZEROS, commit, "refs/tags/main"), (ZEROS, commit, "main")
        )
        assert ended == Ended(0, "", "")
    assert world.generations == []


def test_a_model_with_errors_is_refused_with_its_findings(hook: Call, site: Site, world: MemoryPlugin) -> None:
    commit = site.commit(
        '"ForensicDSG", sinks=store.sinks("customers")', '"ForensicDSG", sinks=store.sinks("costumers")'
    )
    ended = hook("pre-receive", (ZEROS, commit, "refs/heads/main"))
    assert ended.code == 1
    assert "eco.py:44: error DS" in ended.err
    assert world.generations == []


def test_what_breaks_a_consumer_is_refused(hook: Call, site: Site, world: MemoryPlugin, first: str) -> None:
    commit = site.commit(f", {NAME}", "")
    ended = hook("pre-receive", (first, commit, "refs/heads/main"))
    assert (ended.code, commits(world)) == (1, [first])
    assert "breaking CC103" in ended.err


def test_the_branch_is_not_deleted(hook: Call, first: str) -> None:
    ended = hook("pre-receive", (first, ZEROS, "refs/heads/main"))
    assert ended.code == 1
    assert "error: branch main is what the model is applied from, and is not deleted" in ended.err
    assert hook("post-receive", (first, ZEROS, "refs/heads/main")) == Ended(0, "", "")


def test_a_model_of_another_branch_is_refused(hook: Call, site: Site) -> None:
    commit = site.commit('acme/model")', 'acme/model", branch="theirs")')
    ended = hook("pre-receive", (ZEROS, commit, "refs/heads/main"))
    assert ended.code == 1
    assert "the model says that branch theirs owns it, and this is main" in ended.err


def test_a_push_that_another_one_overtook_is_refused_before_its_model_is_loaded(
    hook: Call, site: Site, first: str
) -> None:
    (site.model.folder / "eco.py").write_text("broken", encoding="utf-8")
    ended = hook("pre-receive", (ZEROS, site.commit(), "refs/heads/main"))
    assert ended.code == 1
    assert f"another push has moved branch main meanwhile, to commit {first}" in ended.err
    assert "eco.py" not in ended.err


def test_a_forced_push_is_refused_until_an_operator_has_applied_it(
    hook: Call, command: Command, site: Site, world: MemoryPlugin, first: str
) -> None:
    git(site.model.folder, "commit", "--quiet", "--amend", "-m", "rewritten")
    rewritten = site.commit(NAME, f'{NAME}, Column("nick", VarChar(9))')
    update = (first, rewritten, "refs/heads/main")
    ended = hook("pre-receive", update)
    assert ended.code == 1
    assert "or history was rewritten" in ended.err
    git(site.bare, "branch", "rewritten", rewritten)
    words = ("apply", "--repo", str(site.bare), "--rev", "rewritten")
    assert command(*words, "--dry-run").code == 1
    assert command(*words).code == 1
    assert commits(world) == [first]
    assert command(*words, "--allow-older").code == 0
    assert hook("pre-receive", update).code == 0


def test_a_push_that_comes_late_is_done_already(hook: Call, site: Site, world: MemoryPlugin, first: str) -> None:
    second = site.commit(NAME, f'{NAME}, Column("nick", VarChar(9))')
    third = site.commit('"nick"', '"nickname"')
    pushed(hook, site, first, third)
    ended = hook("post-receive", (first, second, "refs/heads/main"))
    assert ended.code == 0
    assert f"commit {second} is older than commit {third}, of which generation 2 in force was made" in ended.err
    assert "error" not in ended.err
    assert commits(world) == [first, third]


def test_a_failure_says_what_stays_in_force_and_how_to_go_on(
    hook: Call, site: Site, world: MemoryPlugin, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("the control database is away", hint="wait")

    second = site.commit(NAME, f'{NAME}, Column("nick", VarChar(9))')
    monkeypatch.setattr(MemoryPlugin, "publish", away)
    _, after = pushed(hook, site, first, second)
    assert after.code == 1
    assert after.err.splitlines()[-4:] == [
        "error: the control database is away",
        "hint: wait",
        "the push is in the repository and not applied: generation 1 stays in force",
        f"once the cause is gone: datasurface apply --repo {site.bare} --rev main",
    ]
    monkeypatch.undo()
    assert commits(world) == [first]


@pytest.mark.parametrize("name", ["pre-receive", "post-receive"])
def test_a_hook_that_is_not_called_by_git_is_wrong_usage(hook: Call, name: str) -> None:
    assert hook(name, ("one", "two", "three four")).code == 64


def test_a_revert_comes_after_what_it_reverts(hook: Call, site: Site, world: MemoryPlugin, first: str) -> None:
    second = site.commit('"Shop",', '"Shop", description="Ours",')
    pushed(hook, site, first, second)
    git(site.model.folder, "revert", "--no-edit", "HEAD")
    third = site.commit()
    pushed(hook, site, second, third)
    assert commits(world) == [first, second, third]
    assert world.models[0] == world.models[2] != world.models[1]


def test_a_poll_does_nothing_and_loads_nothing_while_the_newest_commit_is_in_force(
    command: Command, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = site.commit("acme/model", str(site.bare))
    site.let_in(first)
    assert command("apply", "--repo", site.bare).code == 0

    def loaded(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("datasurface.operations.model.load", loaded)
    ended = command("apply", "--if-changed", "--store", STORE)
    assert ended == Ended(0, f"generation 1 is of the newest commit, {first}; nothing to do\n", "")
    document: Any = command("apply", "--if-changed", "--store", STORE, "--json").document()
    nothing: dict[str, object] = {name: {} for name in ("platforms", "pruned", "unused")}
    assert document == {"generation": 1, "commit": first, "published": False, "changed": False, **nothing}
    monkeypatch.setenv("DATASURFACE_STORE", STORE)
    assert command("apply", "--if-changed").code == 0
    assert command("apply", "--if-changed", "--repo", str(site.bare), "--rev", "main").code == 0


def test_a_poll_applies_the_newest_commit_of_the_branch_that_owns_the_model(
    command: Command, site: Site, world: MemoryPlugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    site.model.edit('"Shop",', '"Shop", description="0",')
    site.let_in(site.commit("acme/model", str(site.bare)))
    assert command("apply", "--repo", "model.git").code == 0
    ways = (("--store", STORE), ("model",), ("--repo", "model.git"), ("--repo", "model.git", "--rev", "main"))
    for number, words in enumerate(ways, 1):
        commit = site.commit(f'description="{number - 1}"', f'description="{number}"')
        site.let_in(commit)
        ended = command("apply", "--if-changed", *words)
        assert (ended.code, ended.out) == (0, f"generation {number + 1} is in force\n"), ended.err
        assert commits(world)[number:] == [commit]
        ended = command("apply", "--if-changed", *words)
        said = f"generation {number + 1} is of the newest commit, {commit}; nothing to do\n"
        assert (ended.code, ended.out) == (0, said)


def test_a_poll_does_not_bring_again_what_a_rollback_took_back(
    command: Command, site: Site, world: MemoryPlugin, first: str
) -> None:
    words = ("apply", "--if-changed", "--store", STORE, "--repo", site.bare, "--rev", "main")
    second = site.commit('"Shop",', '"Shop", description="Ours",')
    site.let_in(second)
    assert command(*words).out == "generation 2 is in force\n"
    assert command("rollback", "--store", STORE, "--yes").code == 0
    assert commits(world) == [first, second, first]
    assert command(*words).out == f"generation 3 took the newest commit, {second}, back; nothing to do\n"
    without_effect = site.commit()
    site.let_in(without_effect)
    assert command(*words).out == f"generation 3 took the newest commit, {without_effect}, back; nothing to do\n"
    assert len(world.generations) == 3
    site.let_in(site.commit('description="Ours"', 'description="Yours"'))
    assert command(*words).out == "generation 4 is in force\n"


def test_the_branch_of_a_repository_is_said_by_its_model(command: Command, site: Site, world: MemoryPlugin) -> None:
    site.let_in(site.commit('acme/model")', 'acme/model", branch="live")'))
    live = site.commit(NAME, f'{NAME}, Column("nick", VarChar(9))')
    git(site.bare, "branch", "live", live)
    assert command("apply", "--repo", str(site.bare)).code == 0
    assert commits(world) == [live]


def test_a_poll_of_nothing_in_force_needs_to_be_told_the_repository(
    command: Command, site: Site, world: MemoryPlugin
) -> None:
    ended = command("apply", "--if-changed", "--store", STORE)
    assert ended.code == 64
    assert "hint: name it, with --repo and --rev" in ended.err
    site.let_in(site.commit())
    ended = command("apply", "--if-changed", "--store", STORE, "--repo", str(site.bare), "--rev", "main")
    assert (ended.code, ended.out) == (0, "generation 1 is in force\n")


@pytest.mark.parametrize(
    "words",
    [
        ("apply", "model", "--store", STORE),
        ("apply", "model", "--repo", "model.git", "--rev", "main"),
        ("apply", "--rev", "main"),
        ("apply", "--store", "db"),
        ("validate", "--repo", "model.git"),
    ],
)
def test_words_that_contradict_each_other_are_64(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).code == 64


def test_the_store_of_the_environment_changes_no_plain_apply(
    command: Command, model: Model, world: MemoryPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATASURFACE_STORE", STORE)
    monkeypatch.chdir(model.folder)
    assert command("apply").code == 0
    assert commits(world) == [None]


def test_hooks_are_written_and_written_anew(command: Command, site: Site) -> None:
    ended = command("hooks", "install", site.bare)
    files = [site.bare / "hooks" / name for name in ("pre-receive", "post-receive")]
    assert (ended.code, ended.out.splitlines()) == (0, [f"wrote {path}" for path in files])
    assert all(path.stat().st_mode & 0o111 == 0o111 for path in files)
    assert command("hooks", "install", site.bare, "--branch", "live", "--json").document() == {
        "branch": "live",
        "files": [str(path) for path in files],
    }
    assert all("--branch live" in path.read_text(encoding="utf-8") for path in files)
    assert sorted(path.name for path in (site.bare / "hooks").iterdir() if path.suffix != ".sample") == [
        "post-receive",
        "pre-receive",
    ]


def test_hooks_of_others_stay(command: Command, site: Site) -> None:
    hook = site.bare / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho mine\n", encoding="utf-8")
    ended = command("hooks", "install", site.bare)
    assert ended.code == 64
    assert "hooks post-receive --branch main" in ended.err
    assert hook.read_text(encoding="utf-8") == "#!/bin/sh\necho mine\n"
    assert not (site.bare / "hooks" / "pre-receive").exists()


def test_hooks_are_for_a_bare_repository_whose_hooks_are_its_own(
    command: Command, site: Site, model: Model, tmp_path: Path
) -> None:
    assert "has a work tree" in command("hooks", "install", model).err
    assert command("hooks", "install", tmp_path).code == 1
    assert "cannot be read" in command("hooks", "install", site.bare, "--environment", tmp_path / "none.toml").err
    git(site.bare, "config", "core.hooksPath", str(tmp_path))
    assert "where others may be" in command("hooks", "install", site.bare).err
    assert run(site.bare, "config", "--unset", "core.hooksPath").returncode == 0
    git(site.bare, "update-ref", "--no-deref", "HEAD", site.commit())
    assert "name the model's branch" in command("hooks", "install", site.bare).err
