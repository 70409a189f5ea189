"""``datasurface metrics``."""

from pathlib import Path

import click

from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import print_document, warn


@click.command()
@in_force_options
@click.option("--platform", metavar="P", help="Of this platform only.")
@click.option(
    "--textfile",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write them to this file, for a collector of text files: node_exporter reads *.prom of a folder.",
)
def command(target: Target, platform: str | None, textfile: Path | None) -> int:
    """Print what is measured of the platforms in force, as Prometheus reads it.

    Freshness for each consumer, batches, rows, failures, upkeep: from the platforms' own tables, which are only read.
    The file of --textfile is replaced whole. Ends with 1 where a platform could not be read; all else is still
    printed, with datasurface_up 0 for that one.
    """
    from datasurface.monitoring.measure import measure
    from datasurface.operations.metrics import look

    platforms = look(target.in_force(), platform)
    samples = list(measure(platforms))
    is_well = all(seen.trouble is None for seen in platforms)
    for seen in platforms:
        if seen.trouble is not None:
            warn(f"{seen.deployment.platform.name} could not be read: {seen.trouble.message}")
    if textfile is not None:
        from datasurface.monitoring.exposition import write_textfile

        write_textfile(samples, textfile)
    if target.as_json:
        print_document(
            {"well": all(seen.trouble is None for seen in platforms), "metrics": [it.document() for it in samples]}
        )
    elif textfile is None:
        from datasurface.monitoring.exposition import exposition

        click.echo(exposition(samples), nl=False)
    return int(not is_well)
