"""``datasurface run``: the local scheduler."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from datasurface.cli.logs import logged, watched
from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import counted, current_log, print_document, say
from datasurface.cli.seconds import span

if TYPE_CHECKING:
    from datasurface.operations.schedule import CopyRun, RunReport, StreamRun, TransformerRun
    from datasurface.operations.workers import Threads
    from datasurface.results import CopyResult, JobFailure, JobResult, TransformResult


@click.command()
@in_force_options
@logged(one_at_a_time=False)
@click.option("--platform", metavar="P", help="Only the jobs of this platform.  [default: all]")
@click.option("--once", is_flag=True, help="One batch of every stream, then end.")
@click.option("--duration", type=float, callback=span, metavar="SECONDS", help="End after so long.")
@click.option(
    "--heartbeat",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Touch this file every 30 seconds or sooner, for whoever watches whether it hangs.",
)
def command(target: Target, platform: str | None, once: bool, duration: float | None, heartbeat: Path | None) -> int:
    """Run every stream on its platform's schedule, transformers after what they read, and refresh copies on theirs or
    after the batches.

    Begins with a batch of each, and goes on until Ctrl+C. That lets the batches at work finish; a second one breaks
    off. The exit code is 1 when the last batch of a stream failed, the last refresh of a group's copies, or the last
    run of a transformer.
    """
    from datasurface.operations.schedule import run
    from datasurface.operations.workers import Threads

    show, workers = partial(_show, to_stderr=target.as_json), Threads()
    with stopped_by_signals(workers), watched(target) as in_force:
        report = run(
            in_force,
            workers,
            platform=platform,
            once=once,
            duration=None if duration is None else timedelta(seconds=duration),
            on_result=lambda result: show(_of_batch(result), result.error),
            on_copies=lambda result: show(_of_copies(result), result.error),
            on_transform=lambda result: show(_of_transform(result), result.error),
            on_generation=lambda number: say(f"generation {number} is in force now"),
            on_turn=lambda: None if heartbeat is None else heartbeat.touch(),
        )
    if target.as_json:
        print_document(_document(report))
    else:
        runs: list[StreamRun | CopyRun | TransformerRun] = [
            *report.streams.values(),
            *report.copies.values(),
            *report.transformers.values(),
        ]
        jobs, failed = sum(run.jobs for run in runs), sum(run.failed for run in runs)
        click.echo(f"{counted(len(report.streams), 'stream')}, {counted(jobs, 'job')}, {failed} failed")
    return 0 if report.is_well else 1


@contextmanager
def stopped_by_signals(workers: "Threads") -> Iterator[None]:
    """SIGINT and SIGTERM ask the workers for the end; the second of them interrupts."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if workers.is_stopping:
            raise KeyboardInterrupt
        workers.stop()
        say("finishing the batches at work; once more breaks off")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(words: Sequence[str], error: "JobFailure | None", *, to_stderr: bool) -> None:
    if current_log() is not None:  # which has heard of it
        return
    lines = ["  ".join([f"{datetime.now(UTC):%H:%M:%S}", *words])]
    if error is not None:
        lines += [f"    {error.message}", f"    hint: {error.hint}"]
    click.echo("\n".join(lines), err=to_stderr)


def _of_batch(result: "JobResult") -> list[str]:
    batch = "no batch" if result.batch is None else f"batch {result.batch}"
    counts = [f"{name} +{found.inserted} ~{found.updated} -{found.deleted}" for name, found in result.datasets.items()]
    return [result.platform, result.stream, batch, result.code.name, *counts]


def _of_copies(result: "CopyResult") -> list[str]:
    inserted, deleted = (sum(getattr(copy, kind) for copy in result.copies) for kind in ("inserted", "deleted"))
    of = f"copies of {result.workspace}/{result.group}"
    return [result.platform, of, result.code.name, f"+{inserted} -{deleted}"]


def _of_transform(result: "TransformResult") -> list[str]:
    counts = [f"{name} +{rows.inserted} ~{rows.updated} -{rows.deleted}" for name, rows in result.outputs.items()]
    return [result.platform, f"transformer {result.transformer}", result.way or "no run", result.code.name, *counts]


def _document(report: "RunReport") -> dict[str, object]:
    return {
        "well": report.is_well,
        "streams": [
            {
                "platform": name.platform,
                "stream": name.stream,
                "jobs": run.jobs,
                "failed": run.failed,
                "last": run.last.document(),
            }
            for name, run in report.streams.items()
        ],
        "copies": [
            {
                "platform": name.platform,
                "workspace": name.workspace,
                "group": name.group,
                "jobs": run.jobs,
                "failed": run.failed,
                "last": run.last.document(),
            }
            for name, run in report.copies.items()
        ],
        "transformers": [
            {
                "platform": name.platform,
                "transformer": name.transformer,
                "jobs": run.jobs,
                "failed": run.failed,
                "last": run.last.document(),
            }
            for name, run in report.transformers.items()
        ],
    }
