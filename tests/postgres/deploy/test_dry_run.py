"""A dry run of apply: it says what apply does next, statement for statement, and changes nothing."""

import pytest
from attrs import evolve
from psycopg2.extensions import connection as Session

from datasurface.errors import ApplyRefused
from datasurface.model import Column, Dataset
from datasurface.results import Step
from datasurface.types import BigInt, Integer, Text, VarChar
from datasurface_yellow.store import connection
from datasurface_yellow.store.quoting import identifier
from tests.postgres.conftest import NewPipeline
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import fetch
from tests.support.records import assert_done

ID = Column("id", Integer(), primary_key=True)
NAME = Column("name", VarChar(50))
AGE = Column("age", Integer())
NOTE = Column("note", Text())
CREATE = (
    "CREATE TABLE people (id int, name varchar(50), age int, note text)",
    "INSERT INTO people SELECT i, 'name ' || i, i % 9, '100%' FROM generate_series(1, 40) i",
)
STANDS = (
    """SELECT n.nspname, n.nspacl::text, c.relname, c.relkind, c.relfilenode, c.relacl::text, c.xmin::text,
        obj_description(c.oid, 'pg_class')
    FROM pg_namespace n LEFT JOIN pg_class c ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_|^information_schema$' ORDER BY 1, 3""",
    """SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attnotnull, a.xmin::text
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_|^information_schema$' ORDER BY 1, 2""",
    "SELECT conrelid, conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
)
DDL = ("CREATE", "ALTER", "DROP", "GRANT", "COMMENT", "ANALYZE")


def empty(pipeline: Pipeline) -> None:
    """Let the merge database have nothing of the platforms, and their role the rights that it had."""
    writer, database = identifier(pipeline.access.writer.name), identifier(pipeline.target.name)
    pipeline.store(
        f"DROP OWNED BY {writer} CASCADE",
        f"GRANT CREATE, TEMPORARY ON DATABASE {database} TO {writer}",
        f"GRANT CREATE, USAGE ON SCHEMA public TO {writer}",
    )


def planned(pipeline: Pipeline, platform: str) -> list[Step]:
    """The steps of a dry run, which leaves all as it was."""
    before = [fetch(pipeline.target, query) for query in STANDS]
    steps = list(pipeline.runtime(platform).apply(dry_run=True))
    assert [fetch(pipeline.target, query) for query in STANDS] == before
    return steps


def applied(pipeline: Pipeline, platform: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Step], list[str]]:
    """The steps of an apply, and the changes of the catalogue that it made."""
    done, real = list[str](), connection.execute_always

    def hear(session: Session, sql: str, parameters: dict[str, object] | None = None) -> int:
        done.append(connection.bound(session, sql, parameters))
        return real(session, sql, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(connection, "execute_always", hear)
        steps = list(pipeline.runtime(platform).apply())
    return steps, ddl(done)


def ddl(statements: list[str]) -> list[str]:
    return [each for each in statements if each.lstrip().startswith(DDL) and " TEMP" not in each]


def assert_foreseen(pipeline: Pipeline, platform: str, monkeypatch: pytest.MonkeyPatch) -> list[Step]:
    foreseen = planned(pipeline, platform)
    steps, statements = applied(pipeline, platform, monkeypatch)
    assert [(step.action, step.object) for step in foreseen] == [(step.action, step.object) for step in steps]
    assert ddl([sql for step in foreseen for sql in step.sql]) == statements
    assert planned(pipeline, platform) == []
    return foreseen


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
def test_apply_executes_what_the_dry_run_printed(
    new_pipeline: NewPipeline, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = new_pipeline([Dataset("people", columns=[ID, NAME, AGE, NOTE])], *CREATE)
    empty(pipeline)
    first = assert_foreseen(pipeline, platform, monkeypatch)
    assert {"created schema", "created table", "created view"} <= {step.action for step in first}
    assert_done(pipeline.run(platform))

    columns = [ID, evolve(NAME, name="label", renamed_from="name"), evolve(AGE, type=BigInt()), Column("nick", Text())]
    pipeline.datasets = [Dataset("people", columns=columns)]
    pipeline.put_in_force()
    steps = assert_foreseen(pipeline, platform, monkeypatch)

    [rewrite] = [step for step in steps if step.action == "rewrote table"]
    assert "(40 rows)" in rewrite.object
    assert rewrite.note is not None
    assert "ACCESS EXCLUSIVE" in rewrite.note
    assert "0 new versions" in rewrite.note
    assert {"renamed column", "added column", "updated view"} <= {step.action for step in steps}


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
def test_a_dry_run_refuses_in_the_words_of_apply(new_pipeline: NewPipeline, platform: str) -> None:
    pipeline = new_pipeline([Dataset("people", columns=[ID, NAME, AGE])], *CREATE)
    assert_done(pipeline.run(platform))
    pipeline.datasets = [Dataset("people", columns=[ID, NAME, evolve(AGE, type=Text())])]
    pipeline.put_in_force()
    with pytest.raises(ApplyRefused) as foreseen:
        planned(pipeline, platform)
    with pytest.raises(ApplyRefused) as refused:
        pipeline.runtime(platform).apply()
    assert (foreseen.value.message, foreseen.value.hint) == (refused.value.message, refused.value.hint)
