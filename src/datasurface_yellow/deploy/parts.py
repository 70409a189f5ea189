"""Apply in parts: what one transaction does.

One transaction with all tables of a large model would run out of the server's memory for locks, which is one for each
table, index and view that it makes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from datasurface_yellow.deploy.alter import Change
from datasurface_yellow.deploy.views import Unit
from datasurface_yellow.store.layout import TableLayout
from datasurface_yellow.store.table import MergeTable

MOST = 40
"""Datasets of a part: each needs some thirty locks with its views and functions, and a server has 6,400 unless its
settings say otherwise."""


@frozen
class Part:
    """What one transaction does. What consumers read is afterwards as it was, or as it should be.

    Attributes:
        changes: tables that stand and become others, by stream. A stream's are in one part, because its log is.
        tables: those of which something is missing.
        layouts: to be written down, by merge table.
        units: views and functions that do not stand as they should, and those of changed tables.
    """

    changes: Mapping[str, Sequence[Change]]
    tables: Sequence[MergeTable]
    layouts: Mapping[str, TableLayout]
    units: Sequence[Unit]


def parts(
    changes: Mapping[str, Sequence[Change]],
    tables: Iterable[MergeTable],
    layouts: Mapping[str, TableLayout],
    units: Iterable[Unit],
) -> Iterator[Part]:
    """What there is to do, in parts; those that may be refused yet come first."""
    units_of: dict[str, list[Unit]] = {}
    for unit in units:
        units_of.setdefault(unit.table.merge, []).append(unit)
    missing = {table.merge: table for table in tables}
    for together in _packed(_indivisible(changes, [*missing, *layouts, *units_of])):
        names = [name for group in together for name in group]
        of_part = set(names)
        yield Part(
            {stream: found for stream, found in changes.items() if found[0].table.merge in of_part},
            [missing[name] for name in names if name in missing],
            {name: layouts[name] for name in names if name in layouts},
            [unit for name in names for unit in units_of.get(name, ())],
        )


def _indivisible(changes: Mapping[str, Sequence[Change]], names: Iterable[str]) -> Iterator[Sequence[str]]:
    """The merge tables that there is something to do about, in groups that stay together."""
    groups = [[change.table.merge for change in found] for found in changes.values()]
    yield from groups
    changed = {name for group in groups for name in group}
    for name in dict.fromkeys(names):
        if name not in changed:
            yield [name]


def _packed(groups: Iterable[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    together: list[Sequence[str]] = []
    count = 0
    for group in groups:
        if together and count + len(group) > MOST:
            yield together
            together, count = [], 0
        together.append(group)
        count += len(group)
    if together:
        yield together
