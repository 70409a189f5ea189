"""``import sql``: an existing database becomes the text of a datastore, which loads, and is read by a batch."""

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from datasurface import types
from datasurface.cli.main import main
from datasurface.model import (
    Column,
    Dataset,
    Datastore,
    ForeignKey,
    MySqlDatabase,
    PostgresDatabase,
    SqliteDatabase,
    SqlSnapshot,
)
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.quoting import identifier
from tests.support.databases import MakeDatabase, Role
from tests.support.mariadb_server import MariaDbServer
from tests.support.mariadb_source import mariadb_source
from tests.support.pipeline import Pipeline, make_pipeline
from tests.support.sqlite_source import SQLITE

CREATE = (
    "CREATE TABLE country (id char(2) PRIMARY KEY)",
    "CREATE SCHEMA sales",
    "CREATE DOMAIN sales.code AS varchar(8)",
    "CREATE TYPE sales.mood AS ENUM ('sad', 'happy')",
    """CREATE TABLE sales.customers (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Full Name" varchar(40) NOT NULL, code sales.code,
        mood sales.mood, country char(2) REFERENCES country, boss integer REFERENCES sales.customers,
        total numeric(10, 2), odd numeric(2, 5), ratio double precision, raw bytea, tags text[], doc jsonb,
        at timestamptz, doubled integer GENERATED ALWAYS AS (boss * 2) STORED, place point)""",
    "COMMENT ON TABLE sales.customers IS 'Who buys \"things\"'",
    "COMMENT ON COLUMN sales.customers.code IS 'Ours'",
    """CREATE TABLE sales."Order Lines" (
        "line no" smallint, customer integer REFERENCES sales.customers, "order" bigint, amount real,
        PRIMARY KEY ("order", "line no"))""",
    "CREATE TABLE sales.texts (id text PRIMARY KEY)",
    """CREATE TABLE sales.notes (id uuid PRIMARY KEY, "order" bigint, line smallint, text text REFERENCES sales.texts,
        FOREIGN KEY ("order", line) REFERENCES sales."Order Lines" ("order", "line no"))""",
    "CREATE TABLE sales.hosts (id integer, address inet, PRIMARY KEY (id, address))",
    "CREATE TABLE sales.currency (code char(3) PRIMARY KEY)",
    "CREATE TABLE sales.log (at timestamptz, line text)",
    "CREATE TABLE sales.events (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
    "CREATE TABLE sales.events_2024 PARTITION OF sales.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "CREATE VIEW sales.names AS SELECT id FROM sales.customers",
    """INSERT INTO sales.customers ("Full Name", code, mood, total, raw, tags, doc, at, place)
        VALUES ('Ada', 'a', 'happy', 9.5, '\\x00ff', '{x,y}', '{"a": 1}', '2024-02-29 12:00+00', '(1,2)')""",
    """INSERT INTO sales.customers ("Full Name", boss) VALUES ('Grace', 1)""",
    """INSERT INTO sales."Order Lines" VALUES (1, 1, 7, 0.5), (2, 2, 7, 1.5)""",
    "INSERT INTO sales.notes VALUES ('00000000-0000-4000-8000-000000000000', 7, 2, NULL)",
    "INSERT INTO sales.currency VALUES ('EUR'), ('F')",
    "INSERT INTO sales.events VALUES (1, '2024-05-01')",
)

ECO = """
from datetime import timedelta
from attrs import evolve
from datasurface import (DatasetGroup, Ecosystem, GitRepository, GovernanceZone, Milestoning, Requirements, Team,
    Workspace, PostgresDatabase, Credential)
from datasurface.classification import PUBLIC
from datasurface_yellow import YellowDataPlatform
from shop import shop

shop = evolve(shop, datasets=[evolve(d, classification={classification}) for d in shop.datasets])
here = GitRepository("acme/model")
merge = PostgresDatabase("Merge", host="{host}", port={port}, database="{merge}", credential=Credential("writer"))
live = DatasetGroup("G", sinks=shop.sinks(), requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(hours=1)))


def create_ecosystem():
    team = Team("t", repository=here, datastores=[shop], workspaces=[Workspace("Consumer1", groups=[live])])
    platform = YellowDataPlatform("Live", milestoning=Milestoning.LIVE_ONLY, schedule="* * * * *", namespace="n",
        merge_database=merge)
    return Ecosystem("E", repository=here, platforms=[platform],
        zones=[GovernanceZone("z", repository=here, teams=[team])])
"""
MAPPING = [{"workspace": "Consumer1", "dsg": "G", "assignments": [{"platform": "Live", "status": "PROVISIONED"}]}]


