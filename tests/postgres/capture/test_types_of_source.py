"""What types a producer's columns and keys may have: each is cast to the type that the model says, and followed."""

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset
from datasurface.results import DatasetCounts
from datasurface.types import (
    Array,
    BigInt,
    Binary,
    Char,
    DataType,
    Date,
    Decimal,
    Float64,
    Integer,
    Json,
    Text,
    Timestamp,
    Uuid,
    VarChar,
)
from tests.postgres.conftest import NewPipeline
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.records import assert_done, assert_laws_hold, follow

PLATFORMS = [LIVE, FORENSIC]


def _key(name: str, kind: DataType) -> Column:
    return Column(name, kind, primary_key=True, classification=PUBLIC)


VALUES = Dataset(
    "values",
    columns=[
        _key("id", BigInt()),
        Column("insensitive", Text()),
        Column("domain", VarChar(10)),
        Column("domain of domains", Integer()),
        Column("mood", VarChar(10)),
        Column("padded", Char(6)),
        Column("padded as text", VarChar(6)),
        Column("name", VarChar(63)),
        Column("letter", VarChar(1)),
        Column("small", Integer()),
        Column("single", Float64()),
        Column("money", Decimal(12, 4)),
        Column("any number", Decimal()),
        Column("seconds", Timestamp()),
        Column("instant", Timestamp(timezone=True)),
        Column("document", Json()),
        Column("tags", Array(Text())),
        Column("short tags", Array(VarChar(5))),
        Column("bytes", Binary()),
    ],
)
CREATE_VALUES = (
    "CREATE EXTENSION citext",
    'CREATE SCHEMA "Own"',
    "CREATE DOMAIN code AS varchar(10) CHECK (value <> '')",
    "CREATE DOMAIN small AS int CHECK (value < 1000)",
    'CREATE DOMAIN "Own".smaller AS small',
    """CREATE TYPE "Own"."Mood" AS ENUM ('sad', 'it''s ok', '100%')""",
    """CREATE TABLE values (
        id bigint PRIMARY KEY, insensitive citext, domain code, "domain of domains" "Own".smaller, mood "Own"."Mood",
        padded char(6), "padded as text" char(6), name name, letter "char", small smallint, single real,
        money numeric(8, 2), "any number" numeric(20, 5), seconds timestamp(0), instant timestamptz(3), document json,
        tags citext[], "short tags" varchar(5)[], bytes bytea)""",
    """INSERT INTO values SELECT i, 'MiXed', 'code', 7, '100%', 'ab', 'ab ', 'name', 'x', -3, 1.5, 10.10, 0.00000,
        '2024-02-29 12:30:00', '2024-02-29 12:30:00.123+05', '{"b": [1, null],   "a": "x"}', ARRAY['One', NULL, ''],
        ARRAY['a,b', '"'], '\\x00ff' FROM generate_series(1, 20) i""",
    "INSERT INTO values (id) VALUES (21)",
)


