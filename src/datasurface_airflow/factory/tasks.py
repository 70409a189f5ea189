"""The tasks of a DAG that run the datasurface command line, as this installation runs it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from .databases import database_of
from .versions import DAG, BaseOperator, CronTriggerTimetable, DeltaTriggerTimetable

START = datetime(2024, 1, 1, tzinfo=timezone.utc)
"""Before anything ran; with ``catchup=False`` nothing is made up for."""
_LONGEST_RETRY = timedelta(minutes=10)


def job(
    task_id: str,
    words: Sequence[str],
    installation: Mapping[str, object],
    *,
    resources: Mapping[str, str],
    credentials: Sequence[str],
    **kwargs: object,
) -> BaseOperator:
    """A task that runs one command. Killed anywhere, it can be run again: jobs are safe."""
    if installation["mode"] == "local":
        from .local_job import LocalJob

        return LocalJob(task_id=task_id, words=words, installation=installation, **kwargs)
    from .pod_job import PodJob, pod_arguments
    from .pod_spec import component_of

    store = database_of(str(installation["store"])).credential
    names = sorted({*credentials, *([store] if store else [])})
    return PodJob(
        task_id=task_id,
        name=pod_name(f"{installation['platform']}-{'-'.join(words[:1])}"),
        words=words,
        **pod_arguments(
            installation,
            resources,
            names,
            component=component_of(words),
            optional_secrets=words[0] == "maintain",
        ),
        **kwargs,
    )


def pod_name(text: str) -> str:
    """The beginning of a pod's name, as DNS takes it."""
    return re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:40] or "datasurface"


def time_table(cron: str | None, every: timedelta | None, zone: str) -> object | None:
    """A schedule as Airflow takes it; each run begins when its time comes, in both versions."""
    if cron is not None:
        return CronTriggerTimetable(cron, timezone=zone)
    return None if every is None else DeltaTriggerTimetable(every)


def dag(name: str, **kwargs: object) -> DAG:
    """A DAG of ours: never two runs at once, and nothing is made up for. A stream that is applied runs at once."""
    return DAG(
        dag_id=name,
        start_date=START,
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        auto_register=False,  # one that turns out wrong is not found, but a broken one in its place
        **kwargs,
    )


def defaults(installation: Mapping[str, object], owner: str, **kwargs: object) -> dict[str, object]:
    """What all tasks of a DAG have."""
    return {
        "owner": owner,
        "retries": installation["retries"],
        "retry_delay": timedelta(seconds=float(str(installation["retry_seconds"]))),
        "retry_exponential_backoff": True,
        "max_retry_delay": _LONGEST_RETRY,
        **kwargs,
    }
