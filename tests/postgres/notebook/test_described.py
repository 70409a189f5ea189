"""What views say of themselves to those who may read them, and that a change of words touches no view."""

import json
from collections.abc import Callable

import pytest
from attrs import evolve

from datasurface.deployment import ColumnMask, MaskKind, ViewConfig
from datasurface.errors import NotApplied
from datasurface.results import ViewState
from tests.postgres.conftest import NewPipeline
from tests.postgres.notebook.conftest import CREATE, PEOPLE, Office, let_in
from tests.support.databases import Role
from tests.support.people import PETS
from tests.support.pipeline import LIVE, Pipeline

VIEW = "consumer1.yellowlive_consumer1_livedsg_people_view"
COMMENT = f"SELECT split_part(obj_description('{VIEW}'::regclass), e'\\n', 2), '{VIEW}'::regclass::oid"


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> Pipeline:
    return new_pipeline([PEOPLE, PETS], *CREATE)


def changed(pipeline: Pipeline, change: Callable[[ViewConfig], ViewConfig]) -> Pipeline:
    """The live platform after what it shows has changed; not applied yet."""
    before = pipeline.by_name[LIVE]
    views = tuple(change(view) if view.name == "people" else view for view in before.views)
    return evolve(pipeline, by_name={**pipeline.by_name, LIVE: evolve(before, views=views)})


def test_a_view_says_what_it_shows(pipeline: Pipeline) -> None:
    [(comment, _)] = pipeline.query(COMMENT)
    said = json.loads(str(comment))
    assert said["columns"][1] == {
        "name": "fullName",
        "type": "VarChar(50)",
        "key": False,
        "classification": "PII",
        "mask": None,
        "description": "As on the passport",
    }
    assert (said["columns"][0]["key"], said["columns"][0]["classification"]) == (True, "PUBLIC")
    del said["columns"]
    assert said == {
        "format": 1,
        "platform": "YellowLive",
        "workspace": "Consumer1",
        "group": "LiveDSG",
        "name": "people",
        "dataset": "Store1.people",
        "milestoning": "LIVE_ONLY",
        "owner": "github.com/acme/model@main",
        "description": "Who buys <b>from</b> us",
    }


def test_other_words_reach_the_comment_and_the_view_stays(pipeline: Pipeline) -> None:
    pipeline.store(f"CREATE VIEW public.theirs AS TABLE {VIEW}")
    [(_, before)] = pipeline.query(COMMENT)
    runtime = changed(
        pipeline, lambda view: evolve(view, dataset=evolve(view.dataset, description="Wer käuft"))
    ).runtime(LIVE)
    assert {each.state for each in runtime.list_views() if each.name == VIEW} == {ViewState.DIFFERS}
    assert [(step.action, step.object) for step in runtime.apply()] == [("updated view", VIEW)]
    [(comment, after)] = pipeline.query(COMMENT)
    assert json.loads(str(comment))["description"] == "Wer käuft"
    assert after == before
    assert runtime.apply() == []


def test_nothing_is_said_of_a_column_that_is_hidden_and_a_mask_is(pipeline: Pipeline) -> None:
    runtime = changed(
        pipeline, lambda view: evolve(view, hidden=("born",), masks=(ColumnMask("fullName", MaskKind.NULL),))
    ).runtime(LIVE)
    runtime.apply()
    [(comment, _)] = pipeline.query(COMMENT)
    said = {column["name"]: column["mask"] for column in json.loads(str(comment))["columns"]}
    assert said == {"id": None, "fullName": "null", "owes": None, "100% sure": None}


def test_views_of_an_earlier_version_say_what_to_do(pipeline: Pipeline, make_role: Callable[[str], Role]) -> None:
    office = Office(pipeline, make_role("analyst"))
    let_in(pipeline, office.analyst)
    for group, platform in (("livedsg", "yellowlive"), ("forensicdsg", "yellowforensic")):
        for name in ("people", "pets"):
            view = f"consumer1.{platform}_consumer1_{group}_{name}_view"
            [(mark,)] = pipeline.query(f"SELECT split_part(obj_description('{view}'::regclass), e'\\n', 1)")
            pipeline.store(f"COMMENT ON VIEW {view} IS '{mark}'")
    with pytest.raises(NotApplied, match="an earlier version made them") as refused:
        office.connect()
    assert "views reconcile" in (refused.value.hint or "")
    for name in pipeline.by_name:
        assert not pipeline.runtime(name).reconcile_views().removed
    assert [group.name for group in office.connect().groups] == ["ForensicDSG", "LiveDSG"]
