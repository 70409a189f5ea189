"""What has to exist: from the model and its assignments to one deployment per platform."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from datasurface.deployment import DatasetRetention, Deployment, HandOver, StreamConfig, ViewConfig
from datasurface.model import Consistency, DataPlatform, Dataset, Datastore, Ecosystem, Milestoning, Workspace, walk
from datasurface.model.assignment import AssignmentStatus
from datasurface.model.workspace import DatasetGroup
from datasurface.protection import Protections


def deployments(ecosystem: Ecosystem) -> tuple[Deployment, ...]:
    """One deployment per platform, in the order of the model; platforms without work have an empty one. Names that
    stand for nothing, which lint refuses, are passed over: the model that a plan begins with may be broken."""
    return tuple(deployment_of(ecosystem, platform) for platform in ecosystem.platforms)


def deployment_of(ecosystem: Ecosystem, platform: DataPlatform, *, with_coming_views: bool = False) -> Deployment:
    """What ``platform`` has to provide.

    A stream exists while some assignment whose status runs batches sinks its dataset. Views exist while their sink does
    and an assignment whose status shows them.

    ``with_coming_views``: those too that no consumer is shown yet, for who looks ahead.
    """
    paths = {id(element): path for path, element in walk(ecosystem, leaves=(Datastore,))}
    stores = {store.name: store for store in ecosystem.datastores()}
    owners = _owners(ecosystem)
    datasets = {(store.name, dataset.name): dataset for store in stores.values() for dataset in store.datasets}
    wanted: dict[str, set[str]] = {}
    views: list[ViewConfig] = []
    protections = Protections.of(ecosystem)
    for workspace, group, status in _groups_on(ecosystem, platform):
        for sink in group.sinks:
            store, dataset = stores.get(sink.store), datasets.get((sink.store, sink.dataset))
            if store is None or dataset is None:
                continue
            if status.runs:
                wanted.setdefault(store.name, set()).add(dataset.name)
            if status.shows or with_coming_views:
                protection = protections.of_sink(workspace, store, dataset)
                views.append(
                    ViewConfig(
                        workspace=workspace.name,
                        group=group.name,
                        store=store.name,
                        stream=stream_key(store, dataset),
                        dataset=dataset,
                        milestoning=group.requires.milestoning,
                        name=sink.name or dataset.name,
                        path=paths[id(sink)],
                        hidden=protection.hidden,
                        masks=protection.masks,
                        container=workspace.container,
                        reader=workspace.reader,
                    )
                )
    streams = tuple(
        stream
        for store in stores.values()
        if store.name in wanted
        for stream in _streams_of(
            store, wanted[store.name], paths[id(store)], owners[store.name], _retention(ecosystem, platform, store)
        )
    )
    return Deployment(ecosystem.name, platform, streams, tuple(views))


def hand_overs(in_force: Ecosystem | None, model: Ecosystem) -> tuple[HandOver, ...]:
    """The datastores that change hands from the model in force to the next, which both have: nobody else could take
    them in between."""
    former = {} if in_force is None else _owners(in_force)
    return tuple(
        HandOver(store, former[store], owner)
        for store, owner in _owners(model).items()
        if former.get(store, owner) != owner
    )


def _owners(ecosystem: Ecosystem) -> dict[str, str]:
    """Who owns each datastore, by its name."""
    return {store.name: team.repository.owner for team in ecosystem.teams() for store in team.all_datastores()}


def stream_key(store: Datastore, dataset: Dataset) -> str:
    """The key of the stream that carries a dataset."""
    if store.capture.consistency is Consistency.SINGLE_DATASET:
        return f"{store.name}.{dataset.name}"
    return store.name


def _groups_on(
    ecosystem: Ecosystem, platform: DataPlatform
) -> Iterator[tuple[Workspace, DatasetGroup, AssignmentStatus]]:
    groups = {
        (workspace.name, group.name): (workspace, group)
        for workspace in ecosystem.workspaces()
        for group in workspace.groups
    }
    for entry in ecosystem.assignments:
        for assignment in entry.assignments:
            if assignment.platform == platform.name and (entry.workspace, entry.dsg) in groups:
                yield *groups[entry.workspace, entry.dsg], assignment.status


def _retention(ecosystem: Ecosystem, platform: DataPlatform, store: Datastore) -> Mapping[str, timedelta | None]:
    """How long history is needed, by dataset of a store: the longest that a group asks for, and for ever (None) where
    one names no span. Groups that ask for live rows need no history, and nobody's word that it may go."""
    spans: dict[str, set[timedelta | None]] = {}
    for _, group, status in _groups_on(ecosystem, platform):
        if (status.runs or status.shows) and group.requires.milestoning is Milestoning.FORENSIC:
            for sink in group.sinks:
                if sink.store == store.name:
                    spans.setdefault(sink.dataset, set()).add(group.requires.retention)
    return {name: None if None in found else max(filter(None, found)) for name, found in spans.items()}


def _streams_of(
    store: Datastore, wanted: set[str], path: str, owner: str, retention: Mapping[str, timedelta | None]
) -> Iterator[StreamConfig]:
    datasets = tuple(dataset for dataset in store.datasets if dataset.name in wanted)
    together = store.capture.consistency is Consistency.MULTI_DATASET
    for key, found in (
        [(store.name, datasets)] if together else [(stream_key(store, dataset), (dataset,)) for dataset in datasets]
    ):
        spans = ((dataset.name, retention.get(dataset.name)) for dataset in found)
        kept = tuple(DatasetRetention(name, span) for name, span in spans if span is not None)
        yield StreamConfig(key, store.name, store.capture, found, path, owner, retention=kept)
