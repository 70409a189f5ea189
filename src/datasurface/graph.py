"""What has to exist: from the model and its assignments to one deployment per platform."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from attrs import field, frozen

from datasurface.deployment import (
    DatasetRetention,
    Deployment,
    HandOver,
    Maker,
    StreamConfig,
    TransformerConfig,
    ViewConfig,
)
from datasurface.model import (
    Capture,
    Consistency,
    DataPlatform,
    Dataset,
    Datastore,
    Ecosystem,
    Milestoning,
    Priority,
    SqlSnapshot,
    TransformerOutput,
    Workspace,
    walk,
)
from datasurface.model.assignment import AssignmentStatus
from datasurface.model.serving import transforming_platform
from datasurface.model.workspace import DatasetGroup
from datasurface.protection import Protections

_Table = tuple[str, str]
"""Names of a datastore and of one of its datasets."""


def deployments(ecosystem: Ecosystem, *, with_coming_views: bool = False) -> tuple[Deployment, ...]:
    """One deployment per platform, in the order of the model; platforms without work have an empty one. Names that
    stand for nothing, which lint refuses, are passed over: the model that a plan begins with may be broken.

    ``with_coming_views`` as in ``deployment_of``.
    """
    parts = _Parts.of(ecosystem)
    return tuple(_deployment(parts, platform, with_coming_views) for platform in ecosystem.platforms)


def deployment_of(ecosystem: Ecosystem, platform: DataPlatform, *, with_coming_views: bool = False) -> Deployment:
    """What ``platform`` has to provide.

    A stream exists while some assignment whose status runs batches sinks its dataset. Views exist while their sink does
    and an assignment whose status shows them.

    ``with_coming_views``: those too that no consumer is shown yet, for who looks ahead.
    """
    return _deployment(_Parts.of(ecosystem), platform, with_coming_views)


@frozen
class _Parts:
    """What of a model the deployments of all its platforms are made of."""

    ecosystem: Ecosystem
    paths: Mapping[int, str]
    stores: Mapping[str, Datastore]
    datasets: Mapping[_Table, Dataset]
    owners: Mapping[str, str]
    groups: Mapping[tuple[str, str], tuple[Workspace, DatasetGroup]]
    makers: Mapping[str, Maker]
    protections: Protections

    @classmethod
    def of(cls, ecosystem: Ecosystem) -> "_Parts":
        stores = {store.name: store for store in ecosystem.datastores()}
        return cls(
            ecosystem=ecosystem,
            paths={id(element): path for path, element in walk(ecosystem, leaves=(Datastore,))},
            stores=stores,
            datasets={(store.name, dataset.name): dataset for store in stores.values() for dataset in store.datasets},
            owners=_owners(ecosystem),
            groups={
                (workspace.name, group.name): (workspace, group)
                for workspace in ecosystem.workspaces()
                for group in workspace.groups
            },
            protections=Protections.of(ecosystem),
            makers=dict(_makers(ecosystem)),
        )

    def groups_on(self, platform: DataPlatform) -> Iterator[tuple[Workspace, DatasetGroup, AssignmentStatus]]:
        """The groups that are assigned to a platform."""
        for entry in self.ecosystem.assignments:
            for assignment in entry.assignments:
                if assignment.platform == platform.name and (entry.workspace, entry.dsg) in self.groups:
                    yield *self.groups[entry.workspace, entry.dsg], assignment.status


def _deployment(parts: _Parts, platform: DataPlatform, with_coming_views: bool) -> Deployment:
    wanted: dict[str, set[str]] = {}
    views: list[ViewConfig] = []
    for workspace, group, status in parts.groups_on(platform):
        for sink in group.sinks:
            store, dataset = parts.stores.get(sink.store), parts.datasets.get((sink.store, sink.dataset))
            if store is None or dataset is None:
                continue
            if status.runs:
                wanted.setdefault(store.name, set()).add(dataset.name)
            if status.shows or with_coming_views:
                protection = parts.protections.of_sink(workspace, store, dataset)
                views.append(
                    ViewConfig(
                        workspace=workspace.name,
                        group=group.name,
                        store=store.name,
                        stream=stream_key(store, dataset),
                        dataset=dataset,
                        milestoning=group.requires.milestoning,
                        name=sink.name or dataset.name,
                        path=parts.paths[id(sink)],
                        hidden=protection.hidden,
                        masks=protection.masks,
                        filters=protection.filters,
                        container=workspace.container,
                        reader=workspace.reader,
                        copied=group.copied,
                        latency=group.requires.latency if status.runs else None,
                    )
                )
    needs = _needs(parts, platform)
    streams = tuple(
        stream
        for store in parts.stores.values()
        if store.name in wanted
        for stream in _streams_of(parts, store, wanted[store.name], needs)
    )
    transformers = tuple(_transformers(parts, platform, with_coming_views))
    return Deployment(parts.ecosystem.name, platform, streams, tuple(views), transformers=transformers)


def _transformers(parts: _Parts, platform: DataPlatform, with_coming_views: bool) -> Iterator[TransformerConfig]:
    for workspace in parts.ecosystem.workspaces():
        made = workspace.transformer
        if made is None:
            continue
        if transforming_platform(parts.ecosystem, workspace, with_coming=with_coming_views) == platform.name:
            yield TransformerConfig(
                name=made.name,
                workspace=workspace.name,
                repository=made.code.repository,
                function=made.code.function,
                store=made.produces.name,
                container=made.produces.capture.container,
                outputs=made.produces.datasets,
                credential=made.credential,
                path=parts.paths[id(made)],
                description=made.description,
                code_credential=made.code.credential,
            )


def _makers(ecosystem: Ecosystem) -> Iterator[tuple[str, Maker]]:
    """Which transformer makes each datastore that one makes, as far as one runs."""
    for workspace in ecosystem.workspaces():
        platform = transforming_platform(ecosystem, workspace)
        if workspace.transformer is not None and platform is not None:
            yield workspace.transformer.produces.name, Maker(platform, workspace.transformer.name)


def _read_by(capture: Capture) -> Capture:
    """How a datastore is read: what a transformer writes is tables like any other's."""
    if isinstance(capture, TransformerOutput):
        return SqlSnapshot(capture.container, consistency=capture.consistency)
    return capture


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
    return {
        store.name: owner
        for team in ecosystem.teams()
        for owner in [team.repository.owner]
        for store in team.all_datastores()
    }


