"""A model's folder: as given, or out of git at one commit."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from attrs import evolve, field, frozen

from datasurface.credentials import Secret
from datasurface.errors import CheckoutError, NoSuchRevision, UsageError
from datasurface.git_url import has_password, without_user
from datasurface.loading.users_files import ECO_FILE
from datasurface.operations.clone_cache import Origin, with_clone
from datasurface.operations.git import run_git
from datasurface.operations.git_login import login_variables

T = TypeVar("T")


@frozen
class ModelFolder:
    """A model on disk; ``commit`` is the full hash of the commit that it was checked out at, or None outside git."""

    path: Path
    commit: str | None = None


@frozen
class Repository:
    """A model in git: ``url`` is a clone URL or a path, ``revision`` a branch, tag or commit.

    ``secret`` lets git in; None where git needs none, or knows one.
    """

    url: str = field(repr=False)
    revision: str
    secret: Secret | None = field(default=None, repr=False)

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


@frozen
class Pushed:
    """A commit of a bare repository, as that repository's hooks see it: ``objects`` are the variables by which git
    finds what a push has brought that is not let in yet."""

    git_folder: Path
    commit: str
    objects: Mapping[str, str] = field(factory=dict)

    @property
    def shown(self) -> str:
        """The repository, for messages."""
        return str(self.git_folder)


ModelSource = ModelFolder | Repository | Revision | Pushed


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
            return evolve(source, revision=revision)
        case Pushed():
            return Revision(source.git_folder, revision)
        case Revision():
            return Revision(source.folder, revision)
        case ModelFolder():
            return Revision(source.path, revision)


@contextmanager
def model_folder(source: ModelSource) -> Iterator[ModelFolder]:
    """The folder of a model, which for one in git is removed afterwards.

    Raises:
        UsageError: the URL holds a password, or is none; or a credential does not fit it.
        CheckoutError: git cannot give the repository or the revision.
    """
    if isinstance(source, ModelFolder):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="datasurface-model-") as folder:
        match source:
            case Revision():
                yield _of_revision(source, Path(folder))
            case Repository():
                commit = with_repository(source, lambda clone: _of_clone(source, clone, Path(folder)))
                yield ModelFolder(_tree(Path(folder)), commit)
            case Pushed():
                files = _Files(source.git_folder, source.commit, source.shown, source.objects)
                files.restore(Path(folder))
                yield ModelFolder(_tree(Path(folder)), source.commit)


def commit_of(source: Repository) -> str:
    """The full hash of the commit that a revision is now. Raises as ``model_folder``."""
    return with_repository(source, lambda clone: _commit_in(source, clone))


@contextmanager
def files_at(source: Repository) -> Iterator[Path]:
    """A folder with the files of a repository at a commit, the full hash of which is its revision; it is removed
    afterwards. A clone that has the commit is not brought up to date. Raises as ``model_folder``."""
    with tempfile.TemporaryDirectory(prefix="datasurface-code-") as folder:
        with_repository(source, lambda clone: _of_clone(source, clone, Path(folder)), having=(source.revision,))
        yield _tree(Path(folder))


def with_repository(source: Repository, work: Callable[[Path], T], *, having: tuple[str, ...] = ()) -> T:
    """What ``work`` makes of the git folder of a clone, as ``with_clone``. Raises as ``model_folder``."""
    _check_url(source)
    login = login_variables(source.url, source.shown, source.secret)
    return with_clone(Origin(source.url, source.shown, login), work, having=having)


def _of_revision(source: Revision, scratch: Path) -> ModelFolder:
    """The files of a revision, without a checkout in the repository itself, which may be shallow, or at work."""
    where = ["-C", str(source.folder), "rev-parse", "--absolute-git-dir", "--show-prefix"]
    found = run_git(where, str(source.folder))
    if found.returncode != 0:
        is_outside = "not a git repository" in found.stderr  # else git refuses to look
        raise (NoSuchRevision if is_outside else CheckoutError)(
            f"'{source.revision}' is no folder with a model, and {source.folder} is in no git repository that has it "
            f"as a revision: {found.stderr.strip()}",
            hint=f"name a folder that holds an {ECO_FILE}",
        )
    git_folder, prefix = found.stdout.removesuffix("\n").split("\n", 1)
    commit = _named(Path(git_folder), source.revision, str(source.folder))
    if commit is None:
        raise NoSuchRevision(
            f"'{source.revision}' is no folder with a model, and the repository of {source.folder} has no such "
            "revision",
            hint="fetch it, as in `git fetch origin main`, and name it as git does: origin/main, a tag, a commit",
        )
    _Files(Path(git_folder), commit, str(source.folder)).restore(scratch)
    return ModelFolder(_tree(scratch) / prefix.rstrip("\n"), commit)


def _of_clone(source: Repository, clone: Path, scratch: Path) -> str:
    commit = _commit_in(source, clone)
    _Files(clone, commit, source.shown).restore(scratch)
    return commit


@frozen
class _Files:
    """The files of a commit, which are written without a checkout in the repository."""

    git_folder: Path
    commit: str
    shown: str
    objects: Mapping[str, str] = field(factory=dict)

    def restore(self, scratch: Path) -> None:
        """Write them into ``_tree(scratch)``."""
        tree = _tree(scratch)
        tree.mkdir()
        git = ["-C", str(tree), f"--git-dir={self.git_folder.absolute()}", f"--work-tree={tree}"]
        git += ["-c", f"core.hooksPath={os.devnull}", "restore", f"--source={self.commit}", "--worktree", "--quiet"]
        variables = {**self.objects, "GIT_INDEX_FILE": str(scratch / "index")}
        done = run_git([*git, "--", "."], self.shown, variables)
        if done.returncode != 0:
            raise CheckoutError(
                f"the repository {self.shown} cannot give commit {self.commit}: {done.stderr.strip()}",
                hint="try the same with `git checkout`",
            )


def _tree(scratch: Path) -> Path:
    return scratch / "tree"


def _check_url(source: Repository) -> None:
    """A secret in a URL ends in process lists, shell histories and git's own configuration file."""
    if has_password(source.url):
        raise UsageError(
            f"the URL of repository {source.shown} holds a password",
            hint="leave it out and name a credential, let git ask its credential helper, or use SSH; an @ in a path "
            "is written %40",
        )
    try:
        urlsplit(source.url)
    except ValueError:
        raise UsageError(
            f"the URL of repository {source.shown} cannot be read: its host is none",
            hint="write https://host/path, ssh://host/path or a folder",
        ) from None


def _commit_in(source: Repository, clone: Path) -> str:
    """The commit that the revision names: a branch of the origin before a tag before anything else that git reads."""
    for name in (f"refs/remotes/origin/{source.revision}", f"refs/tags/{source.revision}", source.revision):
        commit = _named(clone, name, source.shown)
        if commit is not None and _is_on_origin(clone, commit, source.shown):
            return commit
    raise NoSuchRevision(
        f"repository {source.shown} has no revision '{source.revision}'",
        hint="name a branch, a tag or a commit that is on the origin",
    )


def _named(git_folder: Path, name: str, shown: str) -> str | None:
    words = ["rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}"]
    found = run_git([f"--git-dir={git_folder}", *words], shown)
    return found.stdout.strip() if found.returncode == 0 else None


def _is_on_origin(clone: Path, commit: str, shown: str) -> bool:
    """Whether a branch or tag of the origin has the commit; a clone that is kept may hold what was given up there."""
    words = ["for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes", "refs/tags"]
    return bool(run_git([f"--git-dir={clone}", *words], shown).stdout)
