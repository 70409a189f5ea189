"""A job as a pod of its own, as a namespace with restricted pod security takes it."""

from collections.abc import Mapping, Sequence

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator

from .pod_spec import pod_spec


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
    component: str,
    optional_secrets: bool = False,
) -> dict[str, object]:
    """What all pods of a component have, as the operator takes it."""
    plain = pod_spec(installation, resources, credentials, optional_secrets=optional_secrets)
    spec = PodGenerator.deserialize_model_dict({"spec": plain}).spec
    [container] = spec.containers
    return {
        "namespace": installation["namespace"],
        "image": installation["image"],
        "image_pull_policy": installation["image_pull_policy"],
        "cmds": ["datasurface"],
        # For what the operator has no argument.
        "pod_template_dict": {
            "spec": {"enableServiceLinks": plain["enableServiceLinks"], "containers": [{"name": "base"}]}
        },
        "env_vars": container.env,
        "volumes": spec.volumes,
        "volume_mounts": container.volume_mounts,
        "container_resources": container.resources,
        "service_account_name": installation["service_account"],
        "automount_service_account_token": spec.automount_service_account_token,
        "security_context": spec.security_context,
        "container_security_context": container.security_context,
        "labels": {"app.kubernetes.io/name": "datasurface", "app.kubernetes.io/component": component},
        "do_xcom_push": False,  # its sidecar has no security context, and restricted namespaces refuse it
        "reattach_on_restart": True,
        "on_finish_action": "delete_pod",
    }
