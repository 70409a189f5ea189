"""From flows to DAGs of Airflow: job → decide → done, or again, perhaps after a pause."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import reduce
from operator import or_
from typing import Any, cast

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensor

from .flows import BrokenFlow, Flow, flows, page_of
from .outcome import Turn, after_job, record_of
from .rows import read_row, read_rows
from .tasks import dag, defaults, job, time_table
from .versions import DAG, AirflowFailException, Asset, AssetOrTimeSchedule, get_parsing_context

_LOG = logging.getLogger(__name__)
_TOLD = "{{{{ ti.xcom_pull(task_ids='decide', key='{}') }}}}"
_BROKEN_RUNS = timedelta(hours=1)


def factory_dags(installation: Mapping[str, object]) -> dict[str, object]:
    """One DAG per row, by name; in a worker the one that it runs.

    Raises:
        NoRows: Airflow shows it as the file's import error, and keeps the DAGs that it knows for a while.
    """
    wanted = get_parsing_context().dag_id
    found = read_rows(installation) if wanted is None else read_row(installation, wanted)
    for problem in found.problems:
        _LOG.warning("%s: %s", installation["platform"], problem)
    platform = str(installation["platform"])
    return {
        flow.dag: _dag(flow, installation)
        for flow in flows(platform, found.by_stream)
        if wanted is None or flow.dag == wanted
    }


def _dag(flow: Flow | BrokenFlow, installation: Mapping[str, object]) -> DAG:
    if isinstance(flow, Flow):
        try:
            return _whole(flow, installation)
        except Exception as error:  # what Airflow refuses of one row keeps no other from its DAG
            flow = BrokenFlow(flow.dag, flow.stream, f"Airflow takes no such DAG: {type(error).__name__}: {error}")
    return _broken(flow, installation)


def _whole(flow: Flow, installation: Mapping[str, object]) -> DAG:
    pools = cast("Mapping[str, str]", installation["pools"])
    common = defaults(
        installation,
        flow.owner or "datasurface",
        pool=pools.get(flow.urgency, installation["pool"]),
        priority_weight=flow.priority,
        weight_rule="absolute",
    )
    made = dag(
        flow.dag,
        description=f"{flow.platform}: {flow.kind} of {flow.stream}",
        schedule=_schedule(flow),
        default_args=common,
        doc_md=page_of(flow),
        tags=["datasurface", flow.platform, flow.kind, f"priority {flow.urgency}"],
    )
    with made:
        work = job("job", flow.command, installation, resources=flow.resources, credentials=flow.credentials)
        decide = BranchPythonOperator(task_id="decide", python_callable=_decide(flow, installation))
        done = EmptyOperator(task_id="done", outlets=[Asset(name) for name in flow.produces])
        pause = DateTimeSensor(task_id="pause", target_time=_TOLD.format("until"), mode="reschedule", poke_interval=5)
        again = TriggerDagRunOperator(
            task_id="again",
            trigger_dag_id=flow.dag,
            trigger_run_id=_TOLD.format("next_run"),
            conf={"in_a_row": _TOLD.format("in_a_row"), "first": _TOLD.format("first")},
            skip_when_already_exists=True,  # killed and run again, it triggers the same run
            trigger_rule="none_failed_min_one_success",
        )
        work >> decide >> [done, pause, again]
        pause >> again
    made.validate()  # what is wrong with it is told of this row, and not of the file
    return made


def _schedule(flow: Flow) -> object | None:
    times = time_table(flow.cron, flow.every, flow.timezone)
    if not flow.after:
        return times
    after = reduce(or_, [Asset(name) for name in flow.after])
    if times is None:
        return after
    return AssetOrTimeSchedule(timetable=times, assets=after)


def _decide(flow: Flow, installation: Mapping[str, object]) -> Callable[..., list[str]]:
    """What follows the job: names of tasks. A closure, as arguments of a task would be templates."""
    most = int(str(installation["most_in_a_row"]))

    def decide(**context: Any) -> list[str]:
        run = context["dag_run"]
        conf = run.conf or {}
        in_a_row = int(conf.get("in_a_row") or 0)
        following = after_job(record_of(flow.results, flow.stream, run.run_id), in_a_row, most)
        if following.turn is Turn.FAIL:
            raise AirflowFailException(following.reason)
        _LOG.info("%s", following.reason)
        if following.turn is Turn.WAIT:
            return ["done"] if following.is_done else []
        first = str(conf.get("first") or run.run_id)
        told = {
            "in_a_row": in_a_row + 1,
            "first": first,
            "next_run": f"again_{in_a_row + 1}__{first}",
            "until": (datetime.now(timezone.utc) + timedelta(seconds=following.pause)).isoformat(),
        }
        for key, value in told.items():
            context["ti"].xcom_push(key=key, value=value)
        return ["pause"] if following.pause else ["again"]

    return decide


def _broken(flow: BrokenFlow, installation: Mapping[str, object]) -> DAG:
    """A DAG that is there under its name, and fails: an operator sees it red among the others, with the reason. An
    import error would take the other DAGs of the file away."""

    def tell() -> None:
        raise AirflowFailException(f"row '{flow.stream}' of {installation['table']}: {flow.reason}")

    made = dag(
        flow.dag,
        description="Its configuration row cannot be read",
        schedule=_BROKEN_RUNS,
        default_args=defaults(installation, "datasurface"),
        doc_md=f"### Row {flow.stream} cannot be read\n\n{flow.reason}\n\nEvery other stream runs. `datasurface apply` "
        "writes rows anew that somebody changed.\n",
        tags=["broken", "datasurface", str(installation["platform"])],
    )
    with made:
        PythonOperator(task_id="configuration", python_callable=tell)
    return made
