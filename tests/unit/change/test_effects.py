"""What a change of the model makes platforms do."""

from attrs import evolve
from hypothesis import HealthCheck, given, settings

from datasurface.change.diff import ChangeKind
from datasurface.change.effects import Effect, Thing, effects
from datasurface.model import (
    AssignmentStatus,
    Column,
    Consistency,
    DatasetSink,
    Ecosystem,
    Milestoning,
    SqlSnapshot,
    Workspace,
)
from datasurface.types import BigInt, VarChar
from tests.support.edits_of_models import edited_models
from tests.support.length import long_or
from tests.support.models import ecosystems
from tests.unit.lint.models import assign, column, database, dataset, group, model, platform, store

ADDED, REMOVED, CHANGED = ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.CHANGED
ROW_CHANGED = Effect(CHANGED, Thing.CONFIGURATION_ROW, "Store1")
few = settings(max_examples=long_or(500, 25), suppress_health_check=[HealthCheck.too_slow])
VIEW_CHANGED = Effect(CHANGED, Thing.VIEW, "Work.Group.customers", "shows other columns")


def on_live(old: Ecosystem | None, new: Ecosystem) -> list[Effect]:
    """The effects on the one platform."""
    found = effects(old, new)
    assert [platform.platform for platform in found] == (["Live"] if found else [])
    return list(found[0].effects) if found else []


def with_columns(*columns: Column) -> Ecosystem:
    return model(stores=[store("Store1", dataset("customers", column(key=True), *columns))])


def test_a_first_model_starts_everything() -> None:
    assert on_live(None, model()) == [
        Effect(ADDED, Thing.STREAM, "Store1", "starts with customers"),
        Effect(ADDED, Thing.MERGE_TABLE, "Store1.customers", "1 column"),
        Effect(ADDED, Thing.VIEW, "Work.Group.customers"),
        Effect(ADDED, Thing.CONFIGURATION_ROW, "Store1"),
    ]


def test_a_decommissioned_group_stops_the_stream_and_keeps_the_view() -> None:
    stopped = model(assignments=[assign("Work", "Group", "Live", status=AssignmentStatus.DECOMMISSIONED)])
    assert on_live(model(), stopped) == [
        Effect(REMOVED, Thing.STREAM, "Store1", "stops; its tables stay"),
        Effect(REMOVED, Thing.MERGE_TABLE, "Store1.customers", "is written no more; it stays, with its rows"),
        Effect(REMOVED, Thing.CONFIGURATION_ROW, "Store1"),
    ]


def test_columns_are_added_renamed_changed_and_left_out() -> None:
    old = with_columns(column("mail", VarChar(10)), column("age"), column("old"))
    new = with_columns(
        Column("email", VarChar(20), renamed_from="mail"), Column("age", BigInt(), nullable=False), column("new")
    )
    assert on_live(old, new) == [
        Effect(CHANGED, Thing.COLUMN, "Store1.customers.email", "renamed from mail, VarChar(10) to VarChar(20)"),
        Effect(CHANGED, Thing.COLUMN, "Store1.customers.age", "Integer() to BigInt(), may not be NULL"),
        Effect(ADDED, Thing.COLUMN, "Store1.customers.new", "Integer()"),
        Effect(REMOVED, Thing.COLUMN, "Store1.customers.old", "is filled no more; it stays, with its values"),
        VIEW_CHANGED,
        ROW_CHANGED,
    ]


def test_a_rename_that_was_applied_before_is_none() -> None:
    renamed = with_columns(Column("email", VarChar(10), renamed_from="mail"))
    assert on_live(renamed, with_columns(Column("email", VarChar(10)))) == [ROW_CHANGED]


def test_a_description_changes_the_configuration_row_and_nothing_else() -> None:
    described = model(stores=[store("Store1", evolve(dataset(), description="x"))])
    assert on_live(model(), described) == [ROW_CHANGED]


def test_a_schedule_changes_the_configuration_rows() -> None:
    assert on_live(model(), model(platforms=[platform(schedule="0 * * * *")])) == [ROW_CHANGED]


def test_another_capture_is_told() -> None:
    moved = model(stores=[store("Store1", capture=SqlSnapshot(database(host="elsewhere")))])
    assert on_live(model(), moved) == [Effect(CHANGED, Thing.STREAM, "Store1", "is read in another way"), ROW_CHANGED]


def test_a_dataset_more_is_another_table_in_the_same_stream() -> None:
    stores = [store("Store1", dataset("customers"), dataset("orders"))]
    sinks = [DatasetSink("Store1", "customers"), DatasetSink("Store1", "orders", name="sales")]
    old = model(stores=stores)
    new = model(stores=stores, workspaces=[Workspace("Work", groups=[group("Group", *sinks)])])
    assert on_live(old, new) == [
        Effect(CHANGED, Thing.STREAM, "Store1", "carries other datasets"),
        Effect(ADDED, Thing.MERGE_TABLE, "Store1.orders", "1 column"),
        Effect(ADDED, Thing.VIEW, "Work.Group.sales"),
        ROW_CHANGED,
    ]


def test_another_consistency_is_other_streams_over_the_same_tables() -> None:
    single = SqlSnapshot(database(), consistency=Consistency.SINGLE_DATASET)
    found = on_live(model(), model(stores=[store("Store1", capture=single)]))
    assert {(it.kind, it.thing, it.name) for it in found} == {
        (ADDED, Thing.STREAM, "Store1.customers"),
        (REMOVED, Thing.STREAM, "Store1"),
        (ADDED, Thing.CONFIGURATION_ROW, "Store1.customers"),
        (REMOVED, Thing.CONFIGURATION_ROW, "Store1"),
    }


def test_a_platform_that_goes_stops_what_it_had() -> None:
    old = model(platforms=[platform(), platform("Other")])
    (gone,) = effects(evolve(old, assignments=[assign("Work", "Group", "Live", "Other")]), model())
    assert gone.platform == "Other"
    assert {it.kind for it in gone.effects} == {REMOVED}


def test_a_view_with_history_is_another_view() -> None:
    forensic = [Workspace("Work", groups=[group(milestoning=Milestoning.FORENSIC)])]
    assert Effect(CHANGED, Thing.VIEW, "Work.Group.customers", "live_only to forensic") in on_live(
        model(), model(workspaces=forensic)
    )


@few
@given(ecosystems)
def test_nothing_happens_without_a_change(ecosystem: Ecosystem) -> None:
    assert effects(ecosystem, ecosystem) == ()


@few
@given(edited_models())
def test_any_two_models_have_effects_each_once(models: tuple[Ecosystem, Ecosystem]) -> None:
    old, new = models
    for found in effects(old, new):
        named = [(it.thing, it.name) for it in found.effects]
        assert found.effects
        assert len(named) == len(set(named)) or _has_twins(old) or _has_twins(new)


def _has_twins(ecosystem: Ecosystem) -> bool:
    """Whether columns share a name, which lint refuses."""
    return any(
        len({column.name for column in dataset.columns}) < len(dataset.columns)
        for store in ecosystem.datastores()
        for dataset in store.datasets
    )
