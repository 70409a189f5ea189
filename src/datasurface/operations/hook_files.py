"""The hooks of a bare repository: two small scripts that call the program that wrote them."""

import os
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from datasurface.errors import CheckoutError, UsageError
from datasurface.model import GitRepository
from datasurface.operations.git import run_git

HOOKS = ("pre-receive", "post-receive")
"""What git calls before a push is let in, and after."""

_MARK = "# Written by `datasurface hooks install`, which writes it anew."


@frozen
class Installed:
    """The hooks of a repository: their files, and the branch whose pushes they apply."""

    branch: str
    files: tuple[Path, ...]


def install(
    repository: Path,
    *,
    branch: str | None = None,
    environment: Path | None = None,
    change_source: GitRepository | None = None,
) -> Installed:
    """Write the hooks of a bare repository; those that this function has written before are written anew.

    Args:
        branch: whose pushes are applied; None for the one that the repository's HEAD names.
        environment: the environment file that the hooks use. It and no hook says where secrets are.
        change_source: where changes come from; None where nobody is held to what they own.

    Raises:
        UsageError: the repository is no bare one, or has hooks of somebody else.
        CheckoutError: git cannot say.
        OSError: a file cannot be written.
    """
    git_folder = _git_folder(repository)
    followed = branch or _head_of(git_folder)
    words = ["--branch", followed]
    if environment is not None:
        words += ["--environment", str(environment.absolute())]
    if change_source is not None:
        words += ["--change-source", f"{change_source.url}@{change_source.branch}"]
    texts = {git_folder / "hooks" / name: script(name, words) for name in HOOKS}
    _refuse_others(git_folder, texts)
    for path, text in texts.items():
        _replace(path, text)
    return Installed(followed, tuple(texts))


def script(hook: str, words: list[str]) -> str:
    """The text of a hook. ``-P``: what was pushed is not where modules are looked for."""
    command = [sys.executable, "-P", "-m", "datasurface", "hooks", hook, *words]
    return f"#!/bin/sh\n{_MARK}\nexec {shlex.join(command)}\n"


def _git_folder(repository: Path) -> Path:
    words = ["-C", str(repository), "rev-parse", "--is-bare-repository", "--absolute-git-dir"]
    found = run_git(words, str(repository))
    if found.returncode != 0:
        raise CheckoutError(
            f"{repository} is no git repository: {found.stderr.strip()}", hint="make one with `git init --bare`"
        )
    is_bare, folder = found.stdout.removesuffix("\n").split("\n", 1)
    if is_bare != "true":
        raise UsageError(
            f"{repository} has a work tree, and a push to its branch would not change that",
            hint="make a bare one with `git init --bare`, or `git clone --bare`",
        )
    return Path(folder)


def _head_of(git_folder: Path) -> str:
    found = run_git([f"--git-dir={git_folder}", "symbolic-ref", "--short", "HEAD"], str(git_folder))
    if found.returncode != 0:
        raise UsageError(f"the HEAD of {git_folder} is no branch", hint="name the model's branch with --branch")
    return found.stdout.strip()


def _refuse_others(git_folder: Path, texts: Mapping[Path, str]) -> None:
    where = run_git([f"--git-dir={git_folder}", "config", "core.hooksPath"], str(git_folder)).stdout.strip()
    if where:
        raise UsageError(
            f"git looks for the hooks of {git_folder} in {where}, where others may be that use it",
            hint="let it look in the repository itself: git config core.hooksPath hooks",
        )
    for path, text in texts.items():
        with suppress(FileNotFoundError):
            if _MARK not in path.read_text(encoding="utf-8", errors="replace"):
                command = text.splitlines()[-1].removeprefix("exec ")
                raise UsageError(
                    f"{path} is there, and not ours; nothing was written",
                    hint=f"let it run this, with its own standard input: {command}",
                )


def _replace(path: Path, text: str) -> None:
    """Write an executable file, whole or not at all: a push may be calling the one before."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o755)
    os.replace(new, path)
