"""``datasurface hooks``."""

import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datasurface.cli.application import Application
from datasurface.cli.apply import say_steps
from datasurface.cli.change_source import change_source_option
from datasurface.cli.group import Group
from datasurface.cli.main import FAILED
from datasurface.cli.options import environment_option
from datasurface.cli.output import counted, finding_text, print_document, print_error, say
from datasurface.cli.seconds import span
from datasurface.cli.unused import say_unused

if TYPE_CHECKING:
    from datasurface.findings import Finding
    from datasurface.model import GitRepository
    from datasurface.operations.apply import ApplyReport
    from datasurface.operations.handler import Failure, PushHandler
    from datasurface.results import Step


@click.group(cls=Group)
def command() -> None:
    """A bare repository that checks what is pushed, and applies it."""


@command.command()
@click.argument("repository", type=click.Path(file_okay=False, path_type=Path))
@click.option("--branch", metavar="NAME", help="Whose pushes are applied.  [default: that of the repository's HEAD]")
@change_source_option
@environment_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
@click.pass_obj
def install(
    application: Application,
    repository: Path,
    branch: str | None,
    change_source: "GitRepository | None",
    environment: Path | None,
    as_json: bool,
) -> int:
    """Write the hooks of a bare repository; what it wrote before, it writes anew."""
    from datasurface.operations import hook_files

    application.environment(environment)  # one that cannot be used is refused now, not at a push
    done = hook_files.install(repository, branch=branch, environment=environment, change_source=change_source)
    if as_json:
        print_document({"branch": done.branch, "files": [str(path) for path in done.files]})
        return 0
    for path in done.files:
        click.echo(f"wrote {path}")
    say(f"pushes to branch {done.branch} are checked and applied")
    return 0


def _of_a_push(callback: Callable[..., int]) -> Callable[..., int]:
    """Options of a command that git calls; it gets them as a PushHandler."""

    @click.pass_obj
    def hook(
        application: Application,
        branch: str,
        change_source: "GitRepository | None",
        environment: Path | None,
        load_timeout: float | None,
    ) -> int:
        from datasurface.operations.handler import PushHandler

        bound, here = application.environment(environment), Path.cwd()
        handler = PushHandler(here, branch, application.plugins(), bound, change_source, _say_finding, load_timeout)
        return callback(handler)

    decorated: Callable[..., int] = hook
    decorated.__doc__ = callback.__doc__
    timeout = click.option(
        "--load-timeout",
        type=float,
        callback=span,
        metavar="SECONDS",
        help="How long the model's own code may run.  [default: 60]",
    )
    named = click.option("--branch", required=True, metavar="NAME", help="Whose pushes are applied.")
    return named(change_source_option(environment_option(timeout(decorated))))


@command.command("pre-receive")
@_of_a_push
def pre_receive(handler: "PushHandler") -> int:
    """Check a push before git takes it in. Git calls this, in the repository, and says on standard input what comes."""
    from datasurface.operations.handler import ref_updates

    planned = handler.before(ref_updates(sys.stdin))
    if planned is not None and not planned.changes:
        say("checked: nothing to do")
    elif planned is not None:
        steps = counted(sum(map(len, planned.steps.values())), "step")
        say(f"checked: generation {_next(planned)} would be in force, after {steps}")
    return 0


@command.command("post-receive")
@_of_a_push
def post_receive(handler: "PushHandler") -> int:
    """Apply a push that git has taken in. Git calls this, in the repository, and says on standard input what came."""
    from datasurface.operations.apply import ApplyReport
    from datasurface.operations.handler import Failure, Superseded, ref_updates

    match handler.after(ref_updates(sys.stdin), _say_steps):
        case Failure() as failure:
            _say_failure(failure, handler)
            return FAILED
        case Superseded(reason):
            say(f"not applied, as it is contained in what is: {reason}")
        case ApplyReport() as report:
            _say_applied(report)
            say_unused(report)
        case None:
            pass
    return 0


def _next(planned: "ApplyReport") -> int:
    return (planned.generation or 0) + planned.publishes


def _say_finding(finding: "Finding") -> None:
    say(finding_text(finding))


def _say_steps(platform: str, steps: "tuple[Step, ...]") -> None:
    with suppress(OSError):  # who pushed may have gone; what was begun is done all the same
        say_steps(platform, steps)


def _say_applied(report: "ApplyReport") -> None:
    with suppress(OSError):
        say(f"generation {report.generation} is in force" + ("" if report.publishes else ", as before"))


def _say_failure(failure: "Failure", handler: "PushHandler") -> None:
    print_error(failure.error)
    stays = "what was in force" if failure.in_force is None else f"generation {failure.in_force.number}"
    say(f"the push is in the repository and not applied: {stays} stays in force")
    again = ["datasurface", "apply", "--repo", str(handler.repository), "--rev", handler.branch]
    if handler.environment.path is not None:
        again += ["--environment", str(handler.environment.path)]
    say(f"once the cause is gone: {shlex.join(again)}")
