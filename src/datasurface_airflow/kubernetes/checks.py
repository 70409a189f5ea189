"""What schemas of Kubernetes cannot say of manifests: that they fit each other, and hold to what we promise of them.

Every check is a function of all manifests that are applied together; its name is that of the check.
"""

import re
from collections.abc import Iterable, Iterator

from attrs import frozen

from datasurface_airflow.kubernetes import pod_checks
from datasurface_airflow.kubernetes.applied import Check, Found, Manifests
from datasurface_airflow.kubernetes.documents import (
    Document,
    items,
    kind_of,
    name_of,
    namespace_of,
    part,
    pod_template,
    table,
    tables,
    text,
)
from datasurface_airflow.kubernetes.names import is_label, is_label_value, is_subdomain
from datasurface_airflow.kubernetes.selectors import matches

_CLUSTER_WIDE = frozenset({"Namespace"})
_LABEL_NAMES = frozenset({"Namespace", "Service"})
_LONGEST = {"CronJob": 52, "StatefulSet": 52}
"""Their pods and jobs get a name that is longer."""
_CRON = re.compile(r"[0-9*,/-]+(?: [0-9*,/-]+){4}")
_SERVICE_HOST = re.compile(r"(?<![\w.-])([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?(?::([0-9]+))?(?![\w-])")


@frozen
class Problem:
    """What is wrong, and where: kind, namespace and name of the manifest."""

    check: str
    where: str
    what: str


def check(manifests: Manifests) -> list[Problem]:
    """Everything that is wrong."""
    return [Problem(each.__name__, _where(document), what) for each in CHECKS for document, what in each(manifests)]


def names(manifests: Manifests) -> Found:
    """Names are those that Kubernetes takes, and no two manifests of a kind have one."""
    seen: set[tuple[str, str, str]] = set()
    for each in manifests.all:
        kind, name = kind_of(each), name_of(each)
        is_right = is_label if kind in _LABEL_NAMES else is_subdomain
        if not is_right(name) or len(name) > _LONGEST.get(kind, 253):
            yield each, f"{name!r} is no name for a {kind}"
        key = (kind, namespace_of(each), name)
        if key in seen:
            yield each, "there are two of that name"
        seen.add(key)
    for workload, container in manifests.containers():
        if not is_label(text(container, "name")):
            yield workload, f"{text(container, 'name')!r} is no name for a container"


def namespaces(manifests: Manifests) -> Found:
    """What belongs into a namespace names one that is there, and takes only restricted pods."""
    there = {name_of(each) for each in manifests.of("Namespace")}
    for each in manifests.all:
        if kind_of(each) in _CLUSTER_WIDE:
            if text(each, "metadata", "labels", "pod-security.kubernetes.io/enforce") != "restricted":
                yield each, "it takes pods that are not restricted"
        elif namespace_of(each) not in there:
            yield each, f"there is no namespace {namespace_of(each)!r}"


def label_values(manifests: Manifests) -> Found:
    """Labels have values that Kubernetes takes."""
    for each in manifests.all:
        template = pod_template(each) or {}
        for labels in (table(each, "metadata", "labels"), table(template, "metadata", "labels")):
            for key, value in labels.items():
                if not isinstance(value, str) or not is_label_value(value):
                    yield each, f"label {key} has the value {value!r}"


def selectors(manifests: Manifests) -> Found:
    """A workload selects its own pods; a service and a disruption budget select some."""
    for each in manifests.of("Deployment", "StatefulSet"):
        labels = table(pod_template(each), "metadata", "labels")
        if not matches(table(each, "spec", "selector"), labels) or not table(each, "spec", "selector"):
            yield each, "its selector does not select its own pods"
    for each in manifests.of("Service", "PodDisruptionBudget"):
        selector = table(each, "spec", "selector")
        selector = {"matchLabels": selector} if kind_of(each) == "Service" else selector
        if not any(matches(selector, labels) for labels in _pods_in(manifests, namespace_of(each))):
            yield each, "it selects no pod"


