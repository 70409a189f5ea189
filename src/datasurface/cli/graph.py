"""``datasurface graph``."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datasurface.cli.options import Target, model_options
from datasurface.cli.output import counted, print_document, warn
from datasurface.errors import ModelRefused

if TYPE_CHECKING:
    from datasurface.drawing import Drawing

FORMATS = ("mermaid", "dot", "svg")


@click.command()
@model_options
@click.option("--format", "form", type=click.Choice(FORMATS), default="mermaid", show_default=True, help="Of the text.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it to this file instead of standard output.",
)
def command(target: Target, form: str, output: Path | None) -> int:
    """Draw how data flows from producers over platforms to consumers."""
    from datasurface.model.flow import flow
    from datasurface.operations.model import validate

    validation = validate(target.source(), target.plugins(), target.environment(), seconds=target.load_timeout)
    if validation.ecosystem is None:
        raise ModelRefused(validation.findings)
    if validation.errors:
        warn(f"the model has {counted(validation.errors, 'error')}, which `datasurface validate` names")
    text = _writers()[form](flow(validation.ecosystem))
    if output is not None:
        output.write_text(text, encoding="utf-8")
    if target.as_json:
        graph = text if output is None else None
        print_document({"format": form, "graph": graph, "output": str(output) if output is not None else None})
    elif output is None:
        click.echo(text, nl=False)
    return 0


def _writers() -> Mapping[str, Callable[["Drawing"], str]]:
    from datasurface.drawing import as_dot, as_mermaid, as_svg

    return {"mermaid": as_mermaid, "dot": as_dot, "svg": partial(as_svg, is_file=True)}
