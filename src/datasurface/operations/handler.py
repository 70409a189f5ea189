"""The handler of pushes to a bare repository: a push of the model's branch is checked before it is let in, and applied
once it is.

Pushes do not wait for each other in git, so they do it here, at the lock of apply: a commit that comes late, when a
newer one is in force, is done already.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from datasurface.credentials import Credentials
from datasurface.environment import Environment, credentials
from datasurface.errors import CommitRefused, DataSurfaceError, PushRefused, UsageError
from datasurface.findings import Finding
from datasurface.model import GitRepository
from datasurface.operations import apply as applying
from datasurface.operations.ancestry import may_follow
from datasurface.operations.apply import ApplyReport
from datasurface.operations.checkout import Pushed
from datasurface.operations.control import control_container
from datasurface.operations.git import OF_A_PUSH, run_git
from datasurface.operations.model import CheckedModel, check
from datasurface.plugins.manager import Plugins
from datasurface.results import Step
from datasurface.runtime import Generation

_BRANCHES = "refs/heads/"


@frozen
class RefUpdate:
    """What a push does to one reference: its commit before and after, each zeros where there is none."""

    old: str
    new: str
    name: str

    @property
    def is_deletion(self) -> bool:
        """Whether the reference goes."""
        return not self.new.strip("0")

    @property
    def is_creation(self) -> bool:
        """Whether it was not there."""
        return not self.old.strip("0")


def ref_updates(lines: Iterable[str]) -> tuple[RefUpdate, ...]:
    """What git tells its hooks on standard input: a line for each reference.

    Raises:
        UsageError: the lines are others.
    """
    found = []
    for line in lines:
        words = line.split()
        if len(words) != 3:
            raise UsageError(
                f"{line.strip()!r} is no update of a reference", hint="git calls this command as a hook, and says those"
            )
        found.append(RefUpdate(*words))
    return tuple(found)


@frozen
class Superseded:
    """A push that is not applied, because one that holds it is in force: it was faster. ``reason``: which."""

    reason: str


@frozen
class Failure:
    """A push that git has taken and that could not be applied; ``in_force`` is what stays so, None if not known."""

    error: DataSurfaceError
    in_force: Generation | None


@frozen
class PushHandler:
    """What the hooks of a repository work with.

    Attributes:
        repository: the bare one.
        branch: whose pushes are applied; all others, and tags, are none of ours.
        change_source: where changes come from; None where nobody is held to what they own.
        on_finding: hears what there is to say about the model.
        seconds: that the model's own code may run; None for the loader's limit.
    """

    repository: Path
    branch: str
    plugins: Plugins
    environment: Environment
    change_source: GitRepository | None = None
    on_finding: Callable[[Finding], None] = lambda _finding: None
    seconds: float | None = None

    def before(self, updates: Iterable[RefUpdate], variables: Mapping[str, str] = os.environ) -> ApplyReport | None:
        """What an apply of a push would do, which is to be let in; None where it is about other branches. Nothing is
        changed.

        ``variables``: of the hook, by which git finds the objects of the push.

        Raises:
            PushRefused: the branch would go, or its model is another branch's.
            ModelRefused: the model has errors.
            CommitRefused: it does not come after what is in force. Else as ``plan`` of apply.
        """
        update = self._ours(updates)
        if update is None:
            return None
        if update.is_deletion:
            raise PushRefused(
                f"branch {self.branch} is what the model is applied from, and is not deleted",
                hint="to end this, remove the hooks of the repository first",
            )
        objects = {name: variables[name] for name in OF_A_PUSH if name in variables}
        source = Pushed(self.repository, update.new, objects)
        self._refuse_overtaken(update)
        model = self._model(source)
        self._refuse_overtaken(update)
        return applying.plan(
            model,
            self.plugins,
            self._credentials,
            change_source=self.change_source,
            may_follow=may_follow(source, update.new),
        )

    def after(
        self, updates: Iterable[RefUpdate], on_steps: Callable[[str, tuple[Step, ...]], None]
    ) -> ApplyReport | Superseded | Failure | None:
        """Apply a push that was let in; None where it is about other branches. A failure is a result: git has taken the
        push, and nobody can refuse it any more."""
        update = self._ours(updates)
        if update is None or update.is_deletion:
            return None
        source, model = Pushed(self.repository, update.new), None
        try:
            model = self._model(source)
            return applying.apply(
                model,
                self.plugins,
                self._credentials,
                on_steps,
                change_source=self.change_source,
                may_follow=may_follow(source, update.new),
            )
        except CommitRefused as refused:
            return Superseded(refused.message) if refused.is_older else Failure(refused, self._in_force(model))
        except DataSurfaceError as error:
            return Failure(error, self._in_force(model))

    def _in_force(self, model: CheckedModel | None) -> Generation | None:
        if model is None:
            return None
        with suppress(DataSurfaceError):  # the first error is the one to tell
            return self.plugins.control_store(control_container(model.ecosystem), self._credentials).current()
        return None

    def _ours(self, updates: Iterable[RefUpdate]) -> RefUpdate | None:
        return next((update for update in updates if update.name == _BRANCHES + self.branch), None)

    def _refuse_overtaken(self, update: RefUpdate) -> None:
        """Git would do so in the end: all that is saved is the work until then."""
        words = [f"--git-dir={self.repository}", "rev-parse", "--quiet", "--verify", "--end-of-options", update.name]
        now = run_git(words, str(self.repository)).stdout.strip()
        if now != ("" if update.is_creation else update.old):
            raise PushRefused(
                f"another push has moved branch {self.branch} meanwhile, to commit {now or 'none'}",
                hint="fetch it, merge or rebase, and push again",
            )

    def _model(self, source: Pushed) -> CheckedModel:
        model = check(source, self.plugins, self.environment, seconds=self.seconds)
        for finding in model.findings:
            self.on_finding(finding)
        owner = model.written.repository
        if owner.branch != self.branch:
            raise PushRefused(
                f"the model says that branch {owner.branch} owns it, and this is {self.branch}",
                hint="name this branch in the ecosystem's repository, or install the hooks for the other one",
            )
        return model

    @property
    def _credentials(self) -> Credentials:
        return credentials(self.environment)
