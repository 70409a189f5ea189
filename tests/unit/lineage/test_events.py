"""What jobs tell OpenLineage: events that its client understands, and lineage of columns as the model has it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import pytest
from attrs import evolve
from openlineage.client.event_v2 import OutputDataset, RunEvent

from datasurface.credentials import Credentials
from datasurface.deployment import ColumnFilter, ColumnMask, Deployment, MaskKind
from datasurface.graph import deployments
from datasurface.lineage.events import end_event, run_uuid, start_event
from datasurface.lineage.flows import relevant
from datasurface.model import Copied, MySqlDatabase, SqliteDatabase, SqlSnapshot
from datasurface.plugins.manager import Plugins, installed_plugins
from datasurface.results import (
    CopyResult,
    DatasetCounts,
    JobFailure,
    JobResult,
    JobSeconds,
    OutputRows,
    PhysicalObject,
    ResultCode,
    TransformResult,
)
from datasurface.watching import JobKind, Result, StartedJob
from tests.support.openlineage import lineage_of, understood
from tests.unit.kubernetes.cluster import transforming_in_cluster

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
SERVER = "postgres://postgres.datasurface.svc:5432"
MERGE = "datasurface_merge.public.yellowlive_store1_customers_merge"
VIEW = "datasurface_merge.consumer1.yellowlive_consumer1_livedsg_customers_view"
MASKS = (
    ColumnMask("firstName", MaskKind.HASH, credential="hash-key"),
    ColumnMask("lastName", MaskKind.PARTIAL, first=1, last=2),
    ColumnMask("phone", MaskKind.NULL),
)


@cache
def _plugins() -> Plugins:
    return installed_plugins()


@cache
def whole(platform: str = "YellowLive") -> Deployment:
    """The example's with a transformer; what Consumer1 sees of customers is masked and filtered."""
    found = next(it for it in deployments(transforming_in_cluster()) if it.platform.name == platform)
    views = tuple(
        evolve(view, masks=MASKS, hidden=("email",), filters=(ColumnFilter("dob", ("1990-01-01", None)),))
        if (view.workspace, view.dataset.name) == ("Consumer1", "customers")
        else view
        for view in found.views
    )
    return evolve(found, views=views)


def job(kind: JobKind, name: str, deployment: Deployment | None = None) -> StartedJob:
    of = whole() if deployment is None else deployment
    return StartedJob(kind, of.platform.name, name, "scheduled__2030-01-01T12:00:00+00:00", 3, "c0ffee", of, AT)


def objects(of: StartedJob) -> list[PhysicalObject]:
    return list(_plugins().runtime(relevant(of), None, Credentials([])).objects())


def batch(code: ResultCode = ResultCode.DONE, error: JobFailure | None = None) -> JobResult:
    counts = {"customers": DatasetCounts(75, 4, 3, 1, 68), "addresses": DatasetCounts(9, unchanged=9)}
    found = {} if error else counts
    return JobResult("YellowLive", "Store1", "r", 7, code, 3, "c0ffee", found, JobSeconds(), error)


def ended(of: StartedJob, result: Result) -> RunEvent:
    return understood(end_event(of, result, AT + timedelta(seconds=1), objects(of), "Customer360"))


def outputs(event: RunEvent) -> dict[str, OutputDataset]:
    return {each.name: each for each in event.outputs or []}


def inputs_of(dataset: OutputDataset) -> dict[str, list[tuple[str, str, str, bool]]]:
    """By column, from where it is: table, column, what becomes of it, and whether it is masked."""
    return {
        name: [
            (each.name, each.field, f"{way.type}/{way.subtype}", bool(way.masking))
            for each in field.inputFields
            for way in each.transformations or []
        ]
        for name, field in lineage_of(dataset).fields.items()
    }


