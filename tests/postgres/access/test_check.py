"""The check of access: nothing differs on what apply has made, and whatever is changed by hand is found."""

import re
from collections.abc import Sequence

import pytest
from attrs import evolve

from datasurface.access import AccessCell, AccessReport, Seen
from datasurface.credentials import Credentials, EnvironmentVariables
from tests.postgres.access.conftest import Readers
from tests.support.databases import Role
from tests.support.pipeline import FORENSIC, LIVE

OBJECTS = "SELECT classid, objid, objsubid, refobjid FROM pg_depend ORDER BY 1, 2, 3, 4"
ROLES = "SELECT rolname, oid FROM pg_roles ORDER BY 1"


def checked(readers: Readers, platform: str = LIVE, login: Role | None = None) -> AccessReport:
    """The report of a superuser's login, or of another one."""
    server = readers.pipeline.server
    login = login or Role(server.user, server.password)
    variables = {**readers.pipeline.access.variables, "CHECK_USER": login.name, "CHECK_PASSWORD": login.password}
    runtime = evolve(readers.pipeline.runtime(platform), credentials=Credentials([EnvironmentVariables(variables)]))
    [report] = runtime.check_access("check")
    return report


def told(cells: Sequence[AccessCell]) -> set[tuple[str, str, str | None, str, str]]:
    return {(cell.role, cell.object, cell.column, cell.operation, cell.observed.value) for cell in cells}


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
def test_nothing_differs_and_nothing_remains(readers: Readers, platform: str) -> None:
    before = [readers.pipeline.query(query) for query in (OBJECTS, ROLES)]

    report = checked(readers, platform)

    assert told(report.differences) == set()
    roles = ("consumer1_reader", "consumer2_reader", readers.first.name, readers.second.name)
    assert report.roles == dict.fromkeys(roles, "login")
    assert {cell.observed for cell in report.cells} == {*Seen} - {Seen.ABSENT, Seen.OTHERWISE}
    assert [readers.pipeline.query(query) for query in (OBJECTS, ROLES)] == before


BASE = "public.yellowlive_store1_clients_merge"
READER = "consumer2_reader"
Told = tuple[str, str, str | None, str, str]
Mutation = tuple[str, str, set[Told]]
"""What somebody does by hand, how it is undone, and what the check says of it; SECOND is the login of the workspace."""


def both(place: str, column: str | None, operation: str, observed: str) -> set[Told]:
    """Said of the role and of its member."""
    return {(role, place, column, operation, observed) for role in (READER, "SECOND")}


