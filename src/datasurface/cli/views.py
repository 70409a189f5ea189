"""``datasurface views``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from attrs import asdict

from datasurface.cli.group import Group
from datasurface.cli.logs import logged, watched
from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import console, print_document, table

if TYPE_CHECKING:
    from datasurface.results import ViewSummary


@click.group(cls=Group)
def command() -> None:
    """The consumers' views."""


@command.command()
@in_force_options
@click.option("--platform", metavar="P", help="Only this platform.")
def reconcile(target: Target, platform: str | None) -> int:
    """Make the consumers' views be exactly those of the generation in force.

    The exit code is 0 only when every view stands.
    """
    from datasurface.operations.jobs import reconcile_views

    summaries = reconcile_views(target.in_force(), platform)
    is_well = all(summary.is_well for summary in summaries.values())
    if target.as_json:
        platforms = {name: asdict(summary) for name, summary in summaries.items()}
        print_document({"well": is_well, "platforms": platforms})
    else:
        _show(summaries)
    return 0 if is_well else 1


@command.command("list")
@in_force_options
@click.option("--platform", metavar="P", help="Only this platform.")
def list_(target: Target, platform: str | None) -> int:
    """Show what stands for consumers and what should, with columns and who may read it.

    The exit code is 0 only when all of it is as it should be; `views reconcile` makes it so.
    """
    from datasurface.operations.jobs import list_views
    from datasurface.results import ViewState

    found = list_views(target.in_force(), platform)
    is_well = all(view.state is ViewState.STANDS for views in found.values() for view in views)
    if target.as_json:
        platforms = {name: [view.document() for view in views] for name, views in found.items()}
        print_document({"well": is_well, "platforms": platforms})
        return 0 if is_well else 1
    for name, views in found.items():
        lines = [
            [view.name, view.state.value, ", ".join(column for column, _ in view.columns), ", ".join(view.readers)]
            for view in views
        ]
        console().print(table(name, ["name", "state", "columns", "readers"], lines))
    return 0 if is_well else 1


@command.command()
@in_force_options
@logged()
@click.option("--platform", metavar="P", help="Only this platform.")
@click.option("--workspace", metavar="W", help="Only the copies of this workspace.")
@click.option("--group", metavar="G", help="Only the copies of groups of this name.")
@click.option("--whole", is_flag=True, help="Compare every row, and trust nothing that is known of it.")
@click.option("--run-id", metavar="ID", help="Keep a result record for each group, under this name.")
def refresh(
    target: Target, platform: str | None, workspace: str | None, group: str | None, whole: bool, run_id: str | None
) -> int:
    """Bring copies in consumers' own databases to what the merge databases show.

    The copies of a group are refreshed in one transaction, and show one moment. The exit code is 0 only when all are;
    where a database is away, its copies stay as they were. Result records stand under the stream
    "@copies WORKSPACE.GROUP".
    """
    from datasurface.operations.jobs import refresh_all
    from datasurface.results import ResultCode

    with watched(target) as in_force:
        results = refresh_all(in_force, platform, workspace, group, whole=whole, run_id=run_id)
    is_well = all(result.code is ResultCode.DONE for result in results)
    if target.as_json:
        print_document({"well": is_well, "groups": [result.document() for result in results]})
        return 0 if is_well else 1
    for result in results:
        click.echo(f"{result.platform}, {result.workspace}/{result.group}: {result.code.name}")
        for copy in result.copies:
            click.echo(f"  {copy.name}: batch {copy.batch}, {copy.way}, +{copy.inserted} -{copy.deleted}")
        if result.error is not None:
            click.echo(f"  {result.error.message}\n  hint: {result.error.hint}")
    return 0 if is_well else 1


def _show(summaries: Mapping[str, "ViewSummary"]) -> None:
    for platform, summary in summaries.items():
        kinds: dict[str, tuple[str, ...]] = asdict(summary, filter=lambda kind, _names: kind.name != "reasons")
        click.echo(f"{platform}: {' / '.join(f'{len(names)} {kind}' for kind, names in kinds.items())}")
        for kind, names in kinds.items():
            if kind != "unchanged":
                for name in names:
                    reason = summary.reasons.get(name)
                    click.echo(f"  {kind} {name}{f': {reason}' if reason else ''}")
