"""The model of a company run by a real scheduler: both platforms of customer360 follow a producer that changes, and
more streams show what a result record brings about.

A start of Airflow is what takes its time, so all tests look at one. Each has streams of its own, but for the last one.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from threading import Event, Thread
from time import sleep

import kubernetes_validate
import pytest
from attrs import frozen

from datasurface.plugins.manager import installed_plugins
from datasurface_airflow.kubernetes import pod_checks
from datasurface_airflow.kubernetes.applied import Manifests
from datasurface_yellow.demo.play import Play
from datasurface_yellow.demo.stage import Stage, open_stage
from datasurface_yellow.local.databases import PRODUCER
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from datasurface_yellow.simulator.changes import Snapshot
from datasurface_yellow.simulator.options import SimulatorOptions
from datasurface_yellow.simulator.simulator import run_simulator
from tests.airflow.company import MOST_IN_A_ROW, Company
from tests.airflow.conftest import StartAirflow
from tests.airflow.environment import AirflowEnvironment
from tests.airflow.installation import Airflow
from tests.airflow.processes import Process
from tests.airflow.shell import opened
from tests.support.length import IS_LONG, long_or

pytestmark = pytest.mark.slow

SECONDS = long_or(300, 0)
"""How long the producer changes before the tests of single streams begin; it goes on until they have ended."""
KUBERNETES = long_or(range(30, 38), (30, 37))
"""Minor versions whose schemas a pod is held against: reading one takes a second."""

LIVE, FORENSIC = "yellowlive__Store1_ingestion", "yellowforensic__Store1_ingestion"
ORDERS, MISSING, LATER = (f"yellowparts__{store}_ingestion" for store in ("Orders", "Missing", "Later"))
BACKLOG = "yellowparts__Backlog_ingestion"
STORES = {"Orders": "In parts", "Missing": "Not there at the producer", **long_or({"Backlog": "In many parts"}, {})}
only_long = pytest.mark.skipif(not IS_LONG, reason="takes a minute: DATASURFACE_LONG=1")


class Nobody:
    """Watches nothing of a play."""

    def applied(self, report: object) -> None: ...

    def changed(self, change: object) -> None: ...

    def ingested(self, result: object) -> None: ...


@frozen
class Scene:
    """A company, the Airflow that runs it, and the producer as it was before its first change."""

    company: Company
    airflow: Airflow
    play: Play
    initial: Snapshot
    stop_changing: Event
    simulator: Thread


@pytest.fixture(scope="module")
def scene(pg_server: PostgresServer, start_airflow: StartAirflow) -> Iterator[Scene]:
    with ExitStack() as opened:
        folder = opened.enter_context(temporary_folder("datasurface-company-"))
        stage = opened.enter_context(open_stage(folder, pg_server.url("postgres"), anew=True))
        airflow = opened.enter_context(start_airflow({"DATASURFACE_CREDENTIALS": str(folder / "mounted")}))
        company = Company(stage)
        company.fill("orders", rows=250)
        company.fill("backlog", rows=1500)
        company.set_up(STORES)
        company.apply()
        play = Play(stage, installed_plugins(), Nobody())
        initial = play.initial()
        company.emit(airflow.dags)
        stop = Event()
        simulator = opened.enter_context(changing(stage, stop))
        yield Scene(company, airflow, play, initial, stop, simulator)


@contextmanager
def changing(stage: Stage, stop: Event) -> Iterator[Thread]:
    """A producer that changes until it is told to stop; every change stands in the stage's log."""
    options = SimulatorOptions(min_interval=0.05, max_interval=0.6, seed=1, log=stage.log)
    thread = Thread(
        target=run_simulator, args=(lambda: stage.connect(PRODUCER), options, lambda _change: None, stop), daemon=True
    )
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join()


def test_every_stream_has_its_dag(scene: Scene) -> None:
    airflow = scene.airflow
    airflow.wait("the DAGs of all streams", lambda: {LIVE, FORENSIC, ORDERS, MISSING} <= airflow.active_dags())
    assert not airflow.import_errors()
    sleep(SECONDS)


