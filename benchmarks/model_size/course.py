"""What is measured for a model of one size: each command in fresh processes, as a user starts it."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from benchmarks.model_size.sizes import Size, write_model
from benchmarks.model_size.watched import Taken, watch

CHANGES = 2
"""The exit status of a plan with changes."""


@frozen
class Run:
    """One run with one size.

    Attributes:
        floor: seconds of reading the model's JSON into bare objects.
        code: seconds of the model's own code, which none of ours can shorten.
        bytes: the length of its JSON.
        validate: ``datasurface validate``: the model is loaded, and every rule looks at it.
        written: the same, where the model is written out instead of built by loops: Python compiles every column.
        plan: ``datasurface plan`` of one more column in one dataset: two models are loaded, one is checked, and they
            are compared.
    """

    size: Size
    floor: float
    code: float
    bytes: int
    validate: Taken
    written: Taken
    plan: Taken


def measure(sizes: list[Size], runs: int) -> Iterator[Run]:
    """Every size in turn, so many times over."""
    with TemporaryDirectory(prefix="datasurface-model-size-") as name:
        folders = [Path(name) / str(number) for number in range(len(sizes))]
        for folder, size in zip(folders, sizes, strict=True):
            write_model(folder / "base", size)
            write_model(folder / "head", size, changed=True)
            write_model(folder / "written", size)
            watch(["-m", "benchmarks.model_size.written", str(folder / "written")], status=0)
        for _ in range(runs):
            for folder, size in zip(folders, sizes, strict=True):
                yield _run(size, *(str(folder / name) for name in ("base", "head", "written")))


def _run(size: Size, base: str, head: str, written: str) -> Run:
    least = json.loads(watch(["-m", "benchmarks.model_size.floor", base], status=0)[1])
    return Run(
        size,
        least["floor"],
        least["code"],
        least["bytes"],
        validate=_taken("validate", base),
        written=_taken("validate", written),
        plan=_taken("plan", head, "--base", base, status=CHANGES),
    )


def _taken(*words: str, status: int = 0) -> Taken:
    """What a command takes; how long the model's code may run is not what is measured."""
    return watch(["-m", "datasurface", *words, "--load-timeout", "900"], status=status)[0]