def test_types_of_columns(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([VALUES], *CREATE_VALUES, 'GRANT USAGE ON SCHEMA "Own" TO PUBLIC')
    changes = [
        """UPDATE values SET insensitive = 'mixed' WHERE id = 1""",
        """UPDATE values SET mood = 'it''s ok' WHERE id = 2""",
        """UPDATE values SET "any number" = 0.1 WHERE id = 3""",
        """UPDATE values SET tags = ARRAY['one', NULL, ''] WHERE id = 4""",
        """UPDATE values SET document = '{"a": "y"}' WHERE id = 5""",
        """UPDATE values SET document = '{"a":"x","b":[1,null]}' WHERE id = 6""",  # the same document
        """UPDATE values SET padded = 'ab  ' WHERE id = 7""",  # the same characters
    ]
    for platform in PLATFORMS:
        assert_done(pipeline.run(platform))
    pipeline.producer(*changes)
    for platform in PLATFORMS:
        result = pipeline.run(platform)
        assert_done(result)
        assert result.datasets["values"] == DatasetCounts(21, 0, 5, 0, 16)
        assert_laws_hold(pipeline, platform)
    seen = pipeline.query(
        'SELECT id, insensitive, mood, padded, "padded as text", money::text, tags::text, document::text '
        "FROM consumer1.yellowforensic_consumer1_forensicdsg_values_view WHERE id IN (1, 2, 4) ORDER BY id"
    )
    document = '{"a": "x", "b": [1, null]}'
    assert seen == [
        (1, "mixed", "100%", "ab    ", "ab", "10.10", '{One,NULL,""}', document),
        (2, "MiXed", "it's ok", "ab    ", "ab", "10.10", '{One,NULL,""}', document),
        (4, "MiXed", "100%", "ab    ", "ab", "10.10", '{one,NULL,""}', document),
    ]


KEYS = {
    "insensitive": (Text(), "citext", "'Key-' || i"),
    "enum": (VarChar(10), '"Own"."Mood"', '(enum_range(NULL::"Own"."Mood"))[i]'),
    "domain": (VarChar(10), "code", "'k' || i"),
    "fixed length": (Char(8), "char(8)", "'key-000' || i"),
    "fixed length in text": (VarChar(20), "char(8)", "'key-000' || i"),
    "short integer": (BigInt(), "smallint", "i"),
    "uuid": (Uuid(), "uuid", "('00000000-0000-0000-0000-00000000000' || i)::uuid"),
    "date": (Date(), "date", "date '2024-02-28' + i"),
    "instant": (Timestamp(timezone=True), "timestamptz(0)", "timestamptz '2024-02-28 00:00+03' + i * interval '1 s'"),
    "bytes": (Binary(), "bytea", "decode('0' || i, 'hex')"),
    "name": (VarChar(63), "name", "'k' || i"),
}


def test_types_of_keys(new_pipeline: NewPipeline) -> None:
    def for_all(statement: str) -> list[str]:
        return [
            statement.replace("TABLE", f'"{name}"').replace("TYPE", source).replace("KEY", value)
            for name, (_, source, value) in KEYS.items()
        ]

    pipeline = new_pipeline(
        [Dataset(name, columns=[_key("key", kind), Column("note", Text())]) for name, (kind, _, _) in KEYS.items()],
        "CREATE EXTENSION citext",
        'CREATE SCHEMA "Own"',
        "CREATE DOMAIN code AS varchar(10)",
        """CREATE TYPE "Own"."Mood" AS ENUM ('m1', 'm2', 'm,3', 'm''4', 'm"5', 'm6', 'm7', 'm8', 'm9')""",
        'GRANT USAGE ON SCHEMA "Own" TO PUBLIC',
        *for_all("create table TABLE (key TYPE, note text)"),
        *for_all("INSERT INTO TABLE SELECT KEY, 'first' FROM generate_series(1, 8) i"),
    )
    changes = [
        for_all("UPDATE TABLE SET note = 'second' WHERE key = (SELECT KEY FROM generate_series(4, 4) i)"),
        for_all("DELETE FROM TABLE WHERE key = (SELECT KEY FROM generate_series(2, 2) i)"),
        for_all("INSERT INTO TABLE SELECT KEY, 'new' FROM generate_series(9, 9) i"),
    ]

    batches = follow(pipeline, *changes)

    inserted, updated, deleted = (
        DatasetCounts(8, 1, 0, 0, 7),
        DatasetCounts(8, 0, 1, 0, 7),
        DatasetCounts(7, 0, 0, 1, 7),
    )
    for batch, counts in zip(batches, (DatasetCounts(8, 8), updated, deleted, inserted), strict=True):
        assert batch == dict.fromkeys(KEYS, counts)


def test_keys_that_the_source_calls_equal_and_bytes_tell_apart(new_pipeline: NewPipeline) -> None:
    keyed = Dataset("keyed", columns=[_key("key", Text()), Column("note", Text())])
    pipeline = new_pipeline(
        [keyed],
        "CREATE EXTENSION citext",
        "CREATE TABLE keyed (key citext, note text)",
        "INSERT INTO keyed SELECT 'k' || i, 'first' FROM generate_series(1, 20) i",
        "INSERT INTO keyed VALUES ('K1', 'upper')",
    )

    batches = follow(
        pipeline,
        ["UPDATE keyed SET note = 'second' WHERE key::text = 'k1'"],
        ["UPDATE keyed SET key = 'K2' WHERE key = 'k2'"],
    )

    assert batches[1:] == [{"keyed": DatasetCounts(21, 0, 1, 0, 20)}, {"keyed": DatasetCounts(21, 1, 0, 1, 20)}]
