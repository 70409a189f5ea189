"""The example as it is emitted for a cluster."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

from attrs import evolve

from datasurface.classification import PUBLIC
from datasurface.emitting import EmitRequest
from datasurface.environment import Environment
from datasurface.graph import deployments
from datasurface.loader import load
from datasurface.model import (
    Assignment,
    AssignmentStatus,
    Column,
    Credential,
    Dataset,
    DatasetGroup,
    Datastore,
    DataTransformer,
    Ecosystem,
    Element,
    GitRepository,
    GroupAssignments,
    Milestoning,
    PostgresDatabase,
    PythonCode,
    Requirements,
    Team,
    TransformerOutput,
    Workspace,
)
from datasurface.model.rebuild import rebuilt
from datasurface.types import VarChar
from datasurface_airflow.kubernetes.applied import Manifests
from datasurface_airflow.kubernetes.plan import Site, site_of
from datasurface_airflow.kubernetes.render import around, manifests
from datasurface_yellow import YellowDataPlatform

EXAMPLE = Path(__file__).parents[3] / "examples" / "customer360"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
SERVER = "postgres.datasurface.svc"
FIGURES, CODE_HOST = "203.0.113.20", "git.example.com"
"""Where the transformer writes, and where its code is."""
CONTAINERS = ("CustomerDB", "ConsumerDB", "LiveStore", "ForensicStore", "ControlStore")
IN_CLUSTER: Mapping[str, object] = {
    "image": f"registry.example.com/datasurface:0.1.0@{DIGEST}",
    "database": "statefulset",
    "database_image": f"postgres:18@{DIGEST}",
    "simulator_container": "CustomerDB",
    "kubernetes_api": "10.96.0.1/32",
    "cidrs": {"github.com": "140.82.112.0/20", CODE_HOST: "203.0.113.30"},
}


@cache
def example() -> Ecosystem:
    """The example, as it is written."""
    found = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert found is not None
    return found


@cache
def transforming() -> Ecosystem:
    """The example with a transformer of the live platform, whose code is on a host of its own, and with a group that
    reads what it makes."""
    figures = PostgresDatabase("FiguresDB", host=FIGURES, database="figures", credential=Credential("figures-owner"))
    [store] = example().datastores()
    id_column = Column("id", VarChar(20), primary_key=True, classification=PUBLIC)
    made = Datastore("Figures", capture=TransformerOutput(figures), datasets=[Dataset("totals", columns=[id_column])])
    repository = GitRepository(f"https://{CODE_HOST}/acme/figures")
    transformer = DataTransformer(
        "MakeFigures",
        code=PythonCode(repository, function="figures:run", credential=Credential("figures-code")),
        produces=made,
        credential=Credential("make-figures"),
    )
    needs = Requirements(Milestoning.LIVE_ONLY, latency=timedelta(hours=1))
    refine = Workspace(
        "Refine",
        groups=[DatasetGroup("Refine", sinks=store.sinks("customers"), requires=needs)],
        transformer=transformer,
    )
    board = Workspace("Board", groups=[DatasetGroup("Board", sinks=made.sinks("totals"), requires=needs)])

    def grown(element: Element) -> Element:
        if isinstance(element, Team):
            return evolve(element, workspaces=(*element.workspaces, refine, board))
        if isinstance(element, Ecosystem):
            on_live = (Assignment("YellowLive", status=AssignmentStatus.PROVISIONED),)
            more = (GroupAssignments(name, name, assignments=on_live) for name in ("Refine", "Board"))
            return evolve(element, assignments=(*element.assignments, *more))
        return element

    return rebuilt(example(), grown)


def at_hosts(ecosystem: Ecosystem, **hosts: str) -> Ecosystem:
    """A model whose containers are at these hosts, and all others on the server in the cluster."""
    tables = {name: {"host": hosts.get(name, SERVER)} for name in {*CONTAINERS, *hosts}}
    return Environment(containers=tables).bind(ecosystem)


def transforming_in_cluster() -> Ecosystem:
    """That, bound to the cluster."""
    return at_hosts(transforming(), FiguresDB=FIGURES)


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
