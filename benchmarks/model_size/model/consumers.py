"""The workspaces: each sinks a fifth of what its own team has, and a fifth of what the next team has."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from datasurface import DatasetGroup, DatasetSink, Datastore, Milestoning, Requirements, Workspace

EVERY = 5


def workspace(number: int, own: Iterable[Datastore], others: Iterable[Datastore]) -> Workspace:
    """A workspace with one group for the rows of now and one with history."""
    return Workspace(
        f"Consumer{number}",
        groups=[
            DatasetGroup(
                "Live",
                sinks=sinks(own),
                requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(minutes=1)),
            ),
            DatasetGroup(
                "History",
                sinks=sinks(others),
                requires=Requirements(
                    Milestoning.FORENSIC, latency=timedelta(minutes=10), retention=timedelta(days=2557)
                ),
            ),
        ],
    )


def sinks(stores: Iterable[Datastore]) -> Iterator[DatasetSink]:
    """Every fifth dataset of the stores."""
    datasets = [(store, dataset) for store in stores for dataset in store.datasets]
    for store, dataset in datasets[::EVERY]:
        yield DatasetSink(store.name, dataset.name)