def stream_key(store: Datastore, dataset: Dataset) -> str:
    """The key of the stream that carries a dataset."""
    if store.capture.consistency is Consistency.SINGLE_DATASET:
        return f"{store.name}.{dataset.name}"
    return store.name


@frozen
class _Needs:
    """What the groups on a platform need of a dataset, taken together.

    Attributes:
        history: how long it must be kept, of each that asks for history; None is for ever.
        latencies, priorities: of all for whom batches run.
    """

    history: set[timedelta | None] = field(factory=set)
    latencies: set[timedelta] = field(factory=set)
    priorities: set[Priority] = field(factory=set)

    @property
    def keep(self) -> timedelta | None:
        """The longest that a group asks for, and for ever (None) where one names no span, or none asks. Groups that
        ask for live rows need no history, and nobody's word that it may go."""
        spans = [span for span in self.history if span is not None]
        return None if None in self.history else max(spans, default=None)


def _needs(parts: _Parts, platform: DataPlatform) -> Mapping[_Table, _Needs]:
    needs: dict[_Table, _Needs] = defaultdict(_Needs)
    for workspace, group, status in parts.groups_on(platform):
        if status.runs or status.shows:
            for sink in group.sinks:
                found = needs[sink.store, sink.dataset]
                if status.runs:
                    found.latencies.add(group.requires.latency)
                    found.priorities.add(workspace.priority)
                if group.requires.milestoning is Milestoning.FORENSIC:
                    found.history.add(group.requires.retention)
    return needs


def _streams_of(
    parts: _Parts, store: Datastore, wanted: set[str], needs: Mapping[_Table, _Needs]
) -> Iterator[StreamConfig]:
    datasets = tuple(dataset for dataset in store.datasets if dataset.name in wanted)
    together = store.capture.consistency is Consistency.MULTI_DATASET
    for key, found in (
        [(store.name, datasets)] if together else [(stream_key(store, dataset), (dataset,)) for dataset in datasets]
    ):
        needed = {dataset.name: needs[store.name, dataset.name] for dataset in found}
        spans = ((name, each.keep) for name, each in needed.items())
        yield StreamConfig(
            key,
            store.name,
            _read_by(store.capture),
            found,
            parts.paths[id(store)],
            parts.owners[store.name],
            retention=tuple(DatasetRetention(name, span) for name, span in spans if span is not None),
            latency=min(latency for each in needed.values() for latency in each.latencies),
            priority=max((each for need in needed.values() for each in need.priorities), key=list(Priority).index),
            description=store.description,
            maker=parts.makers.get(store.name),
        )
