"""``datasurface maintain``: the command of the tasks that look after a platform."""

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from datasurface.cli.ending import ended
from datasurface.cli.logs import logged
from datasurface.cli.options import Target, in_force_options

if TYPE_CHECKING:
    from datasurface.operations.poll import Asked

_TASKS = ("apply", "views", "verify", "retention", "freshness")


@click.command()
@in_force_options
@logged()
@click.option("--platform", required=True, metavar="P", help="Name of the platform.")
@click.option("--task", required=True, type=click.Choice(_TASKS), help="What to do.")
@click.option("--run-id", metavar="ID", help="Names this run in its result record.  [default: a new UUID]")
def command(target: Target, platform: str, task: str, run_id: str | None) -> int:
    """Do one task for a platform, as a scheduler does them beside the batches.

    apply: look for a new commit, and put it in force, on all platforms. views: reconcile the consumers' views. verify:
    check the laws. retention: take old history away; nobody is asked. freshness: fail where data are late. Each keeps a
    result record, under the stream @TASK.
    """
    from datasurface.operations.maintain import maintain
    from datasurface.orchestration import Task

    result = maintain(
        Task(task),
        platform,
        run_id or str(uuid4()),
        target.in_force,
        _asked(target),
        target.plugins(),
        target.environment(),
    )
    return ended(result, lambda found: click.echo(f"{platform} {task}: {found.code.name}"), as_json=target.as_json)


def _asked(target: Target) -> "Asked":
    """Where the newest commit of the model is: where what is in force says, unless the words say otherwise."""
    from datasurface.operations.poll import Asked

    folder = Path(target.model or ".") if target.store is None and target.repository is None else None
    return Asked(folder, target.repository, target.revision, target.secret(), target.store, if_changed=True)
