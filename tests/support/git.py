"""Git in tests: an identity of its own, and none of whoever runs them."""

import os
import subprocess
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def run(folder: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A git command in a folder, however it ends."""
    return subprocess.run(
        ["git", *words],
        cwd=folder,
        env={**os.environ, **IDENTITY, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def git(folder: Path, *words: str) -> str:
    """What a git command prints; it must succeed."""
    done = run(folder, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
