"""Which commit may follow the one in force: itself, and what was made on top of it.

Pushes can arrive in another order than they were made, and a schedule can run late: without this an older model would
take back what a newer one did. A commit that reverts another one is made on top of it, so taking a change back is never
in the way.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from datasurface.errors import CommitRefused
from datasurface.operations.checkout import ModelSource, Pushed, Repository, with_repository
from datasurface.operations.git import run_git
from datasurface.runtime import Generation

MayFollow = Callable[[Generation | None], None]
"""Raises where something may not follow the generation in force; None where nothing is."""


class Relation(Enum):
    """How a commit stands to another one."""

    SAME = "same"
    NEWER = "newer"
    OLDER = "older"
    APART = "apart"
    UNKNOWN = "unknown"
    """The repository does not have the other one."""


def any_may_follow(_generation: Generation | None) -> None:
    """Everything may follow everything."""


def may_follow(source: ModelSource, commit: str | None) -> MayFollow:
    """What refuses a commit of a source that does not come after the one in force. A folder has no commit, and may
    follow any; so may any commit what was applied from a folder.

    Raises what the source's git does, as ``model_folder``; CommitRefused where the commit may not follow.
    """
    if commit is None or not isinstance(source, Repository | Pushed):
        return any_may_follow

    def ask(generation: Generation | None) -> None:
        if generation is not None and generation.commit is not None:
            refuse_unless_newer(relation(source, generation.commit, commit), generation, commit, source.shown)

    return ask


def refuse_unless_newer(relation: Relation, generation: Generation, commit: str, shown: str) -> None:
    """CommitRefused unless the relation to the commit in force is ``SAME`` or ``NEWER``.

    Args:
        shown: the repository, for messages.
    """
    if relation in (Relation.SAME, Relation.NEWER):
        return
    in_force = f"commit {generation.commit}, of which generation {generation.number} in force was made"
    message, hint = {
        Relation.OLDER: (
            f"commit {commit} is older than {in_force}",
            "to take a change back, revert it in a commit of its own (git revert)",
        ),
        Relation.APART: (
            f"commit {commit} does not come after {in_force}: it is of another branch, or history was rewritten",
            "merge the two, or rebase on the commit in force",
        ),
        Relation.UNKNOWN: (
            f"repository {shown} does not have {in_force}, so that nobody knows whether {commit} comes after it",
            "a shallow clone has to be fetched whole (git fetch --unshallow)",
        ),
    }[relation]
    raise CommitRefused(
        message,
        hint=f"{hint}; `datasurface apply --allow-older` applies it all the same",
        is_older=relation is Relation.OLDER,
    )


def relation(source: Repository | Pushed, old: str, new: str) -> Relation:
    """How the commit ``new`` of a source stands to ``old``. Raises as ``model_folder``."""
    if old == new:
        return Relation.SAME
    if isinstance(source, Pushed):
        return _within(source.git_folder, old, new, source.shown, source.objects)
    return with_repository(source, lambda clone: _within(clone, old, new, source.shown), having=(old, new))


def _within(git_folder: Path, old: str, new: str, shown: str, objects: Mapping[str, str] | None = None) -> Relation:
    def holds(*words: str) -> bool:
        return run_git([f"--git-dir={git_folder}", *words], shown, objects).returncode == 0

    if not holds("cat-file", "-e", f"{old}^{{commit}}"):
        return Relation.UNKNOWN
    if holds("merge-base", "--is-ancestor", old, new):
        return Relation.NEWER
    return Relation.OLDER if holds("merge-base", "--is-ancestor", new, old) else Relation.APART
