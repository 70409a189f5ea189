"""Values for Airflow's official Helm chart: what of them this installation is about; the rest are the chart's own."""

from datasurface_airflow.factory.pod_spec import CREDENTIALS, container_security
from datasurface_airflow.kubernetes.access import airflow_account, airflow_component
from datasurface_airflow.kubernetes.documents import Document
from datasurface_airflow.kubernetes.plan import Site
from datasurface_airflow.kubernetes.pods import certificates, secret_of

METADATA_SECRET = "datasurface-airflow-metadata"  # noqa: S105 names of secrets; airflow-… are the chart's own
FERNET_SECRET = "datasurface-airflow-fernet-key"  # noqa: S105
API_SECRET = "datasurface-airflow-api-secret-key"  # noqa: S105
JWT_SECRET = "datasurface-airflow-jwt-secret"  # noqa: S105
_USER = 50000
"""Of the image of Airflow."""
_SMALL = {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
_LARGE = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}}


def values(site: Site) -> Document:
    """The values."""
    settings = site.settings
    pod: Document = {
        "runAsNonRoot": True,
        "runAsUser": _USER,
        "runAsGroup": 0,
        "fsGroup": 0,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    # The chart's start scripts write beside the program.
    container = {key: value for key, value in container_security().items() if key != "readOnlyRootFilesystem"}
    ca_volumes, ca_mounts = certificates(site)
    found: Document = {
        "executor": settings.airflow_executor,
        "images": {"airflow": _image(settings.airflow_image, settings.pull_policy)},
        "securityContexts": {"pod": pod, "containers": container},
        "rbac": {"create": True},
        # Pods are started in the namespaces of platforms, by the roles that stand there.
        "allowPodLaunching": settings.airflow_executor == "KubernetesExecutor",
        "networkPolicies": {"enabled": True},
        "data": {"metadataSecretName": METADATA_SECRET},
        "fernetKeySecretName": FERNET_SECRET,
        "apiSecretKeySecretName": API_SECRET,
        "jwtSecretName": JWT_SECRET,
        "postgresql": {"enabled": False},
        "redis": {"enabled": settings.airflow_executor == "CeleryExecutor"},
        "statsd": {"enabled": False},
        "triggerer": {"enabled": False},
        # The DAG files read rows and result records.
        "env": [{"name": "DATASURFACE_CREDENTIALS", "value": CREDENTIALS}],
        "volumes": [
            {"name": f"credential-{number}", "secret": {"secretName": secret_of(site, name), "defaultMode": 0o440}}
            for number, name in enumerate(site.airflow_credentials)
        ]
        + ca_volumes,
        "volumeMounts": [
            {"name": f"credential-{number}", "mountPath": f"{CREDENTIALS}/{name}", "readOnly": True}
            for number, name in enumerate(site.airflow_credentials)
        ]
        + ca_mounts,
        "dags": {"persistence": {"enabled": False}, "gitSync": {"enabled": False}},
        "config": {"core": {"load_examples": "False"}, "dag_processor": {"min_file_process_interval": "30"}},
        "scheduler": {"resources": _LARGE, "podDisruptionBudget": {"enabled": True, "config": {"maxUnavailable": 1}}},
        "dagProcessor": {"enabled": True, "resources": _LARGE},
        "apiServer": {
            "resources": _SMALL,
            "podDisruptionBudget": {"enabled": True, "config": {"maxUnavailable": 1}},
        },
    }
    runs_tasks = "scheduler" if airflow_component(site) == "scheduler" else "workers"
    before = found.get(runs_tasks, {})
    found[runs_tasks] = {
        **(before if isinstance(before, dict) else {}),
        "resources": _LARGE,
        "serviceAccount": {"create": True, "name": airflow_account(site)},
    }
    return found


def _image(image: str | None, policy: str) -> Document:
    """The name of an image in the chart's pieces."""
    if image is None:
        return {"pullPolicy": policy}
    name, _, digest = image.partition("@")
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, ""
    found: Document = {"repository": repository, "pullPolicy": policy}
    if tag:
        found["tag"] = tag
    if digest:
        found["digest"] = digest
    return found
