"""Facets of OpenLineage: each a JSON object that names its schema and who made it."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version

from datasurface.deployment import ColumnMask, MaskKind, ViewConfig
from datasurface.lineage.places import Place
from datasurface.model import Dataset
from datasurface.results import JobFailure
from datasurface.watching import StartedJob

Facet = dict[str, object]

_SPEC = "https://openlineage.io/spec/facets"
_VERSIONS = {
    "ColumnLineageDatasetFacet": "1-2-0",
    "DatasourceDatasetFacet": "1-0-1",
    "DocumentationDatasetFacet": "1-1-0",
    "DocumentationJobFacet": "1-1-0",
    "ErrorMessageRunFacet": "1-0-1",
    "InputStatisticsInputDatasetFacet": "1-0-0",
    "JobTypeJobFacet": "2-0-4",
    "OutputStatisticsOutputDatasetFacet": "1-0-2",
    "OwnershipDatasetFacet": "1-0-1",
    "OwnershipJobFacet": "1-0-1",
    "ProcessingEngineRunFacet": "1-1-1",
    "SchemaDatasetFacet": "1-2-0",
    "SourceCodeLocationJobFacet": "1-1-0",
}
_IDENTITY: Facet = {"type": "DIRECT", "subtype": "IDENTITY", "masking": False}
_FILTER: Facet = {"type": "INDIRECT", "subtype": "FILTER", "description": "rows that the policy lets"}
_MARKDOWN = "text/markdown"


@cache
def producer() -> str:
    """Who says it: the program, in its version."""
    return f"https://pypi.org/project/datasurface/{version('datasurface')}"


def facet(kind: str, **values: object) -> Facet:
    """A facet of that kind; what is None is left out."""
    return _facet(f"{_SPEC}/{_VERSIONS[kind]}/{kind}.json#/$defs/{kind}", values)


def _facet(schema_url: str, values: Mapping[str, object]) -> Facet:
    told = {key: value for key, value in values.items() if value is not None}
    return {"_producer": producer(), "_schemaURL": schema_url, **told}


def schema(dataset: Dataset, shown: Sequence[str] | None = None) -> Facet:
    """The columns of a dataset, or those of them that are shown, with the types of the model."""
    columns = [column for column in dataset.columns if shown is None or column.name in shown]
    fields = [
        {
            "name": column.name,
            "type": repr(column.type),
            "ordinal_position": number,
            **({"description": column.description} if column.description else {}),
        }
        for number, column in enumerate(columns, start=1)
    ]
    return facet("SchemaDatasetFacet", fields=fields)


def data_source(place: Place) -> Facet:
    """The database that it stands in."""
    return facet("DatasourceDatasetFacet", name=place.source, uri=place.namespace)


def documentation(kind: str, description: str) -> dict[str, Facet]:
    """What the model says of it; nothing where that is nothing."""
    if not description:
        return {}
    return {"documentation": facet(kind, description=description, contentType=_MARKDOWN)}


def ownership(kind: str, owner: str | None) -> dict[str, Facet]:
    """The repository and branch that own it, where that is known."""
    if owner is None:
        return {}
    return {"ownership": facet(kind, owners=[{"name": owner, "type": "OWNER"}])}


def copied_columns(columns: Sequence[str], source: Place) -> Facet:
    """Each column is the one of that name there."""
    return facet(
        "ColumnLineageDatasetFacet",
        fields={name: {"inputFields": [_input(source, name, _IDENTITY)]} for name in columns},
    )


def shown_columns(view: ViewConfig, merge: Place) -> Facet:
    """What a view makes of its merge table: columns as they are, or masked; and what decides which rows it has. No
    value stands in it, and no key's name."""
    fields = {
        name: {"inputFields": [_input(merge, name, _IDENTITY if mask is None else _masked(mask))]}
        for name, mask in view.seen.items()
    }
    filters = [_input(merge, each.column, _FILTER) for each in view.filters]
    return facet("ColumnLineageDatasetFacet", fields=fields, dataset=filters or None)


def processing_engine() -> Facet:
    """The program that runs jobs, in its version."""
    return facet("ProcessingEngineRunFacet", name="DataSurface", version=version("datasurface"))


def error_message(error: JobFailure) -> Facet:
    """Why a run failed, as its result record says it."""
    return facet(
        "ErrorMessageRunFacet",
        message=f"{error.type}: {error.message}" + (f" ({error.hint})" if error.hint else ""),
        programmingLanguage="PYTHON",
    )


def job_facts(job: StartedJob, **more: object) -> Facet:
    """What a run is called here, and by which generation it works: a facet of ours, which has no schema of its own."""
    url = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet"
    return _facet(url, {"runId": job.run_id, "generation": job.generation, "commit": job.commit, **more})


def _masked(mask: ColumnMask) -> Facet:
    what = {
        MaskKind.NULL: "NULL in place of each value",
        MaskKind.HASH: "a keyed hash of each value",
        MaskKind.PARTIAL: f"the first {mask.first} and the last {mask.last} characters",
        MaskKind.YEAR: "the year alone",
    }
    return {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": what[mask.kind], "masking": True}


def _input(source: Place, column: str, transformation: Mapping[str, object]) -> Facet:
    return {
        "namespace": source.namespace,
        "name": source.name,
        "field": column,
        "transformations": [dict(transformation)],
    }
