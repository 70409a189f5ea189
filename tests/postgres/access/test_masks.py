"""What a workspace sees of columns that it has no clearance for, and that nothing it can do shows it more."""

import hmac
from datetime import UTC, date, datetime

import psycopg2
import psycopg2.errors
import pytest

from datasurface_yellow.deploy.mask_keys import mask_key
from tests.postgres.access.conftest import Readers, named
from tests.support.clients import KEY, SECRET
from tests.support.length import long_or

pytestmark = pytest.mark.slow


def hashed(text: str) -> str:
    return hmac.digest(KEY.encode(), text.encode(), "sha256").hex()


def test_who_is_cleared_for_everything_sees_it_as_it_is(readers: Readers) -> None:
    (row,) = readers.read(readers.first, "SELECT email, phone, born, income, note FROM OTHERS WHERE id = 7")

    assert row[:3] == ("zyx-7@example.com", "+44 zyx 7", date(1970, 3, 12))
    assert (str(row[3]), row[4]) == ("1007.00", "zyx note 7")


@pytest.mark.parametrize("view", ["MINE", "MY_PAST"])
def test_who_is_not_sees_masks(readers: Readers, view: str) -> None:
    (row,) = readers.read(
        readers.second,
        "SELECT email, phone, born, joined, income, note, country FROM MINE WHERE id = 7".replace("MINE", view),
    )

    assert row == (
        *(hashed("zyx-7@example.com"), "+44***7", date(1970, 1, 1)),
        *(datetime(2021, 1, 1, tzinfo=UTC), None, None, "FR"),
    )


def test_edges_of_masks(readers: Readers) -> None:
    rows = readers.read(readers.second, "SELECT id, email, phone, born, joined FROM MINE WHERE id > 100 ORDER BY id")

    assert rows == [
        (101, None, None, None, None),
        (102, hashed(""), "***", None, None),
        (103, hashed("zyx ü"), "***", None, None),
    ]


def test_a_masked_column_keeps_its_type_but_for_hashes_and_parts(readers: Readers) -> None:
    types = readers.read(
        readers.second,
        "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute WHERE attnum > 0 AND attrelid = "
        "'MINE'::regclass ORDER BY attnum",
    )

    assert types == [
        ("id", "bigint"),
        ("email", "text"),
        ("phone", "text"),
        ("born", "date"),
        ("joined", "timestamp with time zone"),
        ("income", "numeric"),
        ("note", "text"),
        ("country", "character varying"),
    ]


def test_a_hashed_key_can_be_followed_through_its_history(readers: Readers) -> None:
    found = readers.read(
        readers.second, "SELECT ds_surf_operation, minutes, email FROM CALLS_CHANGED(0, 1) ORDER BY minutes LIMIT 1"
    )

    assert found == [("insert", 1, hashed("zyx-1@example.com"))]


def test_hashes_can_be_joined_and_counted(readers: Readers) -> None:
    found = readers.read(
        readers.second, "SELECT count(*), sum(minutes) FROM MINE JOIN MY_CALLS USING (email) WHERE id <= 10"
    )

    assert found == [(10, 55)]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_a_year_does_not_depend_on_the_readers_time_zone(readers: Readers, zone: str) -> None:
    session = readers.session(readers.second)
    with session.cursor() as cursor:
        cursor.execute("SELECT set_config('timezone', %s, false)", (zone,))
        cursor.execute(named("SELECT count(DISTINCT joined), min(joined) FROM MINE WHERE id <= 100"))
        assert cursor.fetchall() == [(1, datetime(2021, 1, 1, tzinfo=UTC))]


LEAK = """
CREATE FUNCTION SCHEMA.leak(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
$$ BEGIN RAISE NOTICE 'seen %', value; RETURN true; END $$
"""

