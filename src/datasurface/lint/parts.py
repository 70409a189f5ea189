"""The parts of a model that several rules look through."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from datasurface.model import Dataset, DatasetGroup, Ecosystem, Element

E = TypeVar("E", bound=Element)


def datasets(ecosystem: Ecosystem) -> Iterator[Dataset]:
    """Every dataset of every datastore, in the order of the model."""
    for store in ecosystem.datastores():
        yield from store.datasets


def groups(ecosystem: Ecosystem) -> Iterator[DatasetGroup]:
    """Every group of every workspace, in the order of the model."""
    for workspace in ecosystem.workspaces():
        yield from workspace.groups


def distinct(elements: Iterable[E]) -> list[E]:
    """The elements without those that are equal to one before and come from the same line: used often, wrong once."""
    first: dict[tuple[E, object], E] = {}
    for element in elements:
        first.setdefault((element, element.source), element)
    return list(first.values())
