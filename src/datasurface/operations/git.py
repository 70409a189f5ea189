"""Running git: never on the repository of a hook that we are called by, never asking anybody, never for ever."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from datasurface.errors import CheckoutError

TIME_LIMIT = 300
"""Seconds that one git command may take."""

OF_A_PUSH = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
"""Where git has put the objects of a push until a hook has let it in."""

_OF_ANOTHER_REPOSITORY = (
    *OF_A_PUSH,
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_QUARANTINE_PATH",
)
"""Variables that git sets for its hooks; they would make our commands work on the hook's repository."""


def run_git(
    arguments: Sequence[str], shown: str, variables: Mapping[str, str] | None = None, *, kept: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """A git command, with whatever code it ends.

    Args:
        shown: the repository, for messages.
        variables: more of them for git's environment.
        kept: open files that git keeps open for as long as it runs, as that of a lock.

    Raises:
        CheckoutError: there is no git, or it does not end.
    """
    try:
        return subprocess.run(
            ["git", *arguments],
            env={**_environment(os.environ), **(variables or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIME_LIMIT,
            check=False,
            pass_fds=kept,
        )
    except FileNotFoundError as error:
        raise CheckoutError("git is not installed", hint="install git, or give the model as a folder") from error
    except subprocess.TimeoutExpired as error:
        raise CheckoutError(
            f"git did not answer within {TIME_LIMIT} s for repository {shown}",
            hint="look at the network, or give the model as a folder",
        ) from error


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in variables.items() if name not in _OF_ANOTHER_REPOSITORY}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
