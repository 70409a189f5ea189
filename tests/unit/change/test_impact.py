"""Who is affected by a change, near and far."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface.change.consequences import tables_of
from datasurface.change.diff import diff
from datasurface.change.impact import Affected, affected
from datasurface.model import (
    AssignmentStatus,
    Column,
    Dataset,
    DatasetGroup,
    Datastore,
    DataTransformer,
    Ecosystem,
    GitRepository,
    PlatformPolicy,
    Priority,
    ProductionStatus,
    PythonCode,
    TransformerOutput,
    Workspace,
)
from datasurface.types import Integer
from tests.support.length import long_or
from tests.support.models import ecosystems
from tests.unit.change.cases import CASES
from tests.unit.change.cases.case import (
    ANALYSTS,
    DAILY,
    DRAFTS,
    EVENTS,
    INPUT,
    LAB,
    ORDERS,
    REFINE,
    REFINER,
    REPORTS,
    SALES,
    SHOP,
    TOTALS,
)
from tests.unit.change.company import COMPANY, database, needs, sinks, small
from tests.unit.change.edits import Edit, edited, moved, with_more, with_values, without

READERS_OF_ORDERS = ["Refine.Input", "Reports.Daily", "Board.Totals via Refiner"]


def told(found: Iterable[Affected]) -> list[str]:
    return [f"{one.name} via {', '.join(one.through)}" if one.through else one.name for one in found]


def reached(*edits: Edit, old: Ecosystem = COMPANY) -> list[list[str]]:
    """Who is affected by each change that the edits make."""
    new = old
    for edit in edits:
        new = edit(new)
    return [told(found) for found in affected(diff(old, new), old, new)]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (with_more(f"{ORDERS}/columns", Column("tax", Integer())), READERS_OF_ORDERS),
        (without(f"{ORDERS}/columns/note"), READERS_OF_ORDERS),
        (with_values(f"{ORDERS}/columns/note", nullable=False), READERS_OF_ORDERS),
        (with_values(f"{SHOP}/capture", schema="sales"), READERS_OF_ORDERS),
        (with_values(f"{SHOP}/capture/container", host="new"), READERS_OF_ORDERS),
        (without(ORDERS), READERS_OF_ORDERS),
        (without(DRAFTS), []),
        (without(f"{EVENTS}/datasets/clicks/columns/at"), ["Reports.Daily"]),
        (with_values(ORDERS, description="Sold."), []),
        (
            with_values("platforms/Past", namespace="p"),
            ["Refine.Input", "Reports.Daily", "Reports.Now", "Board.Totals via Refiner"],
        ),
        (
            with_values("platforms/Past/merge_database", host="p"),
            ["Refine.Input", "Reports.Daily", "Reports.Now", "Board.Totals via Refiner"],
        ),
        (with_values("platforms/Spare", namespace="p"), []),
        (with_values(f"{TOTALS}/columns/total", nullable=False), ["Board.Totals"]),
        (with_values(f"{REFINER}/code", function="other:main"), ["Board.Totals"]),
        (without(REFINER), ["Board.Totals"]),
        (without(REFINE), ["Refine.Input", "Board.Totals"]),
        (without(f"{INPUT}/sinks/Shop.orders"), ["Refine.Input", "Board.Totals via Refiner"]),
        (with_values(f"{INPUT}/requires", latency=needs().latency / 2), ["Refine.Input", "Board.Totals via Refiner"]),
        (with_values(DAILY, description="Every day."), []),
        (
            with_values(REPORTS, production_status=ProductionStatus.NOT_PRODUCTION),
            ["Reports.Daily", "Reports.Later", "Reports.Now"],
        ),
        (with_values(REFINE, priority=Priority.HIGH), ["Refine.Input"]),
        (with_values(f"{LAB}/container", host="p"), ["Lab.Try"]),
        (
            with_values("assignments/Reports.Daily/assignments/Past", status=AssignmentStatus.DECOMMISSIONING),
            ["Reports.Daily"],
        ),
        (with_more(f"{SALES}/policies", PlatformPolicy("only", allowed=["Past"])), ["Lab.Try", *READERS_OF_ORDERS]),
        (
            with_more(f"{ANALYSTS}/policies", PlatformPolicy("only", allowed=["Past"])),
            ["Lab.Try", "Refine.Input", "Reports.Daily", "Reports.Later", "Reports.Now", "Board.Totals"],
        ),
        (with_values(f"{SALES}/repository", url="acme/shop"), ["Lab.Try", *READERS_OF_ORDERS]),
        (
            with_more("policies", PlatformPolicy("only", allowed=["Past"])),
            ["Lab.Try", "Refine.Input", "Reports.Daily", "Reports.Later", "Reports.Now", "Board.Totals"],
        ),
        (without("vendors/AWS/locations/eu"), READERS_OF_ORDERS),
        (without("vendors/AWS/locations/asia"), []),
        (with_values("control_database", host="c"), []),
        (with_values("", name="Apex"), []),
    ],
)
def test_a_change_reaches_those_who_see_it(edit: Edit, expected: list[str]) -> None:
    assert reached(edit) == [expected]


def test_a_change_says_which_datasets_are_sunk_of_it() -> None:
    new = without(SHOP)(COMPANY)
    ((refine, reports, board),) = affected(diff(COMPANY, new), COMPANY, new)
    assert refine == Affected("Analysts", "Refine", "Input", (), ("Shop.orders",))
    assert reports.datasets == ("Shop.coupons", "Shop.customers", "Shop.orders", "Shop.returns")
    assert board == Affected("Managers", "Board", "Totals", ("Refiner",), ("Refined.totals",))


def test_both_places_of_what_moves_are_asked() -> None:
    gone, come = reached(moved(EVENTS, f"{SALES}/datastores"))
    assert gone == come == ["Reports.Daily"]


def test_who_comes_and_who_goes_with_the_change_is_affected_by_it() -> None:
    new = DatasetGroup("More", sinks=sinks("Shop.orders"), requires=needs())
    added, changed = reached(
        with_more(f"{REPORTS}/groups", new), with_values(f"{ORDERS}/columns/note", nullable=False)
    )[::-1]
    assert added == ["Reports.More"]
    assert changed == ["Refine.Input", "Reports.Daily", "Reports.More", "Board.Totals via Refiner"]


def chain(length: int, *, closed: bool) -> Ecosystem:
    """Workspaces that each make a datastore of the one before; where it is closed, the first reads the last."""
    workspaces = []
    for index in range(length):
        source = f"Made{index - 1}.made" if index else f"Made{length - 1}.made" if closed else "Shop.orders"
        made = Datastore(f"Made{index}", capture=TransformerOutput(database("Made")), datasets=[small("made")])
        code = PythonCode(GitRepository("acme/chain"), function="chain:main")
        workspaces.append(
            Workspace(
                f"W{index:03}",
                groups=[DatasetGroup("In", sinks=sinks(source), requires=needs())],
                transformer=DataTransformer(f"T{index:03}", code=code, produces=made),
            )
        )
    return with_more(f"{ANALYSTS}/workspaces", *workspaces)(COMPANY)


def test_a_change_goes_through_as_many_transformers_as_there_are() -> None:
    long = chain(200, closed=False)
    (found,) = reached(with_values(f"{ORDERS}/columns/note", nullable=False), old=long)
    assert len(found) == 3 + 200
    assert found[-1] == f"W199.In via {', '.join(f'T{index:03}' for index in range(199))}"


def test_a_circle_of_transformers_ends() -> None:
    circle = chain(3, closed=True)
    path = f"{ANALYSTS}/workspaces/W000/transformer/produces/datasets/made"
    (found,) = reached(with_more(f"{path}/columns", Column("x", Integer())), old=circle)
    assert found == ["W001.In", "W002.In via T001", "W000.In via T001, T002"]


@settings(max_examples=long_or(1000, 30), deadline=None)
@given(st.lists(st.sampled_from([edit for case in CASES for edit in case.edits]), max_size=6))
def test_whoever_sinks_a_dataset_is_affected_by_a_change_of_it_and_named_once(edits: Sequence[Edit]) -> None:
    new = edited(edits, COMPANY)
    changes = diff(COMPANY, new)
    found = affected(changes, COMPANY, new)
    assert len(found) == len(changes)
    for change, everybody in zip(changes, found, strict=True):
        assert len({(one.team, one.workspace, one.group) for one in everybody}) == len(everybody), change.path
        for store, dataset in tables_of(change) if isinstance(change.element, Column | Dataset) else ():
            readers = {
                (workspace.name, group.name)
                for model in (COMPANY, new)
                for workspace in model.workspaces()
                for group in workspace.groups
                if any(sink.key() == f"{store}.{dataset}" for sink in group.sinks)
            }
            assert change.attribute == "description" or readers <= {(one.workspace, one.group) for one in everybody}


@settings(
    max_examples=long_or(1000, 10),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(ecosystems, ecosystems)
def test_any_two_models_are_looked_at_without_an_error(old: Ecosystem, new: Ecosystem) -> None:
    changes = diff(old, new)
    assert len(affected(changes, old, new)) == len(changes)