QUERIES = [
    "SELECT count(*) FROM MINE WHERE SCHEMA.leak(email) AND SCHEMA.leak(phone) AND SCHEMA.leak(note)",
    "SELECT count(*) FROM MINE v WHERE SCHEMA.leak(v::text)",
    "SELECT count(*) FROM MINE a JOIN MINE b ON a.email = b.email AND SCHEMA.leak(b.email)",
    "SELECT count(*) FROM MY_PAST v WHERE SCHEMA.leak(v::text)",
    "SELECT count(*) FROM MY_STATE(1) v WHERE SCHEMA.leak(v::text)",
    "SELECT count(*) FROM CALLS_CHANGED(0, 1) v WHERE SCHEMA.leak(v::text)",
    "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM CALLS_CHANGED(0, 1) WHERE email = 'x'",
    "SELECT email::int FROM MINE WHERE id = 7",
    "SELECT phone::date FROM MINE WHERE id = 7",
    "SELECT (email || phone)::xml, note::numeric FROM MINE",
    "EXPLAIN (ANALYZE, VERBOSE, COSTS) SELECT * FROM MINE WHERE email = 'x' AND born = '1970-01-01'",
    "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM MINE a JOIN MY_CALLS b USING (email)",
    "SELECT email, count(*) FROM MINE GROUP BY GROUPING SETS ((email), (phone), ())",
    "SELECT string_agg(v::text, ',' ORDER BY email) FROM MINE v",
    "SELECT xmin FROM MINE",
    "SELECT query_to_xml('SELECT * FROM MINE', true, true, '')",
    "SELECT row_to_json(v) FROM MINE v",
    "SELECT pg_get_viewdef('MINE'::regclass, true), pg_get_viewdef('MY_PAST'::regclass)",
]


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_shows_what_is_masked(readers: Readers, query: str) -> None:
    session = readers.session(readers.second)
    said: list[str] = []
    with session.cursor() as cursor:
        cursor.execute(named("DROP FUNCTION IF EXISTS SCHEMA.leak"))
        cursor.execute(named(LEAK))
        try:
            cursor.execute(named(query))
            said += map(str, cursor.fetchall())
        except psycopg2.Error as error:
            said.append(f"{error} {error.diag.message_detail} {error.diag.context}")
    said += session.notices
    if "leak" in query:
        assert len(session.notices) >= 50, "the function saw nothing, not even masks"
    assert said
    key = mask_key("mask-key", KEY)
    for line in said:
        assert SECRET not in line
        assert not any(secret in line for secret in (KEY, KEY.encode().hex(), key.inner, key.outer))


FORBIDDEN = [
    "SELECT FROM public.yellowlive_mask_keys",
    "COPY public.yellowlive_mask_keys TO STDOUT",
    "SELECT FROM public.yellowlive_store1_clients_merge",
    "SELECT ctid FROM public.yellowforensic_store1_clients_merge_history",
    "SELECT FROM public.yellowlive_store1_clients_staging",
    "SELECT FROM public.yellowlive_job_result",
    "SELECT FROM public.yellowlive_batch_metrics",
    "SELECT FROM public.yellowlive_layout",
    "SELECT FROM OTHERS",
    "SELECT * FROM MINE FOR SHARE",
    "UPDATE MINE SET country = NULL",
    "DELETE FROM MINE",
    "INSERT INTO MINE (id) VALUES (0)",
    "ALTER VIEW MINE SET (security_barrier = false)",
    "CREATE OR REPLACE VIEW MINE AS SELECT 1",
    "CREATE TEMPORARY TABLE mine ()",
    "CREATE TABLE consumer2.mine ()",
    "CREATE STATISTICS mine ON id, email FROM public.yellowlive_store1_clients_merge",
    "CREATE TABLE SCHEMA.mine (id bigint REFERENCES public.yellowlive_store1_clients_merge)",
    "CREATE INDEX ON public.yellowlive_store1_clients_merge (email)",
    "ANALYZE VERBOSE public.yellowlive_store1_clients_merge",
    "SELECT pg_read_file('pg_hba.conf')",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_authid",
    "SELECT pg_ls_dir('base')",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "SET SESSION AUTHORIZATION postgres",
    "SET ROLE consumer1_reader",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_what_a_reader_may_not_do(readers: Readers, sql: str) -> None:
    with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.InvalidParameterValue)):
        readers.read(readers.second, sql)


CATALOGUE = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'v')
    AND has_table_privilege(c.oid, 'SELECT')
"""


SCAN = "SELECT count(*) FROM TABLE t WHERE t::text ~ reverse(%s)"


def test_nothing_in_the_catalogue_shows_values_or_keys(readers: Readers) -> None:
    readers.pipeline.store("ANALYZE")
    session = readers.session(readers.second)
    key = mask_key("mask-key", KEY)
    # backwards, so that the statement does not find itself in the list of activity
    words = "|".join((SECRET, KEY, KEY.encode().hex(), key.inner, key.outer))[::-1]
    tables, hits = 0, []
    with session.cursor() as cursor:
        cursor.execute(CATALOGUE, (["pg_catalog", *long_or(["information_schema"], [])],))
        for (table,) in cursor.fetchall():
            try:
                cursor.execute(SCAN.replace("TABLE", table), (words,))
            except psycopg2.Error:
                continue
            tables += 1
            if cursor.fetchall() != [(0,)]:
                hits.append(table)
    assert tables > 100
    assert hits == []
    assert readers.read(readers.second, "SELECT count(*) FROM pg_stats WHERE schemaname = 'public'") == [(0,)]
