"""Mistakes that are made in manifests, each caught by the check that is for it."""

import copy
from collections.abc import Callable
from functools import cache

import pytest
from attrs import frozen

from datasurface_airflow.kubernetes.applied import Manifests
from datasurface_airflow.kubernetes.checks import CHECKS, check
from datasurface_airflow.kubernetes.documents import Document, items, pod_template, table, tables
from tests.unit.kubernetes.cluster import applied, site, transforming_in_cluster


@frozen
class Manifest:
    """Copies of all manifests, one of which a mistake is made in."""

    all: list[Document]

    def one(self, kind: str, name: str) -> Document:
        """The first of that kind whose name begins so."""
        return next(
            each for each in self.all if each["kind"] == kind and str(table(each, "metadata")["name"]).startswith(name)
        )

    def pod(self, kind: str, name: str) -> Document:
        """The spec of its pods."""
        return table(pod_template(self.one(kind, name)), "spec")

    def container(self, kind: str, name: str) -> Document:
        """The one container of its pods."""
        [found] = tables(self.pod(kind, name), "containers")
        return found


def _drop(manifests: Manifest, kind: str, name: str) -> None:
    manifests.all.remove(manifests.one(kind, name))


def _set(where: Document, value: object, *keys: str) -> None:
    table(where, *keys[:-1])[keys[-1]] = value


def _pop(where: Document, *keys: str) -> None:
    del table(where, *keys[:-1])[keys[-1]]


def _replace(found: object, old: str, new: str) -> None:
    assert isinstance(found, list)
    assert any(old in str(word) for word in found)
    found[:] = [word.replace(old, new) if isinstance(word, str) else word for word in found]


def _mount(pod: Document, secret: str) -> Document:
    return next(each for each in tables(pod, "volumes") if table(each, "secret").get("secretName") == secret)


def _first_gone(manifests: Manifest) -> None:
    found = items(manifests.pod(*SERVER), "volumes")
    assert isinstance(found, list)
    del found[0]


SERVER, SIMULATOR, SCHEDULER, APPLY, FIRST = (
    ("StatefulSet", "postgres"),
    ("Deployment", "simulator"),
    ("Deployment", "run-yellowlive"),
    ("CronJob", "apply"),
    ("Job", "bootstrap"),
)

