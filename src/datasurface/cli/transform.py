"""``datasurface transform``: the command of a transformer's pods and tasks."""

from typing import TYPE_CHECKING

import click

from datasurface.cli.ending import ended
from datasurface.cli.logs import logged, watched
from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import console, table

if TYPE_CHECKING:
    from datasurface.results import TransformResult


@click.command()
@in_force_options
@logged()
@click.option("--platform", required=True, metavar="P", help="Name of the platform.")
@click.option("--transformer", required=True, metavar="NAME", help="Name of the transformer.")
@click.option("--run-id", metavar="ID", help="Names this run in its result record.  [default: a new UUID]")
def command(target: Target, platform: str, transformer: str, run_id: str | None) -> int:
    """Run a transformer once: its code makes its datastore of what its workspace reads.

    Nothing is done where no input has a new batch since the last good run. What the code prints, and where it failed,
    goes to standard error. The exit code is 0 for DONE, and 1 for ERROR.
    """
    from datasurface.operations.jobs import transform

    with watched(target) as in_force:
        result = transform(in_force, platform, transformer, run_id=run_id)
    return ended(result, _show, as_json=target.as_json)


def _show(result: "TransformResult") -> None:
    what = f" ({result.way})" if result.way else ""
    title = f"{result.platform} {result.transformer}: {result.code.name}{what} in {result.seconds:.2f} s"
    if not result.outputs:
        click.echo(title)
        return
    columns = ["rows", "inserted", "updated", "deleted"]
    rows = [[name, *(f"{getattr(found, column):,}" for column in columns)] for name, found in result.outputs.items()]
    console().print(table(title, ["dataset", *columns], rows, numbers=columns))
