"""Repositories: who may change a part of the model can be told."""

import re
from collections.abc import Iterator

from datasurface.git_url import without_user
from datasurface.lint.parts import repositories
from datasurface.lint.registry import Problem, rule
from datasurface.model import Ecosystem

_NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(^|/)\.|\.lock(/|$)|^[-/]|[/.]$|^@$")
"""What git refuses in the name of a branch."""


@rule("DS811", "A branch has a name that git accepts")
def name_of_a_branch(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The branch of a repository is compared with the branch that a change comes from. A name that git refuses, or one
    that is written with `refs/heads/`, is never equal to one, so nobody could change what the repository owns."""
    for repository in repositories(ecosystem):
        branch = repository.branch
        whole = branch.startswith("refs/heads/")
        if whole or _NO_BRANCH.search(branch):
            yield Problem(
                repository,
                f"'{branch}' of repository '{without_user(repository.url)}' "
                + ("is a ref, not the name of a branch" if whole else "cannot be the name of a branch"),
                f"write '{branch.removeprefix('refs/heads/')}'" if whole else "name a branch that git has",
            )
