"""``datasurface apply``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import asdict
from click.core import ParameterSource

from datasurface.cli.asking import ask, yes_option
from datasurface.cli.change_source import change_source_option
from datasurface.cli.options import Target, model_options
from datasurface.cli.output import finding_text, print_document, say
from datasurface.cli.unused import found_document, pruned_lines, say_unused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datasurface.model import GitRepository
    from datasurface.operations.apply import ApplyReport
    from datasurface.operations.poll import Candidate, Unchanged
    from datasurface.results import Step


@click.command()
@model_options
@change_source_option
@click.option("--allow-breaking", is_flag=True, help="Let consumers lose what they rely on; what this is, `plan` says.")
@click.option("--allow-older", is_flag=True, help="Apply a commit that does not come after the one in force.")
@click.option("--if-changed", is_flag=True, help="Do nothing where the newest commit is in force already.")
@click.option(
    "--store",
    "look_in",
    metavar="URL",
    envvar="DATASURFACE_STORE",
    help="Look up in this control database what is in force, before a model is loaded; $DATASURFACE_STORE with "
    "--if-changed.",
)
@click.option("--dry-run", is_flag=True, help="Say what it would do, with the SQL, and change nothing.")
@click.option("--prune", is_flag=True, help="Drop tables that nothing uses any longer; says which, and asks first.")
@yes_option
def command(
    target: Target,
    change_source: "GitRepository | None",
    allow_breaking: bool,
    allow_older: bool,
    if_changed: bool,
    look_in: str | None,
    dry_run: bool,
    prune: bool,
    yes: bool,
) -> int:
    """Put a model in force, and make what it needs exist.

    Does only what is missing, so that it can be repeated; drops no table without --prune. What `plan` refuses is
    refused. What is not said of repository and branch comes from the model: those that own the ecosystem.
    """
    from datasurface.environment import credentials
    from datasurface.operations.ancestry import any_may_follow
    from datasurface.operations.apply import apply, plan
    from datasurface.operations.poll import Unchanged

    environment = target.environment()
    found = _candidate(target, look_in, if_changed=if_changed)
    if isinstance(found, Unchanged):
        _say_unchanged(found, as_json=target.as_json)
        return 0
    model, may_follow = found.model, any_may_follow if allow_older else found.may_follow
    for finding in model.findings:
        say(finding_text(finding))
    planned = None
    if dry_run or prune:
        planned = plan(
            model,
            target.plugins(),
            credentials(environment),
            change_source=change_source,
            allow_breaking=allow_breaking,
            may_follow=may_follow,
            prune=prune,
        )
        for line in pruned_lines(planned.pruned):
            say(line)
        if dry_run:
            _print_planned(planned, as_json=target.as_json)
            return 0
        if planned.pruned:
            ask(yes, "nothing was applied, and nothing dropped")
    report = apply(
        model,
        target.plugins(),
        credentials(environment),
        say_steps,
        change_source=change_source,
        allow_breaking=allow_breaking,
        may_follow=may_follow,
        prune=planned.pruned if planned else None,
    )
    say_unused(report)
    if target.as_json:
        print_document(applied_document(report))
    elif report.publishes:
        click.echo(f"generation {report.generation} is in force")
    else:
        done = "what was missing is there again" if report.changes else "nothing to do"
        click.echo(f"generation {report.generation} was in force already; {done}")
    return 0


def _candidate(target: Target, look_in: str | None, *, if_changed: bool) -> "Candidate | Unchanged":
    from datasurface.operations.poll import Asked, candidate

    is_written = click.get_current_context().get_parameter_source("look_in") is not ParameterSource.ENVIRONMENT
    asked = Asked(
        None if target.model is None else Path(target.model),
        target.repository,
        target.revision,
        target.secret(),
        look_in if is_written or (if_changed and target.model is None) else None,
        if_changed,
    )
    return candidate(asked, target.plugins(), target.environment(), seconds=target.load_timeout)


def _say_unchanged(found: "Unchanged", *, as_json: bool) -> None:
    from datasurface.operations.apply import ApplyReport

    generation = found.generation
    if as_json:
        print_document(applied_document(ApplyReport(generation.number, generation.commit, False, {})))
    elif found.is_taken_back:
        click.echo(f"generation {generation.number} took the newest commit, {found.commit}, back; nothing to do")
    else:
        click.echo(f"generation {generation.number} is of the newest commit, {found.commit}; nothing to do")


def say_steps(platform: str, steps: "tuple[Step, ...]") -> None:
    """Tell whoever waits what a platform has done, and why it could not do what it could not."""
    for step in steps:
        say(f"{platform}: {step.action} {step.object}{f': {step.note}' if step.note else ''}")


def applied_document(report: "ApplyReport") -> dict[str, object]:
    """What was applied, as plain JSON values."""
    return {
        "generation": report.generation,
        "commit": report.commit,
        "published": report.publishes,
        "changed": report.changes,
        "platforms": {
            name: [{"action": step.action, "object": step.object, "note": step.note} for step in steps]
            for name, steps in report.steps.items()
        },
        "pruned": found_document(report.pruned),
        "unused": found_document(report.unused),
    }


def _print_planned(planned: "ApplyReport", *, as_json: bool) -> None:
    say_unused(planned)
    if as_json:
        print_document(_planned_document(planned))
    else:
        click.echo("\n".join(_planned_lines(planned)))


def _planned_lines(planned: "ApplyReport") -> "Iterator[str]":
    for platform, steps in planned.steps.items():
        yield f"{platform}: {'would do' if steps else 'nothing to do'}"
        for step in steps:
            yield f"  {step.action} {step.object}"
            if step.note:
                yield f"    {step.note}"
            for sql in step.sql:
                yield from (f"      {line}" for line in f"{sql.strip()};".splitlines())
    if planned.publishes:
        yield f"generation {(planned.generation or 0) + 1} would be in force; nothing was changed"
    else:
        yield f"generation {planned.generation} stays in force; nothing was changed"


def _planned_document(planned: "ApplyReport") -> dict[str, object]:
    return {
        "dry_run": True,
        "generation": planned.generation,
        "commit": planned.commit,
        "publishes": planned.publishes,
        "changes": planned.changes,
        "platforms": {name: [asdict(step) for step in steps] for name, steps in planned.steps.items()},
        "pruned": found_document(planned.pruned),
        "unused": found_document(planned.unused),
    }
