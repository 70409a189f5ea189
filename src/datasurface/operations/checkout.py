"""A model's folder: as given, or cloned from git at one commit."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from attrs import field, frozen

from datasurface.errors import CheckoutError, NoSuchRevision, UsageError
from datasurface.git_url import has_password, without_user
from datasurface.loading.users_files import ECO_FILE

_TIME_LIMIT = 300
"""Seconds that one git command may take."""

_OF_ANOTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
"""Variables that git sets for its hooks; they would make our commands work on the hook's repository."""


@frozen
class ModelFolder:
    """A model on disk; ``commit`` is the full hash of the commit that it was checked out at, or None outside git."""

    path: Path
    commit: str | None = None


@frozen
class Repository:
    """A model in git: ``url`` is a clone URL or a path, ``revision`` a branch, tag or commit."""

    url: str = field(repr=False)
    revision: str

    @property
    def shown(self) -> str:
        """The URL without its user, fit for messages."""
        return without_user(self.url)


@frozen
class Revision:
    """A model as it was, or as it is on another branch: ``folder`` at a revision of the repository that it stands in.
    What is changed there, or not committed, plays no part, and nothing there is touched."""

    folder: Path
    revision: str


ModelSource = ModelFolder | Repository | Revision


def base_of(source: ModelSource, base: str) -> ModelSource:
    """What a model is compared with: a revision of the repository that the model is in, or a folder that holds a model.

    A path that is absolute or begins with a dot is a folder. Anything else is a revision, or, where there is none of
    that name, a folder. A change can bring folders of any name, and must not choose its own base by one.

    Raises:
        UsageError: it is both a revision and a folder with a model.
        CheckoutError: it is written as a folder, and holds no model; or git cannot say whether it is a revision.
    """
    folder = ModelFolder(Path(base))
    has_model = base != "" and (folder.path / ECO_FILE).is_file()
    if base.startswith(".") or folder.path.is_absolute():
        if not has_model:
            raise CheckoutError(f"'{base}' is no folder with a model", hint=f"name one that holds an {ECO_FILE}")
        return folder
    revision = _at(source, base)
    if not has_model:
        return revision
    try:
        with model_folder(revision):
            pass
    except NoSuchRevision:
        return folder
    raise UsageError(
        f"the base '{base}' is both a revision and a folder with a model",
        hint=f"write ./{base} for the folder; for the revision, its full name as in refs/remotes/origin/main, "
        "or start where there is no such folder",
    )


def _at(source: ModelSource, revision: str) -> Repository | Revision:
    """A model as it is at another revision of its repository."""
    match source:
        case Repository():
            return Repository(source.url, revision)
        case Revision():
            return Revision(source.folder, revision)
        case ModelFolder():
            return Revision(source.path, revision)


@contextmanager
def model_folder(source: ModelSource) -> Iterator[ModelFolder]:
    """The folder of a model, which for a repository is a clone that is removed afterwards.

    Raises:
        UsageError: the URL holds a password, or is none.
        CheckoutError: git cannot give the repository or the revision.
    """
    if isinstance(source, ModelFolder):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="datasurface-model-") as folder:
        if isinstance(source, Revision):
            yield _restored(source, Path(folder))
            return
        _check_url(source)
        _git(["clone", "--quiet", "--no-checkout", "--", source.url, folder], source, "cannot be cloned")
        commit = _commit_of(source, folder)
        _git(["-C", folder, "checkout", "--quiet", "--detach", commit], source, "cannot be checked out")
        yield ModelFolder(Path(folder), commit)


def _restored(source: Revision, scratch: Path) -> ModelFolder:
    """The files of a revision, without a checkout in the repository itself, which may be shallow, or at work."""
    tree = scratch / "tree"
    tree.mkdir()
    found = _run(["-C", str(source.folder), "rev-parse", "--absolute-git-dir", "--show-prefix"], str(source.folder))
    if found.returncode != 0:
        is_outside = "not a git repository" in found.stderr  # else git refuses to look
        raise (NoSuchRevision if is_outside else CheckoutError)(
            f"'{source.revision}' is no folder with a model, and {source.folder} is in no git repository that has it "
            f"as a revision: {found.stderr.strip()}",
            hint=f"name a folder that holds an {ECO_FILE}",
        )
    git_folder, prefix = found.stdout.removesuffix("\n").split("\n", 1)
    git = ["-C", str(tree), f"--git-dir={git_folder}", f"--work-tree={tree}", "-c", f"core.hooksPath={os.devnull}"]
    named = ["rev-parse", "--quiet", "--verify", "--end-of-options", f"{source.revision}^{{commit}}"]
    found = _run([*git, *named], str(source.folder))
    if found.returncode != 0:
        raise NoSuchRevision(
            f"'{source.revision}' is no folder with a model, and the repository of {source.folder} has no such "
            "revision",
            hint="fetch it, as in `git fetch origin main`, and name it as git does: origin/main, a tag, a commit",
        )
    commit = found.stdout.strip()
    restore = ["restore", f"--source={commit}", "--worktree", "--quiet", "--", "."]
    done = _run([*git, *restore], str(source.folder), GIT_INDEX_FILE=str(scratch / "index"))
    if done.returncode != 0:
        raise CheckoutError(
            f"the repository of {source.folder} cannot give revision '{source.revision}': {done.stderr.strip()}",
            hint="try the same with `git checkout`",
        )
    return ModelFolder(tree / prefix.rstrip("\n"), commit)


def _check_url(source: Repository) -> None:
    """A secret in a URL ends in process lists, shell histories and git's own configuration file."""
    if has_password(source.url):
        raise UsageError(
            f"the URL of repository {source.shown} holds a password",
            hint="leave it out and let git ask its credential helper, or use SSH; an @ in a path is written %40",
        )
    try:
        urlsplit(source.url)
    except ValueError:
        raise UsageError(
            f"the URL of repository {source.shown} cannot be read: its host is none",
            hint="write https://host/path, ssh://host/path or a folder",
        ) from None


def _commit_of(source: Repository, folder: str) -> str:
    """The commit that the revision names: a branch of the origin before a tag before anything else that git reads."""
    for name in (f"refs/remotes/origin/{source.revision}", f"refs/tags/{source.revision}", source.revision):
        arguments = ["-C", folder, "rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}"]
        found = _run(arguments, source.shown)
        if found.returncode == 0:
            return found.stdout.strip()
    raise NoSuchRevision(
        f"repository {source.shown} has no revision '{source.revision}'",
        hint="name a branch, a tag or a commit that is on the origin",
    )


def _git(arguments: Sequence[str], source: Repository, what_fails: str) -> None:
    done = _run(arguments, source.shown)
    if done.returncode != 0:
        said = done.stderr.replace(source.url, source.shown).strip()
        raise CheckoutError(
            f"repository {source.shown} {what_fails}: {said or f'git ended with code {done.returncode}'}",
            hint="try the same with `git clone`: address, rights, network",
        )


def _run(arguments: Sequence[str], shown: str, **variables: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["git", *arguments],
            env=_environment(os.environ) | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIME_LIMIT,
            check=False,
        )
    except FileNotFoundError as error:
        raise CheckoutError("git is not installed", hint="install git, or give the model as a folder") from error
    except subprocess.TimeoutExpired as error:
        raise CheckoutError(
            f"git did not answer within {_TIME_LIMIT} s for repository {shown}",
            hint="look at the network, or give the model as a folder",
        ) from error


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in variables.items() if name not in _OF_ANOTHER_REPOSITORY}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
