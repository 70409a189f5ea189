"""Sinks: what a consumer's group asks for exists, once, under one name."""

from collections.abc import Iterator

from datasurface.findings import Severity
from datasurface.hints import did_you_mean
from datasurface.lint.parts import groups, place_in_files
from datasurface.lint.registry import Problem, rule
from datasurface.model import DatasetSink, Ecosystem


@rule("DS301", "A sink names a datastore of the ecosystem")
def known_store(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A sink names a datastore that no team has."""
    names = {store.name for store in ecosystem.datastores()}
    for group in groups(ecosystem):
        for sink in group.sinks:
            if sink.store not in names:
                yield Problem(
                    sink,
                    f"group '{group.name}' sinks from datastore '{sink.store}', which is not there",
                    did_you_mean(sink.store, names),
                )


@rule("DS302", "A sink names a dataset of its datastore")
def known_dataset(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A sink names a dataset that the datastore does not have."""
    names: dict[str, set[str]] = {}
    for store in ecosystem.datastores():
        names.setdefault(store.name, set()).update(dataset.name for dataset in store.datasets)
    for group in groups(ecosystem):
        for sink in group.sinks:
            if sink.store in names and sink.dataset not in names[sink.store]:
                yield Problem(
                    sink,
                    f"group '{group.name}' sinks dataset '{sink.dataset}', which '{sink.store}' does not have",
                    did_you_mean(sink.dataset, names[sink.store]),
                )


@rule("DS303", "A group sinks a dataset once")
def sunk_once(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group has two sinks for one dataset. One is enough: the group's views show every column of it."""
    for group in groups(ecosystem):
        seen: set[tuple[str, str]] = set()
        for sink in sorted(group.sinks, key=place_in_files):
            wanted = (sink.store, sink.dataset)
            if wanted in seen:
                yield Problem(
                    sink, f"group '{group.name}' sinks '{sink.dataset}' of '{sink.store}' twice", "take one sink away"
                )
            seen.add(wanted)


@rule("DS304", "A group has sinks")
def has_sinks(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A group without sinks asks for nothing."""
    for group in groups(ecosystem):
        if not group.sinks:
            yield Problem(group, f"group '{group.name}' has no sinks", "add sinks, or take the group away")


@rule("DS305", "Views of a group have different names")
def one_view_one_name(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two datasets of one name, from two datastores, would become one view of the group. Give one of the sinks a name:
    `DatasetSink("Store2", "customers", name="customers2")`.

    Names of views are in lower case, so two names that differ only in case would meet as well.
    """
    for group in groups(ecosystem):
        first: dict[str, DatasetSink] = {}
        for sink in sorted(group.sinks, key=lambda sink: (place_in_files(sink), sink.key())):
            name = sink.name or sink.dataset
            other = first.setdefault(name.lower(), sink)
            if (other.store, other.dataset) != (sink.store, sink.dataset):
                yield Problem(
                    sink,
                    f"group '{group.name}' would have the view '{name}' twice: from '{other.store}' and '{sink.store}'",
                    'give one of the sinks another name: DatasetSink(..., name="...")',
                )


@rule("DS306", "A workspace has groups", Severity.WARNING)
def has_groups(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A workspace without groups asks for nothing, and gets no views."""
    for workspace in ecosystem.workspaces():
        if not workspace.groups:
            yield Problem(
                workspace, f"workspace '{workspace.name}' has no groups", "add a DatasetGroup, or take it away"
            )
