"""Transformers: what they read is there before they run, and what they write is theirs alone."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from datasurface.findings import Severity
from datasurface.lint.addresses import address
from datasurface.lint.parts import by_name, place_in_files
from datasurface.lint.registry import Problem, rule
from datasurface.model import Datastore, DataTransformer, Ecosystem, TransformerOutput, Workspace
from datasurface.model.serving import serving_platforms, transforming_platform


def _transformers(ecosystem: Ecosystem) -> Iterator[tuple[Workspace, DataTransformer]]:
    for workspace in ecosystem.workspaces():
        if workspace.transformer is not None:
            yield workspace, workspace.transformer


@rule("DS221", "A transformer's datastore is captured from what it writes")
def captures_its_output(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The datastore that a transformer produces has the capture `TransformerOutput(container)`, which says where the
    transformer writes its tables. Another capture would read tables that it does not write."""
    for _, transformer in _transformers(ecosystem):
        capture = transformer.produces.capture
        if not isinstance(capture, TransformerOutput):
            yield Problem(
                transformer.produces,
                f"datastore '{transformer.produces.name}' is produced by transformer '{transformer.name}', and its "
                f"capture is a {type(capture).__name__}",
                "give it capture=TransformerOutput(container)",
            )


@rule("DS222", "What a transformer writes is produced by a transformer")
def is_produced(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A datastore of a team has the capture `TransformerOutput`, and no transformer produces it, so nobody writes its
    tables. It belongs into `DataTransformer(..., produces=...)`; a database of the team is read with `SqlSnapshot`."""
    for team in ecosystem.teams():
        for store in team.datastores:
            if isinstance(store.capture, TransformerOutput):
                yield Problem(
                    store,
                    f"datastore '{store.name}' is captured as the output of a transformer, and none produces it",
                    "move it into DataTransformer(..., produces=...), or read it with SqlSnapshot",
                )


@rule("DS223", "Transformers do not wait for each other")
def no_cycles(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A transformer reads, through others or at once, what it writes itself. Every batch of it would be the reason for
    the next, without end. One cycle is told at a time."""
    produced = by_name([transformer.produces for _, transformer in _transformers(ecosystem)])
    transformers = {transformer.produces.name: transformer for _, transformer in _transformers(ecosystem)}
    reads: TopologicalSorter[str] = TopologicalSorter()
    for workspace, transformer in sorted(_transformers(ecosystem), key=lambda pair: pair[1].produces.name):
        if transformer.produces.name in produced:
            sunk = {sink.store for group in workspace.groups for sink in group.sinks}
            reads.add(transformer.produces.name, *sorted(sunk & produced.keys()))
    try:
        reads.prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1][1:]
        start = cycle.index(min(cycle))
        way = [transformers[store].name for store in (*cycle[start:], *cycle[: start + 1])]
        yield Problem(
            transformers[cycle[start]],
            f"transformer '{way[0]}' reads what it writes: {' -> '.join(way)}",
            "take a sink away from one of their workspaces",
        )


@rule("DS224", "A transformer has something to read")
def has_sinks(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A transformer runs when the datasets of its workspace have new batches. In a workspace without sinks it never
    runs."""
    for workspace, transformer in _transformers(ecosystem):
        if not any(group.sinks for group in workspace.groups):
            yield Problem(
                transformer,
                f"transformer '{transformer.name}' never runs: its workspace '{workspace.name}' sinks nothing",
                "give the workspace a group with the datasets that the transformer reads",
            )


@rule("DS225", "A transformer's function is module:function")
def names_a_function(ecosystem: Ecosystem) -> Iterator[Problem]:
    """The code of a transformer is a function of a module in its repository, `package.module:function`. What is not of
    this form could not be imported when it is to run."""
    for _, transformer in _transformers(ecosystem):
        module, colon, function = transformer.code.function.partition(":")
        if not (colon and function.isidentifier() and all(part.isidentifier() for part in module.split("."))):
            yield Problem(
                transformer.code,
                f"'{transformer.code.function}' names no function of a module",
                'write function="package.module:function"',
            )


@rule("DS226", "A table has one transformer that writes it")
def writes_its_own_tables(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Two transformers write a dataset of one name into one database, whatever the containers are called: the same
    table, in which each would find the rows of the other."""
    first: dict[tuple[object, str], Datastore] = {}
    stores = [transformer.produces for _, transformer in _transformers(ecosystem)]
    for store in sorted(stores, key=lambda store: (place_in_files(store), store.name)):
        if not isinstance(store.capture, TransformerOutput):
            continue
        container = store.capture.container
        where = address(container) or container.name
        for dataset in store.datasets:
            other = first.setdefault((where, dataset.name), store)
            if other.name != store.name:
                yield Problem(
                    dataset,
                    f"datastores '{other.name}' and '{store.name}' are both written to table '{dataset.name}' of "
                    f"'{container.name}'",
                    "give one of the transformers another database, or rename the dataset",
                )


@rule("DS227", "One platform serves all that a transformer reads")
def is_served_by_one(ecosystem: Ecosystem) -> Iterator[Problem]:
    """A transformer reads all groups of its workspace as they are at one moment, which can only be had in one merge
    database. Each of its groups has a platform, and no platform serves all of them."""
    for workspace, transformer in _transformers(ecosystem):
        groups = {group.name for group in workspace.groups if group.sinks}
        assigned = {
            entry.dsg
            for entry in ecosystem.assignments
            if entry.workspace == workspace.name and any(each.status.runs for each in entry.assignments)
        }
        if groups and groups <= assigned and transforming_platform(ecosystem, workspace, with_coming=True) is None:
            yield Problem(
                transformer,
                f"transformer '{transformer.name}' never runs: no platform serves all groups of its workspace "
                f"'{workspace.name}'",
                "assign the groups to one platform, or give each platform's groups a workspace of their own",
            )


@rule("DS228", "It is clear which platform runs a transformer", Severity.WARNING)
def is_run_by_one(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Several platforms serve all groups of a transformer's workspace, and none of them is being left. It runs on the
    first of them in the alphabet."""
    for workspace, transformer in _transformers(ecosystem):
        staying, leaving = serving_platforms(ecosystem, workspace, with_coming=True)
        several = staying or leaving
        if len(several) > 1:
            yield Problem(
                transformer,
                f"transformer '{transformer.name}' could run on {' or '.join(several)}, and runs on {several[0]}, "
                "whose name comes first",
                "assign the groups of its workspace to one platform, or decommission the other",
            )
