"""The statements of the page on privileges: enough for everything, none too many, and what the demonstration grants."""

import re
from collections.abc import Callable, Iterator, Sequence

import psycopg2
import psycopg2.errors
import pytest
from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.environment import Environment
from datasurface.errors import DataSurfaceError
from datasurface.operations.apply import apply
from datasurface.operations.checkout import ModelFolder
from datasurface.operations.control import control_container
from datasurface.operations.jobs import InForce, ingest, reconcile_views, verify
from datasurface.operations.model import CheckedModel, check
from datasurface.plugins.manager import Plugins, installed_plugins
from datasurface.results import ResultCode
from datasurface_yellow.local import databases
from datasurface_yellow.simulator.example import example_folder
from datasurface_yellow.simulator.producer import create_producer
from tests.postgres.docs.conftest import Cluster, Statement, statements

OPTIONAL = "GRANT CREATE ON DATABASE datasurface_merge TO datasurface_owner"
"""For workspaces that are new; the page says when it can be left out."""

DATABASES = ("customer_db", "datasurface_merge", "consumer_db")

LIVE_ROWS = "SELECT id FROM consumer1.yellowlive_consumer1_livedsg_customers_view"
HISTORY_ROWS = "SELECT id FROM consumer1.yellowforensic_consumer1_forensicdsg_customers_history"

PASSWORD = dict(re.findall(r"CREATE ROLE (\w+) LOGIN PASSWORD '(.*?)'", "\n".join(each.sql for each in statements())))


def single_rights(statement: Statement) -> Iterator[Statement]:
    """A statement as several that grant or revoke one right each."""
    found = re.fullmatch(r"(GRANT|REVOKE) ([A-Z, ]+) (ON .*)", statement.sql)
    if found is None or found[2] == "SELECT":
        yield statement
        return
    for right in found[2].split(", "):
        yield evolve(statement, sql=f"{found[1]} {right} {found[3]}")


SINGLE = [right for statement in statements() for right in single_rights(statement)]
RIGHTS = [each for each in SINGLE if not each.sql.startswith(("CREATE ROLE", "CREATE DATABASE", "CREATE EXTENSION"))]