def test_a_task_that_is_killed_takes_its_job_along_and_is_tried_again(scene: Scene) -> None:
    airflow = scene.airflow
    job = airflow.wait("a job", lambda: list(jobs(airflow, "YellowForensic")))[0]
    run = job.words[job.words.index("--run-id") + 1]
    os.kill(job.parent, signal.SIGKILL)
    airflow.wait("the job's end", lambda: job.pid not in {each.pid for each in jobs(airflow, "YellowForensic")})
    airflow.wait("the run's end", lambda: airflow.state(FORENSIC, run) in ("success", "failed"))
    assert airflow.state(FORENSIC, run) == "success"
    assert airflow.tasks(FORENSIC, run)["job"].tries >= 2, "a busy Airflow 2 may find one death twice"
    assert [each["code"] for each in scene.company.results("YellowForensic", "Store1") if each["run_id"] == run] == [0]


def test_a_backlog_is_read_by_a_stream_that_triggers_itself(scene: Scene) -> None:
    scene.airflow.wait("three runs", lambda: scene.airflow.states(ORDERS)[:3] == ["success"] * 3)
    results = scene.company.results("YellowParts", "Orders")[:3]
    assert [result["code"] for result in results] == [1, 1, 0]
    first, *others = scene.airflow.runs(ORDERS)[:3]
    assert [result["run_id"] for result in results] == [first.run, *(run.run for run in others)]
    assert first.type == "scheduled"
    assert "scheduled" not in {run.type for run in others}
    assert scene.company.merge("SELECT count(*) FROM yellowparts_orders_orders_merge") == [(250,)]


@only_long
def test_a_long_backlog_is_read_with_pauses_that_grow_and_after_the_most_in_a_row_on_the_schedule(scene: Scene) -> None:
    airflow = scene.airflow
    most = MOST_IN_A_ROW
    airflow.wait("the last run", lambda: airflow.states(BACKLOG)[most + 1 :][:1] == ["success"], seconds=900)
    runs = airflow.runs(BACKLOG)[: most + 2]
    assert [run.type == "scheduled" for run in runs] == [True, *[False] * most, True]
    pauses = [airflow.tasks(BACKLOG, run.run)["pause"].state for run in runs[: most + 1]]
    assert pauses == [*["skipped"] * 10, *["success"] * (most - 10), "skipped"]
    assert airflow.tasks(BACKLOG, runs[most].run)["again"].state == "skipped"
    assert [result["code"] for result in scene.company.results("YellowParts", "Backlog")][: most + 2] == [1] * (
        most + 2
    )


def test_a_job_that_ends_with_an_error_fails_its_run_with_the_reason(scene: Scene) -> None:
    airflow = scene.airflow
    airflow.wait("a failed run", lambda: "failed" in airflow.states(MISSING))
    (result, *_) = scene.company.results("YellowParts", "Missing")
    assert result["code"] == -1
    assert "success" not in airflow.states(MISSING)


def test_the_platform_is_looked_after(scene: Scene) -> None:
    for dag in ("yellowparts__infrastructure", "yellowparts__maintenance"):
        scene.airflow.wait(dag, lambda dag=dag: "success" in scene.airflow.states(dag))  # type: ignore[misc]


def test_the_pod_that_airflow_would_start_is_valid_and_its_command_does_the_batch(
    scene: Scene, airflow_environment: AirflowEnvironment
) -> None:
    company = scene.company
    folder = company.emit_for_pods()
    variables = {**scene.airflow.processes.variables, "DATASURFACE_CREDENTIALS": str(company.secrets)}
    with opened(airflow_environment, variables, company.stage.folder / "shell.log") as shell:
        pod = shell.pod(folder / "yellowlive_factory_dag.py", dag=LIVE, run="as-a-pod")
    for minor in KUBERNETES:
        kubernetes_validate.validate(pod, f"1.{minor}", strict=True)
    manifests = Manifests([as_job(pod)])
    promised = (pod_checks.pod_security, pod_checks.container_security, pod_checks.volumes, pod_checks.images)
    assert [what for check in promised for _, what in check(manifests)] == []
    company.run_as_pod(pod)
    [result] = [each for each in company.results("YellowLive", "Store1") if each["run_id"] == "as-a-pod"]
    assert result["code"] == 0


