"""What a job reads and writes: tables at the source, merge tables, what consumers see. Decided from the deployment."""

from collections.abc import Sequence

from attrs import field, frozen

from datasurface.deployment import Deployment, StreamConfig, TransformerConfig, ViewConfig
from datasurface.lineage import facets
from datasurface.lineage.facets import Facet, facet
from datasurface.lineage.places import Place, Standing, at_source
from datasurface.model import Container, Dataset, PostgresDatabase
from datasurface.model.datastore import SqlCapture
from datasurface.results import JobResult, PhysicalObject, TransformResult
from datasurface.watching import JobKind, Result, StartedJob


@frozen
class DataSet:
    """A table or view that a run reads or writes, with what is said of it.

    Attributes:
        facets: of the dataset.
        run_facets: of what this run did with it.
    """

    place: Place
    facets: dict[str, Facet] = field(factory=dict)
    run_facets: dict[str, Facet] = field(factory=dict)


@frozen
class Flow:
    """What a job reads and writes."""

    inputs: Sequence[DataSet]
    outputs: Sequence[DataSet]

    @property
    def bare(self) -> "Flow":
        """The same by name alone, of a run that has done nothing yet, or failed."""
        return Flow([DataSet(each.place) for each in self.inputs], [DataSet(each.place) for each in self.outputs])


def relevant(job: StartedJob) -> Deployment:
    """The part of the job's deployment that its events speak of: a large one takes long to name."""
    whole = job.deployment
    if job.kind is JobKind.INGESTION:
        streams = tuple(stream for stream in whole.streams if stream.key == job.name)
        views = tuple(view for view in whole.views if view.stream == job.name)
        return _part(whole, streams, views, ())
    if job.kind is JobKind.COPIES:
        views = tuple(view for view in whole.views if f"{view.workspace}/{view.group}" == job.name)
        return _part(whole, _streams_of(whole, views), views, ())
    configs = tuple(config for config in whole.transformers if config.name == job.name)
    views = tuple(view for config in configs for view in whole.inputs_of(config))
    return _part(whole, _streams_of(whole, views), views, configs)


def flow_of(job: StartedJob, objects: Sequence[PhysicalObject], result: Result | None) -> Flow:
    """What a job reads and writes, and with its result how much. ``objects``: what stands for the part of the
    deployment that is ``relevant``."""
    part = relevant(job)
    standing = Standing(objects, list(_containers(part)))
    match job.kind:
        case JobKind.INGESTION:
            done = result if isinstance(result, JobResult) else None
            return _of_batch(part, standing, done)
        case JobKind.TRANSFORMATION:
            return _of_transformer(part, standing, result if isinstance(result, TransformResult) else None)
        case JobKind.COPIES:
            return _of_copies(part, standing)


def _part(
    whole: Deployment,
    streams: tuple[StreamConfig, ...],
    views: tuple[ViewConfig, ...],
    transformers: tuple[TransformerConfig, ...],
) -> Deployment:
    return Deployment(whole.ecosystem, whole.platform, streams, views, transformers=transformers)


def _streams_of(whole: Deployment, views: Sequence[ViewConfig]) -> tuple[StreamConfig, ...]:
    keys = {view.stream for view in views}
    return tuple(stream for stream in whole.streams if stream.key in keys)


def _of_batch(part: Deployment, standing: Standing, result: JobResult | None) -> Flow:
    """From the source's tables into merge tables, and with them into what consumers see through views."""
    inputs: list[DataSet] = []
    outputs: list[DataSet] = []
    for stream in part.streams:
        for dataset in stream.datasets:
            source = at_source(stream.capture, dataset.name) if isinstance(stream.capture, SqlCapture) else None
            merge = standing.table(f"{stream.path}/datasets/{dataset.name}", part.platform.merge_store.name)
            counts = result.datasets.get(dataset.name) if result is not None else None
            about = {
                **facets.documentation("DocumentationDatasetFacet", dataset.description),
                **facets.ownership("OwnershipDatasetFacet", stream.owner),
            }
            if source is not None:
                read = {} if counts is None else {"inputStatistics": _rows("Input", counts.read)}
                inputs.append(DataSet(source, {**_described(dataset, source), **about}, read))
            if merge is not None:
                changed = None if counts is None else counts.inserted + counts.updated + counts.deleted
                written = {} if changed is None else {"outputStatistics": _rows("Output", changed)}
                names = [column.name for column in dataset.columns]
                lineage = {} if source is None else {"columnLineage": facets.copied_columns(names, source)}
                outputs.append(DataSet(merge, {**_described(dataset, merge), **about, **lineage}, written))
                for view in part.views:
                    if (view.stream, view.dataset.name) == (stream.key, dataset.name):
                        outputs += _shown(part, standing, view, merge)
    return Flow(inputs, outputs)


