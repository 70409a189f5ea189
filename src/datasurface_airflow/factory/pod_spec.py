"""What pods of jobs are like, as restricted namespaces take them: those that Airflow starts, and those of manifests. As
plain values, which are read and tried without Airflow."""

from collections.abc import Mapping, Sequence
from typing import cast

from .secret_names import secret_name

CREDENTIALS = "/var/run/datasurface/credentials"
"""Where secrets are mounted, one folder each."""
CERTIFICATES = "/etc/datasurface/ca"
CACHE = "/var/cache/datasurface"
SCRATCH = "/tmp"  # noqa: S108 a volume of the pod alone
JOB, TRANSFORM = "job", "transform"
USER = 10001
"""Of all our pods, and of the image: no user of the node."""
SIZES = {"tmp": "1Gi", "cache": "1Gi"}
"""Of what a pod can write on; one that writes more is evicted."""
DISK = {"requests": "64Mi", "limits": "3Gi"}
"""What a pod has of its node's disk: those, and its log."""
RESOURCES = {"cpu": "100m", "memory": "256Mi", "memory_limit": "1Gi"}
"""Where neither the model nor the installation says otherwise."""


def component_of(words: Sequence[str]) -> str:
    """The label by which policies know the pods of a command. Code of a team runs in those of transformers, which are
    let to less, and to git."""
    return TRANSFORM if words[0] == "transform" else JOB


def pod_spec(
    installation: Mapping[str, object],
    resources: Mapping[str, str],
    credentials: Sequence[str],
    *,
    optional_secrets: bool = False,
) -> dict[str, object]:
    """The pod of a job in this installation, without image and words. Secrets are files; a variable would be in every
    listing of the pod."""
    asked = {**RESOURCES, **cast("Mapping[str, str]", installation["resources"]), **resources}
    secrets = cast("Mapping[str, str]", installation["secrets"])
    more = {"optional": True} if optional_secrets else {}
    volumes: list[dict[str, object]] = [
        {
            "name": f"credential-{number}",
            "secret": {"secretName": secrets.get(name, secret_name(name)), "defaultMode": 0o440, **more},
        }
        for number, name in enumerate(credentials)
    ]
    mounts: list[dict[str, object]] = [
        {"name": f"credential-{number}", "mountPath": f"{CREDENTIALS}/{name}", "readOnly": True}
        for number, name in enumerate(credentials)
    ]
    if installation["ca_config_map"] is not None:
        volumes.append({"name": "ca", "configMap": {"name": installation["ca_config_map"], "defaultMode": 0o444}})
        mounts.append({"name": "ca", "mountPath": CERTIFICATES, "readOnly": True})
    variables = {
        "DATASURFACE_STORE": str(installation["store"]),
        "DATASURFACE_CREDENTIALS": CREDENTIALS,
        "DATASURFACE_CACHE": CACHE,
        "HOME": SCRATCH,
    }
    container = {
        "name": "base",
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "resources": requests_and_limits(asked),
        "securityContext": container_security(),
        "volumeMounts": [*mounts, {"name": "tmp", "mountPath": SCRATCH}, {"name": "cache", "mountPath": CACHE}],
    }
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": pod_security(),
        "containers": [container],
        "volumes": [*volumes, *(empty(name, size) for name, size in SIZES.items())],
    }


def requests_and_limits(asked: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What a pod asks for, as Kubernetes has it."""
    kinds = ("cpu", "memory")
    return {
        "requests": {**{kind: asked[kind] for kind in kinds}, "ephemeral-storage": DISK["requests"]},
        "limits": {
            **{kind: asked[f"{kind}_limit"] for kind in kinds if f"{kind}_limit" in asked},
            "ephemeral-storage": DISK["limits"],
        },
    }


def pod_security() -> dict[str, object]:
    """The security context of a pod."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security() -> dict[str, object]:
    """The security context of a container."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def empty(name: str, size: str) -> dict[str, object]:
    """A volume that lives as long as its pod; a pod that writes more is evicted."""
    return {"name": name, "emptyDir": {"sizeLimit": size}}
