"""From a job and its result to the events of one run: START, then COMPLETE or FAIL. Pure functions of values."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from datasurface.git_url import clone_url, without_user
from datasurface.lineage.facets import (
    Facet,
    documentation,
    error_message,
    facet,
    job_facts,
    ownership,
    processing_engine,
    producer,
)
from datasurface.lineage.flows import DataSet, Flow, flow_of, relevant
from datasurface.results import JobResult, PhysicalObject, ResultCode
from datasurface.watching import JobKind, Result, StartedJob

_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


def start_event(job: StartedJob, objects: Sequence[PhysicalObject], namespace: str) -> dict[str, object]:
    """The job begins: what it will read and write, by name."""
    flow = flow_of(job, objects, None)
    return _event("START", job, job.at, namespace, flow.bare, {"datasurface": job_facts(job)})


def end_event(
    job: StartedJob, result: Result, at: datetime, objects: Sequence[PhysicalObject], namespace: str
) -> dict[str, object]:
    """The job is over: with what it did, or with why it failed."""
    flow = flow_of(job, objects, result)
    batch = result.batch if isinstance(result, JobResult) else None
    facts = {"datasurface": job_facts(job, batch=batch, result=result.code.name)}
    if result.code is ResultCode.ERROR:
        why = {"errorMessage": error_message(result.error)} if result.error is not None else {}
        return _event("FAIL", job, at, namespace, flow.bare, {**facts, **why})
    return _event("COMPLETE", job, at, namespace, flow, facts)


def run_uuid(job: StartedJob) -> UUID:
    """A UUID of version 7 that says the same of a run as its own name, which a scheduler chose, and the time it began:
    a run that is tried again under one name is another run."""
    text = "\n".join([job.platform, job.kind.value, job.name, job.run_id])
    milliseconds = int(job.at.timestamp() * 1000)
    bits = int.from_bytes(sha256(text.encode()).digest()[:10], "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | bits
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def _event(
    kind: str, job: StartedJob, at: datetime, namespace: str, flow: Flow, run: dict[str, Facet]
) -> dict[str, object]:
    return {
        "eventType": kind,
        "eventTime": at.isoformat(),
        "producer": producer(),
        "schemaURL": _EVENT,
        "run": {"runId": str(run_uuid(job)), "facets": {"processing_engine": processing_engine(), **run}},
        "job": {"namespace": namespace, "name": f"{job.platform}.{job.kind.value}.{job.name}", "facets": _of_job(job)},
        "inputs": [_dataset(each, "inputFacets") for each in flow.inputs],
        "outputs": [_dataset(each, "outputFacets") for each in flow.outputs],
    }


def _dataset(found: DataSet, side: str) -> dict[str, object]:
    return {
        "namespace": found.place.namespace,
        "name": found.place.name,
        "facets": found.facets,
        side: found.run_facets,
    }


def _of_job(job: StartedJob) -> dict[str, Facet]:
    kind = facet("JobTypeJobFacet", processingType="BATCH", integration="DATASURFACE", jobType=job.kind.value.upper())
    part, found = relevant(job), {"jobType": kind}
    if job.kind is JobKind.INGESTION:
        for stream in part.streams:
            found |= documentation("DocumentationJobFacet", stream.description)
            found |= ownership("OwnershipJobFacet", stream.owner)
    for config in part.transformers:
        repository = without_user(clone_url(config.repository.url))
        found |= documentation("DocumentationJobFacet", config.description)
        found |= ownership("OwnershipJobFacet", config.repository.owner)
        found["sourceCodeLocation"] = facet(
            "SourceCodeLocationJobFacet",
            type="git",
            url=repository,
            repoUrl=repository,
            path=config.function.partition(":")[0].replace(".", "/") + ".py",
            version=config.commit,
            branch=config.repository.branch,
        )
    return found