def _shown(part: Deployment, standing: Standing, view: ViewConfig, merge: Place) -> list[DataSet]:
    """What a consumer sees of a merge table: views beside it, and those of a database of its own that lead to them."""
    beside = standing.views(view.path, part.platform.merge_store.name)
    found = [DataSet(each, _of_view(view, each, facets.shown_columns(view, merge))) for each in beside]
    return found if view.is_copied else [*found, *_own(standing, view, beside)]


def _own(standing: Standing, view: ViewConfig, beside: Sequence[Place]) -> list[DataSet]:
    """The views in a database of the consumer's own, each of the one that is called so in the merge database."""
    if not isinstance(view.container, PostgresDatabase):
        return []
    called = {_called(each): each for each in beside}
    return [
        DataSet(each, _of_view(view, each, facets.copied_columns(list(view.seen), called[_called(each)])))
        for each in standing.views(view.path, view.container.name)
        if _called(each) in called
    ]


def _called(place: Place) -> str:
    return place.name.rpartition(".")[2]


def _of_view(view: ViewConfig, place: Place, lineage: Facet) -> dict[str, Facet]:
    return {
        "schema": facets.schema(view.dataset, list(view.seen)),
        "dataSource": facets.data_source(place),
        **facets.documentation("DocumentationDatasetFacet", view.dataset.description),
        "columnLineage": lineage,
    }


def _of_copies(part: Deployment, standing: Standing) -> Flow:
    inputs: list[DataSet] = []
    outputs: list[DataSet] = []
    for view in part.views:
        beside = standing.views(view.path, part.platform.merge_store.name)
        inputs += [DataSet(each, {"schema": facets.schema(view.dataset, list(view.seen))}) for each in beside]
        outputs += _own(standing, view, beside)
    return Flow(inputs, outputs)


def _of_transformer(part: Deployment, standing: Standing, result: TransformResult | None) -> Flow:
    """Which column its code makes of which, nobody knows but the code."""
    inputs: list[DataSet] = []
    outputs: list[DataSet] = []
    for view in part.views:
        place = standing.live_view(view.path, part.platform.merge_store.name)
        if place is not None:
            inputs.append(DataSet(place, {"schema": facets.schema(view.dataset, list(view.seen))}))
    for config in part.transformers:
        for dataset in config.outputs:
            place = standing.table(f"{config.path}/produces/datasets/{dataset.name}", config.container.name)
            rows = result.outputs.get(dataset.name) if result is not None else None
            if place is not None:
                written = None if rows is None else rows.inserted + rows.updated + rows.deleted
                done = {} if written is None else {"outputStatistics": _rows("Output", written)}
                about = facets.documentation("DocumentationDatasetFacet", dataset.description)
                outputs.append(DataSet(place, {**_described(dataset, place), **about}, done))
    return Flow(inputs, outputs)


def _described(dataset: Dataset, place: Place) -> dict[str, Facet]:
    return {"schema": facets.schema(dataset), "dataSource": facets.data_source(place)}


def _rows(side: str, count: int) -> Facet:
    return facet(f"{side}Statistics{side}DatasetFacet", rowCount=count)


def _containers(part: Deployment) -> Sequence[Container]:
    own = [view.container for view in part.views if isinstance(view.container, PostgresDatabase)]
    return [part.platform.merge_store, *own, *(config.container for config in part.transformers)]
