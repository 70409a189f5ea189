"""``datasurface ingest``: the command of every pod and task."""

from typing import TYPE_CHECKING

import click

from datasurface.cli.ending import ended
from datasurface.cli.logs import logged, watched
from datasurface.cli.options import Target, in_force_options, stream_options
from datasurface.cli.output import console, table
from datasurface.cli.seconds import span

if TYPE_CHECKING:
    from datasurface.results import JobResult


@click.command()
@in_force_options
@logged()
@stream_options
@click.option("--run-id", metavar="ID", help="Names this run in its result record.  [default: a new UUID]")
@click.option(
    "--budget",
    type=float,
    callback=span,
    metavar="SECONDS",
    help="Leave the merge to the next run after so long.",
)
@click.option("--allow-deletes", is_flag=True, help="Take this snapshot's deletes, however many they are.")
def command(
    target: Target, platform: str, stream: str, run_id: str | None, budget: float | None, allow_deletes: bool
) -> int:
    """Run one batch of one stream.

    The generation in force says what is read and merged. The exit code is 0 for DONE and KEEP_WORKING, and 1 for
    ERROR; the result record says which.
    """
    from datasurface.operations.jobs import ingest

    with watched(target) as in_force:
        result = ingest(in_force, platform, stream, run_id=run_id, budget=budget, allow_deletes=allow_deletes)
    return ended(result, _show, as_json=target.as_json)


def _show(result: "JobResult") -> None:
    seconds = result.seconds
    total = seconds.wait + seconds.source + seconds.transfer + seconds.merge
    batch = "no batch" if result.batch is None else f"batch {result.batch}"
    title = f"{result.platform} {result.stream} {batch}: {result.code.name} in {total:.2f} s"
    if not result.datasets:
        click.echo(title)
        return
    columns = ["read", "inserted", "updated", "deleted", "unchanged"]
    rows = [[name, *(f"{getattr(counts, column):,}" for column in columns)] for name, counts in result.datasets.items()]
    console().print(table(title, ["dataset", *columns], rows, numbers=columns))
