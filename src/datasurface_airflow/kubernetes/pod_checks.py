"""Checks of pods: what restricted namespaces take, what is bounded, what is there."""

from datasurface.model.resources import quantity
from datasurface_airflow.kubernetes.applied import Found, Manifests
from datasurface_airflow.kubernetes.documents import items, kind_of, table, tables, text
from datasurface_airflow.kubernetes.settings import image_problem

LONG_RUNNING = frozenset({"Deployment", "StatefulSet"})
_VOLUMES = frozenset({"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim", "downwardAPI"})


def restart_policies(manifests: Manifests) -> Found:
    """Jobs are not started again by the node for ever, and what runs for long is."""
    for workload, template in manifests.templates():
        allowed = ("Always",) if kind_of(workload) in LONG_RUNNING else ("Never", "OnFailure")
        policy = text(template, "spec", "restartPolicy")
        if policy not in allowed:
            yield workload, f"restartPolicy {policy!r} is not {' or '.join(allowed)}"


def quantities(manifests: Manifests) -> Found:
    """Every container asks for processor and memory, and has limits that are not less."""
    for workload, container in manifests.containers():
        for kind in ("cpu", "memory"):
            try:
                asked = quantity(kind, text(container, "resources", "requests", kind))
                limit = quantity(kind, text(container, "resources", "limits", kind))
            except ValueError as error:
                yield workload, f"{kind}: {error}"
                continue
            if limit < asked:
                yield workload, f"{kind}: the limit is less than what is asked for"
    for each in manifests.of("StatefulSet"):
        for claim in tables(each, "spec", "volumeClaimTemplates"):
            try:
                quantity("storage", text(claim, "spec", "resources", "requests", "storage"))
            except ValueError as error:
                yield each, f"storage: {error}"


def images(manifests: Manifests) -> Found:
    """An image is the same tomorrow."""
    for workload, container in manifests.containers():
        problem = image_problem(text(container, "image"))
        if problem:
            yield workload, f"image {text(container, 'image')!r} is {problem}"


def probes(manifests: Manifests) -> Found:
    """What runs for long is asked whether it does."""
    for workload, container in manifests.containers():
        if kind_of(workload) in LONG_RUNNING:
            for probe in ("livenessProbe", "readinessProbe"):
                if not table(container, probe):
                    yield workload, f"container {text(container, 'name')} has no {probe}"


def pod_security(manifests: Manifests) -> Found:
    """Pods are what a restricted namespace takes, and get no token of the API server."""
    for workload, template in manifests.templates():
        spec = table(template, "spec")
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(key):
                yield workload, f"{key} is set"
        if spec.get("automountServiceAccountToken") is not False:
            yield workload, "its pods get a token of the API server"
        context = table(spec, "securityContext")
        if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
            yield workload, "its pods may run as root"
        if text(context, "seccompProfile", "type") != "RuntimeDefault":
            yield workload, "its pods may make any system call"


def container_security(manifests: Manifests) -> Found:
    """Containers gain no rights, and write only where something is mounted for it."""
    for workload, container in manifests.containers():
        context = table(container, "securityContext")
        if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
            yield workload, "it may gain rights"
        if items(context, "capabilities", "drop") != ["ALL"] or items(context, "capabilities", "add"):
            yield workload, "it has capabilities"
        if context.get("readOnlyRootFilesystem") is not True:
            yield workload, "it may write to its image"
        if context.get("runAsUser") == 0 or context.get("runAsNonRoot") is False:
            yield workload, "it may run as root"


def volumes(manifests: Manifests) -> Found:
    """What is mounted is there, once, and bounded; what is there is mounted."""
    for workload, template in manifests.templates():
        there = {text(each, "name"): each for each in tables(template, "spec", "volumes")}
        claims = {text(each, "metadata", "name") for each in tables(workload, "spec", "volumeClaimTemplates")}
        mounts = [mount for each in tables(template, "spec", "containers") for mount in tables(each, "volumeMounts")]
        mounted = {text(each, "name") for each in mounts}
        for name in sorted(mounted - there.keys() - claims):
            yield workload, f"it mounts {name!r}, which is not there"
        for name in sorted(there.keys() - mounted):
            yield workload, f"it mounts volume {name!r} nowhere"
        paths = [text(each, "mountPath") for each in mounts]
        if len(set(paths)) < len(paths) or any(not path.startswith("/") or ":" in path for path in paths):
            yield workload, f"it mounts at {paths}"
        for name, volume in there.items():
            if not (volume.keys() - {"name"}) <= _VOLUMES:
                yield workload, f"volume {name!r} is of a kind that restricted namespaces refuse"
            if "emptyDir" in volume and not text(volume, "emptyDir", "sizeLimit"):
                yield workload, f"volume {name!r} has no size"
