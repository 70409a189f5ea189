"""What a producer's table may look like: kinds of relations, names, and numbers of columns and rows."""

from collections.abc import Sequence

import pytest
from attrs import evolve

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset, SqlSnapshot
from datasurface.results import DatasetCounts
from datasurface.types import BigInt, DataType, Text
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.records import assert_done, follow
from tests.support.refusals import Refusal, assert_refused

PLATFORMS = [LIVE, FORENSIC]


def _key(name: str, kind: DataType) -> Column:
    return Column(name, kind, primary_key=True, classification=PUBLIC)


RELATIONS = {
    "a view whose base the reader may not read": (
        "stored",
        [
            "ALTER TABLE people RENAME TO stored",
            "CREATE VIEW people AS SELECT id, upper(name)::varchar(50) AS name, city FROM stored WHERE id <= 200",
        ],
    ),
    "a partitioned table": (
        "people",
        [
            "ALTER TABLE people RENAME TO stored",
            "CREATE TABLE people (LIKE stored) PARTITION BY HASH (id)",
            "CREATE TABLE people_0 PARTITION OF people FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            "CREATE TABLE people_1 PARTITION OF people FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
            "INSERT INTO people SELECT * FROM stored WHERE id <= 200",
        ],
    ),
    "partitions of ranges and of lists": (
        "people",
        [
            "ALTER TABLE people RENAME TO stored",
            "CREATE TABLE people (LIKE stored) PARTITION BY RANGE (id)",
            "CREATE TABLE first_people (city varchar(50), id bigint, name varchar(50))",  # columns in another order
            "ALTER TABLE people ATTACH PARTITION first_people FOR VALUES FROM (0) TO (100)",
            "CREATE TABLE other_people PARTITION OF people DEFAULT PARTITION BY LIST ((id % 2))",
            "CREATE TABLE even_people PARTITION OF other_people FOR VALUES IN (0)",
            "CREATE TABLE odd_people PARTITION OF other_people DEFAULT",
            "INSERT INTO people SELECT * FROM stored WHERE id <= 200",
        ],
    ),
    "a parent of tables that inherit": (
        "people",
        [
            "DELETE FROM people WHERE id > 200",
            "CREATE TABLE more_people (age int) INHERITS (people)",
            "INSERT INTO more_people SELECT * FROM people WHERE id > 100",
            "DELETE FROM ONLY people WHERE id > 100",
        ],
    ),
    "a view of a view of partitions": (
        "stored",
        [
            "ALTER TABLE people RENAME TO old",
            "CREATE TABLE stored (LIKE old) PARTITION BY RANGE (id)",
            "CREATE TABLE part PARTITION OF stored FOR VALUES FROM (0) TO (100000)",
            "INSERT INTO stored TABLE old",
            "CREATE VIEW below AS SELECT * FROM stored WHERE id <= 200",
            "CREATE VIEW people AS SELECT id, upper(name)::varchar(50) AS name, city FROM below",
        ],
    ),
    "a table with a generated column": (
        "people",
        [
            "ALTER TABLE people RENAME TO stored",
            "CREATE TABLE people (id bigint PRIMARY KEY, name varchar(50), "
            "city varchar(50) GENERATED ALWAYS AS ('of ' || name) STORED)",
            "INSERT INTO people SELECT id, name FROM stored WHERE id <= 200",
        ],
    ),
    "an unlogged table": ("people", ["ALTER TABLE people SET UNLOGGED", "DELETE FROM people WHERE id > 200"]),
}


@pytest.mark.parametrize(("written", "create"), RELATIONS.values(), ids=RELATIONS.keys())
def test_kinds_of_relations(new_pipeline: NewPipeline, written: str, create: Sequence[str]) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE, *fill(people=300), *create)
    reader = pipeline.access.reader.name
    pipeline.producer(
        f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{reader}"', f'GRANT SELECT ON people TO "{reader}"'
    )

    batches = follow(pipeline, ["UPDATE TABLE SET name = 'new' WHERE id = 7".replace("TABLE", written)])

    assert batches == [{"people": DatasetCounts(200, 200)}, {"people": DatasetCounts(200, 0, 1, 0, 199)}]


@pytest.mark.parametrize(
    "create",
    [
        ["ALTER TABLE people RENAME TO stored", "CREATE MATERIALIZED VIEW people AS TABLE stored"],
        [
            "DROP TABLE people",
            "CREATE EXTENSION file_fdw",
            "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
            "CREATE FOREIGN TABLE people (id bigint, name varchar(50), city varchar(50)) SERVER files "
            "OPTIONS (program 'true')",
        ],
    ],
    ids=["a materialized view", "a foreign table"],
)
def test_what_stands_outside_the_snapshot_is_refused(new_pipeline: NewPipeline, create: Sequence[str]) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE, *create)
    refusal = Refusal("SourceUnavailable", "people", "cannot lock relation", "materialized views stand outside")

    assert_refused(pipeline, LIVE, pipeline.run(LIVE), refusal)


