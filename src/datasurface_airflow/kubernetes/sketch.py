"""The network of a site as a table: who is let to whom."""

from collections.abc import Iterator, Mapping

from datasurface_airflow.kubernetes.access import airflow_component
from datasurface_airflow.kubernetes.names import labels
from datasurface_airflow.kubernetes.places import SERVER
from datasurface_airflow.kubernetes.plan import Site
from datasurface_airflow.kubernetes.render import DEV, manifests
from datasurface_airflow.kubernetes.simulation import Network, Outside, Place, Pod
from datasurface_airflow.kubernetes.workloads import instance_labels

PLACES = {
    SERVER: 5432,
    "github.com": 443,
    "cluster DNS": 53,
    "API server": 443,
    "Airflow's other pods": 8080,
    "any other address": 443,
}
"""Whom one could want to connect to, each at its port."""


def places_of(site: Site) -> Mapping[str, Place]:
    """All that connects or is connected to, by names for people."""
    found: dict[str, Place] = {}
    for work in site.works:
        name = work.component if work.namespace == site.settings.namespace else f"{work.component} in {work.namespace}"
        found[name] = Pod(name, work.namespace, instance_labels(work))
    found[SERVER] = Pod(SERVER, site.settings.namespace, labels(SERVER))
    if site.has_airflow:
        airflow, component = site.settings.airflow_namespace, airflow_component(site)
        found[f"Airflow's {component}"] = Pod(component, airflow, {"tier": "airflow", "component": component})
        found["Airflow's other pods"] = Pod("others", airflow, {"tier": "airflow", "component": "dag-processor"})
    found["a pod of somebody else"] = Pod("else", "default", {})
    found["cluster DNS"] = Pod("cluster DNS", "kube-system", {"k8s-app": "kube-dns"})
    found["github.com"] = Outside("github.com", "140.82.121.4")
    found["API server"] = Outside("API server", "10.96.0.1")
    found["any other address"] = Outside("any other address", "198.51.100.7")
    return found


def connections(site: Site) -> Iterator[tuple[str, str, bool]]:
    """For each pod and each place with its port, whether a connection is let."""
    network = Network.of(manifests(site, DEV), "kube-system", "default")
    there = places_of(site)
    for source, pod in there.items():
        if isinstance(pod, Pod) and source != "cluster DNS":
            for target, port in PLACES.items():
                if target not in there:
                    continue
                yield (
                    source,
                    f"{target}:{port}",
                    network.allows(pod, there[target], port, "UDP" if port == 53 else "TCP"),
                )
