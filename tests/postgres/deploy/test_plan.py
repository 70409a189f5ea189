"""A plan and what becomes of it: applied, there is none left; the rows that it foresees are those that are written."""

import runpy
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from attrs import evolve

from datasurface.classification import PII, PUBLIC
from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.environment import Environment
from datasurface.errors import ChangeRefused
from datasurface.graph import deployments
from datasurface.model import (
    Column,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Deprecation,
    Ecosystem,
    Element,
    Milestoning,
    OnAdd,
    PlatformManaged,
    Requirements,
    Team,
    Workspace,
)
from datasurface.model.rebuild import rebuilt
from datasurface.operations.apply import apply
from datasurface.operations.model import CheckedModel
from datasurface.operations.plan import plan_against_force, rows_touched
from datasurface.plugins.manager import installed_plugins
from datasurface.types import BigInt, Integer, Text, VarChar
from tests.postgres.conftest import NewPipeline
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done
from tests.unit.docs.markdown import REPOSITORY

PLUGINS = installed_plugins()
ID = Column("id", Integer(), primary_key=True, classification=PUBLIC)
AGE = Column("age", Integer(), classification=PUBLIC)
NICK = Column("nick", VarChar(20), classification=PUBLIC)
CREATE = ("CREATE TABLE people (id int, age int)", "INSERT INTO people SELECT i, i % 9 FROM generate_series(1, 40) i")


def edited(kind: type[Element], name: str, /, **values: object) -> Callable[[Ecosystem], Ecosystem]:
    """The elements of a class and a name have other values."""

    def edit(element: Element) -> Element:
        return evolve(element, **values) if isinstance(element, kind) and element.key() == name else element

    return lambda ecosystem: rebuilt(ecosystem, edit)


def with_columns(change: Callable[[tuple[Column, ...]], list[Column]]) -> Callable[[Ecosystem], Ecosystem]:
    """The customers have other columns."""

    def edit(element: Element) -> Element:
        if isinstance(element, Dataset) and element.name == "customers":
            return evolve(element, columns=change(element.columns))
        return element

    return lambda ecosystem: rebuilt(ecosystem, edit)


without_email = with_columns(lambda columns: [column for column in columns if column.name != "email"])


MORE = Workspace(
    "Consumer2",
    groups=[
        DatasetGroup(
            "Waiting",
            sinks=[DatasetSink("Store1", "addresses")],
            requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(hours=1)),
        )
    ],
)
CHANGES: dict[str, Callable[[Ecosystem], Ecosystem]] = {
    "a column more": with_columns(lambda columns: [*columns, Column("loyalty", Integer(), classification=PUBLIC)]),
    "a renamed column": edited(Column, "phone", name="telephone", renamed_from="phone"),
    "a wider number": edited(Column, "loyalty", type=BigInt()),
    "what no platform sees": lambda it: evolve(it, description="**Customers** and what they buy"),
    "a column may not be NULL": edited(Column, "loyalty", nullable=False),
    "another schedule": lambda it: evolve(
        it, platforms=[it.platforms[0], evolve(it.platforms[1], schedule="*/5 * * * *")]
    ),
    "a workspace more": lambda it: rebuilt(
        it, lambda e: evolve(e, workspaces=[*e.workspaces, MORE]) if isinstance(e, Team) else e
    ),
    "a deprecation": edited(Dataset, "addresses", deprecation=Deprecation(until=date(2099, 1, 1))),
}


