"""Deprecation: who reads what goes away knows of it, and is told where to go.

Lint has no calendar, so that a model has the same findings on every day.
"""

from collections.abc import Iterator

from datasurface.findings import Severity
from datasurface.hints import did_you_mean
from datasurface.lint.parts import by_name, sunk
from datasurface.lint.registry import Problem, rule
from datasurface.model import Dataset, Datastore, Deprecation, Ecosystem


def _deprecations(ecosystem: Ecosystem) -> Iterator[tuple[str, Deprecation]]:
    """Every deprecation with the words for what goes away."""
    for store in ecosystem.datastores():
        if store.deprecation is not None:
            yield f"datastore '{store.name}'", store.deprecation
        for dataset in store.datasets:
            if dataset.deprecation is not None:
                yield f"dataset '{dataset.name}' of '{store.name}'", dataset.deprecation


def _replacement(deprecation: Deprecation) -> tuple[str, str | None]:
    """The names of the store and the dataset, None for the whole store, that are to be used instead."""
    store, dot, dataset = (deprecation.replacement or "").partition(".")
    return store, dataset if dot else None


@rule("DS321", "Who sinks what is deprecated knows it", Severity.WARNING)
def accepts_deprecation(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A sink reads a dataset that goes away, and does not say that its owner knows: `accepts_deprecation=True`.

    A warning, because the producer must be able to announce it while there are consumers. That nothing new is built on
    what goes away is for `datasurface plan` to refuse, which sees what was there before.
    """
    for workspace, group, sink, store, dataset in sunk(ecosystem):
        deprecation = store.deprecation_of(dataset)
        if deprecation is not None and not sink.accepts_deprecation:
            instead = f"use '{deprecation.replacement}', or " if deprecation.replacement else ""
            yield Problem(
                sink,
                f"group '{group.name}' of '{workspace.name}' sinks '{dataset.name}' of '{store.name}', which goes away "
                f"after {deprecation.until}",
                f"{instead}say that you know it: DatasetSink(..., accepts_deprecation=True)",
            )


@rule("DS322", "A sink accepts a deprecation that there is", Severity.WARNING)
def accepts_something(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A sink has `accepts_deprecation=True`, and what it reads does not go away. Left there, it would hide the day on
    which that changes."""
    for _, group, sink, store, dataset in sunk(ecosystem):
        if sink.accepts_deprecation and store.deprecation_of(dataset) is None:
            yield Problem(
                sink,
                f"group '{group.name}' accepts that '{dataset.name}' of '{store.name}' is deprecated, and it is not",
                "take accepts_deprecation away",
            )


@rule("DS323", "A replacement is there")
def known_replacement(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The replacement of what is deprecated, as `Store2` or `Store2.customers`, is nothing that the model has."""
    datasets: dict[str, set[str]] = {}
    for store in ecosystem.datastores():
        datasets.setdefault(store.name, set()).update(dataset.name for dataset in store.datasets)
    for words, deprecation in _deprecations(ecosystem):
        store_name, dataset_name = _replacement(deprecation)
        if deprecation.replacement is None:
            continue
        if store_name not in datasets:
            hint = did_you_mean(store_name, datasets)
        elif dataset_name is not None and dataset_name not in datasets[store_name]:
            hint = did_you_mean(dataset_name, datasets[store_name])
        else:
            continue
        yield Problem(deprecation, f"{words} is replaced by '{deprecation.replacement}', which is not there", hint)


@rule("DS324", "A replacement stays", Severity.WARNING)
def lasting_replacement(ecosystem: Ecosystem) -> Iterator[Problem]:
    """What is to be used instead of what is deprecated is deprecated itself: who follows has to move twice."""
    stores = by_name(ecosystem.datastores())
    offered: dict[str, dict[str, Dataset]] = {}
    for words, deprecation in _deprecations(ecosystem):
        store_name, dataset_name = _replacement(deprecation)
        store = stores.get(store_name)
        if store is not None and _goes_away(store, dataset_name, offered):
            yield Problem(
                deprecation,
                f"{words} is replaced by '{deprecation.replacement}', which is deprecated itself",
                "name what is to be used in the end",
            )


def _goes_away(store: Datastore, dataset_name: str | None, offered: dict[str, dict[str, Dataset]]) -> bool:
    """Whether the dataset, or the whole store, is deprecated; ``offered`` remembers the datasets of stores by name."""
    if dataset_name is None:
        return store.deprecation is not None
    if store.name not in offered:
        offered[store.name] = by_name(store.datasets)
    dataset = offered[store.name].get(dataset_name)
    return (store.deprecation if dataset is None else store.deprecation_of(dataset)) is not None


@rule("DS325", "A dataset goes away with its datastore at the latest")
def not_after_its_store(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A dataset is promised for longer than the datastore that it is in."""
    for store in ecosystem.datastores():
        for dataset in store.datasets if store.deprecation is not None else ():
            own = dataset.deprecation
            if own is not None and store.deprecation is not None and own.until > store.deprecation.until:
                yield Problem(
                    own,
                    f"dataset '{dataset.name}' is promised until {own.until}, and datastore '{store.name}' until "
                    f"{store.deprecation.until}",
                    "give the dataset an earlier day, or the datastore a later one",
                )
