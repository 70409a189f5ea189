"""The database server in the cluster: PostgreSQL on one volume. An overlay says how large that is."""

from collections.abc import Iterator

from datasurface.model.resources import Resources
from datasurface_airflow.factory.pod_spec import container_security, empty, pod_security
from datasurface_airflow.kubernetes.documents import Document, document
from datasurface_airflow.kubernetes.names import labels
from datasurface_airflow.kubernetes.places import SERVER
from datasurface_airflow.kubernetes.plan import Site
from datasurface_airflow.kubernetes.pods import resources_of

ADMIN_SECRET = "postgres-admin"  # noqa: S105 the name of a secret
PORT = 5432
_DATA = "/var/lib/postgresql"
_PASSWORD = "/var/run/postgres-admin"  # noqa: S105 a folder


def service(site: Site) -> Document:
    """What other pods call the server by."""
    return document(
        "v1",
        "Service",
        SERVER,
        site.settings.namespace,
        labels=labels(SERVER),
        spec={
            "clusterIP": "None",
            "selector": labels(SERVER),
            "ports": [{"name": "postgresql", "port": PORT, "targetPort": "postgresql", "protocol": "TCP"}],
        },
    )


def account(site: Site) -> Document:
    """The server's own service account, which may do nothing."""
    return document(
        "v1",
        "ServiceAccount",
        SERVER,
        site.settings.namespace,
        labels=labels(SERVER),
        automountServiceAccountToken=False,
    )


def server(site: Site, size: str) -> Iterator[Document]:
    """The server with a volume of that size."""
    settings = site.settings
    ready = ["pg_isready", "--quiet", "--username=postgres", "--dbname=postgres"]
    probe: Document = {"exec": {"command": ready}, "periodSeconds": 10, "timeoutSeconds": 5}
    container: Document = {
        "name": SERVER,
        "image": settings.database_image,
        "imagePullPolicy": settings.pull_policy,
        "ports": [{"name": "postgresql", "containerPort": PORT, "protocol": "TCP"}],
        "env": [
            {"name": "PGDATA", "value": f"{_DATA}/pgdata"},
            {"name": "POSTGRES_PASSWORD_FILE", "value": f"{_PASSWORD}/password"},
            {"name": "POSTGRES_INITDB_ARGS", "value": "--auth-host=scram-sha-256 --auth-local=scram-sha-256"},
        ],
        "resources": resources_of(Resources(**settings.database_resources)),
        "securityContext": container_security(),
        "startupProbe": {**probe, "failureThreshold": 60},
        "readinessProbe": {**probe, "failureThreshold": 3},
        "livenessProbe": {**probe, "failureThreshold": 6},
        "volumeMounts": [
            {"name": "data", "mountPath": _DATA},
            {"name": "run", "mountPath": "/var/run/postgresql"},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 a volume of the pod
            {"name": "admin", "mountPath": _PASSWORD, "readOnly": True},
        ],
    }
    claim: Document = {
        "metadata": {"name": "data", "labels": labels(SERVER)},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
            **({"storageClassName": settings.storage_class} if settings.storage_class else {}),
        },
    }
    yield document(
        "apps/v1",
        "StatefulSet",
        SERVER,
        settings.namespace,
        labels=labels(SERVER),
        spec={
            "serviceName": SERVER,
            "replicas": 1,
            "selector": {"matchLabels": labels(SERVER)},
            "template": {
                "metadata": {"labels": labels(SERVER)},
                "spec": {
                    "serviceAccountName": SERVER,
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "restartPolicy": "Always",
                    "terminationGracePeriodSeconds": 120,
                    "securityContext": {**pod_security(), "fsGroupChangePolicy": "OnRootMismatch"},
                    "containers": [container],
                    "volumes": [
                        empty("run", "16Mi"),
                        empty("tmp", "256Mi"),
                        {"name": "admin", "secret": {"secretName": ADMIN_SECRET, "defaultMode": 0o440}},
                    ],
                },
            },
            "volumeClaimTemplates": [claim],
        },
    )


def disruption_budget(site: Site) -> Document:
    """One server, which a drained node may move; jobs that lose it are tried again."""
    return document(
        "policy/v1",
        "PodDisruptionBudget",
        SERVER,
        site.settings.namespace,
        labels=labels(SERVER),
        spec={"maxUnavailable": 1, "selector": {"matchLabels": labels(SERVER)}},
    )
