"""``datasurface apply``."""

from typing import TYPE_CHECKING

import click
from attrs import asdict

from datasurface.cli.change_source import change_source_option
from datasurface.cli.options import Target, model_options
from datasurface.cli.output import finding_text, print_document, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datasurface.model import GitRepository
    from datasurface.operations.apply import ApplyReport
    from datasurface.results import Step


@click.command()
@model_options
@change_source_option
@click.option("--allow-breaking", is_flag=True, help="Let consumers lose what they rely on; what this is, `plan` says.")
@click.option("--dry-run", is_flag=True, help="Say what it would do, with the SQL, and change nothing.")
def command(target: Target, change_source: "GitRepository | None", allow_breaking: bool, dry_run: bool) -> int:
    """Put a model in force, and make what it needs exist.

    Does only what is missing, so that it can be repeated; drops nothing. What `plan` refuses is refused.
    """
    from datasurface.environment import credentials
    from datasurface.operations.apply import apply, plan
    from datasurface.operations.model import check

    environment = target.environment()
    model = check(target.source(), target.plugins(), environment, seconds=target.load_timeout)
    for finding in model.findings:
        say(finding_text(finding))
    if dry_run:
        planned = plan(
            model,
            target.plugins(),
            credentials(environment),
            change_source=change_source,
            allow_breaking=allow_breaking,
        )
        if target.as_json:
            print_document(_planned_document(planned))
        else:
            click.echo("\n".join(_planned_lines(planned)))
        return 0
    report = apply(
        model,
        target.plugins(),
        credentials(environment),
        say_steps,
        change_source=change_source,
        allow_breaking=allow_breaking,
    )
    if target.as_json:
        print_document(applied_document(report))
    elif report.publishes:
        click.echo(f"generation {report.generation} is in force")
    else:
        done = "what was missing is there again" if report.changes else "nothing to do"
        click.echo(f"generation {report.generation} was in force already; {done}")
    return 0


def say_steps(platform: str, steps: "tuple[Step, ...]") -> None:
    """Tell whoever waits what a platform has done."""
    for step in steps:
        say(f"{platform}: {step.action} {step.object}")


def applied_document(report: "ApplyReport") -> dict[str, object]:
    """What was applied, as plain JSON values."""
    return {
        "generation": report.generation,
        "commit": report.commit,
        "published": report.publishes,
        "changed": report.changes,
        "platforms": {
            name: [{"action": step.action, "object": step.object} for step in steps]
            for name, steps in report.steps.items()
        },
    }


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
    }
