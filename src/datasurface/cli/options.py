"""The arguments that commands share: which model or which store, in which environment, and for whom the output is."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import frozen
from click.core import ParameterSource

from datasurface.cli.application import Application
from datasurface.cli.output import warn
from datasurface.cli.seconds import span
from datasurface.errors import UsageError

if TYPE_CHECKING:
    from datasurface.credentials import Secret
    from datasurface.environment import Environment
    from datasurface.operations.checkout import ModelSource
    from datasurface.operations.jobs import InForce
    from datasurface.plugins.manager import Plugins

Callback = Callable[..., int]
Decorator = Callable[[Callback], Callback]


@frozen
class Target:
    """What a command works on.

    Attributes:
        model: the model's folder; None where none was named.
        repository, revision: the model in git instead.
        store: the URL of a control database instead.
        environment_file: binds containers and credentials; None for the model as it is written.
        load_timeout: seconds that the model's own code may run; None for the loader's limit.
        as_json: one JSON document is wanted on standard output, and nothing else there.
        repository_credential: the name of the credential that lets git in.
    """

    application: Application
    model: str | None
    repository: str | None
    revision: str | None
    store: str | None
    environment_file: Path | None
    load_timeout: float | None
    as_json: bool
    repository_credential: str | None = None

    def plugins(self) -> "Plugins":
        """The plugins of this call."""
        return self.application.plugins()

    def environment(self) -> "Environment":
        """The environment that the file describes; an empty one without a file."""
        return self.application.environment(self.environment_file)

    def source(self) -> "ModelSource":
        """Where the model is; UsageError when the words contradict each other."""
        from datasurface.operations.checkout import ModelFolder, Repository

        if self.repository is None:
            if self.revision is not None:
                raise UsageError("--rev was given without --repo", hint="name the repository of the revision")
            return ModelFolder(Path(self.model or "."))
        if self.model is not None:
            raise UsageError("a model folder and --repo exclude each other", hint="give the one or the other")
        if self.revision is None:
            raise UsageError("--repo was given without --rev", hint="name a branch, a tag or a commit")
        return Repository(self.repository, self.revision, self.secret())

    def secret(self) -> "Secret | None":
        """What lets git into the repository; None where no credential was named."""
        from datasurface.environment import credentials

        name = self.repository_credential
        return None if name is None else credentials(self.environment()).secret(name)

    def in_force(self) -> "InForce":
        """What is in force in the store, or in the control database of the model."""
        from datasurface.operations.jobs import open_model, open_store

        if self.store is None:
            return open_model(self.source(), self.plugins(), self.environment(), warn, seconds=self.load_timeout)
        return open_store(self.store, self.plugins(), self.environment())


environment_option = click.option(
    "--environment",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="DATASURFACE_ENVIRONMENT",
    show_envvar=True,
    help="TOML file that binds containers and credentials to this place.",
)


def model_options(callback: Callback) -> Callback:
    """Options of a command that works on a model; it gets them as its first argument, a Target."""
    return _with_target(callback, [])


def in_force_options(callback: Callback) -> Callback:
    """Options of a command that works on what is in force: as ``model_options``, and ``--store`` instead of a model."""
    store = click.option(
        "--store",
        metavar="URL",
        envvar="DATASURFACE_STORE",
        show_envvar=True,
        help="The control database instead of a model: postgresql://host:port/database?credential=NAME",
    )
    return _with_target(callback, [store])


def stream_options(callback: Callback) -> Callback:
    """``--platform`` and ``--stream``, both required."""
    stream = click.option("--stream", required=True, metavar="S", help="Key of the stream, as Store1.")
    platform = click.option("--platform", required=True, metavar="P", help="Name of the platform.")
    return platform(stream(callback))


def _with_target(callback: Callback, more: list[Decorator]) -> Callback:
    @functools.wraps(callback)
    def command(
        model: str | None,
        repo: str | None,
        rev: str | None,
        repo_credential: str | None,
        environment: Path | None,
        load_timeout: float | None,
        as_json: bool,
        store: str | None = None,
        **words: object,
    ) -> int:
        context = click.get_current_context()
        if store is not None and (model is not None or repo is not None):
            if context.get_parameter_source("store") is not ParameterSource.ENVIRONMENT:
                raise UsageError("a model and --store exclude each other", hint="give the one or the other")
            store = None
        application = context.ensure_object(Application)
        target = Target(application, model, repo, rev, store, environment, load_timeout, as_json, repo_credential)
        return callback(target, **words)

    options: list[Decorator] = [
        click.argument("model", required=False),
        click.option("--repo", metavar="URL|PATH", help="Take the model from this git repository, not from a folder."),
        click.option("--rev", metavar="REV", help="Its branch, tag or commit."),
        click.option(
            "--repo-credential", metavar="NAME", help="The credential whose token, or user and password, let git in."
        ),
        *more,
        environment_option,
        click.option(
            "--load-timeout",
            type=float,
            callback=span,
            metavar="SECONDS",
            help="How long the model's own code may run.  [default: 60]",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output."),
    ]
    decorated: Callback = command
    for option in reversed(options):
        decorated = option(decorated)
    return decorated
