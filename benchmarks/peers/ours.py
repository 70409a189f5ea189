"""DataSurface as a contender: a platform of its own for each milestoning, and a stream a table."""

import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from attrs import define, field

from benchmarks.peers.contender import Kept, Run, Site, first_line, last_document, run_process
from benchmarks.peers.tables import Table
from datasurface import (
    Credential,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    Milestoning,
    PostgresDatabase,
    Requirements,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.credentials import Credentials, EnvironmentVariables, variable_prefix
from datasurface.graph import deployments
from datasurface.interchange.canonical import Canonical
from datasurface.model import Assignment, AssignmentStatus, Consistency, GroupAssignments
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.runtime import YellowRuntime
from datasurface_yellow.store.connection import place
from datasurface_yellow.store.control import PostgresControlStore

_ROOT = Path(__file__).parents[2]
_STORE = "Store1"
_CREDENTIALS = ("contest-source", "contest-target")


@define
class Ours:
    """One platform of Yellow.

    Attributes:
        batches: by table, the runs that ended with each committed batch; filled by the runs.
    """

    milestoning: Milestoning
    batches: dict[str, dict[int, int]] = field(factory=dict)

    reads_own_database = False

    @property
    def name(self) -> str:
        """In the JSON document."""
        return f"datasurface_{self._platform.lower()}"

    @property
    def title(self) -> str:
        """For people."""
        return f"DataSurface {self._platform.lower()}"

    @property
    def keeps_past(self) -> bool:
        """Whether it is forensic."""
        return self.milestoning is Milestoning.FORENSIC

    @property
    def notes(self) -> Sequence[str]:
        """Its settings."""
        return ("all settings are the defaults",)

    @property
    def _platform(self) -> str:
        return "Forensic" if self.keeps_past else "Live"

    def prepare(self, site: Site) -> None:
        """Apply the model."""
        model = _model(site, self._platform, self.milestoning)
        in_force = deployments(model)
        credentials = Credentials([EnvironmentVariables(_variables(site))])
        for deployment in in_force:
            assert isinstance(deployment.platform, YellowDataPlatform)
            YellowRuntime(deployment, deployment.platform, None, credentials).apply()
        where = place(in_force[0].platform.merge_store, credentials)
        PostgresControlStore(where, Canonical([YellowDataPlatform])).publish(model, in_force, None)

    def run(self, site: Site, number: int, tables: Sequence[str], limit: float, worker: int = 0) -> Run:
        """A job a table, each in a process of its own, as a scheduler starts them."""
        runs = [self._job(site, number, table, limit, worker) for table in tables]
        insides = [run.inside for run in runs if run.inside is not None]
        return Run(
            sum(run.seconds for run in runs),
            sum(insides) if len(insides) == len(runs) else None,
            {table: said for run in runs for table, said in run.errors.items()},
            all(run.finished for run in runs),
        )

    def kept(self, table: str) -> Kept:
        """The merge table, by batch numbers."""
        relation = f'public."{self._platform.lower()}_{_STORE.lower()}_{table}_merge"'
        if not self.keeps_past:
            return Kept(relation)
        return Kept(relation, "ds_surf_batch_in", "ds_surf_batch_out", "ds_surf_batch_out = 2147483647")

    def _job(self, site: Site, number: int, table: str, limit: float, worker: int) -> Run:
        url = urlsplit(site.target_url)
        order = {
            "store": f"postgresql://{url.hostname}:{url.port}{url.path}?credential={_CREDENTIALS[1]}",
            "platform": self._platform,
            "stream": f"{_STORE}.{table}",
            "run_id": f"{number}-{worker}",
            "spawned": monotonic(),
        }
        ended = run_process([sys.executable, "-m", "benchmarks.merge.job"], order, _variables(site), _ROOT, limit)
        document = last_document(ended)
        if not document:
            return Run(ended.seconds, None, {table: first_line(ended.error)}, ended.code is not None)
        result = document["result"]
        assert isinstance(result, dict)
        inside = float(str(document["seconds"]))
        if result["result"] != "DONE":
            return Run(ended.seconds, inside, {table: f"{result['error']['type']}: {result['error']['message']}"})
        self.batches.setdefault(table, {})[result["batch"]] = number
        return Run(ended.seconds, inside, {})


def _variables(site: Site) -> dict[str, str]:
    variables: dict[str, str] = {}
    for credential, address in zip(_CREDENTIALS, (site.source_url, site.target_url), strict=True):
        url, prefix = urlsplit(address), variable_prefix(credential)
        variables |= {f"{prefix}_USER": url.username or "", f"{prefix}_PASSWORD": url.password or ""}
    return variables


def _database(name: str, address: str, credential: str) -> PostgresDatabase:
    url = urlsplit(address)
    return PostgresDatabase(
        name,
        host=url.hostname or "",
        port=url.port or 5432,
        database=url.path[1:],
        credential=Credential(credential),
    )


def _model(site: Site, platform: str, milestoning: Milestoning) -> Ecosystem:
    target = _database("Target", site.target_url, _CREDENTIALS[1])
    source = _database("Source", site.source_url, _CREDENTIALS[0])
    capture = SqlSnapshot(source, schema=site.source_schema, consistency=Consistency.SINGLE_DATASET)
    store = Datastore(_STORE, capture=capture, datasets=_datasets(site.tables))
    group = DatasetGroup(
        "Group1", sinks=store.sinks(), requires=Requirements(milestoning, latency=timedelta(minutes=1))
    )
    repository = GitRepository("acme/model")
    workspace = Workspace("Consumer1", groups=[group])
    team = Team("Team1", repository=repository, datastores=[store], workspaces=[workspace])
    return Ecosystem(
        "Contest",
        repository=repository,
        platforms=[
            YellowDataPlatform(
                platform,
                milestoning=milestoning,
                schedule="* * * * *",
                namespace=platform.lower(),
                merge_database=target,
            )
        ],
        zones=[GovernanceZone("Zone1", repository=repository, teams=[team])],
        assignments=[
            GroupAssignments(
                "Consumer1", "Group1", assignments=[Assignment(platform, status=AssignmentStatus.PROVISIONED)]
            )
        ],
    )


def _datasets(tables: Iterable[Table]) -> list[Dataset]:
    return [table.dataset for table in tables]