def test_streams_come_and_change_and_go_with_the_model_and_a_job_that_runs_ends_as_it_began(scene: Scene) -> None:
    airflow, company = scene.airflow, scene.company
    files = {path: path.stat().st_mtime_ns for path in airflow.dags.rglob("*")}
    company.fill("later", rows=3)
    with company.held("orders"):
        airflow.wait("a job that waits", lambda: company.is_waited_for("orders"))
        [job] = jobs(airflow, "Orders")
        company.choose({"Orders": "In parts, they say", "Later": "Comes later"})
        company.apply()
        airflow.wait("the new DAG", lambda: LATER in airflow.active_dags())
        airflow.wait("the DAG's end", lambda: MISSING not in airflow.active_dags())
        airflow.wait("its new text", lambda: "In parts, they say" in airflow.serialised(ORDERS))
        assert job.pid in {each.pid for each in jobs(airflow, "Orders")}
    run = job.words[job.words.index("--run-id") + 1]
    airflow.wait("its end", lambda: airflow.state(ORDERS, run) in ("success", "failed"))
    airflow.wait("its first run", lambda: "success" in airflow.states(LATER))
    [before] = [each for each in company.results("YellowParts", "Orders") if each["run_id"] == run]
    after = company.results("YellowParts", "Later")[0]
    assert (airflow.state(ORDERS, run), before["code"]) == ("success", 0)
    assert (before["generation"], after["generation"]) == (1, 2)
    assert {path: path.stat().st_mtime_ns for path in airflow.dags.rglob("*")} == files


def test_both_platforms_run_on_their_schedules_and_on_nothing_else(scene: Scene) -> None:
    airflow = scene.airflow
    for dag, platform in ((LIVE, "YellowLive"), (FORENSIC, "YellowForensic")):
        airflow.wait(f"two runs of {dag}", lambda dag=dag: airflow.states(dag).count("success") >= 2)  # type: ignore[misc]
        assert {result["code"] for result in scene.company.results(platform, "Store1")} == {0}
        assert {run.type for run in airflow.runs(dag)} == {"scheduled"}
        tasks = airflow.tasks(dag, airflow.runs(dag)[0].run)
        assert (tasks["decide"].state, tasks["done"].state, tasks["again"].state) == ("success", "success", "skipped")


@only_long
def test_jobs_of_a_database_that_is_away_fail_and_later_ones_catch_up(scene: Scene) -> None:
    airflow, company = scene.airflow, scene.company
    known = airflow.active_dags()
    with company.closed():
        airflow.wait("a failed run", lambda: "failed" in airflow.states(LIVE))
        assert airflow.active_dags() == known
    back = datetime.now(UTC)
    airflow.wait("a batch", lambda: airflow.jobs_done_since(LIVE, back))
    [failed, *_] = [run.run for run in airflow.runs(LIVE) if run.state == "failed"]
    assert failed not in {result["run_id"] for result in company.results("YellowLive", "Store1")}


def test_what_consumers_see_is_right_at_the_end(scene: Scene) -> None:
    scene.stop_changing.set()
    scene.simulator.join()
    airflow = scene.airflow
    last_change = datetime.now(UTC)
    for dag in (LIVE, FORENSIC):
        airflow.wait(f"a batch of {dag}", lambda dag=dag: airflow.jobs_done_since(dag, last_change))  # type: ignore[misc]
    broken = [check for check in scene.play.check(scene.initial) if not check.holds]
    assert not broken


def jobs(airflow: Airflow, name: str) -> Iterator[Process]:
    """The jobs of a platform or stream that run now."""
    return (each for each in airflow.processes.all() if "ingest" in each.words and name in each.words)


def as_job(pod: dict[str, object]) -> dict[str, object]:
    """A pod as the workload whose template it is, which is what checks of manifests look at."""
    metadata = pod["metadata"]
    job = {"template": {"metadata": metadata, "spec": pod["spec"]}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": job}
