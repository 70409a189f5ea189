"""Network policies: everything is denied, and each kind of pod is let to the peers that it names."""

from collections.abc import Iterable, Iterator

from datasurface_airflow.kubernetes.access import pod_starters
from datasurface_airflow.kubernetes.documents import Document, document
from datasurface_airflow.kubernetes.names import NAMESPACE, labels
from datasurface_airflow.kubernetes.places import SERVER, Endpoint, is_server, peers, service_of
from datasurface_airflow.kubernetes.plan import Site, Work
from datasurface_airflow.kubernetes.server import PORT
from datasurface_airflow.kubernetes.workloads import instance_labels

_EVERY_POD: Document = {}
_DNS: Document = {
    "namespaceSelector": {"matchLabels": {NAMESPACE: "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}


def policies(site: Site, namespace: str) -> Iterator[Document]:
    """The policies of one of our namespaces."""
    yield _policy("deny-all", namespace, _EVERY_POD, ["Ingress", "Egress"])
    yield _policy(
        "allow-dns",
        namespace,
        _EVERY_POD,
        ["Egress"],
        egress=[{"to": [_DNS], "ports": [{"protocol": kind, "port": 53} for kind in ("UDP", "TCP")]}],
    )
    if site.has_airflow and namespace == site.settings.airflow_namespace:
        yield from _of_airflow(site)
        return
    for work in site.works:
        if work.namespace == namespace:
            name = f"allow-{work.component}" + (f"-{work.instance}" if work.instance else "")
            selector: Document = {"matchLabels": instance_labels(work)}
            yield from _egress(site, name, namespace, selector, work.reaches)
    if site.has_server and namespace == site.settings.namespace:
        yield from _of_server(site)


def unknown_hosts(site: Site) -> dict[Endpoint, tuple[str, ...]]:
    """Hosts outside of the cluster whose addresses are not told, with who would connect to them: no policy lets anybody
    there."""
    found: dict[Endpoint, list[str]] = {}
    who: list[tuple[str, Iterable[Endpoint]]] = [
        (f"{work.component} in {work.namespace}", work.reaches) for work in site.works
    ]
    if site.has_airflow:
        who.append((f"Airflow in {site.settings.airflow_namespace}", site.airflow_reaches))
    for name, endpoints in who:
        for endpoint in endpoints:
            if not peers(endpoint.host, site.settings, site.namespaces):
                found.setdefault(endpoint, []).append(name)
    return {endpoint: tuple(dict.fromkeys(names)) for endpoint, names in sorted(found.items())}


def reaches_server(site: Site, endpoints: Iterable[Endpoint]) -> bool:
    """Whether one of them is the server which we emit."""
    return any(is_server(service_of(each.host, site.settings, site.namespaces), site.settings) for each in endpoints)


def _policy(name: str, namespace: str, selector: Document, types: list[str], **rules: object) -> Document:
    return document(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        name,
        namespace,
        labels=labels("network"),
        spec={"podSelector": selector, "policyTypes": types, **rules},
    )


def _egress(
    site: Site, name: str, namespace: str, selector: Document, endpoints: Iterable[Endpoint]
) -> Iterator[Document]:
    rules = [
        {"to": found, "ports": [{"protocol": "TCP", "port": each.port}]}
        for each in endpoints
        if (found := peers(each.host, site.settings, site.namespaces))
    ]
    if rules:
        yield _policy(name, namespace, selector, ["Egress"], egress=rules)


def _of_server(site: Site) -> Iterator[Document]:
    """Who may connect to our server, and where that goes itself."""
    selector: Document = {"matchLabels": labels(SERVER)}
    sources = [_peer(work) for work in site.works if reaches_server(site, work.reaches)]
    if site.has_airflow:
        sources.append({"namespaceSelector": {"matchLabels": {NAMESPACE: site.settings.airflow_namespace}}})
    if reaches_server(site, site.server_reaches):
        sources.append({"podSelector": selector})
    yield _policy(
        "allow-to-postgres",
        site.settings.namespace,
        selector,
        ["Ingress"],
        ingress=[{"from": sources, "ports": [{"protocol": "TCP", "port": PORT}]}],
    )
    yield from _egress(site, "allow-from-postgres", site.settings.namespace, selector, site.server_reaches)


def _peer(work: Work) -> Document:
    return {
        "namespaceSelector": {"matchLabels": {NAMESPACE: work.namespace}},
        "podSelector": {"matchLabels": instance_labels(work)},
    }


def _of_airflow(site: Site) -> Iterator[Document]:
    """Airflow's own pods: among each other, to the databases, and those that start pods to the API server."""
    namespace = site.settings.airflow_namespace
    inside: list[Document] = [{"podSelector": {}}]
    yield _policy(
        "allow-inside",
        namespace,
        _EVERY_POD,
        ["Ingress", "Egress"],
        ingress=[{"from": inside}],
        egress=[{"to": inside}],
    )
    reached = site.airflow_reaches
    if site.has_server and not reaches_server(site, reached):
        reached = (*reached, Endpoint(f"{SERVER}.{site.settings.namespace}.svc", PORT, "Airflow's own database"))
    yield from _egress(site, "allow-databases", namespace, _EVERY_POD, reached)
    if site.settings.api_addresses:
        yield _policy(
            "allow-kubernetes-api",
            namespace,
            {
                "matchLabels": {"tier": "airflow"},
                "matchExpressions": [{"key": "component", "operator": "In", "values": pod_starters(site)}],
            },
            ["Egress"],
            egress=[
                {
                    "to": [{"ipBlock": {"cidr": cidr}} for cidr in site.settings.api_addresses],
                    "ports": [{"protocol": "TCP", "port": site.settings.kubernetes_api_port}],
                }
            ],
        )
