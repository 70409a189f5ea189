"""Where an apply is disturbed: two platforms with a merge database each and a control database, at generation 1 with
rows and history, and the model of generation 2; the same again before every fault, and what an apply leaves that nobody
disturbs. From it comes the ground of a prune: generation 2 in force, of which most is unused.
"""

from collections.abc import Mapping, Sequence

import psycopg2
from attrs import evolve, field, frozen
from psycopg2.sql import SQL, Identifier, Literal

from datasurface.credentials import Credentials
from datasurface.graph import deployments
from datasurface.model import Column, Dataset, DatasetGroup, Ecosystem
from datasurface.operations.apply import ApplyReport, apply, plan
from datasurface.operations.jobs import InForce, ingest
from datasurface.operations.model import CheckedModel
from datasurface.operations.unused import Found
from datasurface.plugins.manager import installed_plugins
from datasurface.results import ResultCode
from datasurface.runtime import ControlStore, Generation
from datasurface.types import BigInt, Text
from datasurface_yellow import YellowDataPlatform
from tests.support.databases import Database, Databases
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Access, container_of, ecosystem
from tests.support.queries import execute, fetch

CONTROL = "control"
PLACES = (CONTROL, LIVE, FORENSIC)
TOYS = Dataset("toys", columns=[Column("id", BigInt(), primary_key=True), Column("name", Text())])
NICKNAMED = evolve(PEOPLE, columns=[*PEOPLE.columns, Column("nick", Text())])

_PASSING = (
    "token",
    "ds_surf_token",
    "started_at",
    "ingested_at",
    "committed_at",
    "applied_at",
    "seconds",
    "source_snapshot",
)
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
# A comment has digits of how the server keeps a definition, with numbers of its objects.
_STRUCTURE = """
    SELECT concat_ws(' ', n.nspname, c.relname, c.relkind, c.relacl,
        regexp_replace(obj_description(c.oid, 'pg_class'), '-[0-9a-f]{16} of ', ' of '),
        CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END,
        array(SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
        array(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.conrelid = c.oid ORDER BY 1))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'consumer1')
    UNION ALL
    SELECT concat_ws(' ', p.oid::regprocedure, p.proacl, pg_get_functiondef(p.oid),
        regexp_replace(obj_description(p.oid, 'pg_proc'), '-[0-9a-f]{16} of ', ' of '))
    FROM pg_proc p WHERE p.pronamespace = 'consumer1'::regnamespace
    ORDER BY 1"""
_READABLE = "SELECT relname FROM pg_class WHERE relnamespace = 'consumer1'::regnamespace AND relkind = 'v' ORDER BY 1"

Stand = Mapping[str, Sequence[str]]


