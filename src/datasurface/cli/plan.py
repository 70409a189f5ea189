"""``datasurface plan``."""

from typing import TYPE_CHECKING, TypedDict

import click
from attrs import evolve

from datasurface.cli.change_source import change_source_option
from datasurface.cli.group import CHANGES
from datasurface.cli.options import Target, model_options
from datasurface.cli.output import finding_text, print_document, say
from datasurface.errors import UsageError

if TYPE_CHECKING:
    from datasurface.change.lines import Line
    from datasurface.change.plan import Plan
    from datasurface.model import GitRepository


class Style(TypedDict, total=False):
    """How a line looks, in the words of ``click.style``."""

    fg: str
    bold: bool
    dim: bool


_STYLES: "dict[str, Style]" = {
    "head": {"bold": True},
    "refused": {"fg": "red", "bold": True},
    "hint": {"fg": "cyan"},
    "object": {"bold": True},
    "added": {"fg": "green"},
    "removed": {"fg": "red"},
    "changed": {"fg": "yellow"},
    "note": {"dim": True},
}


@click.command()
@model_options
@click.option(
    "--base",
    metavar="BASE",
    help="A folder, or a revision of the model's repository, to compare with; default: the model in force.",
)
@change_source_option
@click.option("--preview", is_flag=True, help="Ask the platforms' databases how many stored rows are touched.")
@click.option("--markdown", is_flag=True, help="Print Markdown, as for a comment on a pull request.")
def command(
    target: Target, base: str | None, change_source: "GitRepository | None", preview: bool, markdown: bool
) -> int:
    """Say what a model would change, for whom, and who has to agree.

    With --base and without --preview it needs no database and no secret.

    Exit codes: 0 no changes, 2 changes, 1 refused.
    """
    from datasurface.change.plan import Outcome
    from datasurface.environment import credentials
    from datasurface.operations.model import check
    from datasurface.operations.plan import model_and_base, plan, plan_against_force, rows_touched

    if markdown and target.as_json:
        raise UsageError("--json and --markdown exclude each other", hint="give the one or the other")
    environment, source = target.environment(), target.source()
    plugins, seconds = target.plugins(), target.load_timeout
    if base is None:
        model = check(source, plugins, environment, seconds=seconds)
        found = plan_against_force(model, plugins, credentials(environment), change_source=change_source)
    else:
        model, before = model_and_base(source, base, plugins, environment, seconds=seconds)
        found = plan(model, before, plugins, change_source=change_source)
    if preview:
        found = evolve(found, rows=rows_touched(model, plugins, credentials(environment)))
    for finding in model.findings:
        say(finding_text(finding))
    _print(found, as_json=target.as_json, markdown=markdown)
    return {Outcome.EMPTY: 0, Outcome.CHANGES: CHANGES, Outcome.REFUSED: 1}[found.outcome]


def _print(plan: "Plan", *, as_json: bool, markdown: bool) -> None:
    from datasurface.change.lines import lines
    from datasurface.change.markdown import as_markdown

    if as_json:
        print_document(plan.document())
    elif markdown:
        click.echo(as_markdown(plan), nl=False)
    else:
        click.echo("\n".join(map(styled, lines(plan))))


def styled(line: "Line") -> str:
    """A line of a plan in its colours."""
    return click.style(line.text, **_STYLES[line.look.value]) if line.text else ""
