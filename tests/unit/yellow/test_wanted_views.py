"""The views that a deployment wants, and the schema that a batch is read under."""

import pytest
from attrs import evolve

from datasurface.deployment import Deployment
from datasurface.graph import deployments
from datasurface.model import Column, Dataset, Milestoning, PostgresDatabase
from datasurface.types import BigInt, Integer
from datasurface_yellow.batch.store import schema_of
from datasurface_yellow.deploy.wanted import Kind, wanted_views
from datasurface_yellow.store.table import stream_tables
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import ecosystem

SOURCE = PostgresDatabase("customer_db", host="h", database="customer_db")


def _deployed(*datasets: Dataset) -> tuple[Deployment, Deployment]:
    live, forensic = deployments(ecosystem(datasets or [PEOPLE, PETS], SOURCE, SOURCE))
    return live, forensic


def _labels(deployment: Deployment) -> list[str]:
    return [view.label for view in wanted_views(deployment, "public")]


def test_a_live_group_has_one_view_per_sink() -> None:
    live, _ = _deployed()

    assert _labels(live) == [f"consumer1.yellowlive_consumer1_livedsg_{name}_view" for name in ("people", "pets")]


PAST = [
    "history",
    "batches",
    "batch_at(timestamp with time zone)",
    "settled(integer)",
    "as_of_batch(integer)",
    "as_of_time(timestamp with time zone)",
    "changes(integer, integer)",
]


def test_a_forensic_group_has_the_past_too() -> None:
    _, forensic = _deployed()

    assert _labels(forensic) == [
        f"consumer1.yellowforensic_consumer1_forensicdsg_{name}_{kind}"
        for name in ("people", "pets")
        for kind in ("view", *PAST)
    ]


def test_names_of_all_kinds_fit_and_differ() -> None:
    _, forensic = _deployed()
    long = evolve(forensic, views=tuple(evolve(view, group="g" * 60) for view in forensic.views))

    names = {view.name for view in wanted_views(long, "public")}

    assert len(names) == 2 * 8
    assert {len(name.encode()) for name in names} == {63}


def test_a_forensic_platform_serves_a_live_group_with_the_live_rows() -> None:
    _, forensic = _deployed()
    views = tuple(evolve(view, milestoning=Milestoning.LIVE_ONLY) for view in forensic.views)

    wanted = wanted_views(evolve(forensic, views=views), "public")

    assert [view.kind for view in wanted] == [Kind.LIVE, Kind.LIVE]
    assert all(view.table.is_forensic for view in wanted)


def test_a_view_says_where_it_stands_who_reads_it_and_what_it_reads() -> None:
    live, _ = _deployed()

    view = wanted_views(evolve(live, views=live.views[:1]), "lake")[0]

    assert (view.schema, view.role, view.stream) == ("consumer1", "consumer1_reader", "Store1")
    assert (view.table.schema, view.table.merge) == ("lake", "yellowlive_store1_people_merge")


def test_a_sinks_name_stands_for_the_dataset_in_the_views_name_only() -> None:
    live, _ = _deployed()

    [view] = wanted_views(evolve(live, views=(evolve(live.views[0], name="persons"),)), "public")

    assert view.name == "yellowlive_consumer1_livedsg_persons_view"
    assert view.table.merge == "yellowlive_store1_people_merge"


def _schema_hash(*datasets: Dataset) -> str:
    live, _ = _deployed(*datasets)
    return schema_of(stream_tables(live, live.streams[0], "public")).hash


@pytest.mark.parametrize(
    "changed",
    [
        evolve(PEOPLE, columns=[*PEOPLE.columns, Column("age", Integer())]),
        evolve(PEOPLE, columns=PEOPLE.columns[:2]),
        evolve(PEOPLE, columns=[evolve(PEOPLE.columns[0], type=Integer()), *PEOPLE.columns[1:]]),
        evolve(PEOPLE, columns=[PEOPLE.columns[0], evolve(PEOPLE.columns[1], nullable=True), PEOPLE.columns[2]]),
        evolve(PEOPLE, columns=[PEOPLE.columns[0], evolve(PEOPLE.columns[1], primary_key=True), PEOPLE.columns[2]]),
        evolve(PEOPLE, name="persons"),
    ],
    ids=["column added", "column dropped", "type", "nullability", "key", "name"],
)
def test_what_changes_how_rows_are_read_changes_the_schema(changed: Dataset) -> None:
    assert _schema_hash(changed, PETS) != _schema_hash(PEOPLE, PETS)


@pytest.mark.parametrize(
    "changed",
    [
        evolve(PEOPLE, columns=PEOPLE.columns[::-1]),
        evolve(PEOPLE, description="People.", max_delete_fraction=0.1),
        evolve(PEOPLE, columns=[evolve(column, classification=None) for column in PEOPLE.columns]),
    ],
    ids=["order", "description", "classification"],
)
def test_what_does_not_change_how_rows_are_read_is_the_same_schema(changed: Dataset) -> None:
    assert _schema_hash(changed, PETS) == _schema_hash(PEOPLE, PETS)


def test_a_dataset_more_is_another_schema() -> None:
    assert _schema_hash(PEOPLE) != _schema_hash(PEOPLE, PETS)
    assert schema_of(()).columns == {}
    assert BigInt() == PEOPLE.columns[0].type