def schedules(manifests: Manifests) -> Found:
    """A cron job has a schedule that can be read, and does not run twice at a time."""
    for each in manifests.of("CronJob"):
        if not _CRON.fullmatch(text(each, "spec", "schedule")):
            yield each, f"schedule {text(each, 'spec', 'schedule')!r} is none"
        if text(each, "spec", "concurrencyPolicy") != "Forbid":
            yield each, "it may run twice at a time"


def deadlines(manifests: Manifests) -> Found:
    """A job ends."""
    for each in manifests.of("Job", "CronJob"):
        spec = table(each, "spec") if kind_of(each) == "Job" else table(each, "spec", "jobTemplate", "spec")
        if not isinstance(spec.get("activeDeadlineSeconds"), int):
            yield each, "nothing ends it"


def ports(manifests: Manifests) -> Found:
    """Ports are ports, and a service leads to one that its pods have."""
    for workload, container in manifests.containers():
        found = [each.get("containerPort") for each in tables(container, "ports")]
        if any(not _is_port(each) for each in found) or len(set(found)) < len(found):
            yield workload, f"ports {found} are none, or not different"
    for each in manifests.of("Service"):
        open_ports = _open_ports(manifests, each)
        for port in tables(each, "spec", "ports"):
            target = port.get("targetPort", port.get("port"))
            if target not in open_ports or not _is_port(port.get("port")):
                yield each, f"port {port.get('port')} leads to {target!r}, which its pods do not have"


def references(manifests: Manifests) -> Found:
    """Service accounts, secrets, config maps, roles and claims that are named are there."""
    around = manifests.around
    for workload, template in manifests.templates():
        namespace = namespace_of(workload)
        account = text(template, "spec", "serviceAccountName")
        if not manifests.has("ServiceAccount", namespace, account):
            yield workload, f"there is no service account {account!r}"
        for kind, name in _named(template):
            known = around.secrets if kind == "Secret" else around.config_maps
            if (namespace, name) not in known and not manifests.has(kind, namespace, name):
                yield workload, f"there is no {kind} {name!r}"
    for each in manifests.of("StatefulSet"):
        if not manifests.has("Service", namespace_of(each), text(each, "spec", "serviceName")):
            yield each, f"there is no service {text(each, 'spec', 'serviceName')!r}"
    for each in manifests.of("RoleBinding"):
        if not manifests.has("Role", namespace_of(each), text(each, "roleRef", "name")):
            yield each, f"there is no role {text(each, 'roleRef', 'name')!r}"
        for subject in tables(each, "subjects"):
            key = (text(subject, "namespace"), text(subject, "name"))
            if key not in around.accounts and not manifests.has("ServiceAccount", *key):
                yield each, f"there is no service account {key}"


def service_hosts(manifests: Manifests) -> Found:
    """Host names of the cluster in commands and variables lead to a service that is there, at its port."""
    ours = {name_of(each) for each in manifests.of("Namespace")}
    for workload, container in manifests.containers():
        words = [*items(container, "command"), *items(container, "args")]
        words += [each.get("value") for each in tables(container, "env")]
        for name, namespace, port in _SERVICE_HOST.findall(" ".join(str(word) for word in words)):
            found = [
                each for each in manifests.of("Service") if (namespace_of(each), name_of(each)) == (namespace, name)
            ]
            if namespace in ours and not found:
                yield workload, f"there is no service {name} in {namespace}"
            served = {each.get("port") for service in found for each in tables(service, "spec", "ports")}
            if found and port and int(port) not in served:
                yield workload, f"service {name} in {namespace} has no port {port}"


def roles(manifests: Manifests) -> Found:
    """A role names what it is about, and lets nobody read secrets or become more than they are."""
    for each in manifests.of("Role", "ClusterRole"):
        for rule in tables(each, "rules"):
            words = [*items(rule, "apiGroups"), *items(rule, "resources"), *items(rule, "verbs")]
            if "*" in words:
                yield each, "it has a wildcard"
            for word in ("secrets", "pods/exec", "escalate", "bind", "impersonate"):
                if word in words:
                    yield each, f"it is about {word}"
    for each in manifests.of("ClusterRoleBinding"):
        yield each, "it reaches beyond a namespace"


