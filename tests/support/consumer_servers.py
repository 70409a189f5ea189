"""Three servers: a producer with the live platform's merge database, the forensic platform's, and a consumer's. All
roles have the rights that the documentation grants them, and no more."""

from collections.abc import Iterable, Sequence
from itertools import count

import psycopg2
from attrs import define, evolve, field, frozen
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Composable, Identifier, Literal

from datasurface.credentials import Credentials, EnvironmentVariables, variable_prefix
from datasurface.graph import deployments
from datasurface.model import (
    Copied,
    Credential,
    Dataset,
    DatasetGroup,
    Ecosystem,
    Milestoning,
    PlatformManaged,
    PostgresDatabase,
)
from datasurface.model.rebuild import rebuilt
from datasurface.operations.apply import ApplyReport, apply
from datasurface.operations.jobs import InForce, ingest
from datasurface.operations.model import CheckedModel
from datasurface.plugins.manager import Plugins, installed_plugins
from datasurface.results import ResultCode, ViewSummary
from datasurface.runtime import PlatformRuntime
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.pipeline import FORENSIC, LIVE, ecosystem
from tests.support.statements import HeardConnection, Listener, Moment, When

_numbers = count(1)

LIVE_PEOPLE, LIVE_PETS = (f"consumer1.yellowlive_consumer1_livedsg_{name}_view" for name in ("people", "pets"))
PEOPLE_HISTORY = "consumer1.yellowforensic_consumer1_forensicdsg_people_history"


def named(sql: str) -> str:
    """A statement with the names of views and functions for ``{live_people}``, ``{people_history}`` and so on."""
    past = PEOPLE_HISTORY.removesuffix("history")
    return sql.format(
        live_people=LIVE_PEOPLE,
        live_pets=LIVE_PETS,
        people_history=PEOPLE_HISTORY,
        people_as_of=f"{past}as_of_batch",
        people_changes=f"{past}changes",
    )


@frozen
class Spot:
    """A database on one of the servers."""

    server: PostgresServer
    name: str

    def run(self, *statements: str | Composable, user: str | None = None) -> list[tuple[object, ...]]:
        """Run statements as the superuser or another role; the rows of the last."""
        connection: Connection = psycopg2.connect(
            host=self.server.host,
            port=self.server.port,
            dbname=self.name,
            user=user or self.server.user,
            password=password_of(user) if user else self.server.password,
        )
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def container(self, name: str, credential: str) -> PostgresDatabase:
        """As a model names it."""
        return PostgresDatabase(
            name, host=self.server.host, port=self.server.port, database=self.name, credential=Credential(credential)
        )


def password_of(role: str) -> str:
    """Not easy to quote."""
    return f"it's \\ {role} %s"


def make_role(server: PostgresServer, role: str, *, login: bool = True) -> None:
    """A role that may nothing yet; one of an earlier test is made anew."""
    kind = SQL("LOGIN PASSWORD {}").format(Literal(password_of(role))) if login else SQL("NOLOGIN")
    Spot(server, "postgres").run(
        SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)), SQL("CREATE ROLE {} {}").format(Identifier(role), kind)
    )


@frozen
class World:
    """Databases and roles on the three servers, for one test."""

    producer: Spot
    live: Spot
    forensic: Spot
    consumer: Spot
    number: int
    plugins: Plugins = field(factory=installed_plugins)

    def role(self, name: str) -> str:
        """The role that a credential opens."""
        return f"{name.replace('-', '_')}_of_world_{self.number}"

    @property
    def credentials(self) -> Credentials:
        """What opens everything."""
        variables = {}
        for name in ("source", "writer", "owner", "remote", "checker"):
            variables[f"{variable_prefix(name)}_USER"] = self.role(name)
            variables[f"{variable_prefix(name)}_PASSWORD"] = password_of(self.role(name))
        return Credentials([EnvironmentVariables(variables)])

    def model(self, datasets: Sequence[Dataset], *, own_database: bool = True) -> Ecosystem:
        """Both platforms, each with a merge database of its own; the consumer reads in a third."""
        live, forensic = self.live.container("Live", "writer"), self.forensic.container("Forensic", "writer")
        made = ecosystem(datasets, self.producer.container("Producer", "source"), live)
        made = evolve(
            made,
            control_database=evolve(live, name="Control"),
            platforms=[
                evolve(each, merge_database=live if each.milestoning is Milestoning.LIVE_ONLY else forensic)
                for each in made.platforms
                if isinstance(each, YellowDataPlatform)
            ],
        )
        container = self.consumer.container("ConsumerDB", "owner") if own_database else PlatformManaged()
        reader = Credential("remote") if own_database else None
        [workspace] = made.workspaces()
        return rebuilt(
            made, lambda it: evolve(workspace, container=container, reader=reader) if it == workspace else it
        )

    def apply(self, model: Ecosystem) -> ApplyReport:
        """As the command does, of a model without errors."""
        return apply(CheckedModel(model, model, deployments(model), (), None), self.plugins, self.credentials)

    def runtime(self, model: Ecosystem, platform: str) -> PlatformRuntime:
        """A platform at work on a model."""
        [deployment] = [each for each in deployments(model) if each.platform.name == platform]
        return self.plugins.runtime(deployment, None, self.credentials)

    def reconcile(self, model: Ecosystem, platform: str) -> ViewSummary:
        """The platform's views put right."""
        return self.runtime(model, platform).reconcile_views()

    def in_force(self, model: Ecosystem) -> InForce:
        """The generation in force, where the model says."""
        control = self.plugins.control_store(model.control_database or self.live.container("", ""), self.credentials)
        generation = control.current()
        assert generation is not None
        return InForce(control, generation, self.plugins, self.credentials)

    def batch(self, model: Ecosystem) -> None:
        """One batch of each platform of the model in force."""
        in_force = self.in_force(model)
        for platform in (LIVE, FORENSIC):
            result = ingest(in_force, platform, "Store1", allow_deletes=True)
            assert result.code is ResultCode.DONE, result.error

    def generation(self) -> int:
        """How many generations were put in force."""
        [(found,)] = self.live.run("SELECT to_regclass('public.datasurface_generation') IS NOT NULL")
        if not found:
            return 0
        [(number,)] = self.live.run("SELECT coalesce(max(number), 0) FROM public.datasurface_generation")
        assert isinstance(number, int)
        return number

    def read(self, query: str) -> list[tuple[object, ...]]:
        """What the consumer reads in its database, with the names of views as in ``named``."""
        return self.consumer.run(named(query), user=self.role("consumer"))


