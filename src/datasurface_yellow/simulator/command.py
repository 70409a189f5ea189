"""The command ``simulate``: changes the example's producer as a business would.

Loads with click alone; drivers and data come when the command runs.
"""

from pathlib import Path

import click

from datasurface.errors import MissingExtra, UsageError
from datasurface_yellow.simulator.changes import ChangeKind
from datasurface_yellow.simulator.options import DEFAULT_WEIGHTS, SimulatorOptions, new_seed

_EXTRA_MODULES = frozenset({"mimesis", "psycopg2"})


def _weights(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[ChangeKind, float]:
    weights = dict(DEFAULT_WEIGHTS)
    for text in given:
        kind, _, weight = text.partition("=")
        try:
            weights[ChangeKind(kind)] = float(weight)
        except ValueError as error:
            raise click.BadParameter(f"'{text}' is not KIND=WEIGHT; the kinds are {', '.join(ChangeKind)}") from error
    return weights


@click.command()
@click.option("--url", metavar="URL", help="The producer, as postgresql://user@host:port/database, without a password.")
@click.option("--host", help="Server of the producer.  [default: localhost]")
@click.option("--port", type=click.IntRange(1, 65535), help="Its port.  [default: 5432]")
@click.option("--database", help="Its database.  [default: customer_db]")
@click.option("--user", help="The role that writes.  [default: as psql]")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="File with the password. Without it the environment variable CUSTOMER_DB_PASSWORD is used.",
)
@click.option(
    "--create", is_flag=True, help="First create the database, its tables and the seed rows, where they are missing."
)
@click.option("--max-changes", type=click.IntRange(min=0), metavar="N", help="Stop after N changes.  [default: go on]")
@click.option(
    "--min-interval",
    type=float,
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Shortest pause between changes.",
)
@click.option(
    "--max-interval",
    type=float,
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Longest pause between changes.",
)
@click.option(
    "--seed", type=int, help="Repeats a run: one seed on the same rows makes the same changes.  [default: by chance]"
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="KIND=WEIGHT",
    callback=_weights,
    help=f"How often a kind of change happens, relative to the others.  [default: "
    f"{', '.join(f'{kind}={weight}' for kind, weight in DEFAULT_WEIGHTS.items())}]",
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every change as a line of JSON to this file; a file that exists is continued.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document at the end; changes go to standard error."
)
def simulate(
    url: str | None,
    host: str | None,
    port: int | None,
    database: str | None,
    user: str | None,
    password_file: Path | None,
    create: bool,
    max_changes: int | None,
    min_interval: float,
    max_interval: float,
    seed: int | None,
    weights: dict[ChangeKind, float],
    log: Path | None,
    as_json: bool,
) -> None:
    """Change the example's producer: new customers, moves, corrections, deletions, at random moments, until Ctrl+C.

    Foreign keys stay whole. Ctrl+C finishes the change in hand; a second one breaks off.
    """
    parts = {"host": host, "port": None if port is None else str(port), "dbname": database, "user": user}
    if url is not None and any(part is not None for part in parts.values()):
        raise UsageError(
            "--url and --host, --port, --database, --user exclude each other", hint="give the one or the other"
        )
    options = SimulatorOptions(
        max_changes=max_changes,
        min_interval=min_interval,
        max_interval=max_interval,
        seed=new_seed() if seed is None else seed,
        weights=weights,
        log=log,
    )
    try:
        from datasurface_yellow.simulator.target import Target
        from datasurface_yellow.simulator.terminal import run_in_terminal
    except ModuleNotFoundError as missing:
        if missing.name in _EXTRA_MODULES:
            raise MissingExtra("the simulator", "demo") from missing
        raise
    target = Target.from_parts(**parts) if url is None else Target.from_url(url)
    run_in_terminal(target.with_password_from(password_file), options, create=create, as_json=as_json)
