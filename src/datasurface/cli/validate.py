"""``datasurface validate``."""

import os
from typing import TYPE_CHECKING

import click

from datasurface.cli.options import Target, model_options
from datasurface.cli.output import counted, finding_text, print_document, say
from datasurface.errors import UsageError
from datasurface.findings import Finding

if TYPE_CHECKING:
    from datasurface.operations.model import Validation

FORMATS = ("text", "json", "sarif", "github")


@click.command()
@model_options
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How findings are printed: for people, as JSON (as with --json), as SARIF 2.1.0, or as annotations of GitHub.",
)
def command(target: Target, form: str | None) -> int:
    """Check a model, and print what is wrong with it and where."""
    from datasurface.operations.model import validate

    if target.as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} exclude each other", hint="give the one or the other")
    form = form or ("json" if target.as_json else "text")
    validation = validate(target.source(), target.plugins(), target.environment(), seconds=target.load_timeout)
    _show_printed(validation.printed, form)
    if form == "json":
        print_document(validation.document())
    elif form == "sarif":
        _print_sarif(target, validation)
    else:
        for finding in validation.findings:
            click.echo(_annotation(target, finding) if form == "github" else finding_text(finding))
        click.echo(f"{counted(validation.errors, 'error')}, {counted(validation.warnings, 'warning')}")
    return 1 if validation.errors else 0


def _show_printed(printed: str, form: str) -> None:
    """What the model's own code printed, so that nobody takes it for words of ours; where a workflow reads along,
    without the commands that may be in it."""
    from datasurface.loading.printable import printable

    if not printed:
        return
    printed = "\n".join(f"eco.py: {printable(line)}" for line in printed.splitlines())
    if form == "github":
        from secrets import token_hex

        from datasurface.cli.github import without_commands

        printed = without_commands(printed, token_hex(16))
    say(printed)


def _print_sarif(target: Target, validation: "Validation") -> None:
    from importlib.metadata import version

    from datasurface.cli.sarif import sarif
    from datasurface.lint.rules import RULES

    findings = [_from_here(target, finding) for finding in validation.findings]
    print_document(sarif(findings, (*RULES, *target.plugins().rules()), version("datasurface")))


def _annotation(target: Target, finding: Finding) -> str:
    from datasurface.cli.github import annotation

    return annotation(_from_here(target, finding))


def _from_here(target: Target, finding: Finding) -> Finding:
    """The finding with its file as it is called from the working directory, where a workflow has its checkout; in the
    folder of the model it has no path."""
    from attrs import evolve

    if finding.source is None or target.repository is not None:
        return finding
    file = os.path.normpath(os.path.join(target.model or ".", finding.source.file))
    if os.path.isabs(file) and not (relative := os.path.relpath(file)).startswith(os.pardir):
        file = relative
    return evolve(finding, source=evolve(finding.source, file=file))
