"""What runs by itself: the first apply, the polls for new commits, views put right, a scheduler of ours, the
simulator."""

import json
from collections.abc import Iterator
from hashlib import blake2b

from datasurface_airflow.factory.pod_spec import CREDENTIALS, JOB, SCRATCH, TRANSFORM
from datasurface_airflow.kubernetes.documents import Document, document
from datasurface_airflow.kubernetes.names import labels
from datasurface_airflow.kubernetes.plan import (
    APPLY,
    BOOTSTRAP,
    HEARTBEAT,
    RECONCILE,
    RUN,
    SIMULATOR,
    Site,
    Work,
)
from datasurface_airflow.kubernetes.pods import pod_spec

_HOUR = 3600
_LOG = f"{SCRATCH}/changes.jsonl"
_LAST_BATCHES = 600
"""Seconds that batches at work have to end when a scheduler's pod goes; one that is cut off is taken up by the next."""


def workloads(site: Site, namespace: str) -> Iterator[Document]:
    """The workloads of a namespace, but the database server and the simulator."""
    for work in site.works:
        if work.namespace == namespace and work.component not in (JOB, TRANSFORM, SIMULATOR):
            yield _workload(site, work)


def simulator(site: Site) -> Iterator[Document]:
    """The producer's simulator, where there is one."""
    for work in site.works:
        if work.component == SIMULATOR:
            yield _simulator(site, work)


def instance_labels(work: Work) -> dict[str, str]:
    """The labels of the pods of some work."""
    return labels(work.component, work.instance)


def _workload(site: Site, work: Work) -> Document:
    if work.component == BOOTSTRAP:
        spec = _job(site, work, deadline=_HOUR)
        # The pods of a job cannot be changed: other pods are another job.
        digest = blake2b(json.dumps(spec, sort_keys=True).encode(), digest_size=4).hexdigest()
        return document(
            "batch/v1",
            "Job",
            f"{BOOTSTRAP}-{digest}",
            work.namespace,
            labels=instance_labels(work),
            spec={**spec, "ttlSecondsAfterFinished": 24 * _HOUR},
        )
    if work.component == RUN:
        return _scheduler(site, work)
    often = {APPLY: site.settings.apply_schedule, RECONCILE: site.settings.reconcile_schedule}
    schedule = often.get(work.component, site.settings.maintenance_schedule)
    name = APPLY if work.component == APPLY else f"{work.component}-{work.instance}"
    return document(
        "batch/v1",
        "CronJob",
        name,
        work.namespace,
        labels=instance_labels(work),
        spec={
            "schedule": schedule,
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 300,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {"metadata": {"labels": instance_labels(work)}, "spec": _job(site, work, deadline=_HOUR)},
        },
    )


def _job(site: Site, work: Work, deadline: int) -> Document:
    return {
        "backoffLimit": 2,
        "activeDeadlineSeconds": deadline,
        "template": {
            "metadata": {"labels": instance_labels(work)},
            "spec": pod_spec(site, work, environment=work.component in (APPLY, BOOTSTRAP)),
        },
    }


def _scheduler(site: Site, work: Work) -> Document:
    spec = pod_spec(site, work, more=_probes(HEARTBEAT), restart="Always")
    spec["terminationGracePeriodSeconds"] = _LAST_BATCHES
    return _deployment(f"{RUN}-{work.instance}", work, spec)


def _simulator(site: Site, work: Work) -> Document:
    [credential] = work.credentials
    command = ["python", "-m", "datasurface_yellow.simulator", "--log", _LOG]
    command += ["--password-file", f"{CREDENTIALS}/{credential}/password"]
    return _deployment(SIMULATOR, work, pod_spec(site, work, command=command, more=_probes(_LOG), restart="Always"))


def _probes(file: str) -> Document:
    """Of what writes a file every 30 seconds or sooner, for as long as it works."""
    is_alive = f"import os, sys, time; sys.exit(time.time() - os.stat('{file}').st_mtime > 120)"
    probe: Document = {"exec": {"command": ["python", "-c", is_alive]}, "periodSeconds": 30, "timeoutSeconds": 5}
    return {
        "startupProbe": {**probe, "failureThreshold": 10},
        "readinessProbe": probe,
        "livenessProbe": {**probe, "failureThreshold": 4},
    }


def _deployment(name: str, work: Work, spec: Document) -> Document:
    """One pod, and never two."""
    return document(
        "apps/v1",
        "Deployment",
        name,
        work.namespace,
        labels=instance_labels(work),
        spec={
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": instance_labels(work)},
            "template": {"metadata": {"labels": instance_labels(work)}, "spec": spec},
        },
    )
