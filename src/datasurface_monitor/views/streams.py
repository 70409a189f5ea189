"""The list of streams: how fresh they are, who waits for them, and what should be looked at first."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from attrs import frozen

from datasurface.results import JobFailure
from datasurface_monitor.views.overview import Overview, State, StreamRow
from datasurface_monitor.views.pages import Part, part_of

_Key = tuple[float | int | str | bool, ...]

ORDERS: Mapping[str, Callable[[StreamRow], _Key]] = {
    "urgency": lambda row: (row.left.total_seconds(), State.FAILING not in row.states, row.stream, row.platform),
    "name": lambda row: (row.stream, row.platform),
    "age": lambda row: (-(row.age or timedelta.max).total_seconds(), row.stream, row.platform),
    "time": lambda row: (-row.took, row.stream, row.platform),
    "rows": lambda row: (-row.rows, row.stream, row.platform),
}
"""By what the list can be in order; the first unless told."""


@frozen
class Asked:
    """What a reader wants to see. ``state``, ``platform``: empty for all."""

    query: str = ""
    platform: str = ""
    state: str = ""
    order: str = ""
    number: int = 1


@frozen
class Tile:
    """How many streams are in a state; ``state`` is empty for all of them."""

    name: str
    state: str
    count: int


@frozen
class StreamsPage:
    """The list, and what it is a part of.

    Attributes:
        tiles: of the platform and the words that are asked for, in any state.
        failures: platforms that could not be looked at.
        upkeep: what is no stream and failed the last time it ran, with its platform.
    """

    asked: Asked
    platforms: tuple[str, ...]
    tiles: tuple[Tile, ...]
    part: Part[StreamRow]
    failures: tuple[tuple[str, JobFailure], ...]
    upkeep: tuple[tuple[str, str, JobFailure], ...]


def streams_page(found: Overview, asked: Asked) -> StreamsPage:
    """The streams that are asked for."""
    words = asked.query.lower().split()
    fitting = [
        row for row in found.rows if asked.platform in ("", row.platform) and all(word in _names(row) for word in words)
    ]
    chosen = [row for row in fitting if asked.state == "" or asked.state in {state.value for state in row.states}]
    chosen.sort(key=ORDERS.get(asked.order, ORDERS["urgency"]))
    tiles = [Tile("streams", "", len(fitting))]
    tiles += [Tile(it.value, it.value, sum(it in row.states for row in fitting)) for it in State]
    return StreamsPage(
        asked=asked,
        platforms=tuple(it.deployment.platform.name for it in found.platforms),
        tiles=tuple(tiles),
        part=part_of(chosen, asked.number),
        failures=tuple(found.failures),
        upkeep=tuple(
            (it.deployment.platform.name, name, run.error)
            for it in found.platforms
            for name, run in (it.others or {}).items()
            if run.error is not None
        ),
    )


def _names(row: StreamRow) -> str:
    """Everything that a stream is found by: its names, and those of who waits for it."""
    consumers = (f"{it.workspace} {it.group}" for it in row.waiting)
    return " ".join((row.stream, *row.datasets, *consumers)).lower()
