"""Rows as texts, their hashes, and a source that gives them in parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from hashlib import md5
from operator import xor

from attrs import frozen

from datasurface.milestoning.strategy import Fingerprint
from datasurface.model import Dataset

TextRow = tuple[str | None, ...]
"""The cells of a row as DuckDB prints them, None for NULL."""

RECIPE = "duckdb:1"

_SIGN = 1 << 63


def row_hash(row: TextRow) -> int:
    """64 bits, from 0 on. Each cell says its length, so that no two rows are written alike; ``row_hash`` in
    ``sql/merge.sql.j2`` is the same."""
    written = "".join("N" if cell is None else f"{len(cell)}:{cell}" for cell in row)
    return int.from_bytes(md5(written.encode(), usedforsecurity=False).digest()[:8])


def fingerprint(rows: int, hashes: int) -> Fingerprint:
    """Of so many rows whose hashes xor to ``hashes``; fingerprints have signed numbers."""
    return Fingerprint(rows, (hashes ^ _SIGN) - _SIGN, RECIPE)


def fingerprint_of(rows: Sequence[TextRow]) -> Fingerprint:
    """Of rows as they come from a source."""
    return fingerprint(len(rows), reduce(xor, map(row_hash, rows), 0))


@frozen
class Extract:
    """An open snapshot of a source.

    Attributes:
        parts: the rows of a dataset in lists that fit into memory.
        sums: what the source says of the rows of each dataset; asked when they were all given.
    """

    parts: Callable[[Dataset], Iterator[Sequence[TextRow]]]
    sums: Mapping[str, Fingerprint]
