"""What runs by itself: the first apply, the polls for new commits, views put right, the simulator."""

import json
from collections.abc import Iterator
from hashlib import blake2b

from datasurface_airflow.factory.pod_spec import CREDENTIALS, SCRATCH
from datasurface_airflow.kubernetes.documents import Document, document
from datasurface_airflow.kubernetes.names import labels
from datasurface_airflow.kubernetes.plan import APPLY, BOOTSTRAP, JOB, RECONCILE, SIMULATOR, Site, Work
from datasurface_airflow.kubernetes.pods import pod_spec

_HOUR = 3600
_LOG = f"{SCRATCH}/changes.jsonl"
_IS_ALIVE = f"import os, sys, time; sys.exit(time.time() - os.stat('{_LOG}').st_mtime > 120)"
"""The simulator writes a line every few seconds."""


def workloads(site: Site, namespace: str) -> Iterator[Document]:
    """The workloads of a namespace, but the database server and the simulator."""
    for work in site.works:
        if work.namespace == namespace and work.component not in (JOB, SIMULATOR):
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
    schedule = site.settings.apply_schedule if work.component == APPLY else site.settings.reconcile_schedule
    name = APPLY if work.component == APPLY else f"{RECONCILE}-{work.instance}"
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


def _simulator(site: Site, work: Work) -> Document:
    [credential] = work.credentials
    probe: Document = {"exec": {"command": ["python", "-c", _IS_ALIVE]}, "periodSeconds": 30, "timeoutSeconds": 5}
    probes: Document = {
        "startupProbe": {**probe, "failureThreshold": 10},
        "readinessProbe": probe,
        "livenessProbe": {**probe, "failureThreshold": 4},
    }
    command = ["python", "-m", "datasurface_yellow.simulator", "--log", _LOG]
    command += ["--password-file", f"{CREDENTIALS}/{credential}/password"]
    return document(
        "apps/v1",
        "Deployment",
        SIMULATOR,
        work.namespace,
        labels=instance_labels(work),
        spec={
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": instance_labels(work)},
            "template": {
                "metadata": {"labels": instance_labels(work)},
                "spec": pod_spec(site, work, command=command, more=probes, restart="Always"),
            },
        },
    )
