"""Network policies, simulated: what our pods need is open, and nothing else."""

from itertools import product

import pytest

from datasurface_airflow.kubernetes.documents import Document, kind_of, tables
from datasurface_airflow.kubernetes.network import unknown_hosts
from datasurface_airflow.kubernetes.places import Endpoint
from datasurface_airflow.kubernetes.render import manifests
from datasurface_airflow.kubernetes.simulation import Network, Outside, Place, Pod
from datasurface_airflow.kubernetes.sketch import PLACES, connections, places_of
from tests.unit.kubernetes.cluster import CONTAINERS, FIGURES, at_hosts, example, site, transforming_in_cluster

OPEN = {
    *product(["job in yellow-live", "job in yellow-forensic"], ["postgres:5432"]),
    *product(["reconcile-views in yellow-live", "reconcile-views in yellow-forensic"], ["postgres:5432"]),
    *product(["apply", "bootstrap"], ["postgres:5432", "github.com:443"]),
    ("simulator", "postgres:5432"),
    ("postgres", "postgres:5432"),
    *product(["Airflow's scheduler"], ["postgres:5432", "API server:443", "Airflow's other pods:8080"]),
    *product(["Airflow's other pods"], ["postgres:5432", "Airflow's other pods:8080"]),
    # Its own namespace lets it out; into ours it does not come.
    *product(["a pod of somebody else"], ["github.com:443", "API server:443", "any other address:443"]),
}


def test_each_pair_is_as_it_should_be() -> None:
    found = site()
    sources = [name for name, place in places_of(found).items() if isinstance(place, Pod) and name != "cluster DNS"]
    open_ports = OPEN | {(name, "cluster DNS:53") for name in sources}
    for source, target, is_allowed in connections(found):
        assert is_allowed == ((source, target) in open_ports), (source, target)


TRANSFORMERS_PLACES: dict[str, tuple[Place, int]] = {
    "outputs": (Outside("outputs", FIGURES), 5432),
    "code": (Outside("code", "203.0.113.30"), 443),
    "model": (Outside("model", "140.82.121.4"), 443),
    "postgres": (
        Pod(
            "postgres",
            "datasurface",
            {"app.kubernetes.io/name": "datasurface", "app.kubernetes.io/component": "postgres"},
        ),
        5432,
    ),
    "elsewhere": (Outside("elsewhere", "198.51.100.7"), 443),
    "outputs, another port": (Outside("outputs", FIGURES), 443),
}
WITH_A_TRANSFORMER = {
    "airflow": {
        "transform in yellow-live": {"postgres", "outputs", "code"},
        "job in yellow-live": {"postgres", "outputs"},  # it reads what the transformer makes
        "job in yellow-forensic": {"postgres"},
        "apply": {"postgres", "outputs", "code", "model"},
        "bootstrap": {"postgres", "outputs", "code", "model"},
    },
    "run": {
        "run in yellow-live": {"postgres", "outputs", "code"},
        "run in yellow-forensic": {"postgres"},
        "retention in yellow-live": {"postgres"},
        "verify in yellow-forensic": {"postgres"},
        "apply": {"postgres", "outputs", "code", "model"},
    },
}


@pytest.mark.parametrize("scheduler", WITH_A_TRANSFORMER)
def test_a_transformer_is_let_to_its_outputs_and_its_code_and_no_other_job_is(scheduler: str) -> None:
    found = site(transforming_in_cluster(), scheduler=scheduler)
    network, there = Network.of(manifests(found, "dev"), "kube-system", "default"), places_of(found)
    for name, lets in WITH_A_TRANSFORMER[scheduler].items():
        for target, (place, port) in TRANSFORMERS_PLACES.items():
            assert network.allows(there[name], place, port) is (target in lets), (name, target)
    assert unknown_hosts(found) == {}
    ours = {name for name, place in there.items() if isinstance(place, Pod) and place.namespace.startswith("yellow")}
    assert all(network.allows(there[name], there["cluster DNS"], 53, "UDP") for name in ours)
    assert ("Airflow's scheduler" in there) is (scheduler == "airflow")


def test_where_nobody_is_told_the_host_of_the_code_nobody_is_let_to_it() -> None:
    blind = site(transforming_in_cluster(), cidrs={"github.com": "140.82.112.0/20"})
    assert unknown_hosts(blind) == {
        Endpoint("git.example.com", 443, "git"): (
            "transform in yellow-live",
            "apply in datasurface",
            "bootstrap in datasurface",
        )
    }


def test_every_pod_of_ours_is_in_it() -> None:
    found = site()
    assert {work.component for work in found.works} | {"postgres"} <= {
        name.partition(" ")[0] for name in places_of(found)
    }
    assert len({target for _, target, _ in connections(found)}) == len(PLACES)


