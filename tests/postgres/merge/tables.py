"""Datasets for the tests of the merge, said briefly."""

from datasurface.model import Column, Dataset
from datasurface.types import DataType

TABLE = "things"
"""The dataset's name where there is only one."""


def key(name: str, type_: DataType) -> Column:
    """A column of the key."""
    return Column(name, type_, primary_key=True)


def table(*columns: Column, max_delete_fraction: float | None = None) -> Dataset:
    """The one dataset of a stage."""
    return Dataset(TABLE, columns=columns, max_delete_fraction=max_delete_fraction)
