"""Producers whose databases keep text in another encoding than the merge database."""

from collections.abc import Callable, Iterator

import psycopg2
import pytest
from psycopg2.sql import SQL, Identifier, Literal

from datasurface.model import Column, Dataset
from datasurface.types import VarChar
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.databases import Database, MakeDatabase, Role
from tests.support.people import CREATE, PEOPLE
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline
from tests.support.records import assert_done, follow
from tests.support.refusals import Refusal, assert_refused, assert_untouched, state_of

PLACES = Dataset("places", columns=[Column("name", VarChar(50), primary_key=True), Column("country", VarChar(50))])
CREATE_PLACES = "CREATE TABLE places (name varchar(50), country varchar(50))"
MakeEncoded = Callable[[str], Pipeline]


@pytest.fixture
def encoded(
    pg_server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role]
) -> Iterator[MakeEncoded]:
    """``encoded(name)``: a pipeline whose producer's database has the encoding of that name."""
    administrator = psycopg2.connect(pg_server.url("postgres"))
    administrator.autocommit = True
    made: list[str] = []

    def run(statement: str, encoding: str) -> None:
        with administrator.cursor() as cursor:
            names = {"name": Identifier(f"empty_{encoding}"), "encoding": Literal(encoding)}
            cursor.execute(SQL(statement).format(**names))

    def make(encoding: str) -> Pipeline:
        run("CREATE DATABASE {name} TEMPLATE template0 ENCODING {encoding} LC_COLLATE 'C' LC_CTYPE 'C'", encoding)
        made.append(encoding)

        def database(name_hint: str, template: str | None = None) -> Database:
            return make_database(name_hint, f"empty_{encoding}" if name_hint == "customer_db" else template)

        return make_pipeline(pg_server, database, make_role, [PEOPLE, PLACES], *CREATE, CREATE_PLACES)

    yield make
    for encoding in made:
        run("DROP DATABASE {name}", encoding)
    administrator.close()


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1252", "EUC_JP"])
def test_text_is_the_same_characters_and_has_the_same_hashes_in_keys_too(encoded: MakeEncoded, encoding: str) -> None:
    text = "日本 ソ" if encoding == "EUC_JP" else "Zoë Ångström ß"
    pipeline = encoded(encoding)
    pipeline.producer("INSERT INTO places SELECT 'TEXT ' || i, NULL FROM generate_series(1, 9) i".replace("TEXT", text))

    batches = follow(pipeline, ["UPDATE places SET country = 'TEXT' WHERE name = 'TEXT 3'".replace("TEXT", text)])

    assert batches[1]["places"].updated == 1
    [found] = pipeline.query("SELECT name, country FROM yellowlive_store1_places_merge WHERE country IS NOT NULL")
    assert found == (f"{text} 3", text)


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
def test_bytes_that_are_no_text_are_refused_until_they_are_mended(encoded: MakeEncoded, platform: str) -> None:
    pipeline = encoded("SQL_ASCII")
    pipeline.producer("INSERT INTO people VALUES (1, 'zyx-ok', 'zyx')")
    assert_done(pipeline.run(platform))
    pipeline.producer(r"INSERT INTO people VALUES (2, E'zyx-\xe4', 'zyx')")
    before = state_of(pipeline, platform)
    refusal = Refusal("SourceUnavailable", "people", "character_not_in_repertoire (22021)", "the source's own message")

    assert_refused(pipeline, platform, pipeline.run(platform), refusal)

    assert_untouched(pipeline, platform, before, tried=2)
    pipeline.producer("UPDATE people SET name = 'zyx-ae' WHERE id = 2")
    assert_done(pipeline.run(platform))
