"""Namespaces, and who may do what in them."""

from collections.abc import Iterator

from datasurface_airflow.kubernetes.documents import Document, document
from datasurface_airflow.kubernetes.names import labels
from datasurface_airflow.kubernetes.plan import Site
from datasurface_airflow.kubernetes.pods import SERVICE_ACCOUNT

POD_LAUNCHER = "airflow-pod-launcher"
_LONGEST_DESCRIPTION = 1000
_RUNS_TASKS = {"LocalExecutor": "scheduler", "CeleryExecutor": "worker", "KubernetesExecutor": "worker"}


def airflow_account(site: Site) -> str:
    """The service account of what runs Airflow's tasks, which start pods."""
    return f"{site.settings.airflow_release}-{_RUNS_TASKS[site.settings.airflow_executor]}"


def airflow_component(site: Site) -> str:
    """The chart's label of what runs Airflow's tasks."""
    return _RUNS_TASKS[site.settings.airflow_executor]


def pod_starters(site: Site) -> list[str]:
    """The chart's labels of what starts pods: tasks do, and the scheduler where each task is a pod itself."""
    is_pods = site.settings.airflow_executor == "KubernetesExecutor"
    return [*(["scheduler"] if is_pods else []), airflow_component(site)]


def namespaces(site: Site) -> Iterator[Document]:
    """Each takes only pods that are restricted."""
    for name in sorted(site.namespaces):
        about: dict[str, str] = {}
        for number, platform in enumerate(site.platforms.get(name, ())):
            about[f"datasurface/platform.{number}"] = platform.name
            if platform.description:
                about[f"datasurface/description.{number}"] = platform.description[:_LONGEST_DESCRIPTION]
        modes = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
        yield document("v1", "Namespace", name, labels=modes, annotations=about)


def job_account(site: Site, namespace: str) -> Document:
    """The service account of our pods, which may do nothing: it is there to pull images."""
    made = document(
        "v1", "ServiceAccount", SERVICE_ACCOUNT, namespace, labels=labels("access"), automountServiceAccountToken=False
    )
    if site.settings.pull_secret is not None:
        made["imagePullSecrets"] = [{"name": site.settings.pull_secret}]
    return made


def pod_launcher(site: Site, namespace: str) -> Iterator[Document]:
    """What Airflow's pod operator does in a platform's namespace. It does not open shells: results are in records, and
    no sidecar is asked for them."""
    yield document(
        "rbac.authorization.k8s.io/v1",
        "Role",
        POD_LAUNCHER,
        namespace,
        labels=labels("access"),
        rules=[
            {
                "apiGroups": [""],
                "resources": ["pods"],
                "verbs": ["create", "get", "list", "watch", "patch", "delete"],
            },
            {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
            {"apiGroups": [""], "resources": ["events"], "verbs": ["list", "watch"]},
        ],
    )
    yield document(
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        POD_LAUNCHER,
        namespace,
        labels=labels("access"),
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": POD_LAUNCHER},
        subjects=[
            {"kind": "ServiceAccount", "name": airflow_account(site), "namespace": site.settings.airflow_namespace}
        ],
    )