def test_a_plan_that_was_applied_leaves_none(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([])
    example: Ecosystem = runpy.run_path(str(REPOSITORY / "examples" / "customer360" / "eco.py"))["create_ecosystem"]()
    place = {"host": pipeline.server.host, "port": pipeline.server.port, "database": pipeline.target.name}
    here = Environment(containers=dict.fromkeys(("LiveStore", "ForensicStore", "ControlStore"), place))
    writer = pipeline.access.writer
    credentials = Credentials(
        [
            EnvironmentVariables(
                {
                    f"{name}_{key}": value
                    for name in ("YELLOW_LIVE_WRITER", "YELLOW_FORENSIC_WRITER", "CONTROL_WRITER")
                    for key, value in (("USER", writer.name), ("PASSWORD", writer.password))
                }
            )
        ]
    )
    in_one_database = edited(Workspace, "Consumer1", container=PlatformManaged(), reader=None)(example)
    model = evolve(in_one_database, assignments=pipeline.model.assignments)

    def checked(ecosystem: Ecosystem) -> CheckedModel:
        bound = here.bind(ecosystem)
        return CheckedModel(bound, ecosystem, deployments(bound), (), None)

    def put_in_force(ecosystem: Ecosystem) -> None:
        found = plan_against_force(checked(ecosystem), PLUGINS, credentials)
        assert not found.is_empty
        assert not found.is_refused, found.refusals
        assert apply(checked(ecosystem), PLUGINS, credentials).publishes
        assert plan_against_force(checked(ecosystem), PLUGINS, credentials).is_empty

    put_in_force(model)
    for change in CHANGES.values():
        model = change(model)
        put_in_force(model)
    assert not apply(checked(model), PLUGINS, credentials).changes

    broken = checked(without_email(model))
    with pytest.raises(ChangeRefused) as refused:
        apply(broken, PLUGINS, credentials)
    ((message, _),) = refused.value.refusals
    assert message.startswith("breaking CC103: column email goes")
    assert "affects 1 workspace of 1 team: Consumer1 (team1)" in message
    assert apply(broken, PLUGINS, credentials, allow_breaking=True).publishes
    assert plan_against_force(broken, PLUGINS, credentials).is_empty


@pytest.fixture
def people(copied_pipeline: NewPipeline) -> Pipeline:
    """40 live rows on each platform; the producer has the column ``nick`` already."""
    pipeline = copied_pipeline([Dataset("people", columns=[ID, AGE])], *CREATE)
    for platform in (LIVE, FORENSIC):
        assert_done(pipeline.run(platform))
    pipeline.producer("ALTER TABLE people ADD nick varchar(20)", "UPDATE people SET nick = 'n' WHERE id <= 30")
    return pipeline


def foreseen(pipeline: Pipeline) -> dict[tuple[str, str], tuple[int, str]]:
    model = pipeline.model
    found = rows_touched(CheckedModel(model, model, deployments(model), (), None), PLUGINS, pipeline.access.credentials)
    return {(it.platform, it.what): (it.rows, it.note) for it in found}


def test_a_preview_says_how_many_rows_get_new_versions(people: Pipeline) -> None:
    assert foreseen(people) == {}
    people.datasets = [Dataset("people", columns=[ID, AGE, NICK])]
    assert foreseen(people) == {
        (LIVE, "added column people.nick"): (40, "up to 40 live rows are written anew, when values arrive in it"),
        (FORENSIC, "added column people.nick"): (40, "up to 40 live rows get a new version, when values arrive in it"),
    }
    people.apply()
    assert foreseen(people) == {}
    for platform in (LIVE, FORENSIC):
        result = people.run(platform)
        assert_done(result)
        assert result.datasets["people"].updated == 30
    assert people.query("SELECT count(*) FROM yellowforensic_store1_people_merge") == [(70,)]


def test_a_preview_of_a_filled_column_and_of_a_rewrite(people: Pipeline) -> None:
    wider = evolve(AGE, type=BigInt())
    people.datasets = [Dataset("people", columns=[ID, wider, NICK], on_add=OnAdd.BACKFILL)]
    found = foreseen(people)
    filled = "the first batch that reads it fills up to 40 live rows in place; 0 new versions"
    for platform in (LIVE, FORENSIC):
        assert found[platform, "added column people.nick"] == (40, filled)
        ((rows, note),) = [it for (name, what), it in found.items() if name == platform and what.startswith("rewrote")]
        assert rows == 40
        assert "0 new versions" in note
    people.apply()
    for platform in (LIVE, FORENSIC):
        result = people.run(platform)
        assert_done(result)
        assert result.datasets["people"].updated == 0
    assert people.query("SELECT count(*) FROM yellowforensic_store1_people_merge WHERE nick = 'n'") == [(30,)]


def test_a_preview_before_the_first_batch_touches_no_row(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([Dataset("people", columns=[ID, AGE])], *CREATE)
    pipeline.datasets = [Dataset("people", columns=[ID, AGE, Column("note", Text(), classification=PII)])]
    assert foreseen(pipeline) == {}
