"""The example as it is emitted for a cluster."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from attrs import evolve

from datasurface.emitting import EmitRequest
from datasurface.environment import Environment
from datasurface.graph import deployments
from datasurface.loader import load
from datasurface.model import Ecosystem
from datasurface_airflow.kubernetes.applied import Manifests
from datasurface_airflow.kubernetes.plan import Site, site_of
from datasurface_airflow.kubernetes.render import around, manifests
from datasurface_yellow import YellowDataPlatform

EXAMPLE = Path(__file__).parents[3] / "examples" / "customer360"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
SERVER = "postgres.datasurface.svc"
CONTAINERS = ("CustomerDB", "ConsumerDB", "LiveStore", "ForensicStore", "ControlStore")
IN_CLUSTER: Mapping[str, object] = {
    "image": f"registry.example.com/datasurface:0.1.0@{DIGEST}",
    "database": "statefulset",
    "database_image": f"postgres:18@{DIGEST}",
    "simulator_container": "CustomerDB",
    "kubernetes_api": "10.96.0.1/32",
    "cidrs": {"github.com": "140.82.112.0/20"},
}


@cache
def example() -> Ecosystem:
    """The example, as it is written."""
    found = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert found is not None
    return found


def at_hosts(ecosystem: Ecosystem, **hosts: str) -> Ecosystem:
    """A model whose containers are at these hosts, and all others on the server in the cluster."""
    tables = {name: {"host": hosts.get(name, SERVER)} for name in CONTAINERS}
    return Environment(containers=tables).bind(ecosystem)


def request(ecosystem: Ecosystem | None = None, /, **settings: object) -> EmitRequest:
    """What the emitter is asked for; a setting that is None is left out."""
    bound = at_hosts(example()) if ecosystem is None else ecosystem
    assert bound.control_database is not None
    told = {key: value for key, value in {**IN_CLUSTER, **settings}.items() if value is not None}
    made = EmitRequest(bound, deployments(bound), bound.control_database, {}, told, Path("cluster.toml"))
    return evolve(made, bindings={"containers": {"CustomerDB": {"host": SERVER, "port": 5432}}})


def site(ecosystem: Ecosystem | None = None, /, **settings: object) -> Site:
    """The same, planned."""
    return site_of(request(ecosystem, **settings))


def applied(found: Site, overlay: str = "dev") -> Manifests:
    """What is applied together."""
    return Manifests(manifests(found, overlay), around(found))
