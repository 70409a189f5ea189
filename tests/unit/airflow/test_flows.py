"""From rows to flows: what is right becomes a flow, what is wrong one broken flow under the name that it had."""

import json
import re
from datetime import timedelta

import pytest
from attrs import evolve

from datasurface.orchestration import asset, dag_name
from datasurface_airflow.factory.flows import BrokenFlow, Flow, flow_of, flows, page_of
from datasurface_yellow.store.configuration import orchestrated_jobs
from tests.unit.airflow.rows import example, jobs_of, rows, with_copies
from tests.unit.docs.markdown import page, text_of


@pytest.fixture(scope="module")
def job() -> dict[str, object]:
    found = rows(example(), "YellowLive")["Store1"]
    assert isinstance(found, dict)
    return found


def test_a_row_of_the_example_is_what_the_contract_shows(job: dict[str, object]) -> None:
    shown = re.search(r'```json\n(\{"dag":.*?)```', text_of(page("contract.md")), re.DOTALL)
    assert shown is not None
    assert json.loads(shown[1]) == job


def test_a_row_becomes_a_flow(job: dict[str, object]) -> None:
    flow = flow_of(job)
    assert flow.dag == "yellowlive__Store1_ingestion"
    assert (flow.cron, flow.every, flow.timezone) == ("* * * * *", None, "UTC")
    assert (flow.priority, flow.urgency, flow.deadline) == (2, "medium", timedelta(minutes=1))
    assert flow.command == ("ingest", "--platform", "YellowLive", "--stream", "Store1")
    assert flow.results.at.credential == "yellow-live-writer"
    assert flow.produces == ("datasurface/yellowlive/Store1",)


def test_copies_are_refreshed_after_what_they_show_or_on_their_own_schedule(job: dict[str, object]) -> None:
    batches, copies = flows("YellowLive", jobs_of(with_copies(example(), None)))
    assert isinstance(batches, Flow)
    assert isinstance(copies, Flow)
    assert batches == flow_of(job)
    assert (copies.dag, copies.kind) == ("yellowlive__Consumer1.LiveDSG_copies", "copies")
    words = ("--platform", "YellowLive", "--workspace", "Consumer1", "--group", "LiveDSG")
    assert copies.command == ("views", "refresh", *words)
    assert (copies.cron, copies.after) == (None, batches.produces)
    assert (copies.stream, copies.results) == ("@copies Consumer1.LiveDSG", batches.results)
    assert copies.credentials == ("own-writer", "yellow-live-writer")
    assert copies.consumers == ("Consumer1/LiveDSG",)
    _, copies = flows("YellowLive", jobs_of(with_copies(example(), "30 1 * * *")))
    assert isinstance(copies, Flow)
    assert (copies.cron, copies.after) == ("30 1 * * *", ())


def test_names_of_copies_are_told_apart() -> None:
    made = with_copies(example(), None)
    names = [("a.b", "c"), ("a", "b.c"), ("a", "b/c"), ("a", "b"), ("ab", "")]
    views = tuple(evolve(made.views[0], workspace=workspace, group=group) for workspace, group in names)
    found = orchestrated_jobs(evolve(made, views=views))
    assert len(found) == 1 + len(names)
    assert len({each.dag for each in found.values()}) == len(found)
    assert len({each.produces for each in found.values()}) == len(found)


def test_a_later_version_may_add_keys(job: dict[str, object]) -> None:
    assert flow_of({**job, "colour": "red"}) == flow_of(job)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": 2}, "its job has format 2, and these DAG files know 1"),
        ({"format": None}, "its job has format None"),
        ({"schedule": "often"}, "schedule: 'often' is neither"),
        ({"schedule": "every 0 seconds"}, "schedule: 'every 0 seconds' waits for nothing"),
        ({"schedule": 5}, "schedule: 5 is not what it should be"),
        ({"timezone": "Mars/Olympus"}, "timezone: 'Mars/Olympus' is not known"),
        ({"dag": "a b"}, "dag: 'a b' is no name of a DAG"),
        ({"command": ["ingest", 7]}, "command: ['ingest', 7] is no list of texts"),
        ({"results": {}}, "host: it is missing"),
        ({"priority": True}, "priority: True is not what it should be"),
    ],
)
def test_one_bad_row_is_one_broken_flow_and_the_others_live(
    job: dict[str, object], change: dict[str, object], reason: str
) -> None:
    other = {**job, "stream": "Other", "dag": "yellowlive__Other_ingestion"}
    good, bad = flows("YellowLive", {"Other": other, "Store1": {**job, **change}})
    assert isinstance(good, Flow)
    assert isinstance(bad, BrokenFlow)
    assert reason in bad.reason
    assert (bad.dag, bad.stream) == ("yellowlive__Store1_ingestion", "Store1")


@pytest.mark.parametrize("job", [None, [], "job", 3])
def test_a_row_without_a_job_is_broken_under_the_name_that_it_would_have(job: object) -> None:
    [bad] = flows("YellowLive", {"Store1": job})
    assert isinstance(bad, BrokenFlow)
    assert bad.dag == "yellowlive__Store1_ingestion"
    [odd] = flows("YellowLive", {"Sto re/1": None})
    assert re.fullmatch(r"yellowlive__Sto_re_1_ingestion_[0-9a-f]{8}", odd.dag)


def test_of_two_rows_with_one_name_each_is_seen(job: dict[str, object]) -> None:
    first, second = flows("YellowLive", {"A": job, "B": job})
    assert isinstance(first, Flow)
    assert isinstance(second, BrokenFlow)
    assert first.dag != second.dag
    assert "another row has the DAG's name" in second.reason


@pytest.mark.parametrize(
    ("schedule", "cron", "every"),
    [
        ("every 5 seconds", None, timedelta(seconds=5)),
        ("every 1.5 hours", None, timedelta(minutes=90)),
        ("*/10 * * * *", "*/10 * * * *", None),
        (None, None, None),
    ],
)
def test_schedules(job: dict[str, object], schedule: str | None, cron: str | None, every: timedelta | None) -> None:
    flow = flow_of({**job, "schedule": schedule})
    assert (flow.cron, flow.every) == (cron, every)


def test_the_page_names_owner_consumers_and_latency_and_is_no_file(job: dict[str, object]) -> None:
    text = page_of(flow_of({**job, "description": "# A | B", "consumers": ["C|1/D"]}))
    assert "[github.com/acme/team1@main](https://github.com/acme/team1/tree/main)" in text
    assert "| consumers | C\\|1/D |" in text
    assert "| data may be as old as | 60 seconds |" in text
    assert "# A | B\n" in text
    assert not text.endswith(".md"), "Airflow would look for a file of that name"


def test_names_of_dags_are_told_apart_and_fit() -> None:
    assert dag_name("YellowLive", "Store1", "ingestion") == "yellowlive__Store1_ingestion"
    assert dag_name("YellowLive", "Store1.customers", "ingestion") == "yellowlive__Store1.customers_ingestion"
    names = {
        dag_name("a__b", "c", "ingestion"),
        dag_name("a", "b__c", "ingestion"),
        dag_name("a_", "b", "ingestion"),
        dag_name("a", "_b", "ingestion"),
        dag_name("a", "b c", "ingestion"),
        dag_name("a", "b_c", "ingestion"),
        dag_name("a", "b" * 300, "ingestion"),
        dag_name("a", "b" * 299 + "c", "ingestion"),
        dag_name("a", "Straße", "ingestion"),
    }
    assert len(names) == 9
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,200}", name) for name in names)
    assert asset("A", "Straße 1") == "datasurface/a/Stra%C3%9Fe%201"