CALLS_VIEW = "consumer2.yellowlive_consumer2_livedsg_calls_view"
CLIENTS_VIEW = "consumer2.yellowlive_consumer2_livedsg_clients_view"
NAMES = {"BASE": BASE, "READER": READER, "CALLS_VIEW": CALLS_VIEW, "CLIENTS_VIEW": CLIENTS_VIEW}
CLIENTS = ("id", "email", "phone", "born", "joined", "income", "note", "country")
UNMASKED = (
    "CREATE OR REPLACE VIEW CALLS_VIEW WITH (security_barrier) AS "
    "SELECT email::text, minutes FROM public.yellowlive_store1_calls_merge"
)
GRANTS: Sequence[Mutation] = [
    (
        "GRANT USAGE ON SCHEMA public TO READER",
        "REVOKE USAGE ON SCHEMA public FROM READER",
        set(),
    ),
    (
        "GRANT SELECT (email) ON BASE TO READER",
        "REVOKE SELECT (email) ON BASE FROM READER",
        both(BASE, None, "SELECT", "allowed") | both(BASE, "email", "SELECT", "allowed"),
    ),
    (
        "GRANT SELECT ON public.yellowlive_mask_keys TO SECOND",
        "REVOKE SELECT ON public.yellowlive_mask_keys FROM SECOND",
        {
            ("SECOND", "public.yellowlive_mask_keys", column, "SELECT", "allowed")
            for column in (None, "id", "credential", "inner_pad", "outer_pad")
        },
    ),
    (
        "GRANT INSERT, DELETE ON public.yellowlive_job_result TO SECOND",
        "REVOKE ALL ON public.yellowlive_job_result FROM SECOND",
        {("SECOND", "public.yellowlive_job_result", None, right, "allowed") for right in ("INSERT", "DELETE")},
    ),
    (
        "GRANT UPDATE (country), TRIGGER ON CLIENTS_VIEW TO READER",
        "REVOKE UPDATE (country), TRIGGER ON CLIENTS_VIEW FROM READER",
        both(CLIENTS_VIEW, None, "UPDATE", "allowed") | both(CLIENTS_VIEW, None, "TRIGGER", "allowed"),
    ),
    (
        "GRANT CREATE ON SCHEMA consumer2 TO READER",
        "REVOKE CREATE ON SCHEMA consumer2 FROM READER",
        both("schema consumer2", None, "CREATE", "allowed"),
    ),
    (
        "GRANT USAGE ON SCHEMA consumer1 TO READER",
        "REVOKE USAGE ON SCHEMA consumer1 FROM READER",
        both("schema consumer1", None, "USAGE", "allowed"),
    ),
    (
        "CREATE FUNCTION consumer2.oracle(text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT $1'",
        "DROP FUNCTION consumer2.oracle",
        both("consumer2.oracle(text)", None, "EXECUTE", "allowed"),
    ),
    (
        "REVOKE SELECT ON CALLS_VIEW FROM READER",
        "GRANT SELECT ON CALLS_VIEW TO READER",
        both(CALLS_VIEW, "email", "SELECT", "denied") | both(CALLS_VIEW, "minutes", "SELECT", "denied"),
    ),
]
VIEWS: Sequence[Mutation] = [
    (
        UNMASKED,
        "",
        both(CALLS_VIEW, "email", "SELECT", "otherwise") | both(CALLS_VIEW, "minutes", "SELECT", "otherwise"),
    ),
    (
        "ALTER VIEW CLIENTS_VIEW SET (security_barrier = false)",
        "ALTER VIEW CLIENTS_VIEW SET (security_barrier)",
        {cell for column in CLIENTS for cell in both(CLIENTS_VIEW, column, "SELECT", "otherwise")}
        | both(CLIENTS_VIEW, None, "SELECT FILTERED ROWS", "otherwise"),
    ),
]
POWERS: Sequence[Mutation] = [
    (
        "GRANT pg_read_all_stats TO READER",
        "REVOKE pg_read_all_stats FROM READER",
        both("the role", None, "MEMBER OF pg_read_all_stats", "allowed"),
    ),
    (
        "ALTER ROLE consumer2_reader BYPASSRLS",
        "ALTER ROLE consumer2_reader NOBYPASSRLS",
        {(READER, "the role", None, "BYPASSRLS", "allowed")},
    ),
    (
        "GRANT TEMPORARY ON DATABASE DATABASE_NAME TO READER",
        "REVOKE TEMPORARY ON DATABASE DATABASE_NAME FROM READER",
        both("the database", None, "TEMPORARY", "allowed"),
    ),
]


@pytest.mark.parametrize("mutations", [GRANTS, VIEWS, POWERS], ids=["grants", "views", "powers"])
def test_what_is_done_by_hand_is_found(readers: Readers, mutations: Sequence[Mutation]) -> None:
    pipeline = readers.pipeline
    names = {**NAMES, "SECOND": readers.second.name, "DATABASE_NAME": pipeline.target.name}

    def here(sql: str) -> str:
        return re.sub(r"\b[A-Z_]+\b", lambda word: names.get(word[0], word[0]), sql)

    pipeline.store(*(here(done) for done, _, _ in mutations))
    try:
        report = checked(readers)
    finally:
        if mutations is VIEWS:
            pipeline.store(here("DROP VIEW CALLS_VIEW"))
            pipeline.runtime(LIVE).reconcile_views()
        pipeline.store(*(here(undone) for _, undone, _ in mutations if undone))

    expected = {(here(role), *rest) for _, _, cells in mutations for role, *rest in cells}
    assert told(report.differences) == expected


