"""Events as OpenLineage's own client understands them: its classes are the schema that it speaks."""

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

import cattrs
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    BaseFacet,
    DatasetFacet,
    InputDatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    RunFacet,
    column_lineage_dataset,
    datasource_dataset,
    documentation_dataset,
    documentation_job,
    error_message_run,
    input_statistics_input_dataset,
    job_type_job,
    output_statistics_output_dataset,
    ownership_dataset,
    ownership_job,
    processing_engine_run,
    schema_dataset,
    source_code_location_job,
)

_DATASET: Mapping[str, type[DatasetFacet]] = {
    "schema": schema_dataset.SchemaDatasetFacet,
    "dataSource": datasource_dataset.DatasourceDatasetFacet,
    "documentation": documentation_dataset.DocumentationDatasetFacet,
    "ownership": ownership_dataset.OwnershipDatasetFacet,
    "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet,
}
_JOB: Mapping[str, type[JobFacet]] = {
    "jobType": job_type_job.JobTypeJobFacet,
    "documentation": documentation_job.DocumentationJobFacet,
    "ownership": ownership_job.OwnershipJobFacet,
    "sourceCodeLocation": source_code_location_job.SourceCodeLocationJobFacet,
}
_RUN: Mapping[str, type[RunFacet]] = {
    "processing_engine": processing_engine_run.ProcessingEngineRunFacet,
    "errorMessage": error_message_run.ErrorMessageRunFacet,
}
_INPUT: Mapping[str, type[InputDatasetFacet]] = {
    "inputStatistics": input_statistics_input_dataset.InputStatisticsInputDatasetFacet
}
_OUTPUT: Mapping[str, type[OutputDatasetFacet]] = {
    "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
}

F = TypeVar("F", bound=BaseFacet)

_CONVERTER = cattrs.Converter(forbid_extra_keys=True)


def understood(event: Mapping[str, object]) -> RunEvent:
    """The event as the client's classes, each facet as its own; an error where a key is unknown, missing or of another
    type, or where a facet names another schema than the client's."""
    told = dict(event)
    assert set(told) == {"eventType", "eventTime", "producer", "schemaURL", "run", "job", "inputs", "outputs"}
    assert told["schemaURL"] == RunEvent._get_schema()
    run, job = _table(told["run"]), _table(told["job"])
    assert UUID(str(run["runId"])).version == 7
    return RunEvent(
        eventType=RunState(str(told["eventType"])),
        eventTime=str(told["eventTime"]),
        producer=str(told["producer"]),
        run=Run(str(run["runId"]), _facets(run["facets"], _RUN, own={"datasurface": RunFacet})),
        job=Job(str(job["namespace"]), str(job["name"]), _facets(job["facets"], _JOB)),
        inputs=[_input(each) for each in _list(told["inputs"])],
        outputs=[_output(each) for each in _list(told["outputs"])],
    )


def lineage_of(dataset: OutputDataset) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    """The column lineage of an output; an error where it has none."""
    found = (dataset.facets or {})["columnLineage"]
    assert isinstance(found, column_lineage_dataset.ColumnLineageDatasetFacet)
    return found


def _input(told: Mapping[str, object]) -> InputDataset:
    assert set(told) == {"namespace", "name", "facets", "inputFacets"}
    facets, more = _facets(told["facets"], _DATASET), _facets(told["inputFacets"], _INPUT)
    return InputDataset(str(told["namespace"]), str(told["name"]), facets=facets, inputFacets=more)


def _output(told: Mapping[str, object]) -> OutputDataset:
    assert set(told) == {"namespace", "name", "facets", "outputFacets"}
    facets, more = _facets(told["facets"], _DATASET), _facets(told["outputFacets"], _OUTPUT)
    return OutputDataset(str(told["namespace"]), str(told["name"]), facets=facets, outputFacets=more)


def _facets(told: object, known: Mapping[str, type[F]], own: Mapping[str, type[F]] | None = None) -> dict[str, F]:
    """Facets by their names; of those that are ours the client knows no keys."""
    found: dict[str, F] = {}
    for key, value in _table(told).items():
        facet = _table(value)
        cls = own[key] if own and key in own else known[key]
        assert str(facet["_producer"]).startswith("https://")
        assert facet["_schemaURL"] == cls._get_schema(), key
        body = {} if own and key in own else {name: each for name, each in facet.items() if not name.startswith("_")}
        found[key] = _CONVERTER.structure(body, cls)
    return found


def _table(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


def _list(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value
