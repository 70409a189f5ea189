"""``python -m benchmarks.divergence``: who keeps the right history of what sources really do."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from benchmarks.divergence.cases import CASES
from benchmarks.divergence.play import Play
from benchmarks.divergence.report import document, show
from benchmarks.machine import versions
from benchmarks.merge.servers import SETTINGS, servers
from benchmarks.peers.contenders import field_of
from benchmarks.peers.options import contest_options
from benchmarks.peers.report import show_settings
from datasurface.cli.output import print_error
from datasurface.errors import DataSurfaceError


@click.command()
@click.option("--postgres", default="18", show_default=True, metavar="MAJOR", help="Version of the server.")
@click.option("--limit", default=300, show_default=True, metavar="SECONDS", help="For each run.")
@contest_options
def main(postgres: str, limit: int, peers: tuple[str, ...], cache: Path, json_file: Path | None) -> None:
    """Play sequences of snapshots to each product, and compare the histories with those that are right.

    Makes an environment for each peer the first time, by its name in the package registry.
    """
    console, progress = Console(), Console(stderr=True)
    taking_part = field_of(cache, peers, fast=False)
    found = {}
    try:
        with (
            servers(postgres, {**SETTINGS, "timezone": "UTC"}) as at,
            TemporaryDirectory(prefix="datasurface-divergence-") as folder,
        ):
            version = at.target.version
            for contender in taking_part.contenders:
                progress.print(f"{contender.title} …")
                found[contender.name] = Play(at.target, contender, CASES, Path(folder), limit).judgements()
    except DataSurfaceError as error:
        print_error(error)
        sys.exit(1)
    show(console, CASES, taking_part.contenders, found)
    show_settings(console, taking_part.contenders)
    for line in taking_part.environments:
        console.print(line)
    if json_file:
        about = {
            "benchmark": "divergence",
            "postgres": version,
            "versions": versions(["datasurface", "psycopg2-binary"]),
            "environments": taking_part.environments,
        }
        words = document(about, CASES, taking_part.contenders, found)
        json_file.write_text(json.dumps(words, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
