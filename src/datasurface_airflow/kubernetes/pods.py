"""Pods as namespaces with restricted pod security take them: no root, and nothing to write on but what is mounted."""

from collections.abc import Sequence

from datasurface.model.resources import Resources
from datasurface_airflow.factory.pod_spec import (
    CACHE,
    CERTIFICATES,
    CREDENTIALS,
    SCRATCH,
    SIZES,
    container_security,
    empty,
    pod_security,
    requests_and_limits,
)
from datasurface_airflow.factory.secret_names import secret_name
from datasurface_airflow.kubernetes.documents import Document
from datasurface_airflow.kubernetes.plan import Site, Work

SERVICE_ACCOUNT = "datasurface-job"
ENVIRONMENT = "/etc/datasurface/environment"


def secret_of(site: Site, credential: str) -> str:
    """The Kubernetes secret of a credential."""
    return site.settings.secrets.get(credential, secret_name(credential))


def certificates(site: Site) -> tuple[list[Document], list[Document]]:
    """Volume and mount of the certificates that connections are checked with; none where there are none."""
    name = site.settings.ca_config_map
    if name is None:
        return [], []
    volume: Document = {"name": "ca", "configMap": {"name": name, "defaultMode": 0o444}}
    return [volume], [{"name": "ca", "mountPath": CERTIFICATES, "readOnly": True}]


def resources_of(resources: Resources) -> Document:
    """Requests and limits."""
    return {**requests_and_limits(resources.quantities())}


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
    ca_volumes, ca_mounts = certificates(site)
    volumes += ca_volumes
    mounts += ca_mounts
    volumes += [empty(name, size) for name, size in SIZES.items()]
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
