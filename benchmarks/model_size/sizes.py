"""How large a model is, and the folder of a model of that size."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

from attrs import asdict, field, frozen
from attrs.validators import ge

MODEL = Path(__file__).parent / "model"
STORES_OF_A_TEAM = 10
"""As in the model's ``eco.py``: a team has one workspace."""


@frozen
class Size:
    """Numbers of datastores, datasets and columns in a model."""

    datastores: int = field(validator=ge(1))
    datasets: int = field()
    columns: int = field()

    @datasets.validator
    def _one_in_each_store(self, _attribute: object, value: int) -> None:
        if value < self.datastores:
            raise ValueError("a datastore has a dataset at least")

    @columns.validator
    def _three_in_each_dataset(self, _attribute: object, value: int) -> None:
        if value < 3 * self.datasets:
            raise ValueError("a dataset has three columns at least")

    def part(self, fraction: Fraction) -> "Size":
        """The same model, so many times as large."""
        return Size(*(int(number * fraction) for number in (self.datastores, self.datasets, self.columns)))

    def __str__(self) -> str:
        return f"{self.datastores:,} datastores, {self.datasets:,} datasets, {self.columns:,} columns"


WHOLE = Size(10_000, 100_000, 1_000_000)


def write_model(folder: Path, size: Size, *, changed: bool = False) -> None:
    """Make a model's folder; ``changed`` is the same model with one more column, in the dataset in the middle."""
    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("__pycache__"))
    wanted = {**asdict(size), "changed": size.datasets // 2 if changed else None}
    (folder / "size.json").write_text(json.dumps(wanted), encoding="utf-8")
    (folder / "dsg_platform_mapping.json").write_text(json.dumps(_mapping(size), indent=2), encoding="utf-8")


def _mapping(size: Size) -> list[object]:
    """Every workspace's groups with the platform of their kind."""
    teams = -(-size.datastores // STORES_OF_A_TEAM)
    return [
        {
            "workspace": f"Consumer{number}",
            "dsg": group,
            "assignments": [{"platform": platform, "status": "PROVISIONED"}],
        }
        for number in range(teams)
        for group, platform in (("Live", "YellowLive"), ("History", "YellowForensic"))
    ]
