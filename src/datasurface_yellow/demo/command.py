"""The command ``demo``. Loads with click alone; the rest comes when it runs."""

import json
from datetime import timedelta
from pathlib import Path

import click

from datasurface.cli.seconds import span


@click.command()
@click.option(
    "--duration",
    type=float,
    callback=span,
    default=25.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the producer changes.",
)
@click.option("--keep", is_flag=True, help="Leave the folder with data, log and environment file.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where everything stands.  [default: a temporary folder]",
)
@click.option("--serve", is_flag=True, help="Serve the monitor's page meanwhile, and afterwards until Ctrl+C.")
@click.option("--check", "check_only", is_flag=True, help="Only check what a run with --keep left in --folder.")
@click.option(
    "--postgres",
    "server_url",
    metavar="URL",
    help="Use this server, as its administrator, instead of an embedded one: postgresql://user:password@host:port",
)
@click.option("--seed", type=int, default=360, show_default=True, help="Of the simulator.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document; the rest goes to standard error.")
@click.pass_context
def demo(
    context: click.Context,
    duration: float,
    keep: bool,
    serve: bool,
    folder: Path | None,
    check_only: bool,
    server_url: str | None,
    seed: int,
    as_json: bool,
) -> int:
    """The whole way once: a producer that changes, two platforms that follow it, and a proof of what consumers see.

    Everything runs on this machine, with an embedded PostgreSQL. The exit code is 0 only when all checks hold.
    """
    from datasurface.cli.application import Application
    from datasurface.errors import MissingExtra, UsageError
    from datasurface.plugins.extras import missing_extra

    try:
        from datasurface.cli.run import stopped_by_signals
        from datasurface.operations.workers import Threads
        from datasurface_yellow.demo.demonstrate import DemoOptions, console_for, demonstrate, new_folder
    except ModuleNotFoundError as missing:
        if missing_extra(missing, "the demonstration") is None:
            raise
        raise MissingExtra("the demonstration", "demo") from missing  # whose parts lie in smaller extras, too

    if check_only and folder is None:
        raise UsageError("--check needs --folder", hint="the folder that `datasurface demo --keep` named at its end")
    options = DemoOptions(
        folder=(folder or new_folder()).resolve(),
        duration=timedelta(seconds=duration),
        keep=keep,
        server_url=server_url,
        seed=seed,
        check_only=check_only,
        serve=serve,
    )
    workers = Threads()
    with stopped_by_signals(workers):
        verdict = demonstrate(
            options, context.ensure_object(Application).plugins(), console_for(as_json=as_json), workers
        )
    if as_json:
        click.echo(json.dumps(verdict.document()))
    return 0 if verdict.holds else 1
