"""Clones that are kept, so that the next command fetches what is new and no more.

Each is a bare repository without a remote: its URL is named in every fetch and written nowhere. A lock keeps processes
apart that want the same one; git has it too, so that it holds for as long as a fetch whose caller was killed.
"""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from attrs import evolve, field, frozen

from datasurface.errors import CheckoutError, NoSuchRevision
from datasurface.operations.git import run_git

T = TypeVar("T")

_REFS = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
_HEAD = "+HEAD:refs/remotes/origin/HEAD"
_NO_HEAD = "couldn't find remote ref HEAD"
_SETTINGS = (f"core.hooksPath={os.devnull}", "gc.autoDetach=false", "maintenance.autoDetach=false")
"""No hooks from templates, and no tidying up by a process that outlives the lock."""


@frozen
class Origin:
    """Where a clone comes from.

    Attributes:
        url: a clone URL or a path.
        shown: the URL without its user, fit for messages.
        login: variables that let git in.
    """

    url: str = field(repr=False)
    shown: str
    login: Mapping[str, str] = field(factory=dict, repr=False)

    @property
    def address(self) -> str:
        """What git is told: a path of this machine in full, so that it means the same from anywhere."""
        return os.path.abspath(self.url) if os.path.exists(self.url) else self.url


def with_clone(origin: Origin, work: Callable[[Path], T], *, having: tuple[str, ...] = ()) -> T:
    """What ``work`` makes of a clone that is up to date; no other process changes it meanwhile.

    A clone that does not work because it is damaged is made anew, and so is the work. Where no folder for clones can be
    had, the clone is a temporary one.

    Args:
        work: gets the git folder of a bare repository; the origin's branches are ``refs/remotes/origin/…``.
        having: full hashes; a clone that has these commits already is not brought up to date.

    Raises:
        CheckoutError: git cannot give the repository.
    """
    with _place_for(origin) as place, _locked(place) as lock:
        clone = Clone(place, origin, lock)
        if clone.is_there:
            try:
                if not (having and all(map(clone.has, having))):
                    clone.fetch()
                return work(clone.folder)
            except NoSuchRevision:
                raise
            except CheckoutError:
                if not clone.is_damaged:
                    raise
        clone.make()
        return work(clone.folder)


@frozen
class Clone:
    """A clone in its place, and the lock on it, which is held."""

    folder: Path
    origin: Origin
    lock: int

    @property
    def is_there(self) -> bool:
        """Whether it was made. A shallow one is not kept: what it lacks is not fetched again."""
        return self.folder.is_dir() and not (self.folder / "shallow").exists()

    @property
    def is_damaged(self) -> bool:
        """Whether git says so, as after a crash of the machine."""
        done = run_git([f"--git-dir={self.folder}", "fsck", "--no-dangling"], self.origin.shown)
        return done.returncode != 0

    def has(self, commit: str) -> bool:
        """Whether a commit is in it."""
        done = run_git([f"--git-dir={self.folder}", "cat-file", "-e", f"{commit}^{{commit}}"], self.origin.shown)
        return done.returncode == 0

    def make(self) -> None:
        """A new clone in its place, whole or not at all."""
        new = self.folder.with_suffix(".new")
        for old in (new, self.folder):
            shutil.rmtree(old, ignore_errors=True)
        try:
            self._git("init", "--quiet", "--bare", "--template=", str(new))
            evolve(self, folder=new).fetch()
        except CheckoutError:
            shutil.rmtree(new, ignore_errors=True)
            raise
        new.rename(self.folder)

    def fetch(self) -> None:
        """Make its branches and tags those of the origin."""
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        words = [*settings, f"--git-dir={self.folder}", "fetch", "--quiet", "--prune", "--no-tags"]
        words += ["--no-write-fetch-head", "--no-recurse-submodules", "--update-shallow", "--", self.origin.address]
        try:
            self._git(*words, *_REFS, _HEAD)
        except CheckoutError as error:
            if _NO_HEAD not in error.message:  # a repository whose usual branch was never pushed
                raise
            self._git(*words, *_REFS)

    def _git(self, *words: str) -> None:
        done = run_git(words, self.origin.shown, self.origin.login, kept=(self.lock,))
        if done.returncode != 0:
            said = done.stderr.replace(self.origin.url, self.origin.shown).strip()
            raise CheckoutError(
                f"repository {self.origin.shown} cannot be cloned: {said or f'git ended with code {done.returncode}'}",
                hint="try the same with `git clone`: address, rights, network",
            )


@contextmanager
def _place_for(origin: Origin) -> Iterator[Path]:
    """Where the clone of an origin belongs."""
    name = re.sub(r"[^\w.-]+", "-", origin.shown.rstrip("/").rpartition("/")[2])[:40]
    name = f"{name}-{sha256(origin.address.encode()).hexdigest()[:16]}.git"
    folder = _cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_usable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        is_usable = False
    if is_usable:
        yield folder / name
        return
    with tempfile.TemporaryDirectory(prefix="datasurface-clone-") as scratch:
        yield Path(scratch) / name


def _cache_folder() -> Path:
    chosen = os.environ.get("DATASURFACE_CACHE")
    if chosen:
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base).absolute() / "datasurface" / "clones"


@contextmanager
def _locked(place: Path) -> Iterator[int]:
    """The lock of a clone. Its file is never removed: another process may have it open."""
    lock = os.open(place.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)