def test_a_batch_tells_of_the_sources_the_merge_tables_and_what_consumers_see() -> None:
    event = ended(job(JobKind.INGESTION, "Store1"), batch())
    assert event.job.name == "YellowLive.ingestion.Store1"
    sources = {(each.namespace, each.name) for each in event.inputs or []}
    assert sources == {(SERVER, "customer_db.public.customers"), (SERVER, "customer_db.public.addresses")}
    assert {MERGE, VIEW, VIEW.replace("datasurface_merge.", "consumer_db.")} <= set(outputs(event))
    assert not [name for name in outputs(event) if "staging" in name or "remote" in name or "figures" in name]
    statistics = {each.name: (each.outputFacets or {}) for each in event.outputs or []}
    assert statistics[MERGE]["outputStatistics"].rowCount == 8  # type: ignore[attr-defined]  # of this facet
    assert statistics[VIEW] == {}


def test_columns_go_from_the_source_through_the_merge_table_to_views() -> None:
    found = outputs(ended(job(JobKind.INGESTION, "Store1"), batch()))
    source = "customer_db.public.customers"
    assert inputs_of(found[MERGE])["email"] == [(source, "email", "DIRECT/IDENTITY", False)]
    seen = inputs_of(found[VIEW])
    assert seen["id"] == [(MERGE, "id", "DIRECT/IDENTITY", False)]
    own = inputs_of(found[VIEW.replace("datasurface_merge.", "consumer_db.")])
    assert own == {name: [(VIEW, name, "DIRECT/IDENTITY", False)] for name in seen}


def test_a_masked_column_says_that_it_is_and_how_and_a_hidden_one_is_not_there() -> None:
    found = outputs(ended(job(JobKind.INGESTION, "Store1"), batch()))[VIEW]
    seen = inputs_of(found)
    masked = {name for name, [(*_, is_masked)] in seen.items() if is_masked}
    assert masked == {"firstName", "lastName", "phone"}
    assert "email" not in seen
    assert seen["firstName"] == [(MERGE, "firstName", "DIRECT/TRANSFORMATION", True)]
    descriptions = {name: field.inputFields[0].transformations for name, field in lineage_of(found).fields.items()}
    assert [it.description for it in descriptions["lastName"] or []] == ["the first 1 and the last 2 characters"]
    schema = (found.facets or {})["schema"]
    assert [each.name for each in schema.fields] == list(seen)  # type: ignore[attr-defined]  # of this facet


def test_what_rows_are_filtered_by_decides_of_the_whole_view_and_no_value_is_told() -> None:
    event = end_event(job(JobKind.INGESTION, "Store1"), batch(), AT, objects(job(JobKind.INGESTION, "Store1")), "n")
    [by] = lineage_of(outputs(understood(event))[VIEW]).dataset or []
    assert (by.name, by.field) == (MERGE, "dob")
    assert [(it.type, it.subtype) for it in by.transformations or []] == [("INDIRECT", "FILTER")]
    assert "1990" not in json.dumps(event)
    assert "hash-key" not in json.dumps(event)


def test_a_history_has_the_lineage_of_its_view() -> None:
    of = job(JobKind.INGESTION, "Store1", whole("YellowForensic"))
    found = outputs(ended(of, batch()))
    view = "datasurface_merge.consumer1.yellowforensic_consumer1_forensicdsg_customers_view"
    history = f"{view.removesuffix('view')}history"
    assert inputs_of(found[view]) == inputs_of(found[history])
    assert not [name for name in found if name.endswith("_batches")]


def test_a_transformer_reads_views_and_says_where_its_code_is() -> None:
    of = job(JobKind.TRANSFORMATION, "MakeFigures")
    rows = {"totals": OutputRows(10, 2, 1, 0)}
    result = TransformResult("YellowLive", "MakeFigures", "r", ResultCode.DONE, "written", 3, None, "f00d", {}, rows, 1)
    event = ended(of, result)
    assert [each.name for each in event.inputs or []] == [
        "datasurface_merge.refine.yellowlive_refine_refine_customers_view"
    ]
    [made] = event.outputs or []
    assert (made.namespace, made.name) == ("postgres://203.0.113.20:5432", "figures.public.totals")
    assert (made.outputFacets or {})["outputStatistics"].rowCount == 3  # type: ignore[attr-defined]  # of this facet
    code = (event.job.facets or {})["sourceCodeLocation"]
    assert (code.url, code.path) == ("https://git.example.com/acme/figures", "figures.py")  # type: ignore[attr-defined]