@frozen
class Site:
    """A cluster on which the example can be set up again and again."""

    cluster: Cluster
    model: CheckedModel
    plugins: Plugins

    def set_up(self, rights: Sequence[Statement]) -> None:
        """New databases with these statements run, where nobody has a right in schema public by default."""
        run = self.cluster.run
        for database in DATABASES:
            run("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        for role in PASSWORD.keys() | {"datasurface_owner", "consumer1_reader"}:
            run("postgres", f"DROP ROLE IF EXISTS {role}")
        run("postgres", "CREATE DATABASE customer_db TEMPLATE producer")
        for statement in rights:
            run(statement.database, statement.sql)
            if statement.sql.startswith("CREATE DATABASE"):
                run(statement.sql.rpartition(" ")[2], "REVOKE ALL ON SCHEMA public FROM PUBLIC")

    def as_role(self, role: str, database: str, *sql: str) -> list[tuple[object, ...]]:
        """Statements as one of the roles."""
        return self.cluster.run(database, *sql, user=role, password=PASSWORD[role])

    def go_the_whole_way(self) -> None:
        """What the credentials are for. Raises what is not allowed."""
        variables = {f"{role}_USER".upper(): role for role in PASSWORD}
        variables |= {f"{role}_PASSWORD".upper(): password for role, password in PASSWORD.items()}
        credentials = Credentials([EnvironmentVariables(variables)])
        apply(self.model, self.plugins, credentials)
        control = self.plugins.control_store(control_container(self.model.ecosystem), credentials)
        generation = control.current()
        assert generation is not None
        in_force = InForce(control, generation, self.plugins, credentials)
        for change in ("DELETE FROM addresses WHERE id = 'A2002'", "UPDATE customers SET email = NULL"):
            for platform, stream in in_force.streams():
                result = ingest(in_force, platform, stream)
                if result.code is not ResultCode.DONE:
                    raise DataSurfaceError(str(result.error))
            self.cluster.run("customer_db", "SET session_replication_role = replica", change)
        assert all(check.holds for checks in verify(in_force).values() for check in checks)
        assert all(summary.is_well for summary in reconcile_views(in_force).values())
        assert self.as_role("consumer1", "consumer_db", LIVE_ROWS)
        assert self.as_role("consumer1", "consumer_db", HISTORY_ROWS)

    def allows(self, role: str, database: str, sql: str) -> bool:
        """Whether a role may run a statement."""
        try:
            self.as_role(role, database, sql)
        except psycopg2.errors.InsufficientPrivilege:
            return False
        except psycopg2.OperationalError as error:
            if "permission denied for database" not in str(error):
                raise
            return False
        return True

    def rights(self) -> set[tuple[object, ...]]:
        """Who may do what, in all databases."""
        found = {("member", *row) for row in self.cluster.run("postgres", MEMBERS)}
        for database in DATABASES:
            found |= {(database, *row) for row in self.cluster.run(database, GRANTED)}
        return found


MEMBERS = (
    "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members WHERE roleid::regrole::text !~ '^pg_'"
)

GRANTED = """
SELECT 'database', datname::text, datacl::text FROM pg_database WHERE datname = current_database()
UNION ALL SELECT 'schema', nspname::text, nspacl::text || nspowner::regrole::text
FROM pg_namespace WHERE nspname IN ('public', 'consumer1')
UNION ALL SELECT 'table', relname::text, relacl::text FROM pg_class WHERE relname IN ('customers', 'addresses')
UNION ALL SELECT 'wrapper', fdwname::text, fdwacl::text FROM pg_foreign_data_wrapper
"""


FORBIDDEN = [
    ("consumer1_remote", "datasurface_merge", "SELECT FROM public.yellowlive_store1_customers_merge"),
    ("consumer1_remote", "datasurface_merge", "SELECT FROM public.yellowlive_batch_metrics"),
    ("consumer1_remote", "datasurface_merge", "SELECT FROM public.datasurface_generation"),
    (
        "consumer1_remote",
        "datasurface_merge",
        "DELETE FROM consumer1.yellowlive_consumer1_livedsg_customers_view",
    ),
    ("consumer1_remote", "datasurface_merge", "CREATE TABLE consumer1.mine ()"),
    ("consumer1_remote", "datasurface_merge", "CREATE TEMPORARY TABLE mine ()"),
    ("consumer1", "datasurface_merge", "SELECT"),
    ("consumer1", "customer_db", "SELECT"),
    ("consumer1", "consumer_db", "SELECT FROM consumer1_remote.yellowlive_consumer1_livedsg_customers_view"),
    ("consumer1", "consumer_db", "CREATE USER MAPPING FOR CURRENT_USER SERVER yellowlive_consumer1_server"),
    ("consumer1", "consumer_db", "CREATE TABLE consumer1.mine ()"),
    ("consumer1", "consumer_db", "CREATE TEMPORARY TABLE mine ()"),
    ("consumer_db_owner", "datasurface_merge", "SELECT"),
    ("yellow_live_writer", "consumer_db", "SELECT"),
    ("customer_db_reader", "customer_db", "DELETE FROM public.addresses"),
    ("customer_db_reader", "customer_db", "CREATE TEMPORARY TABLE mine ()"),
    ("customer_db_reader", "datasurface_merge", "SELECT"),
    ("yellow_live_writer", "customer_db", "SELECT"),
    ("yellow_live_writer", "datasurface_merge", "SELECT FROM public.yellowforensic_store1_customers_merge"),
    ("yellow_live_writer", "datasurface_merge", "SELECT FROM public.datasurface_generation"),
    ("control_writer", "datasurface_merge", "SELECT FROM public.yellowlive_store1_customers_merge"),
]


@pytest.fixture(scope="module")
def site(cluster: Cluster) -> Site:
    cluster.run("postgres", "CREATE DATABASE producer")
    connection = psycopg2.connect(cluster.server.url("producer"))
    create_producer(connection)
    connection.close()
    cluster.run("producer", "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    names = ("CustomerDB", "LiveStore", "ForensicStore", "ControlStore", "ConsumerDB")
    places = {name: {"port": cluster.server.port} for name in names}
    plugins = installed_plugins()
    model = check(ModelFolder(example_folder()), plugins, Environment(containers=places))
    return Site(cluster, model, plugins)


@pytest.fixture(scope="module")
def finished(site: Site) -> Site:
    """The site with the page's statements run, and the whole way gone."""
    site.set_up(statements())
    site.go_the_whole_way()
    return site


def test_the_rights_are_enough(finished: Site) -> None:
    assert finished.allows("consumer1", "consumer_db", HISTORY_ROWS)


@pytest.mark.parametrize(("role", "database", "sql"), FORBIDDEN, ids=lambda value: value)
def test_what_is_not_granted_is_forbidden(finished: Site, role: str, database: str, sql: str) -> None:
    assert not finished.allows(role, database, sql)


def test_the_demonstration_grants_the_same(site: Site) -> None:
    site.set_up(statements())
    of_the_page = site.rights()
    site.set_up([])
    steps: Sequence[tuple[str, Callable[[Connection], object]]] = (
        ("postgres", databases.create_roles),
        ("postgres", databases.create_databases),
        ("customer_db", databases.grant_in_producer),
        ("datasurface_merge", databases.grant_in_merge),
        ("consumer_db", databases.grant_in_consumer),
    )
    for database, step in steps:
        connection = psycopg2.connect(site.cluster.server.url(database))
        connection.autocommit = database == "postgres"
        step(connection)
        connection.close()
    for database in ("datasurface_merge", "consumer_db"):
        site.cluster.run(database, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    assert site.rights() == of_the_page


@pytest.mark.parametrize("left_out", RIGHTS, ids=lambda right: right.sql)
def test_none_of_them_can_be_left_out(site: Site, left_out: Statement) -> None:
    site.set_up([right for right in SINGLE if right != left_out])
    if left_out.sql == OPTIONAL:
        site.go_the_whole_way()
        return
    try:
        site.go_the_whole_way()
    except (DataSurfaceError, psycopg2.Error):
        return
    assert any(site.allows(*attempt) for attempt in FORBIDDEN), "nothing fails without it, and nothing is allowed"