MISTAKES: dict[str, tuple[str, Callable[[Manifest], object]]] = {
    "the labels of pods are not those of the selector": (
        "selectors",
        lambda it: _set(it.one(*SIMULATOR), {"app": "other"}, "spec", "template", "metadata", "labels"),
    ),
    "a service selects other pods": (
        "selectors",
        lambda it: _set(it.one("Service", "postgres"), {"app": "postgresql"}, "spec", "selector"),
    ),
    "a budget selects nothing": (
        "selectors",
        lambda it: _set(it.one("PodDisruptionBudget", ""), {"app": "x"}, "spec", "selector", "matchLabels"),
    ),
    "a budget never lets a node be drained": (
        "disruption_budgets",
        lambda it: _set(it.one("PodDisruptionBudget", ""), 0, "spec", "maxUnavailable"),
    ),
    "memory in thousandths": (
        "quantities",
        lambda it: _set(it.container(*APPLY), "512m", "resources", "requests", "memory"),
    ),
    "memory in a unit that there is none of": (
        "quantities",
        lambda it: _set(it.container(*APPLY), "2GB", "resources", "limits", "memory"),
    ),
    "a limit that is less than what is asked for": (
        "quantities",
        lambda it: _set(it.container(*SERVER), "100m", "resources", "limits", "cpu"),
    ),
    "no limits": ("quantities", lambda it: _pop(it.container(*FIRST), "resources", "limits")),
    "a service leads to a port that its pods do not have": (
        "ports",
        lambda it: _set(next(tables(it.one("Service", "postgres"), "spec", "ports")), "postgres", "targetPort"),
    ),
    "a port that is none": (
        "ports",
        lambda it: _set(next(tables(it.container(*SERVER), "ports")), 65536, "containerPort"),
    ),
    "a job that is started again for ever": (
        "restart_policies",
        lambda it: _set(it.pod(*FIRST), "Always", "restartPolicy"),
    ),
    "a deployment that is not started again": (
        "restart_policies",
        lambda it: _set(it.pod(*SIMULATOR), "OnFailure", "restartPolicy"),
    ),
    "a job without an end": (
        "deadlines",
        lambda it: _pop(it.one(*APPLY), "spec", "jobTemplate", "spec", "activeDeadlineSeconds"),
    ),
    "a service account that is not there": ("references", lambda it: _drop(it, "ServiceAccount", "postgres")),
    "a secret of another name": (
        "references",
        lambda it: _set(next(tables(it.pod(*APPLY), "volumes")), "consumer-db-ower", "secret", "secretName"),
    ),
    "a config map that is not there": ("references", lambda it: _drop(it, "ConfigMap", "environment")),
    "a role of another name": (
        "references",
        lambda it: _set(it.one("RoleBinding", "airflow"), "airflow-pods", "roleRef", "name"),
    ),
    "a volume that is not there": ("volumes", lambda it: _first_gone(it)),
    "a folder in memory without a size": (
        "volumes",
        lambda it: _set(next(each for each in tables(it.pod(*APPLY), "volumes") if "emptyDir" in each), {}, "emptyDir"),
    ),
    "a folder of the node": (
        "volumes",
        lambda it: items(it.pod(*APPLY), "volumes")[-1].update(hostPath={"path": "/"}),  # type: ignore[attr-defined]
    ),
    "a host name without its service": (
        "service_hosts",
        lambda it: _replace(it.container(*APPLY)["args"], "postgres.datasurface.svc", "postgresql.datasurface.svc"),
    ),
    "a port that a service does not have": (
        "service_hosts",
        lambda it: _replace(it.container(*APPLY)["args"], "svc:5432", "svc:5433"),
    ),
    "a name with an underscore": (
        "names",
        lambda it: _set(it.one("Role", "airflow"), "airflow_pods", "metadata", "name"),
    ),
    "a cron job whose jobs get too long a name": (
        "names",
        lambda it: _set(it.one(*APPLY), "a" * 53, "metadata", "name"),
    ),
    "two of a name": (
        "names",
        lambda it: it.all.append(copy.deepcopy(it.one("NetworkPolicy", "allow-dns"))),
    ),
    "a namespace that is not there": (
        "namespaces",
        lambda it: _set(it.one("ServiceAccount", "datasurface-job"), "yellow", "metadata", "namespace"),
    ),
    "a namespace that takes any pod": (
        "namespaces",
        lambda it: _set(
            it.one("Namespace", "yellow-live"), "baseline", "metadata", "labels", "pod-security.kubernetes.io/enforce"
        ),
    ),
    "a label that is too long": (
        "label_values",
        lambda it: _set(it.one("Role", "airflow"), "x" * 64, "metadata", "labels", "app.kubernetes.io/name"),
    ),
    "an image of today": ("images", lambda it: _set(it.container(*APPLY), "registry/datasurface:latest", "image")),
    "an image without a tag": ("images", lambda it: _set(it.container(*SERVER), "postgres", "image")),
    "a pod that may be root": ("pod_security", lambda it: _pop(it.pod(*APPLY), "securityContext", "runAsNonRoot")),
    "a pod with a token": ("pod_security", lambda it: _pop(it.pod(*SIMULATOR), "automountServiceAccountToken")),
    "a pod in the network of its node": ("pod_security", lambda it: _set(it.pod(*SERVER), True, "hostNetwork")),
    "a container that keeps its capabilities": (
        "container_security",
        lambda it: _pop(it.container(*SERVER), "securityContext", "capabilities"),
    ),
    "a container that writes to its image": (
        "container_security",
        lambda it: _set(it.container(*APPLY), False, "securityContext", "readOnlyRootFilesystem"),
    ),
    "a server that nobody asks whether it is well": (
        "probes",
        lambda it: _pop(it.container(*SERVER), "livenessProbe"),
    ),
    "a scheduler that hangs unseen": (
        "probes",
        lambda it: _pop(it.container(*SCHEDULER), "livenessProbe"),
    ),
    "a scheduler without a secret of its transformer": (
        "references",
        lambda it: _set(_mount(it.pod(*SCHEDULER), "figures-code"), "figures-cod", "secret", "secretName"),
    ),
    "a scheduler whose code writes to its image": (
        "container_security",
        lambda it: _pop(it.container(*SCHEDULER), "securityContext", "readOnlyRootFilesystem"),
    ),
    "a schedule of six fields": ("schedules", lambda it: _set(it.one(*APPLY), "0 */5 * * * *", "spec", "schedule")),
    "a cron job that runs twice at a time": (
        "schedules",
        lambda it: _set(it.one(*APPLY), "Allow", "spec", "concurrencyPolicy"),
    ),
    "a role with a wildcard": (
        "roles",
        lambda it: _set(next(tables(it.one("Role", "airflow"), "rules")), ["*"], "verbs"),
    ),
    "a role that reads secrets": (
        "roles",
        lambda it: _set(next(tables(it.one("Role", "airflow"), "rules")), ["pods", "secrets"], "resources"),
    ),
    "a secret in the manifests": (
        "no_secrets",
        lambda it: it.all.append(
            {"kind": "Secret", "metadata": {"name": "s", "namespace": "datasurface"}, "data": {"password": "eA=="}}
        ),
    ),
    "a secret in a variable": (
        "no_secrets",
        lambda it: items(it.container(*SERVER), "env").append(  # type: ignore[attr-defined]
            {"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"name": "postgres-admin", "key": "password"}}}
        ),
    ),
    "a namespace that denies nothing": ("network_policies", lambda it: _drop(it, "NetworkPolicy", "deny-all")),
    "a policy that selects nothing": (
        "network_policies",
        lambda it: _set(it.one("NetworkPolicy", "allow-apply"), {"app": "x"}, "spec", "podSelector", "matchLabels"),
    ),
    "a policy of transformers that no pod has": (
        "network_policies",
        lambda it: _set(
            it.one("NetworkPolicy", "allow-transform"),
            "transformer",
            "spec",
            "podSelector",
            "matchLabels",
            "app.kubernetes.io/component",
        ),
    ),
    "a policy that lets transformers to anybody": (
        "network_policies",
        lambda it: _pop(next(tables(it.one("NetworkPolicy", "allow-transform"), "spec", "egress")), "to"),
    ),
    "a policy that lets to anybody": (
        "network_policies",
        lambda it: _pop(next(tables(it.one("NetworkPolicy", "allow-apply"), "spec", "egress")), "to"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_is_caught(mistake: str) -> None:
    by, make = MISTAKES[mistake]
    right = applied(site(transforming_in_cluster()), "production")
    manifests = Manifest(copy.deepcopy([*right.all, *_deployments()]))
    assert check(Manifests(manifests.all, right.around)) == []
    make(manifests)
    found = check(Manifests(manifests.all, right.around))
    assert by in {problem.check for problem in found}, found
    assert all(problem.where and problem.what for problem in found)


@cache
def _deployments() -> list[Document]:
    """What runs for long in a trial and without Airflow."""
    found = (applied(site(), "dev"), applied(site(transforming_in_cluster(), scheduler="run"), "production"))
    return [each for one in found for each in one.of("Deployment")]


def test_every_check_catches_one() -> None:
    assert {by for by, _ in MISTAKES.values()} == {each.__name__ for each in CHECKS}