@frozen
class Ground:
    """The databases, both models, and how to begin again.

    Attributes:
        targets: control database and merge databases, by the platform's name.
        saved: the databases that these are copied from.
        before: the model in force.
        after: the model that is applied: a column and a dataset more, and a view less.
        shown_before: the views of the model in force.
        undisturbed: what stands in the databases after an apply that nobody disturbs.
        agreed: what the apply is to drop because nothing uses it.
    """

    source: Database
    targets: Mapping[str, Database]
    administrators: Mapping[str, str]
    saved: Mapping[str, str]
    access: Access
    before: Ecosystem
    after: Ecosystem
    shown_before: Mapping[str, Sequence[object]]
    undisturbed: Mapping[str, Stand]
    agreed: Found = field(factory=dict)

    @property
    def names(self) -> Mapping[str, str]:
        """What to call the databases, by their names."""
        return {database.name: place for place, database in self.targets.items()}

    def apply(self) -> ApplyReport:
        """Apply the model of generation 2."""
        return applied(self.after, self.access.credentials, self.agreed)

    def unused(self) -> Found:
        """What an apply that prunes would offer to drop."""
        return plan(_checked(self.after), installed_plugins(), self.access.credentials, prune=True).pruned

    def put_back(self) -> None:
        """Begin again."""
        for place, saved in self.saved.items():
            _copy(self.administrators[place], self.targets[place].name, saved, self.access.writer.name)

    def in_force(self) -> Generation:
        """The generation in force: whole, or this fails."""
        found = _control(self.after, self.access.credentials).current()
        assert found is not None
        model = {1: self.before, 2: self.after}[found.number]
        assert found.deployments == deployments(model)
        for deployment in found.deployments:
            table = Identifier(f"{deployment.platform.name.lower()}_airflow_dsg")
            configured = SQL("SELECT stream, jsonb_path_query_array(config, '$.stream.datasets[*].name') FROM {}")
            rows = fetch(self.targets[CONTROL], configured.format(table))
            wanted = [(stream.key, [dataset.name for dataset in stream.datasets]) for stream in deployment.streams]
            assert rows == wanted
        return found

    def read_everything(self) -> Mapping[str, Sequence[object]]:
        """What consumers can read: the names of the views that answer."""
        return {place: _answers(self.targets[place]) for place in (LIVE, FORENSIC)}

    def stand(self) -> Mapping[str, Stand]:
        """All that is in the databases."""
        return {place: self.stand_of(place) for place in self.targets}

    def stand_of(self, place: str) -> Stand:
        """All that is in one of them."""
        return _stand(self.targets[place])


def make_ground(databases: Databases, others: Databases | None = None) -> Ground:
    """The ground on one server; with ``others`` the forensic platform's merge database is on another one."""
    others = others or databases
    access = Access(databases.role("reader"), databases.role("writer"))
    source = databases.create("customer_db")
    targets = {
        CONTROL: databases.create("control"),
        LIVE: databases.create("merge_live"),
        FORENSIC: others.create("merge_forensic"),
    }
    execute(
        source,
        *CREATE,
        *fill(people=40, pets=10),
        "CREATE TABLE toys (id bigint, name text)",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {access.reader.name}",
    )
    if others is not databases:
        writer = SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        execute(targets[FORENSIC], writer.format(Identifier(access.writer.name), Literal(access.writer.password)))
    for database in targets.values():
        execute(database, *_grants(database.name, access.writer.name))
    before = _model([PEOPLE, PETS], source, targets)
    after = _without_sinks(_model([NICKNAMED, PETS, TOYS], source, targets), "ForensicDSG", "pets")
    applied(before, access.credentials)
    for change in ("SELECT", "UPDATE people SET city = 'new' WHERE id % 9 = 0"):
        execute(source, change)
        for platform in (LIVE, FORENSIC):
            result = ingest(in_force_of(before, access.credentials), platform, "Store1")
            assert result.code is ResultCode.DONE, result.error
    owners = {CONTROL: databases, LIVE: databases, FORENSIC: others}
    saved = {place: owners[place].create(f"saved_{place.lower()}", targets[place].name).name for place in PLACES}
    administrators = {place: owners[place].server.url("postgres") for place in PLACES}
    ground = Ground(source, targets, administrators, saved, access, before, after, {}, {})
    shown = ground.read_everything()
    ground.apply()
    return evolve(ground, shown_before=shown, undisturbed=ground.stand())


def make_pruning_ground(ground: Ground) -> Ground:
    """Generation 2 in force, without all that the live platform had and without half of the forensic one: a stream that
    ends, and one that goes on; the same again, and what is dropped, is applied."""
    ground.put_back()
    after = _without_sinks(ground.before, "LiveDSG", "people", "pets")
    after = _without_sinks(after, "ForensicDSG", "pets")
    applied(after, ground.access.credentials)
    saved = {place: f"{name}_less" for place, name in ground.saved.items()}
    for place, name in saved.items():
        _copy(ground.administrators[place], name, ground.targets[place].name, ground.access.writer.name)
    less = evolve(ground, saved=saved, after=after, shown_before=ground.read_everything())
    less = evolve(less, agreed=less.unused())
    less.apply()
    return evolve(less, undisturbed=less.stand())