def test_who_is_in_the_right_place_with_other_labels_is_not_let() -> None:
    found = site()
    network = Network.of(manifests(found, "dev"), "kube-system", "other")
    server = Pod(
        "postgres", "datasurface", {"app.kubernetes.io/name": "datasurface", "app.kubernetes.io/component": "postgres"}
    )
    job = {"app.kubernetes.io/name": "datasurface", "app.kubernetes.io/component": "job"}
    assert network.allows(Pod("job", "yellow-live", job), server, 5432)
    assert not network.allows(Pod("job", "yellow-live", job), server, 5433)
    assert not network.allows(Pod("job", "yellow-live", job), server, 5432, "UDP")
    assert not network.allows(Pod("shell", "yellow-live", {}), server, 5432)
    assert not network.allows(Pod("job", "other", job), server, 5432)
    assert not network.allows(Outside("internet", "198.51.100.7"), server, 5432)


def test_a_host_outside_is_let_to_by_its_address_and_told_where_that_is_not_known() -> None:
    model = at_hosts(example(), **dict.fromkeys(CONTAINERS[1:], "db.example.com"), CustomerDB="203.0.113.7")
    settings = {"database": "external", "simulator_container": None}
    blind = site(model, **settings)
    assert list(unknown_hosts(blind)) == [Endpoint("db.example.com", 5432, "ControlStore")]
    network = Network.of(manifests(blind, "dev"))
    job = Pod("job", "yellow-live", {"app.kubernetes.io/name": "datasurface", "app.kubernetes.io/component": "job"})
    assert network.allows(job, Outside("producer", "203.0.113.7"), 5432)
    assert not network.allows(job, Outside("merge", "198.51.100.9"), 5432)
    told = site(model, **settings, cidrs={"db.example.com": "198.51.100.8/31", "github.com": "140.82.112.0/20"})
    assert unknown_hosts(told) == {}
    assert Network.of(manifests(told, "dev")).allows(job, Outside("merge", "198.51.100.9"), 5432)


@pytest.mark.parametrize(
    ("executor", "starters"),
    [
        ("LocalExecutor", {"scheduler"}),
        ("CeleryExecutor", {"worker"}),
        ("KubernetesExecutor", {"scheduler", "worker"}),
    ],
)
def test_what_starts_pods_is_let_to_the_api_server_and_may_start_them(executor: str, starters: set[str]) -> None:
    found = manifests(site(airflow_executor=executor), "production")
    network, api = Network.of(found), Outside("API server", "10.96.0.1")
    pods = {name: Pod(name, "airflow", {"tier": "airflow", "component": name}) for name in ("scheduler", "worker")}
    assert {name for name, pod in pods.items() if network.allows(pod, api, 443)} == starters
    bound = [tuple(tables(each, "subjects")) for each in found if kind_of(each) == "RoleBinding"]
    assert len(bound) == 2
    assert {str(subject["name"]) for subjects in bound for subject in subjects} <= {f"airflow-{it}" for it in starters}


def _policy(**spec: object) -> Document:
    return {"kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "a"}, "spec": {"podSelector": {}, **spec}}


IN_A, IN_B = Pod("one", "a", {"app": "x"}), Pod("two", "b", {"app": "y"})
NEAR, FAR = Outside("near", "10.0.0.5"), Outside("far", "10.0.1.5")


@pytest.mark.parametrize(
    ("spec", "source", "target", "is_allowed"),
    [
        ({}, IN_B, IN_A, False),  # without policyTypes a policy is about what comes in
        ({}, IN_A, IN_B, True),
        ({"policyTypes": ["Egress"]}, IN_A, IN_B, False),
        ({"policyTypes": ["Egress"]}, IN_B, IN_A, True),
        ({"ingress": [{}]}, IN_B, IN_A, True),
        ({"ingress": [{"from": [{"podSelector": {}}]}]}, IN_B, IN_A, False),  # of its own namespace
        ({"ingress": [{"from": [{"namespaceSelector": {}}]}]}, IN_B, IN_A, True),
        ({"ingress": [{"from": [{"namespaceSelector": {}}]}]}, NEAR, IN_A, False),
        (
            {"ingress": [{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "x"}}}]}]},
            IN_B,
            IN_A,
            False,
        ),
        ({"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.0.1.0/24"]}}]}]}, NEAR, IN_A, True),
        ({"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.0.1.0/24"]}}]}]}, FAR, IN_A, False),
        ({"ingress": [{"ports": [{"port": 70, "endPort": 90}]}]}, IN_B, IN_A, True),
        ({"ingress": [{"ports": [{"port": 81, "endPort": 90}]}]}, IN_B, IN_A, False),
        (
            {"podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]}},
            IN_B,
            IN_A,
            True,
        ),
    ],
    ids=str,
)
def test_policies_mean_what_kubernetes_says(
    spec: dict[str, object], source: Place, target: Place, is_allowed: bool
) -> None:
    network = Network([_policy(**spec)], {"a": {}, "b": {}})
    assert network.allows(source, target, 80) is is_allowed
