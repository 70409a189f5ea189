"""Lists that are longer than a page."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import frozen

T = TypeVar("T")

ROWS = 50
"""Rows of one page."""


@frozen
class Part(Generic[T]):
    """One page of a list.

    Attributes:
        number: of the page, from 1 on.
        pages: how many there are, at least 1.
        first: the place of its first row in the whole list, from 1 on.
        total: rows of the whole list.
    """

    rows: tuple[T, ...]
    number: int
    pages: int
    first: int
    total: int


def part_of(rows: Sequence[T], number: int) -> Part[T]:
    """A page of a list; the last one where it has fewer."""
    pages = max(1, -(-len(rows) // ROWS))
    number = min(max(1, number), pages)
    start = (number - 1) * ROWS
    return Part(tuple(rows[start : start + ROWS]), number, pages, start + 1, len(rows))
