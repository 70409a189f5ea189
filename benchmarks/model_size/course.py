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
        plan: ``datasurface plan`` of one more column in one dataset: two models are loaded, one is checked, and they
            are compared.
    """

    size: Size
    floor: float
    code: float
    bytes: int
    validate: Taken
    plan: Taken


def measure(sizes: list[Size], runs: int) -> Iterator[Run]:
    """Every size in turn, so many times over."""
    with TemporaryDirectory(prefix="datasurface-model-size-") as name:
        folders = [Path(name) / str(number) for number in range(len(sizes))]
        for folder, size in zip(folders, sizes, strict=True):
            write_model(folder / "base", size)
            write_model(folder / "head", size, changed=True)
        for _ in range(runs):
            for folder, size in zip(folders, sizes, strict=True):
                yield _run(size, str(folder / "base"), str(folder / "head"))


def _run(size: Size, base: str, head: str) -> Run:
    least = json.loads(watch(["-m", "benchmarks.model_size.floor", base], status=0)[1])
    validated, _ = watch(["-m", "datasurface", "validate", base], status=0)
    planned, _ = watch(["-m", "datasurface", "plan", head, "--base", base], status=CHANGES)
    return Run(size, least["floor"], least["code"], least["bytes"], validated, planned)
