"""``datasurface batch``: look at the batches of a stream, and help one that is stuck."""

from typing import TYPE_CHECKING

import click
from attrs import asdict

from datasurface.cli.group import Group
from datasurface.cli.options import Target, in_force_options, stream_options
from datasurface.cli.output import console, print_document, table
from datasurface.errors import DataSurfaceError

if TYPE_CHECKING:
    from datasurface.runtime import BatchState


@click.group(cls=Group)
def command() -> None:
    """Look at the batches of a stream, and help one that is stuck."""


@command.command()
@in_force_options
@stream_options
@click.option("--last", type=click.IntRange(min=1), default=10, show_default=True, help="So many batches.")
def status(target: Target, platform: str, stream: str, last: int) -> int:
    """Show the newest batches of a stream, newest first."""
    from datasurface.operations.jobs import status as batches_of

    batches = batches_of(target.in_force(), platform, stream, last=last)
    if target.as_json:
        print_document({"platform": platform, "stream": stream, "batches": [_document(batch) for batch in batches]})
    elif not batches:
        click.echo(f"{platform} {stream}: no batch yet")
    else:
        columns = ["batch", "status", "started (UTC)", "generation", "+", "~", "-", "read"]
        rows = table(f"{platform} {stream}", columns, map(_row, batches), numbers=["batch", *columns[3:]])
        console().print(rows)
        for batch in batches:
            if batch.error is not None:
                click.echo(f"batch {batch.batch}: {batch.error.message}")
                click.echo(f"    hint: {batch.error.hint}")
    return 0


@command.command()
@in_force_options
@stream_options
@click.option("--yes", is_flag=True, help="Do not ask first.")
def reset(target: Target, platform: str, stream: str, yes: bool) -> int:
    """Give up what the uncommitted batch of a stream has staged, so that it starts afresh.

    Asks first. A batch that is committed is refused: there is nothing to give up.
    """
    from datasurface.operations.jobs import reset as reset_batch

    in_force = target.in_force()
    if not yes and not _confirmed(f"Give up the uncommitted batch of {platform} {stream}?"):
        raise DataSurfaceError("nothing was reset", hint="answer y, or say --yes")
    batch = reset_batch(in_force, platform, stream)
    if target.as_json:
        print_document({"platform": platform, **_document(batch)})
    else:
        click.echo(f"{platform} {stream} batch {batch.batch}: reset, {batch.status.value}")
    return 0


def _confirmed(question: str) -> bool:
    """Whether somebody said yes; nobody did where standard input has ended or is closed."""
    try:
        return click.confirm(question, err=True)
    except (click.Abort, RuntimeError):  # input() raises a RuntimeError where there is no standard input at all
        click.echo(err=True)
        return False


def _document(batch: "BatchState") -> dict[str, object]:
    return {
        "stream": batch.stream,
        "batch": batch.batch,
        "status": batch.status.value,
        "started_at": batch.started_at.isoformat(),
        "committed_at": batch.committed_at.isoformat() if batch.committed_at else None,
        "datasets": {name: asdict(counts) for name, counts in batch.datasets.items()},
        "error": asdict(batch.error) if batch.error else None,
        "generation": batch.generation,
        "commit": batch.commit,
    }


def _row(batch: "BatchState") -> list[str]:
    counts = batch.datasets.values()
    return [
        str(batch.batch),
        batch.status.value,
        f"{batch.started_at:%Y-%m-%d %H:%M:%S}",
        str(batch.generation),
        f"{sum(count.inserted for count in counts):,}",
        f"{sum(count.updated for count in counts):,}",
        f"{sum(count.deleted for count in counts):,}",
        f"{sum(count.read for count in counts):,}",
    ]