def test_copies_are_told_by_the_job_that_refreshes_them_and_by_no_batch() -> None:
    views = tuple(evolve(it, copied=Copied()) if it.workspace == "Consumer1" else it for it in whole().views)
    copied = evolve(whole(), views=views)
    own = VIEW.replace("datasurface_merge.", "consumer_db.")
    assert own not in outputs(ended(job(JobKind.INGESTION, "Store1", copied), batch()))
    refreshed = CopyResult("YellowLive", "Consumer1", "LiveDSG", ResultCode.DONE, 3, (), 0.1)
    event = ended(job(JobKind.COPIES, "Consumer1/LiveDSG", copied), refreshed)
    assert inputs_of(outputs(event)[own])["id"] == [(VIEW, "id", "DIRECT/IDENTITY", False)]
    assert VIEW in {each.name for each in event.inputs or []}


def test_start_and_end_are_one_run_and_another_try_is_another() -> None:
    of = job(JobKind.INGESTION, "Store1")
    first = understood(start_event(of, objects(of), "Customer360"))
    last = ended(of, batch(ResultCode.KEEP_WORKING))
    assert (first.eventType.value, last.eventType.value) == ("START", "COMPLETE")  # type: ignore[union-attr]
    assert first.run.runId == last.run.runId == str(run_uuid(of))
    assert {it.name for it in first.outputs or []} == {it.name for it in last.outputs or []}
    later = [run_uuid(evolve(of, at=AT + timedelta(seconds=seconds))) for seconds in range(5)]
    assert later == sorted(later)
    others = {run_uuid(each) for each in (evolve(of, run_id="x"), evolve(of, name="y"), evolve(of, platform="z"))}
    assert len({*others, run_uuid(of)}) == 4
    assert all(UUID(str(each)).version == 7 and each.variant == run_uuid(of).variant for each in others)


def test_a_failure_says_why_and_of_nothing_that_was_written() -> None:
    error = JobFailure("SourceUnavailable", "YellowLive, stream Store1: it is away", None, "wait")
    event = ended(job(JobKind.INGESTION, "Store1"), batch(ResultCode.ERROR, error))
    assert event.eventType is not None
    assert event.eventType.value == "FAIL"
    why = (event.run.facets or {})["errorMessage"]
    assert why.message == "SourceUnavailable: YellowLive, stream Store1: it is away (wait)"  # type: ignore[attr-defined]
    assert not any(each.outputFacets or each.facets for each in event.outputs or [])


def _elsewhere() -> Iterator[tuple[object, tuple[str, str]]]:
    yield (
        MySqlDatabase("M", host="Shop.example.com", database="shop"),
        ("mysql://shop.example.com:3306", "shop.customers"),
    )
    yield SqliteDatabase("S", path="/srv/shop.db"), ("file", "/srv/shop.db/customers")


@pytest.mark.parametrize(("container", "expected"), list(_elsewhere()), ids=["mysql", "sqlite"])
def test_other_sources_have_the_names_that_others_give_them(container: object, expected: tuple[str, str]) -> None:
    [stream] = [it for it in whole().streams if it.key == "Store1"]
    capture = SqlSnapshot(container)  # type: ignore[arg-type]  # one of the two above
    moved = evolve(whole(), streams=(evolve(stream, capture=capture),))
    event = ended(job(JobKind.INGESTION, "Store1", moved), batch())
    assert expected in {(each.namespace, each.name) for each in event.inputs or []}
