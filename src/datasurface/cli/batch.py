"""``datasurface batch``: look at the batches of a stream, and help one that is stuck."""

from typing import TYPE_CHECKING

import click
from attrs import asdict

from datasurface.cli.asking import ask, yes_option
from datasurface.cli.group import Group
from datasurface.cli.options import Target, in_force_options, stream_options
from datasurface.cli.output import console, counted, on_one_line, print_document, say, table

if TYPE_CHECKING:
    from datasurface.operations.jobs import Operation
    from datasurface.results import BatchState, Preview


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
                click.echo(f"batch {batch.batch}: {on_one_line(batch.error.message)}")
                if batch.error.hint:
                    click.echo(f"    hint: {on_one_line(batch.error.hint)}")
    return 0


@command.command()
@in_force_options
@stream_options
@yes_option
def reset(target: Target, platform: str, stream: str, yes: bool) -> int:
    """Give up what the uncommitted batch of a stream has staged, so that it starts afresh.

    Says what it will do and asks first. A batch that is committed is refused: there is nothing to give up.
    """
    from datasurface.operations.jobs import reset as reset_of

    operation = reset_of(target.in_force(), platform, stream)
    preview = _agreed(platform, operation, yes, "nothing was reset")
    batches = operation.act(preview)
    if target.as_json:
        print_document({"platform": platform, "plan": preview.document(), **_document(batches[0])})
    else:
        click.echo(f"{platform} {stream} batch {batches[0].batch}: reset, {batches[0].status.value}")
    return 0


@command.command()
@in_force_options
@stream_options
@yes_option
def repair(target: Target, platform: str, stream: str, yes: bool) -> int:
    """Let the next batch of a stream mend merge tables that somebody changed.

    That batch compares every row with the source and trusts no row or sum of its own. For streams that keep no past.
    Says what it will do and asks first.
    """
    from datasurface.operations.jobs import repair as repair_of

    operation = repair_of(target.in_force(), platform, stream)
    return _operate(target, platform, operation, yes, "nothing was repaired")


@command.command()
@in_force_options
@stream_options
@click.option(
    "--to", type=click.IntRange(min=0), required=True, metavar="N", help="Batch to go back to; 0: before the first."
)
@yes_option
def rollback(target: Target, platform: str, stream: str, to: int, yes: bool) -> int:
    """Take a stream that keeps its past back to what a committed batch left.

    Versions that later batches closed are live again, those that they opened are gone, and their numbers are never used
    again. Says what it will do and asks first.
    """
    from datasurface.operations.jobs import rollback as rollback_of

    operation = rollback_of(target.in_force(), platform, stream, to)
    return _operate(target, platform, operation, yes, "nothing was rolled back")


@command.command()
@in_force_options
@stream_options
@click.option("--to", type=click.IntRange(min=1), metavar="N", help="The last rolled back batch to merge; default all.")
@yes_option
def replay(target: Target, platform: str, stream: str, to: int | None, yes: bool) -> int:
    """Merge again what rolled back batches of a stream have staged, each as a new batch.

    Possible while their staging is kept and no batch has read the source since. Says what it will do and asks first.
    """
    from datasurface.operations.jobs import replay as replay_of

    operation = replay_of(target.in_force(), platform, stream, up_to=to)
    return _operate(target, platform, operation, yes, "nothing was replayed")


def _operate(target: Target, platform: str, operation: "Operation", yes: bool, refusal: str) -> int:
    preview = _agreed(platform, operation, yes, refusal)
    batches = operation.act(preview)
    if target.as_json:
        changed = [_document(batch) for batch in batches]
        print_document({"platform": platform, "stream": preview.stream, "plan": preview.document(), "batches": changed})
    else:
        for batch in batches:
            why = f" ({batch.reason})" if batch.reason else ""
            click.echo(f"{platform} {preview.stream} batch {batch.batch}: {batch.status.value}{why}")
    return 0


def _agreed(platform: str, operation: "Operation", yes: bool, refusal: str) -> "Preview":
    """Show what the operation would do, on standard error, and ask unless ``yes``."""
    preview = operation.preview()
    for line in _lines(platform, preview):
        say(line)
    ask(yes, refusal)
    return preview


def _lines(platform: str, preview: "Preview") -> list[str]:
    numbers = ", ".join(map(str, preview.batches))
    plural = "batch" if len(preview.batches) == 1 else "batches"
    place = "" if preview.to is None else f" to batch {preview.to}" if preview.to else " to before the first batch"
    lines = [f"{preview.action} of {platform} {preview.stream}{place}: {plural} {numbers}"]
    for name, found in preview.datasets.items():
        parts = [f"{found.rows_before:,} -> {found.rows_after:,} live rows"]
        if preview.action == "rollback":
            parts.append(f"{counted(found.reopened, 'version')} reopened, {found.removed:,} removed")
        elif preview.action == "repair":
            parts = [f"{counted(found.rows_before, 'live row')}, all compared with the source by the next batch"]
            parts += [f"{counted(found.staged, 'staged row')} dropped"] * bool(found.staged)
        else:
            verb = "dropped" if preview.action == "reset" else "merged"
            parts.append(f"{counted(found.staged, 'staged row')} {verb}")
        lines.append(f"  {name}: {'; '.join(parts)}")
    lines += [
        f"  read by {consumer.workspace}/{consumer.group}: {', '.join(consumer.views)}"
        for consumer in preview.consumers
    ]
    return lines


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
        "reason": batch.reason,
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
