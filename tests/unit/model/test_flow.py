"""How data flows through a model, as a drawing."""

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from datasurface.drawing import Drawing, as_svg
from datasurface.model import AssignmentStatus, Ecosystem, GitRepository, PythonCode, Workspace
from datasurface.model.flow import flow
from datasurface.model.transformer import DataTransformer
from tests.support.every_class import every_class
from tests.support.length import long_or
from tests.support.models import ecosystems
from tests.unit.lint.models import assign, dataset, group, model, platform, store

SLOW = settings(max_examples=long_or(200, 40), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def arrows(drawing: Drawing, *, dashed: bool = False) -> set[tuple[str, str]]:
    return {(arrow.start, arrow.end) for arrow in drawing.arrows if arrow.is_dashed is dashed}


@SLOW
@given(ecosystems)
def test_any_model_can_be_drawn(ecosystem: Ecosystem) -> None:
    drawing = flow(ecosystem)
    ids = [part for box in drawing.boxes for part in (box.id, *(row.id for row in box.rows))]
    assert len(ids) == len(set(ids))
    assert {end for arrow in drawing.arrows for end in (arrow.start, arrow.end)} <= set(ids)
    assert as_svg(drawing).endswith("</svg>\n")


def test_arrows_go_from_stores_over_platforms_to_groups() -> None:
    drawing = flow(every_class())
    assert arrows(drawing) == {
        ("store/Shop", "platform/0/Live"),
        ("platform/0/Live", "group/Masking/Customers"),
        ("transformer/Masking", "store/MaskedShop"),
        ("store/MaskedShop", "platform/1/Live"),
        ("platform/1/Live", "group/Analytics/Anonymous"),
        ("store/Shop", "platform/0/Forensic"),
        ("store/Web", "platform/0/Forensic"),
        ("store/OldShop", "platform/0/Forensic"),
        ("platform/0/Forensic", "group/Analytics/Past"),
        ("store/Tills", "platform/0/Live"),
        ("platform/0/Live", "group/Trials/Tills"),
    }
    assert arrows(drawing, dashed=True) == set()


def test_every_arrow_leads_to_the_right() -> None:
    drawing = flow(every_class())
    columns = {part: box.column for box in drawing.boxes for part in (box.id, *(row.id for row in box.rows))}
    assert [arrow for arrow in drawing.arrows if columns[arrow.start] >= columns[arrow.end]] == []


def test_a_group_without_a_platform_gets_nothing_yet() -> None:
    drawing = flow(model(assignments=[]))
    assert arrows(drawing, dashed=True) == {("store/Store1", "group/Work/Group")}
    assert {box.title for box in drawing.boxes} == {"Store1", "Live", "Work"}


def test_a_decommissioned_assignment_carries_nothing_any_more() -> None:
    gone = model(assignments=[assign("Work", "Group", "Live", status=AssignmentStatus.DECOMMISSIONED)])
    assert arrows(flow(gone), dashed=True) == {
        ("store/Store1", "platform/0/Live"),
        ("platform/0/Live", "group/Work/Group"),
    }
    other = Workspace("Other", groups=[group()])
    workspaces = [*gone.zones[0].teams[0].workspaces, other]
    both = model(workspaces=workspaces, assignments=[*gone.assignments, assign("Other", "Group", "Live")])
    assert arrows(flow(both), dashed=True) == {("platform/0/Live", "group/Work/Group")}


def transforming(name: str, reads: str, produces: str) -> Workspace:
    code = PythonCode(GitRepository("acme/code"), function="m:f")
    transformer = DataTransformer("T", code=code, produces=store(produces))
    return Workspace(name, groups=[group("Group", *store(reads).sinks())], transformer=transformer)


def test_transformers_that_read_each_other_are_drawn_too() -> None:
    circle = model(stores=[], workspaces=[transforming("One", "B", "A"), transforming("Two", "A", "B")])
    drawing = flow(evolve(circle, platforms=[platform()], assignments=[assign("One", "Group", "Live")]))
    assert ("transformer/One", "store/A") in arrows(drawing)
    assert ("store/A", "group/Two/Group") in arrows(drawing, dashed=True)


@pytest.mark.parametrize("backwards", [False, True])
def test_each_transformer_of_a_chain_is_a_stage_of_its_own(backwards: bool) -> None:
    chain = [transforming(f"W{number}", f"S{number}", f"S{number + 1}") for number in range(40)]
    drawing = flow(model(stores=[store("S0")], workspaces=chain[::-1] if backwards else chain, assignments=[]))
    columns = {box.id: box.column for box in drawing.boxes}
    assert [columns[f"store/S{number}"] for number in range(41)] == [3 * number for number in range(41)]


def test_names_that_mean_nothing_are_left_out() -> None:
    lost = model(
        workspaces=[Workspace("Work", groups=[group("Group", *store("Nowhere", dataset()).sinks())])],
        assignments=[assign("Work", "Group", "Nobody"), assign("Nobody", "Group", "Live")],
    )
    drawing = flow(lost)
    assert drawing.arrows == ()
    assert {box.title for box in drawing.boxes} == {"Store1", "Live", "Work"}
