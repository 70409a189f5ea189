"""``datasurface validate``."""

import click

from datasurface.cli.options import Target, model_options
from datasurface.cli.output import counted, finding_text, print_document, say


@click.command()
@model_options
def command(target: Target) -> int:
    """Check a model, and print what is wrong with it and where."""
    from datasurface.operations.model import validate

    validation = validate(target.source(), target.plugins(), target.environment(), seconds=target.load_timeout)
    if validation.printed:
        say(validation.printed.rstrip("\n"))
    if target.as_json:
        print_document(validation.document())
    else:
        for finding in validation.findings:
            click.echo(finding_text(finding))
        click.echo(f"{counted(validation.errors, 'error')}, {counted(validation.warnings, 'warning')}")
    return 1 if validation.errors else 0
