"""A job as a pod of its own, as a namespace with restricted pod security takes it."""

from collections.abc import Mapping, Sequence

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

from .secret_names import secret_name

CREDENTIALS = "/var/run/datasurface/credentials"
"""Where secrets are mounted, one folder each."""
RESOURCES = {"cpu": "100m", "memory": "256Mi", "memory_limit": "1Gi"}
"""Where neither the model nor the installation says otherwise."""


class PodJob(KubernetesPodOperator):
    """Runs words of the datasurface command line in a pod. Nothing of it is a template."""

    template_fields: Sequence[str] = ()

    def __init__(self, *, words: Sequence[str], **kwargs: object) -> None:
        super().__init__(arguments=list(words), **kwargs)
        self.words = tuple(words)

    def build_pod_request_obj(self, context: Mapping[str, object] | None = None) -> object:
        """The pod, which runs under the run id of the DAG run."""
        if context:
            self.arguments = arguments(self.words, str(context["run_id"]))
        return super().build_pod_request_obj(context)


def arguments(words: Sequence[str], run_id: str) -> list[str]:
    """The words as Kubernetes takes them: it would put a variable's value for ``$(NAME)``."""
    return [each.replace("$(", "$$(") for each in (*words, "--run-id", run_id, "--json")]


def pod_arguments(
    installation: Mapping[str, object],
    resources: Mapping[str, str],
    credentials: Sequence[str],
    *,
    optional_secrets: bool = False,
) -> dict[str, object]:
    """What all pods of an installation have. Secrets are files; a variable would be in every listing of the pod."""
    asked = {**RESOURCES, **dict(installation["resources"]), **resources}  # type: ignore[call-overload]
    secrets = dict(installation["secrets"])  # type: ignore[call-overload]
    volumes = [
        k8s.V1Volume(
            name=f"credential-{number}",
            secret=k8s.V1SecretVolumeSource(
                secret_name=secrets.get(name, secret_name(name)), optional=optional_secrets or None, default_mode=0o440
            ),
        )
        for number, name in enumerate(credentials)
    ]
    mounts = [
        k8s.V1VolumeMount(name=f"credential-{number}", mount_path=f"{CREDENTIALS}/{name}", read_only=True)
        for number, name in enumerate(credentials)
    ]
    return {
        "namespace": installation["namespace"],
        "image": installation["image"],
        "image_pull_policy": installation["image_pull_policy"],
        "cmds": ["datasurface"],
        "env_vars": [
            k8s.V1EnvVar(name="DATASURFACE_STORE", value=str(installation["store"])),
            k8s.V1EnvVar(name="DATASURFACE_CREDENTIALS", value=CREDENTIALS),
            k8s.V1EnvVar(name="HOME", value="/tmp"),  # noqa: S108 a volume of the pod
        ],
        "volumes": [*volumes, k8s.V1Volume(name="tmp", empty_dir=k8s.V1EmptyDirVolumeSource())],
        "volume_mounts": [*mounts, k8s.V1VolumeMount(name="tmp", mount_path="/tmp")],  # noqa: S108
        "container_resources": k8s.V1ResourceRequirements(
            requests={key: asked[key] for key in ("cpu", "memory")},
            limits={key: asked[f"{key}_limit"] for key in ("cpu", "memory") if f"{key}_limit" in asked},
        ),
        "service_account_name": installation["service_account"],
        "automount_service_account_token": False,
        "security_context": k8s.V1PodSecurityContext(
            run_as_non_root=True,
            run_as_user=10001,
            run_as_group=10001,
            fs_group=10001,
            seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault"),
        ),
        "container_security_context": k8s.V1SecurityContext(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=k8s.V1Capabilities(drop=["ALL"]),
        ),
        "labels": {"app.kubernetes.io/name": "datasurface", "app.kubernetes.io/component": "job"},
        "do_xcom_push": False,  # its sidecar has no security context, and restricted namespaces refuse it
        "reattach_on_restart": True,
        "on_finish_action": "delete_pod",
    }