@pytest.fixture
def pipeline(
    pg_server: PostgresServer,
    make_database: MakeDatabase,
    make_role: Callable[[str], Role],
    monkeypatch: pytest.MonkeyPatch,
) -> Pipeline:
    """A producer with a schema of all kinds of tables, and an empty merge database."""
    pipeline = make_pipeline(pg_server, make_database, make_role, [], *CREATE)
    reader = identifier(pipeline.access.reader.name)
    pipeline.producer(
        f"GRANT USAGE ON SCHEMA sales TO {reader}", f"GRANT SELECT ON ALL TABLES IN SCHEMA sales TO {reader}"
    )
    for name, value in pipeline.access.variables.items():
        monkeypatch.setenv(name, value)
    return pipeline


def url(pipeline: Pipeline) -> str:
    source = pipeline.container(pipeline.source, "reader")
    return f"postgresql://{source.host}:{source.port}/{source.database}?credential=reader"


def imported(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    """The document that the command prints; the text is in it, and has no secret."""
    assert main(["import", "sql", *words, "--name", "Shop", "--json"]) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "password-of-" not in out
    document: dict[str, object] = json.loads(out)
    return document


def store_of(document: dict[str, object]) -> Datastore:
    names: dict[str, object] = {}
    exec(str(document["text"]), names)  # noqa: S102 our own text
    store = names[str(document["variable"])]
    assert isinstance(store, Datastore)
    return store


def remarks(document: dict[str, object]) -> list[tuple[str, str]]:
    found = document["remarks"]
    assert isinstance(found, list)
    return [(remark["where"], remark["message"]) for remark in found]


def test_a_schema_becomes_a_datastore(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    document = imported(capsys, url(pipeline), "--schema", "sales")
    store = store_of(document)
    source = pipeline.container(pipeline.source, "reader")
    container = PostgresDatabase(
        "ShopDatabase", host=source.host, port=source.port, database=source.database, credential=source.credential
    )
    assert store.capture == SqlSnapshot(container, schema="sales", tables={"Order_Lines": "Order Lines"})
    lines, currency, customers, events, notes = store.datasets
    assert currency.columns == (Column("code", types.VarChar(3), primary_key=True),)
    assert customers == Dataset(
        "customers",
        description='Who buys "things"',
        columns=[
            Column("id", types.Integer(), primary_key=True),
            Column("Full Name", types.VarChar(40), nullable=False),
            Column("code", types.VarChar(8), description="Ours"),
            Column("mood", types.VarChar(5)),
            Column("country", types.Char(2)),
            Column("boss", types.Integer()),
            Column("total", types.Decimal(10, 2)),
            Column("odd", types.Decimal()),
            Column("ratio", types.Float64()),
            Column("raw", types.Binary()),
            Column("tags", types.Array(types.Text())),
            Column("doc", types.Json()),
            Column("at", types.Timestamp(timezone=True)),
            Column("doubled", types.Integer()),
        ],
        foreign_keys=[ForeignKey(["boss"], "customers")],
    )
    assert [(column.name, column.primary_key) for column in lines.columns] == [
        ("line no", True),
        ("customer", False),
        ("order", True),
        ("amount", False),
    ]
    assert lines.foreign_keys == (ForeignKey(["customer"], "customers"),)
    assert notes.foreign_keys == (ForeignKey(["line", "order"], "Order_Lines"),), "in the order of the key's columns"
    assert [column.name for column in events.columns] == ["id", "day"]


def test_what_cannot_be_imported_is_named(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    document = imported(capsys, url(pipeline), "--schema", "sales")
    assert sorted(remarks(document)) == [
        ("customers", "the foreign key (country) refers to a table that is not imported, so it was left out"),
        ("customers.place", "no type of a model takes point, so it was left out"),
        ("hosts", "no type of a model takes its key column address of type inet, so the table was left out"),
        ("log", "dataset 'log' has no primary key, so the table was left out"),
        ("names", "it is a view and was left out"),
        ("notes", "the foreign key (text) refers to a table that is not imported, so it was left out"),
        ("texts", "key column 'id' of dataset 'texts' cannot be a Text, so the table was left out"),
    ]


def test_the_text_loads_lacks_only_classifications_and_is_read_by_a_batch(
    pipeline: Pipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "shop.py"
    words = ["import", "sql", url(pipeline), "--schema", "sales", "--name", "Shop", "--output", str(output)]
    assert main(words) == 0
    assert "TODO: classify every column" in output.read_text(encoding="utf-8")
    target = pipeline.container(pipeline.target, "writer")
    place = {"host": target.host, "port": target.port, "merge": target.database}
    (tmp_path / "dsg_platform_mapping.json").write_text(json.dumps(MAPPING), encoding="utf-8")
    (tmp_path / "eco.py").write_text(dedent(ECO).format(classification=None, **place), encoding="utf-8")
    capsys.readouterr()
    assert main(["validate", str(tmp_path), "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert {finding["code"] for finding in findings} == {"DS701"}

    (tmp_path / "eco.py").write_text(dedent(ECO).format(classification="PUBLIC", **place), encoding="utf-8")
    assert main(["apply", str(tmp_path)]) == 0, capsys.readouterr().err
    capsys.readouterr()
    assert main(["ingest", str(tmp_path), "--platform", "Live", "--stream", "Shop", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {name: counts["inserted"] for name, counts in result["datasets"].items()} == {
        "Order_Lines": 2,
        "currency": 2,
        "customers": 2,
        "events": 1,
        "notes": 1,
    }
    rows = pipeline.query(
        'SELECT "Full Name", mood, total::text, tags, doubled FROM live_shop_customers_merge ORDER BY id'
    )
    assert rows == [("Ada", "happy", "9.50", ["x", "y"], None), ("Grace", None, None, None, 2)]


def test_a_table_that_the_reader_may_not_read_is_imported_with_a_warning(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = identifier(pipeline.access.reader.name)
    pipeline.producer(f"REVOKE SELECT ON sales.events FROM {reader}")  # noqa: S608 quoted
    document = imported(capsys, url(pipeline), "--schema", "sales", "--table", "events")
    assert [dataset.name for dataset in store_of(document).datasets] == ["events"]
    assert remarks(document) == [("events", "its rows may not be read by this user")]


def test_only_the_tables_that_are_named(pipeline: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    words = (url(pipeline), "--schema", "sales", "--table", "events", "--table", "notes")
    document = imported(capsys, *words)
    assert [dataset.name for dataset in store_of(document).datasets] == ["events", "notes"]
    assert len(remarks(document)) == 2, "two foreign keys lead out"


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["--table", "note"], 64, "error: there is no table 'note'\nhint: did you mean 'notes'?\n"),
        (["--table", "names"], 64, "error: 'names' is a view, which has no key\nhint: name tables\n"),
        (["--schema", "nowhere"], 64, "error: schema nowhere has no tables\nhint: name the schema with --schema\n"),
        (["--table", "events_2024"], 64, "error: there is no table 'events_2024'\nhint: did you mean 'events'?\n"),
    ],
)
def test_a_table_that_cannot_be_taken_is_wrong_usage(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str], words: list[str], code: int, error: str
) -> None:
    assert main(["import", "sql", url(pipeline), "--name", "Shop", "--schema", "sales", *words]) == code
    assert capsys.readouterr().err == error


def test_a_wrong_password_is_one_error_that_does_not_show_it(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READER_PASSWORD", "guessed-wrong")
    assert main(["import", "sql", url(pipeline), "--name", "Shop"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: cannot connect to ShopDatabase (")
    assert error.endswith("hint: check user and password of credential 'reader'\n")
    assert "guessed-wrong" not in error


def test_a_database_of_mariadb(
    mariadb: MariaDbServer,
    make_role: Callable[[str], Role],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = make_role("mariareader")
    monkeypatch.setenv("READER_USER", reader.name)
    monkeypatch.setenv("READER_PASSWORD", reader.password)
    with mariadb_source(mariadb).open("import_sql", [], reader, {}) as producer:
        producer.execute(
            """CREATE TABLE parts (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'Ours', ok boolean,
                kind enum('a', 'long one') NOT NULL, size decimal(8, 3), big bigint unsigned, `a note` text, day date,
                at datetime(6), seen timestamp NULL, ref uuid, doc json, place geometry,
                parent int unsigned REFERENCES parts (id)) COMMENT 'All parts'""",
            "CREATE TABLE old (id int PRIMARY KEY) ENGINE = MyISAM",
            "CREATE VIEW seen AS SELECT id FROM parts",
        )
        container = producer.container
        assert isinstance(container, MySqlDatabase)
        document = imported(capsys, f"mysql://{container.host}:{container.port}/import_sql?credential=reader")
    [parts] = store_of(document).datasets
    assert parts == Dataset(
        "parts",
        description="All parts",
        columns=[
            Column("id", types.BigInt(), primary_key=True, description="Ours"),
            Column("ok", types.Boolean()),
            Column("kind", types.VarChar(8), nullable=False),
            Column("size", types.Decimal(8, 3)),
            Column("big", types.Decimal(20, 0)),
            Column("a note", types.Text()),
            Column("day", types.Date()),
            Column("at", types.Timestamp()),
            Column("seen", types.Timestamp(timezone=True)),
            Column("ref", types.Uuid()),
            Column("doc", types.Text()),
            Column("parent", types.BigInt()),
        ],
        foreign_keys=[ForeignKey(["parent"], "parts")],
    )
    assert sorted(remarks(document)) == [
        ("old", "it is a table of the engine MyISAM and was left out"),
        ("parts.ok", "it is tinyint(1), so it is Boolean(); where it has other numbers than 0 and 1, TinyInt()"),
        ("parts.place", "no type of a model takes geometry, so it was left out"),
        ("seen", "it is a view and was left out"),
    ]


def test_a_file_of_sqlite(make_role: Callable[[str], Role], capsys: pytest.CaptureFixture[str]) -> None:
    with SQLITE.open("shop", [], make_role("unused"), {}) as producer:
        producer.execute(
            """CREATE TABLE sales (day DATE, "no" INTEGER, till VARCHAR(8) NOT NULL, amount DECIMAL(10, 2),
                open BOOLEAN, at DATETIME, share REAL, note, kind GIBBERISH, PRIMARY KEY (till, "no"))""",
            "CREATE TABLE lines (id INTEGER PRIMARY KEY, till VARCHAR(8), sale INT, "
            'FOREIGN KEY (sale, till) REFERENCES sales ("no", till))',
            "CREATE VIEW open_sales AS SELECT day FROM sales",
        )
        container = producer.container
        assert isinstance(container, SqliteDatabase)
        document = imported(capsys, f"sqlite://{container.path}")
    lines, sales = store_of(document).datasets
    assert lines.foreign_keys == (ForeignKey(["sale", "till"], "sales"),)
    assert sales.columns == (
        Column("day", types.Date()),
        Column("no", types.BigInt(), primary_key=True),
        Column("till", types.VarChar(8), primary_key=True),
        Column("amount", types.Decimal(10, 2)),
        Column("open", types.Boolean()),
        Column("at", types.Timestamp()),
        Column("share", types.Float64()),
        Column("note", types.Binary()),
        Column("kind", types.Decimal()),
    )
    assert remarks(document) == [
        ("open_sales", "it is a view and was left out"),
        ("sales.note", "its type is not declared and says little, so it is Binary()"),
        ("sales.kind", "its type GIBBERISH says little, so it is Decimal()"),
    ]
