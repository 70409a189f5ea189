"""``python -m benchmarks.model_size``: what loading, checking and planning large models takes."""

import json
from fractions import Fraction
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from benchmarks.machine import load, machine, versions
from benchmarks.model_size.course import measure
from benchmarks.model_size.report import document, show
from benchmarks.model_size.sizes import WHOLE


class _Part(click.ParamType[Fraction]):
    name = "fraction"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        try:
            part = Fraction(str(value))
            WHOLE.part(part)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value} is no fraction of a model, as 1/10", param, ctx)
        return part


@click.command()
@click.option(
    "--part",
    "parts",
    multiple=True,
    default=["1/100", "1/10", "1"],
    show_default=True,
    type=_Part(),
    help=f"Sizes, as parts of {WHOLE}.",
)
@click.option("--runs", default=3, show_default=True, type=click.IntRange(min=1), help="How often each is run.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write all figures."
)
def main(parts: tuple[Fraction, ...], runs: int, json_file: Path | None) -> None:
    """Measure `datasurface validate` and `datasurface plan` of one changed dataset, for models of several sizes.

    The figures are as good as the machine is idle: look at the range beside each median.
    """
    facts, load_before = machine(), load()
    sizes = [WHOLE.part(part) for part in sorted(set(parts))]
    # The bar moves between runs: a thread that draws it would compete with what is measured.
    made = track(measure(sizes, runs), "measuring", len(sizes) * runs, console=Console(stderr=True), auto_refresh=False)
    found = list(made)
    title = f"Median of {runs} runs, Python {versions(())['python']}\n{facts['cores']} cores, load {load_before} before"
    show(Console(), title, found)
    if json_file:
        about = {
            "benchmark": "model size",
            "runs": runs,
            "versions": versions(["datasurface", "attrs", "cattrs"]),
            "machine": facts,
            "load_before": load_before,
        }
        json_file.write_text(json.dumps(document(about, found), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