def test_a_filter_that_is_taken_out_by_hand_is_found(readers: Readers) -> None:
    pipeline = readers.pipeline
    [(made,)] = pipeline.query(f"SELECT pg_get_viewdef('{CLIENTS_VIEW}'::regclass)")
    unfiltered, _, condition = str(made).rpartition(" WHERE ")
    assert "country" in condition
    pipeline.store(f"CREATE OR REPLACE VIEW {CLIENTS_VIEW} WITH (security_barrier) AS {unfiltered}")
    try:
        report = checked(readers)
    finally:
        pipeline.runtime(LIVE).reconcile_views()

    filtered = [cell for cell in report.differences if cell.operation == "SELECT FILTERED ROWS"]
    assert told(filtered) == {
        (role, CLIENTS_VIEW, None, "SELECT FILTERED ROWS", "allowed") for role in (READER, readers.second.name)
    }
    assert told(checked(readers).differences) == set()


def test_a_function_that_is_replaced_by_hand_is_found(readers: Readers) -> None:
    pipeline, prefix = readers.pipeline, "consumer2.yellowforensic_consumer2_forensicdsg_clients_"
    replaced = {
        f"{prefix}as_of_batch(integer)": ("IS NOT NULL", "IS NOT NULL OR true"),
        f"{prefix}settled(integer)": ("RETURN $1;", "RETURN $1 + 1;"),
        f"{prefix}changes(integer, integer)": ("LANGUAGE sql", "LANGUAGE sql SECURITY DEFINER"),
    }
    for place, (former, other) in replaced.items():
        [(made,)] = pipeline.query(f"SELECT pg_get_functiondef('{place}'::regprocedure)")
        assert former in str(made)
        pipeline.store(str(made).replace(former, other))
    [(of_batches,)] = pipeline.query(f"SELECT pg_get_viewdef('{prefix}batches'::regclass)")
    pipeline.store(f"CREATE OR REPLACE VIEW {prefix}batches AS {str(of_batches).rstrip(';')} OFFSET 1")
    try:
        report = checked(readers, FORENSIC)
    finally:
        pipeline.runtime(FORENSIC).reconcile_views()

    functions = {cell for place in replaced for cell in both(place, None, "EXECUTE", "otherwise")}
    columns = ("ds_surf_batch", "ds_surf_valid_from", "ds_surf_follows")
    batches = {cell for column in columns for cell in both(f"{prefix}batches", column, "SELECT", "otherwise")}
    roles = {READER: READER, "SECOND": readers.second.name}
    assert told(report.differences) == {(roles[role], *rest) for role, *rest in functions | batches}
    assert told(checked(readers, FORENSIC).differences) == set()


def test_a_role_that_may_not_connect_is_found(readers: Readers) -> None:
    connect = f"CONNECT ON DATABASE {readers.pipeline.target.name}"
    readers.pipeline.store(f"REVOKE {connect} FROM {READER}")
    try:
        report = checked(readers)
    finally:
        readers.pipeline.store(f"GRANT {connect} TO {READER}")

    roles = (READER, readers.second.name)
    assert told(report.differences) == {(role, "the database", None, "CONNECT", "denied") for role in roles}


def test_a_login_that_may_set_the_role_is_enough(readers: Readers) -> None:
    writer = readers.pipeline.access.writer
    readers.pipeline.store(f"GRANT {READER} TO {writer.name}")
    try:
        report = checked(readers, login=writer)
    finally:
        readers.pipeline.store(f"REVOKE {READER} FROM {writer.name}")

    assert report.roles == {READER: "set role"}
    assert report.unchecked.keys() == {readers.first.name, readers.second.name}
    [error] = report.errors
    assert "may not become consumer1_reader in " in error.message
    assert not report.holds
    assert told(report.differences) == set()


def test_a_login_that_may_become_nobody_is_told_what_to_ask_for(readers: Readers) -> None:
    report = checked(readers, login=readers.pipeline.access.writer)

    assert (report.cells, report.roles) == ((), {})
    [error] = report.errors
    assert "may not become consumer1_reader, consumer2_reader in " in error.message
    assert "GRANT consumer1_reader, consumer2_reader TO" in (error.hint or "")