def no_secrets(manifests: Manifests) -> Found:
    """Secrets are made by hand, and no variable holds one."""
    for each in manifests.of("Secret"):
        yield each, "a secret stands in the manifests"
    for workload, container in manifests.containers():
        if any(table(each, "valueFrom", "secretKeyRef") for each in tables(container, "env")):
            yield workload, "a variable holds a secret, which every listing of the pod shows"


def network_policies(manifests: Manifests) -> Found:
    """Every namespace denies what is not allowed, and every policy is about some pod."""
    for each in manifests.of("Namespace"):
        if not any(
            _denies_all(policy) for policy in manifests.of("NetworkPolicy") if namespace_of(policy) == name_of(each)
        ):
            yield each, "nothing denies its pods what is not allowed"
    for each in manifests.of("NetworkPolicy"):
        selector = table(each, "spec", "podSelector")
        if selector and not any(matches(selector, labels) for labels in _pods_in(manifests, namespace_of(each))):
            yield each, "it selects no pod"
        for rule in (*tables(each, "spec", "ingress"), *tables(each, "spec", "egress")):
            if not items(rule, "from") and not items(rule, "to"):
                yield each, "a rule names no peer, and so lets anybody"
            for port in tables(rule, "ports"):
                if not _is_port(port.get("port")):
                    yield each, f"{port.get('port')!r} is no port"


def disruption_budgets(manifests: Manifests) -> Found:
    """A budget lets a node be drained."""
    for each in manifests.of("PodDisruptionBudget"):
        if part(each, "spec", "maxUnavailable") in (0, "0", "0%"):
            yield each, "no node with its pods can ever be drained"
        least = part(each, "spec", "minAvailable")
        if isinstance(least, str) and least == "100%":
            yield each, "no node with its pods can ever be drained"


def _where(document: Document) -> str:
    return "/".join(word for word in (kind_of(document), namespace_of(document), name_of(document)) if word)


def _pods_in(manifests: Manifests, namespace: str) -> Iterator[Document]:
    return (labels for where, labels in manifests.pods() if where == namespace)


def _named(template: Document) -> Iterator[tuple[str, str]]:
    """Kinds and names that a pod mounts, or takes variables from."""
    for volume in tables(template, "spec", "volumes"):
        if "secret" in volume:
            yield "Secret", text(volume, "secret", "secretName")
        if "configMap" in volume:
            yield "ConfigMap", text(volume, "configMap", "name")
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", text(volume, "persistentVolumeClaim", "claimName")


def _open_ports(manifests: Manifests, service: Document) -> set[object]:
    """Names and numbers of the ports of the pods that a service selects."""
    selector: Document = {"matchLabels": table(service, "spec", "selector")}
    return {
        value
        for workload, template in manifests.templates()
        if namespace_of(workload) == namespace_of(service) and matches(selector, table(template, "metadata", "labels"))
        for container in tables(template, "spec", "containers")
        for port in tables(container, "ports")
        for value in (port.get("name"), port.get("containerPort"))
    }


def _denies_all(policy: Document) -> bool:
    spec = table(policy, "spec")
    types = set(map(str, items(spec, "policyTypes")))
    is_empty = not table(spec, "podSelector") and not items(spec, "ingress") and not items(spec, "egress")
    return is_empty and types == {"Ingress", "Egress"}


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536


CHECKS: Iterable[Check] = (
    names,
    namespaces,
    label_values,
    selectors,
    pod_checks.restart_policies,
    schedules,
    deadlines,
    pod_checks.quantities,
    pod_checks.images,
    ports,
    pod_checks.probes,
    pod_checks.pod_security,
    pod_checks.container_security,
    pod_checks.volumes,
    references,
    service_hosts,
    roles,
    no_secrets,
    network_policies,
    disruption_budgets,
)