def copied(model: Ecosystem, *groups: str, schedule: str | None = None) -> Ecosystem:
    """The model with these groups copied; all of them where none is named."""
    return rebuilt(
        model,
        lambda it: (
            evolve(it, copied=Copied(schedule=schedule))
            if isinstance(it, DatasetGroup) and (not groups or it.name in groups)
            else it
        ),
    )


@define(eq=False)
class Ender:
    """Ends a session in one database before or after one of its statements."""

    spot: Spot
    number: int
    ended: str = ""

    def for_place(self, place: str) -> Listener | None:
        """For the database that is called so."""
        return self if place == "consumer" else None

    def __call__(self, moment: Moment, session: HeardConnection) -> None:
        at, when = divmod(self.number, 2)
        if moment.number == at and moment.when is (When.BEFORE, When.AFTER)[when]:
            self.ended = moment.statement
            self.spot.run(SQL("SELECT pg_terminate_backend({}, 5000)").format(Literal(session.info.backend_pid)))


def make_world(
    first: PostgresServer, second: PostgresServer, third: PostgresServer, create: Iterable[str], *, locale: str = "C"
) -> World:
    """New databases and roles, with the rights of the documentation."""
    number = next(_numbers)
    world = World(
        Spot(first, f"world_{number}_producer"),
        Spot(first, f"world_{number}_live"),
        Spot(second, f"world_{number}_forensic"),
        Spot(third, f"world_{number}_consumer"),
        number,
    )
    for spot in (world.producer, world.live, world.forensic, world.consumer):
        kind = locale if spot is world.consumer else "C"
        Spot(spot.server, "postgres").run(
            f"CREATE DATABASE {spot.name} TEMPLATE template0 LOCALE '{kind}'",
            f"REVOKE CONNECT, TEMPORARY ON DATABASE {spot.name} FROM PUBLIC",
        )
    source, writer, owner = world.role("source"), world.role("writer"), world.role("owner")
    remote, consumer = world.role("remote"), world.role("consumer")
    make_role(first, source)
    world.producer.run(
        *create,
        f"GRANT CONNECT ON DATABASE {world.producer.name} TO {source}",
        f"GRANT USAGE ON SCHEMA public TO {source}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {source}",
    )
    for merge in (world.live, world.forensic):
        make_role(merge.server, writer)
        make_role(merge.server, remote)
        _make_reader_role(merge.server)
        merge.run(
            f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {merge.name} TO {writer}",
            f"GRANT USAGE, CREATE ON SCHEMA public TO {writer}",
            f"GRANT CONNECT ON DATABASE {merge.name} TO {remote}",
            f"GRANT consumer1_reader TO {remote}",
        )
    make_role(third, owner)
    make_role(third, consumer)
    _make_reader_role(third)
    world.consumer.run(
        "CREATE EXTENSION postgres_fdw",
        f"GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {owner}",
        f"GRANT CONNECT, CREATE ON DATABASE {world.consumer.name} TO {owner}",
        f"GRANT CONNECT ON DATABASE {world.consumer.name} TO consumer1_reader",
        f"GRANT consumer1_reader TO {consumer}",
    )
    return world


def _make_reader_role(server: PostgresServer) -> None:
    found = Spot(server, "postgres").run("SELECT 1 FROM pg_roles WHERE rolname = 'consumer1_reader'")
    if not found:
        make_role(server, "consumer1_reader", login=False)


def drop_world(world: World) -> None:
    """Take databases and roles away, so that the servers are as before."""
    for spot in (world.producer, world.live, world.forensic, world.consumer):
        Spot(spot.server, "postgres").run(f"DROP DATABASE {spot.name} WITH (FORCE)")
    names = ", ".join(map(world.role, ("source", "writer", "owner", "remote", "consumer", "checker")))
    for server in {id(it.server): it.server for it in (world.live, world.forensic, world.consumer)}.values():
        Spot(server, "postgres").run(f"DROP ROLE IF EXISTS {names}")