def test_another_schema_and_other_names_of_tables(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline(
        [PEOPLE, PETS],
        *CREATE,
        *fill(people=20, pets=10),
        'CREATE SCHEMA "Sales 100%"',
        'CREATE TABLE "Sales 100%"."tbl ""People""%s" AS TABLE people',
        'CREATE TABLE "Sales 100%".pets AS TABLE pets',
        "DELETE FROM people",
        'GRANT USAGE ON SCHEMA "Sales 100%" TO PUBLIC',
        'GRANT SELECT ON ALL TABLES IN SCHEMA "Sales 100%" TO PUBLIC',
    )
    for name, deployment in pipeline.by_name.items():
        stream = deployment.stream("Store1")
        capture = SqlSnapshot(stream.capture.container, schema="Sales 100%", tables={"people": 'tbl "People"%s'})
        pipeline.by_name = {**pipeline.by_name, name: evolve(deployment, streams=(evolve(stream, capture=capture),))}

    for platform in PLATFORMS:
        assert_done(pipeline.run(platform))
    pipeline.producer('UPDATE "Sales 100%"."tbl ""People""%s" SET city = NULL WHERE id = 3')
    for platform in PLATFORMS:
        result = pipeline.run(platform)
        assert_done(result)
        assert result.datasets == {"people": DatasetCounts(20, 0, 1, 0, 19), "pets": DatasetCounts(10, 0, 0, 0, 10)}


NAMES = [
    "Mixed Case",
    "select",
    "100%",
    "%s",
    "%(batch)s",
    'quo"ted',
    "semi;colon--",
    "größe",
    "l" * 63,
    "{{ t }}",
    "m",
    "operation",
    "number",
    "value",
]


@pytest.mark.parametrize("are_keys", [True, False], ids=["keys", "others"])
def test_names_of_columns(new_pipeline: NewPipeline, are_keys: bool) -> None:
    columns = [Column(name, Text(), primary_key=are_keys) for name in NAMES]
    named = Dataset("named", columns=columns if are_keys else [_key("id", BigInt()), *columns])
    quoted = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    pipeline = new_pipeline(
        [named],
        f"CREATE TABLE named (id bigint, {', '.join(f'{name} text' for name in quoted)})",
        "INSERT INTO named SELECT i, COLUMNS FROM generate_series(1, 20) i".replace(
            "COLUMNS", ", ".join(f"'c{place}-' || i" for place, _ in enumerate(quoted))
        ),
    )
    update = "UPDATE named SET NAME = 'new' WHERE id = PLACE"
    changes = [
        [update.replace("NAME", name).replace("PLACE", str(place))] for place, name in enumerate(quoted[::4], start=1)
    ]

    batches = [batch["named"] for batch in follow(pipeline, *changes, ["DELETE FROM named WHERE id = 20"])]

    changed = DatasetCounts(20, 1, 0, 1, 19) if are_keys else DatasetCounts(20, 0, 1, 0, 19)
    assert batches == [DatasetCounts(20, 20), *[changed] * len(changes), DatasetCounts(19, 0, 0, 1, 19)]


def test_two_hundred_columns(new_pipeline: NewPipeline) -> None:
    names = [f"c{number}" for number in range(200)]
    wide = Dataset("wide", columns=[_key("id", BigInt()), *(Column(name, Text()) for name in names)])
    pipeline = new_pipeline(
        [wide],
        f"CREATE TABLE wide (id bigint, {', '.join(f'{name} text' for name in names)})",
        "INSERT INTO wide (id, c0, c199) SELECT i, 'a', repeat('x', 1000) FROM generate_series(1, 50) i",
    )

    batches = follow(pipeline, ["UPDATE wide SET c100 = '' WHERE id = 7"])

    assert batches[1] == {"wide": DatasetCounts(50, 0, 1, 0, 49)}


def test_no_column_but_the_key(new_pipeline: NewPipeline) -> None:
    keys = Dataset("keys", columns=[_key("a", BigInt()), _key("b", Text())])
    pipeline = new_pipeline(
        [keys], "CREATE TABLE keys AS SELECT i AS a, 'x'::text AS b FROM generate_series(1::bigint, 20) i"
    )

    batches = follow(pipeline, ["UPDATE keys SET b = 'y' WHERE a = 7", "DELETE FROM keys WHERE a = 8"])

    assert batches[1] == {"keys": DatasetCounts(19, 1, 0, 2, 18)}


def test_tables_that_are_empty_at_first(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE, PETS], *CREATE, *fill(pets=3))

    batches = follow(pipeline, [], fill(people=5), ["DELETE FROM people"], fill(people=2))

    assert [batch["people"] for batch in batches] == [
        DatasetCounts(),
        DatasetCounts(),
        DatasetCounts(5, 5),
        DatasetCounts(0, 0, 0, 5, 0),
        DatasetCounts(2, 2),
    ]
