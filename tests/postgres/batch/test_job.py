"""One job on a real producer and a real merge database: what it does, and what its result says."""

from collections.abc import Callable

import pytest
from attrs import evolve

from datasurface.classification import PII, PUBLIC
from datasurface.model import Column, Dataset
from datasurface.results import DatasetCounts, ResultCode
from datasurface.types import BigInt, VarChar
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.databases import MakeDatabase, Role
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline

PEOPLE = Dataset(
    "people",
    columns=[
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("name", VarChar(50), nullable=False, classification=PII),
        Column("city", VarChar(50), classification=PII),
    ],
)


@pytest.fixture
def people(pg_server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role]) -> Pipeline:
    return make_pipeline(
        pg_server,
        make_database,
        make_role,
        [PEOPLE],
        "CREATE TABLE people (id bigint PRIMARY KEY, name varchar(50) NOT NULL, city varchar(50))",
        "INSERT INTO people VALUES (1, 'Ada', 'Berlin'), (2, 'Bob', NULL), (3, 'Cy', '')",
    )


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
def test_counts_say_what_each_batch_did(people: Pipeline, platform: str) -> None:
    first = people.run(platform)
    people.producer(
        "UPDATE people SET city = '' WHERE id = 2",
        "DELETE FROM people WHERE id = 3",
        "INSERT INTO people VALUES (4, 'Di', 'Rome')",
    )
    second = people.run(platform)
    third = people.run(platform)

    assert [result.code for result in (first, second, third)] == [ResultCode.DONE] * 3, [
        first.error,
        second.error,
        third.error,
    ]
    assert first.datasets == {"people": DatasetCounts(3, 3, 0, 0, 0)}
    assert second.datasets == {"people": DatasetCounts(3, 1, 1, 1, 1)}
    assert third.datasets == {"people": DatasetCounts(3, 0, 0, 0, 3)}
    assert all(check.holds for check in people.runtime(platform).verify("Store1")), people.runtime(platform).verify(
        "Store1"
    )


def test_a_stream_that_left_the_model_still_shows_its_batches(people: Pipeline) -> None:
    assert people.run(LIVE).code is ResultCode.DONE
    people.by_name = {**people.by_name, LIVE: evolve(people.by_name[LIVE], streams=(), views=())}

    runtime = people.runtime(LIVE)

    assert [state.batch for state in runtime.status("Store1")] == [1]
    assert runtime.status("Nobody") == []
