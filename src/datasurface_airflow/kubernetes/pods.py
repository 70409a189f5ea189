"""Pods as namespaces with restricted pod security take them: no root, and nothing to write on but what is mounted."""

from collections.abc import Sequence

from datasurface.model.resources import Resources
from datasurface_airflow.factory.secret_names import secret_name
from datasurface_airflow.kubernetes.documents import Document
from datasurface_airflow.kubernetes.plan import CERTIFICATES, Site, Work

SERVICE_ACCOUNT = "datasurface-job"
CREDENTIALS = "/var/run/datasurface/credentials"
CACHE = "/var/cache/datasurface"
ENVIRONMENT = "/etc/datasurface/environment"
SCRATCH = "/tmp"  # noqa: S108 a volume of the pod alone
USER = 10001
"""Of all our pods, and of the image: no user of the node."""


def secret_of(site: Site, credential: str) -> str:
    """The Kubernetes secret of a credential."""
    return site.settings.secrets.get(credential, secret_name(credential))


def pod_security() -> Document:
    """The security context of a pod."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security() -> Document:
    """The security context of a container."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def resources_of(resources: Resources) -> Document:
    """Requests and limits."""
    return {
        "requests": {"cpu": resources.cpu, "memory": resources.memory},
        "limits": {"cpu": resources.cpu_limit, "memory": resources.memory_limit},
    }


def empty(name: str, size: str) -> Document:
    """A volume that lives as long as its pod; a pod that writes more is evicted."""
    return {"name": name, "emptyDir": {"sizeLimit": size}}


def pod_spec(
    site: Site,
    work: Work,
    *,
    command: Sequence[str] = ("datasurface",),
    environment: bool = False,
    more: Document | None = None,
    restart: str = "Never",
) -> Document:
    """The pod of some work.

    Args:
        environment: whether it gets the environment file.
        more: of its container, as probes.
    """
    secrets = dict(enumerate(work.credentials))
    volumes: list[Document] = [
        {"name": f"credential-{number}", "secret": {"secretName": secret_of(site, name), "defaultMode": 0o440}}
        for number, name in secrets.items()
    ]
    mounts: list[Document] = [
        {"name": f"credential-{number}", "mountPath": f"{CREDENTIALS}/{name}", "readOnly": True}
        for number, name in secrets.items()
    ]
    variables: list[Document] = [
        {"name": "DATASURFACE_CREDENTIALS", "value": CREDENTIALS},
        {"name": "DATASURFACE_CACHE", "value": CACHE},
        {"name": "HOME", "value": SCRATCH},
    ]
    if environment:
        volumes.append({"name": "environment", "configMap": {"name": "environment", "defaultMode": 0o444}})
        mounts.append({"name": "environment", "mountPath": ENVIRONMENT, "readOnly": True})
        variables.append({"name": "DATASURFACE_ENVIRONMENT", "value": f"{ENVIRONMENT}/environment.toml"})
    if site.settings.ca_config_map is not None:
        volumes.append({"name": "ca", "configMap": {"name": site.settings.ca_config_map, "defaultMode": 0o444}})
        mounts.append({"name": "ca", "mountPath": CERTIFICATES, "readOnly": True})
    volumes += [empty("tmp", "1Gi"), empty("cache", "1Gi")]
    mounts += [{"name": "tmp", "mountPath": SCRATCH}, {"name": "cache", "mountPath": CACHE}]
    container: Document = {
        "name": work.component,
        "image": site.settings.image,
        "imagePullPolicy": site.settings.pull_policy,
        "command": list(command),
        # Kubernetes would put a variable's value for $(NAME).
        "args": [word.replace("$(", "$$(") for word in work.words],
        "env": variables,
        "resources": resources_of(work.resources),
        "securityContext": container_security(),
        "volumeMounts": mounts,
        **(more or {}),
    }
    return {
        "serviceAccountName": SERVICE_ACCOUNT,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": restart,
        "securityContext": pod_security(),
        "containers": [container],
        "volumes": volumes,
    }
