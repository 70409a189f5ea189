"""``python -m benchmarks.page FILE…``: brings the measured parts of docs/performance.md up to date."""

import json
from pathlib import Path

import click

from benchmarks.page.tables import Measured, renewed

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(files: tuple[Path, ...]) -> None:
    """Write the tables of the page from FILES, which the benchmarks wrote with --json.

    Give as many as there are of `benchmarks.merge` (a table each; two sizes of one version give the growth) and of
    `benchmarks.evolution`, and the newest of `benchmarks.peers`, `benchmarks.divergence`,
    `benchmarks.model_size`, `benchmarks.apply` and `benchmarks.airflow_parse`. What no file speaks of stays as it is.
    """
    measured = Measured.of(json.loads(file.read_text(encoding="utf-8")) for file in files)
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
