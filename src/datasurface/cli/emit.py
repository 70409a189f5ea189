"""``datasurface emit``."""

from pathlib import Path

import click

from datasurface.cli.options import Target, model_options
from datasurface.cli.output import counted, print_document


@click.command()
@click.argument("name")
@model_options
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder that holds nothing else; what a former call wrote there is replaced whole.",
)
def command(target: Target, name: str, output: Path) -> int:
    """Write what another program needs of a model: `emit airflow` DAG files, `emit kubernetes` manifests, `emit
    prometheus` alert rules, `emit grafana` a dashboard.

    Asks no database. The files hold no secret, and are the same for the same model. What of the installation the model
    does not say stands in the environment file, in a table of the emitter's name.
    """
    from datasurface.operations.emit import emit
    from datasurface.operations.model import check

    model = check(target.source(), target.plugins(), target.environment(), seconds=target.load_timeout)
    emitted = emit(name, model, target.plugins(), target.environment(), output)
    if target.as_json:
        print_document({"output": str(output), "files": emitted.files, "changed": emitted.changed})
        return 0
    click.echo(f"{output}: {counted(len(emitted.files), 'file')}, {len(emitted.changed)} changed")
    for path in emitted.changed:
        click.echo(f"    {path}")
    return 0
