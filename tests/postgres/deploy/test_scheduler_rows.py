"""What DAG files read of real tables: the rows that an apply wrote, and the result record of a run."""

from contextlib import closing
from pathlib import Path
from time import monotonic

import psycopg2
import pytest

from datasurface.deployment import has_only_grown
from datasurface_airflow.factory import databases
from datasurface_airflow.factory.flows import BrokenFlow, Flow, flows
from datasurface_airflow.factory.outcome import record_of
from datasurface_airflow.factory.rows import NoRows, read_row, read_rows
from tests.support.pipeline import LIVE, Pipeline
from tests.support.processes import control_store, publish
from tests.support.queries import execute


@pytest.fixture
def installation(people_and_pets: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A DAG file of the live platform, where the secrets are variables."""
    for name, value in people_and_pets.access.variables.items():
        monkeypatch.setenv(name, value)
    at = people_and_pets.container(people_and_pets.target, "writer")
    return {
        "platform": LIVE,
        "store": f"postgresql://{at.host}:{at.port}/{at.database}?credential=writer",
        "schema": "public",
        "files": 1,
        "file": 0,
        "table": "yellowlive_airflow_dsg",
        "cache": str(tmp_path),
    }


def test_rows_and_results_are_found_where_apply_says(
    people_and_pets: Pipeline, installation: dict[str, object]
) -> None:
    with pytest.raises(NoRows, match="yellowlive_airflow_dsg"):
        read_rows(installation)
    people_and_pets.apply()
    publish(people_and_pets)
    [flow] = flows(LIVE, read_rows(installation).by_stream)
    assert isinstance(flow, Flow)
    assert (flow.stream, flow.consumers) == ("Store1", ("Consumer1/LiveDSG",))
    assert read_row(installation, flow.dag).by_stream == read_rows(installation).by_stream

    assert record_of(flow.results, flow.stream, "r1") is None
    people_and_pets.runtime(LIVE).run_batch("Store1", "r1")
    found = record_of(flow.results, flow.stream, "r1")
    assert found is not None
    assert (found["code"], found["run_id"]) == (0, "r1")


def test_a_database_that_is_slow_is_not_waited_for(
    people_and_pets: Pipeline, installation: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    people_and_pets.apply()
    publish(people_and_pets)
    before = read_rows(installation)
    monkeypatch.setattr(databases, "_SECONDS", 1)
    with closing(psycopg2.connect(people_and_pets.target.url)) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE yellowlive_airflow_dsg")
        begun = monotonic()
        found = read_rows(installation)
        assert monotonic() - begun < 5
    assert found.by_stream == before.by_stream
    assert "statement timeout" in found.problems[0]


def test_rows_and_a_generation_of_an_earlier_version_are_brought_forward(
    people_and_pets: Pipeline, installation: dict[str, object]
) -> None:
    people_and_pets.apply()
    store, published = control_store(people_and_pets), publish(people_and_pets)
    execute(people_and_pets.target, "UPDATE yellowlive_airflow_dsg SET config = config - 'job'")
    execute(
        people_and_pets.target,
        "UPDATE datasurface_generation SET deployments = (SELECT jsonb_agg(jsonb_set(d, '{streams}', (SELECT"
        " jsonb_agg(s - '{owner,latency,priority,description}'::text[]) FROM jsonb_array_elements(d -> 'streams') s)))"
        " FROM jsonb_array_elements(deployments::jsonb) d)",
    )
    [broken] = flows(LIVE, read_rows(installation).by_stream)
    assert isinstance(broken, BrokenFlow)
    assert "run `datasurface apply` once" in broken.reason
    former = store.current()
    assert former is not None
    assert [stream.latency for each in former.deployments for stream in each.streams] == [None, None]
    assert former.deployments != published.deployments
    assert has_only_grown(tuple(former.deployments), tuple(published.deployments))
    publish(people_and_pets)
    [flow] = flows(LIVE, read_rows(installation).by_stream)
    assert isinstance(flow, Flow)
