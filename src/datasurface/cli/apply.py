"""``datasurface apply``."""

from typing import TYPE_CHECKING

import click
from attrs import asdict

from datasurface.cli.options import Target, model_options
from datasurface.cli.output import finding_text, print_document, say

if TYPE_CHECKING:
    from datasurface.operations.apply import ApplyReport
    from datasurface.results import Step


@click.command()
@model_options
def command(target: Target) -> int:
    """Put a model in force, and make what it needs exist.

    Does only what is missing, so that it can be repeated; drops nothing.
    """
    from datasurface.environment import credentials
    from datasurface.operations.apply import apply
    from datasurface.operations.model import check

    environment = target.environment()
    model = check(target.source(), target.plugins(), environment, seconds=target.load_timeout)
    for finding in model.findings:
        say(finding_text(finding))
    report = apply(model, target.plugins(), credentials(environment), _say_steps)
    if target.as_json:
        print_document(_document(report))
    elif report.published:
        click.echo(f"generation {report.generation} is in force")
    else:
        done = "what was missing is there again" if report.changed else "nothing to do"
        click.echo(f"generation {report.generation} was in force already; {done}")
    return 0


def _say_steps(platform: str, steps: "tuple[Step, ...]") -> None:
    for step in steps:
        say(f"{platform}: {step.action} {step.object}")


def _document(report: "ApplyReport") -> dict[str, object]:
    return {
        "generation": report.generation,
        "commit": report.commit,
        "published": report.published,
        "changed": report.changed,
        "platforms": {name: [asdict(step) for step in steps] for name, steps in report.steps.items()},
    }