def applied(model: Ecosystem, credentials: Credentials, agreed: Found | None = None) -> ApplyReport:
    """Apply a model, whatever it takes from consumers. ``agreed``: what goes because nothing uses it."""
    return apply(_checked(model), installed_plugins(), credentials, allow_breaking=True, prune=agreed)


def _checked(model: Ecosystem) -> CheckedModel:
    return CheckedModel(model, model, deployments(model), (), None)


def _control(model: Ecosystem, credentials: Credentials) -> ControlStore:
    assert model.control_database is not None
    return installed_plugins().control_store(model.control_database, credentials)


def in_force_of(model: Ecosystem, credentials: Credentials) -> InForce:
    """What is in force, to work on it."""
    control = _control(model, credentials)
    generation = control.current()
    assert generation is not None
    return InForce(control, generation, installed_plugins(), credentials)


def _model(datasets: Sequence[Dataset], source: Database, targets: Mapping[str, Database]) -> Ecosystem:
    model = ecosystem(datasets, container_of(source, "reader"), container_of(targets[LIVE], "writer"))
    platforms = [
        evolve(platform, merge_database=container_of(targets[platform.name], "writer"))
        for platform in model.platforms
        if isinstance(platform, YellowDataPlatform)
    ]
    return evolve(model, platforms=platforms, control_database=container_of(targets[CONTROL], "writer"))


def _without_sinks(model: Ecosystem, name: str, *datasets: str) -> Ecosystem:
    """A group asks for these no more: its views go."""

    def thinned(group: DatasetGroup) -> DatasetGroup:
        return evolve(group, sinks=[sink for sink in group.sinks if sink.dataset not in datasets])

    [zone] = model.zones
    [team] = zone.teams
    [workspace] = team.workspaces
    groups = [thinned(group) if group.name == name else group for group in workspace.groups]
    team = evolve(team, workspaces=[evolve(workspace, groups=groups)])
    return evolve(model, zones=[evolve(zone, teams=[team])])


def _grants(database: str, writer: str) -> Sequence[str]:
    return (
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'consumer1_reader') "
        "THEN CREATE ROLE consumer1_reader NOLOGIN; END IF; END $$",
        f'GRANT CREATE, TEMPORARY ON DATABASE "{database}" TO {writer}',
        f"GRANT CREATE, USAGE ON SCHEMA public TO {writer}",
    )


def _copy(administrator: str, name: str, saved: str, writer: str) -> None:
    """Make a database anew from the one that was saved. What a role may do with it as a whole is not copied."""
    session = psycopg2.connect(administrator)
    session.autocommit = True
    try:
        with session.cursor() as cursor:
            cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
            cursor.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(saved)))
            grant = SQL("GRANT CREATE, TEMPORARY ON DATABASE {} TO {}")
            cursor.execute(grant.format(Identifier(name), Identifier(writer)))
    finally:
        session.close()


def _answers(database: Database) -> Sequence[object]:
    found = []
    for (name,) in fetch(database, _READABLE):
        fetch(database, SQL("SELECT * FROM {} LIMIT 1").format(Identifier("consumer1", str(name))))
        found.append(name)
    return found


def _stand(database: Database) -> Stand:
    found: dict[str, Sequence[str]] = {}
    for (name,) in fetch(database, _TABLES):
        if not str(name).endswith("_job_result"):
            rows = SQL("SELECT (to_jsonb(t) - %s)::text FROM public.{} t ORDER BY 1").format(Identifier(str(name)))
            found[str(name)] = [str(row) for (row,) in fetch(database, rows, list(_PASSING))]
    has_views = fetch(database, "SELECT to_regnamespace('consumer1') IS NOT NULL") == [(True,)]
    structure = _STRUCTURE if has_views else _STRUCTURE.partition("UNION ALL")[0] + " ORDER BY 1"
    found["structure"] = [str(line) for (line,) in fetch(database, structure)]
    return found
