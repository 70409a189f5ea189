# ruff: noqa: S608 names and passwords in these statements are the tests' own
"""MariaDB databases as sources: what their tables may be, which values do not pass, and how a read ends that cannot go
on.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import evolve

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset, MySqlDatabase
from datasurface.results import DatasetCounts, ResultCode
from datasurface.types import (
    BigInt,
    Boolean,
    Char,
    Date,
    Decimal,
    Float32,
    Float64,
    Interval,
    SmallInt,
    Text,
    Timestamp,
    Uuid,
    VarChar,
)
from tests.postgres.capture.other import refused
from tests.support.arena import Arena
from tests.support.mariadb_server import MariaDbServer
from tests.support.mariadb_source import MariaDbProducer, mariadb_source
from tests.support.records import assert_done
from tests.support.sessions import beside, until
from tests.support.stage import PLATFORMS, Stage
from tests.support.statements import HeardConnection, Moment, When, heard

THINGS = Dataset(
    "things",
    columns=[
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("note", Text()),
        Column("day", Date()),
        Column("flag", Boolean()),
    ],
)


@pytest.fixture
def stage(arena: Arena, mariadb: MariaDbServer) -> Iterator[Stage]:
    with arena.stage(THINGS, other=mariadb_source(mariadb)) as stage:
        stage.put({"things": [(str(number), "zyx", "2024-02-29", "true") for number in range(1, 9)]})
        yield stage


def _producer(stage: Stage) -> MariaDbProducer:
    assert isinstance(stage.other, MariaDbProducer)
    return stage.other


def test_values_that_do_not_fit_are_counted_and_refused(stage: Stage) -> None:
    producer = _producer(stage)
    with refused(stage, "RefusedData", "column note of things has the character NUL", "in 2 rows, among them (3), (6)"):
        producer.execute("UPDATE things SET note = CONCAT('zyx', CHAR(0)) WHERE id % 3 = 0")
    producer.execute("UPDATE things SET note = 'zyx'")
    with refused(stage, "RefusedData", "column day of things is no date", "in 1 rows, among them (4)"):
        producer.execute("SET sql_mode = ''", "UPDATE things SET day = '0000-00-00' WHERE id = 4")
    producer.execute("UPDATE things SET day = NULL WHERE id = 4")
    with refused(stage, "RefusedData", "column flag of things is neither 0 nor 1", "(4)"):
        producer.execute("UPDATE things SET flag = 2 WHERE id = 4")
    producer.execute("UPDATE things SET flag = 0 WHERE id = 4")

    _run(stage, DatasetCounts(8, 8))


def test_tables_that_are_not_what_the_model_says(stage: Stage) -> None:
    producer = _producer(stage)
    with refused(stage, "SourceUnavailable", "things' doesn't exist"):
        producer.execute("RENAME TABLE things TO others")
    producer.execute("RENAME TABLE others TO things")
    with refused(stage, "SourceDrift", "column note is missing", "column id is bigint(20) unsigned, which may have"):
        producer.execute(
            "ALTER TABLE things CHANGE note remark longtext, MODIFY id bigint unsigned",
        )
    producer.execute("ALTER TABLE things CHANGE remark note longtext, MODIFY id bigint")
    with refused(stage, "SourceDrift", "things is a table of the engine MyISAM, which may stand outside"):
        producer.execute("ALTER TABLE things ENGINE = MyISAM")
    producer.execute("ALTER TABLE things ENGINE = InnoDB")
    with refused(stage, "SourceDrift", "things is a view"):
        producer.execute("RENAME TABLE things TO stored", "CREATE VIEW things AS SELECT * FROM stored")
    producer.execute("DROP VIEW things", "RENAME TABLE stored TO things")
    reader = stage.pipeline.access.reader.name
    with refused(stage, "SourceUnavailable", "SELECT command denied"):
        producer.execute(
            f"REVOKE SELECT ON `{producer.database}`.* FROM '{reader}'@'127.0.0.1'",
            f"CREATE TABLE `{producer.database}`.open_table (id int)",
            f"GRANT SELECT ON `{producer.database}`.open_table TO '{reader}'@'127.0.0.1'",
        )
    producer.execute(f"GRANT SELECT ON `{producer.database}`.* TO '{reader}'@'127.0.0.1'")

    _run(stage, DatasetCounts(8, 8))


def test_servers_that_do_not_let_us_in(stage: Stage, mariadb: MariaDbServer) -> None:
    good = stage.pipeline.by_name
    reader = stage.pipeline.access.reader
    with refused(stage, "SourceUnavailable", "cannot connect to shop", "Access denied"):
        mariadb.execute(f"ALTER USER '{reader.name}'@'127.0.0.1' IDENTIFIED BY 'another'")
    mariadb.execute(f"ALTER USER '{reader.name}'@'127.0.0.1' IDENTIFIED BY '{reader.password}'")
    with refused(stage, "SourceUnavailable", "cannot connect to shop", "Can't connect to MySQL server"):
        _change_container(stage, port=1)
    stage.pipeline.by_name = good
    with refused(stage, "SourceUnavailable", "cannot connect to shop", "SSL"):
        _change_container(stage, tls=True)
    stage.pipeline.by_name = good
    with pytest.MonkeyPatch.context() as patch, refused(stage, "MissingExtra", "needs the extra 'mysql'"):
        patch.setitem(sys.modules, "pymysql", None)
        patch.setitem(sys.modules, "pymysql.connections", None)
        patch.delitem(sys.modules, "datasurface_yellow.capture.portable.mysql_driver")

    _run(stage, DatasetCounts(8, 8))


def _change_container(stage: Stage, *, port: int | None = None, tls: bool = False) -> None:
    changed = {}
    for name, deployment in stage.pipeline.by_name.items():
        stream = deployment.stream("Store1")
        container = stream.capture.container
        assert isinstance(container, MySqlDatabase)
        container = evolve(container, port=port or container.port, tls=tls)
        capture = evolve(stream.capture, container=container)
        changed[name] = evolve(deployment, streams=(evolve(stream, capture=capture),))
    stage.pipeline.by_name = changed


class Killer:
    """Ends the reader's sessions at the server when rows have come into a COPY of the target's."""

    def __init__(self, server: MariaDbServer, reader: str) -> None:
        self.server, self.reader, self.kills = server, reader, 0

    def __call__(self, moment: Moment, _session: HeardConnection) -> None:
        if moment.when is When.WITHIN and "arrived" in moment.statement:
            with self.server.connect() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT id FROM information_schema.PROCESSLIST WHERE user = %s", (self.reader,))
                for (number,) in cursor.fetchall():
                    cursor.execute("KILL CONNECTION %s", (number,))
                    self.kills += 1


WIDE = Dataset("wide", columns=[Column("id", BigInt(), primary_key=True), Column("name", VarChar(500))])


@pytest.fixture
def wide(arena: Arena, mariadb: MariaDbServer) -> Iterator[Stage]:
    """40,000 long rows: more than the buffers between the servers hold."""
    with arena.stage(WIDE, other=mariadb_source(mariadb)) as stage:
        _producer(stage).execute("INSERT INTO wide SELECT seq, REPEAT('x', 500) FROM seq_1_to_40000")
        yield stage


def test_a_source_that_goes_away_in_the_middle_deletes_nothing(wide: Stage, mariadb: MariaDbServer) -> None:
    _run(wide, DatasetCounts(40_000, 40_000))
    killer = Killer(mariadb, wide.pipeline.access.reader.name)
    pipeline = wide.pipeline
    with (
        heard(lambda _: killer, {pipeline.source.name: "source", pipeline.target.name: "target"}),
        refused(wide, "SourceUnavailable", "reading the source failed", allow_deletes=True),
    ):
        pass
    assert killer.kills >= 4

    _run(wide, DatasetCounts(40_000, 0, 0, 0, 40_000))


def test_a_target_that_goes_away_ends_the_read_at_once(wide: Stage, mariadb: MariaDbServer) -> None:
    """The driver would read a result to its end before it is closed."""
    pipeline = wide.pipeline

    def end(moment: Moment, session: HeardConnection) -> None:
        if moment.when is When.WITHIN and "arrived" in moment.statement:
            session.listener = None
            wide.consumer.cursor().execute("SELECT pg_terminate_backend(%s)", (session.info.backend_pid,))

    with heard(lambda _: end, {pipeline.source.name: "source", pipeline.target.name: "target"}):
        result = wide.run(PLATFORMS[0])
    assert result.error is not None
    assert result.error.type == "StoreUnavailable", result.error
    with mariadb.connect() as connection, connection.cursor() as cursor:
        reader = pipeline.access.reader.name

        def is_deserted() -> bool:
            cursor.execute("SELECT count(*) FROM information_schema.PROCESSLIST WHERE user = %s", (reader,))
            return cursor.fetchall() == ((0,),)

        until(is_deserted)
    _run(wide, DatasetCounts(40_000, 40_000))


class Altering:
    """Tries to empty a table when the job has begun to read."""

    def __init__(self, producer: MariaDbProducer) -> None:
        self.producer, self.tries = producer, 0

    def __call__(self, moment: Moment, _session: HeardConnection) -> None:
        if moment.when is When.BEFORE and "COPY" in moment.statement and not self.tries:
            self.tries += 1
            with pytest.raises(Exception, match="Lock wait timeout"):
                self.producer.execute("SET lock_wait_timeout = 1", "TRUNCATE things")


def test_a_table_cannot_be_emptied_under_the_reader(stage: Stage) -> None:
    altering, pipeline = Altering(_producer(stage)), stage.pipeline
    with heard(lambda _: altering, {pipeline.source.name: "source", pipeline.target.name: "target"}):
        assert_done(stage.run(PLATFORMS[0]))
    assert altering.tries == 1
    assert len(stage.stored(PLATFORMS[0], "things")) == 8


def test_a_table_that_stays_locked_is_given_up_after_the_lock_wait(stage: Stage, mariadb: MariaDbServer) -> None:
    stage.pipeline.change_platforms(lambda platform: evolve(platform, lock_wait=timedelta(seconds=1)))
    database = _producer(stage).database
    with mariadb.connect(database) as holder, holder.cursor() as cursor:
        cursor.execute("LOCK TABLES things WRITE")
        result = stage.run(PLATFORMS[0])
        assert result.code is ResultCode.ERROR
        assert result.error is not None
        assert "Lock wait timeout" in result.error.message
        assert "holds the table" in (result.error.hint or "")
        cursor.execute("UNLOCK TABLES")
    _run(stage, DatasetCounts(8, 8))


KINDS = Dataset(
    "kinds",
    columns=[
        Column("id", BigInt(), primary_key=True),
        Column("big", Decimal(20, 0)),
        Column("mood", VarChar(10)),
        Column("marks", VarChar(10)),
        Column("padded", Char(5)),
        Column("single", Float32()),
        Column("wider", Float64()),
        Column("double", Float64()),
        Column("long", Interval()),
        Column("instant", Timestamp(timezone=True)),
        Column("at", Timestamp()),
        Column("bit", Boolean()),
        Column("uuid", Uuid()),
        Column("year", SmallInt()),
        Column("latin", Text()),
        Column("padded as text", VarChar(5)),
    ],
)
SOURCE_TYPES = {
    "big": "bigint unsigned",
    "mood": "enum('sad','it''s ok')",
    "marks": "set('x','y')",
    "wider": "float",
    "long": "time(6)",
    "bit": "bit(1)",
    "uuid": "char(36)",
    "year": "year",
    "latin": "text CHARACTER SET latin1",
    "padded as text": "char(5)",
}
ROW = (
    "7",
    "18446744073709551615",
    "it's ok",
    "x,y",
    "ab",
    "0.1",
    "0.10000000149011612",
    "0.1",
    "-838:59:58.5",
    "2024-02-29 12:00:00.5+00",
    "2024-02-29 12:00:00.000001",
    "true",
    "00000000-0000-4000-8000-00000000000a",
    "1999",
    "äé",
    "ab",
)


def test_types_of_columns(arena: Arena, mariadb: MariaDbServer) -> None:
    with arena.stage(KINDS, other=mariadb_source(mariadb), source_types=SOURCE_TYPES) as stage:
        _producer(stage).execute(
            "SET time_zone = '+02:00'",
            "INSERT INTO kinds VALUES (7, 18446744073709551615, 'it''s ok', 'x,y', 'ab ', 0.1, 0.1, 0.1, "
            "'-838:59:58.5', '2024-02-29 14:00:00.5', '2024-02-29 12:00:00.000001', 1, "
            "'00000000-0000-4000-8000-00000000000A', 1999, 'äé', 'ab ')",
        )
        for platform in PLATFORMS:
            assert_done(stage.run(platform))
            assert [row.row for row in stage.stored(platform, "kinds")] == [ROW]


def test_jobs_beside_each_other(stage: Stage) -> None:
    """Two jobs read the source at once; neither keeps the other out."""
    with beside(lambda: stage.run(PLATFORMS[0])) as first:
        assert_done(stage.run(PLATFORMS[1]))
        assert_done(first.result())


def _run(stage: Stage, counts: DatasetCounts) -> None:
    for platform in PLATFORMS:
        result = stage.run(platform, allow_deletes=False)
        assert_done(result)
        assert result.datasets == {stage.datasets[0].name: counts}
