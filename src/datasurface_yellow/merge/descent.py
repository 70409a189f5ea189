"""The descent: from the sums of all rows down to the rows that changed. Pure decisions over what the scans counted."""

from collections.abc import Iterable, Mapping
from enum import Enum
from functools import reduce
from math import exp
from operator import xor

from attrs import frozen

from datasurface_yellow.capture.source import Bucket
from datasurface_yellow.store.rowhash import BUCKETS

MOST = 0.5
"""With more than this part of the source's rows in buckets that differ, all keys are compared: to leave the others out
saves less than it costs to choose."""


class Level(Enum):
    """How deep a batch had to look at a dataset. Each level moves more than the one before."""

    FINGERPRINT = "fingerprint"
    """Count and hash of all rows are what the last batch left: nothing changed, nothing is moved."""
    BUCKETS = "buckets"
    """Keys and hashes of the buckets that differ."""
    KEYS = "keys"
    """Keys and hashes of all rows."""
    WINDOW = "window"
    """Keys and hashes of the rows that are due by their watermark."""
    REPAIR = "repair"
    """Keys and hashes of all rows, after the live rows were made to have the hashes of their columns."""
    LOAD = "load"
    """All rows, into empty tables."""


@frozen
class Part:
    """The rows that are compared by key.

    Attributes:
        buckets: those that differ; None for all rows.
        there: what the source counted of these rows; None where it has not counted.
        here: how many of the live rows they are.
    """

    level: Level
    buckets: tuple[int, ...] | None
    there: Bucket | None
    here: int


def first_level(expected: int | None, *, compare_all: bool) -> Level:
    """Where to begin. A stream changes tomorrow about as much as today: what the last batch found is the guess.

    A wrong guess costs a scan and nothing else.

    Args:
        expected: rows that the last batch changed; None where nothing is known.
        compare_all: no sum is to be trusted.
    """
    if compare_all:
        return Level.KEYS
    if not expected:
        return Level.FINGERPRINT
    part = 1 - exp(-expected / BUCKETS)  # of the buckets, when changes fall into them by chance
    return Level.KEYS if part > MOST else Level.BUCKETS


def descend(there: Mapping[int, Bucket], here: Mapping[int, Bucket]) -> Part:
    """What has to be compared of a source and live rows whose sums differ."""
    differing = tuple(sorted(number for number in there.keys() | here.keys() if there.get(number) != here.get(number)))
    part, whole = total(there, differing), total(there)
    if part.rows > MOST * whole.rows:
        return Part(Level.KEYS, None, whole, total(here).rows)
    return Part(Level.BUCKETS, differing, part, total(here, differing).rows)


def total(side: Mapping[int, Bucket], numbers: Iterable[int] | None = None) -> Bucket:
    """The sums over some buckets, or over all."""
    parts = side.values() if numbers is None else [side[number] for number in numbers if number in side]
    return Bucket(sum(part.rows for part in parts), reduce(xor, (part.xor for part in parts), 0))
