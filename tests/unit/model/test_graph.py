"""What has to exist on a platform, from the model and its assignments."""

import pytest
from attrs import evolve

from datasurface.deployment import HandOver
from datasurface.errors import NotApplied
from datasurface.graph import deployment_of, deployments, hand_overs, stream_key
from datasurface.loader import load
from datasurface.model import (
    AssignmentStatus,
    Consistency,
    Dataset,
    DatasetSink,
    Ecosystem,
    GitRepository,
    GroupAssignments,
    Milestoning,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface_yellow import YellowDataPlatform
from tests.unit.lint.models import assign, database, dataset, group, model, platform, store
from tests.unit.mistakes.mistake import EXAMPLE

A, B, C = (dataset(name) for name in "abc")
SINK_A, SINK_B = DatasetSink("S", "a"), DatasetSink("S", "b", name="bees")


def of_two_groups(*assignments: GroupAssignments, consistency: Consistency = Consistency.MULTI_DATASET) -> Ecosystem:
    """One store of three datasets; the group One sinks b and a, the group Two sinks b."""
    capture = SqlSnapshot(database(), consistency=consistency)
    return model(
        stores=[store("S", A, B, C, capture=capture), store("Unused")],
        platforms=[platform(), platform("Other")],
        workspaces=[
            Workspace("Work", groups=[group("One", SINK_B, SINK_A), group("Two", DatasetSink("S", "b"))]),
        ],
        assignments=assignments,
    )


def streams(ecosystem: Ecosystem, number: int = 0) -> dict[str, list[Dataset]]:
    return {s.key: list(s.datasets) for s in deployment_of(ecosystem, ecosystem.platforms[number]).streams}


def views(ecosystem: Ecosystem, number: int = 0) -> list[tuple[str, str]]:
    return [(view.group, view.name) for view in deployment_of(ecosystem, ecosystem.platforms[number]).views]


def test_the_example_is_one_stream_and_two_views_on_each_platform() -> None:
    ecosystem = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert ecosystem is not None
    live, forensic = deployments(ecosystem)
    assert [deployment.platform.name for deployment in (live, forensic)] == ["YellowLive", "YellowForensic"]
    for deployment in (live, forensic):
        stream = deployment.stream("Store1")
        assert [item.name for item in stream.datasets] == ["customers", "addresses"]
        assert stream.path == "zones/USA/teams/team1/datastores/Store1"
        assert [view.name for view in deployment.views] == ["customers", "addresses"]
    assert {view.milestoning for view in live.views} == {Milestoning.LIVE_ONLY}
    assert {view.milestoning for view in forensic.views} == {Milestoning.FORENSIC}
    assert forensic.views[0].path.endswith("groups/ForensicDSG/sinks/Store1.customers")


def test_a_stream_has_what_is_sunk_in_the_order_of_the_store() -> None:
    assert streams(of_two_groups(assign("Work", "One", "Live"))) == {"S": [A, B]}
    assert streams(of_two_groups(assign("Work", "Two", "Live"))) == {"S": [B]}


def test_a_dataset_that_two_groups_sink_is_read_once_and_seen_twice() -> None:
    ecosystem = of_two_groups(assign("Work", "Two", "Live"), assign("Work", "One", "Live"))
    assert streams(ecosystem) == {"S": [A, B]}
    assert views(ecosystem) == [("Two", "b"), ("One", "bees"), ("One", "a")]


def test_each_dataset_is_a_stream_where_the_capture_says_so() -> None:
    ecosystem = of_two_groups(assign("Work", "One", "Live"), consistency=Consistency.SINGLE_DATASET)
    assert streams(ecosystem) == {"S.a": [A], "S.b": [B]}
    assert [view.stream for view in deployment_of(ecosystem, ecosystem.platforms[0]).views] == ["S.b", "S.a"]
    assert stream_key(next(ecosystem.datastores()), C) == "S.c"


def test_a_platform_without_assignments_has_nothing_to_do() -> None:
    ecosystem = of_two_groups(assign("Work", "One", "Live"))
    other = deployments(ecosystem)[1]
    assert (other.platform.name, other.streams, other.views) == ("Other", (), ())


RUNS, SHOWS = {"S": [A, B]}, [("One", "bees"), ("One", "a")]
BY_STATUS = {
    AssignmentStatus.PROVISIONING: (RUNS, []),
    AssignmentStatus.PROVISIONED: (RUNS, SHOWS),
    AssignmentStatus.DECOMMISSIONING: (RUNS, SHOWS),
    AssignmentStatus.DECOMMISSIONED: ({}, SHOWS),
}


@pytest.mark.parametrize("status", AssignmentStatus)
def test_a_status_says_whether_batches_run_and_consumers_have_views(status: AssignmentStatus) -> None:
    ecosystem = of_two_groups(assign("Work", "One", "Live", status=status))
    assert (streams(ecosystem), views(ecosystem)) == BY_STATUS[status]
    ahead = deployment_of(ecosystem, ecosystem.platforms[0], with_coming_views=True)
    assert [(view.group, view.name) for view in ahead.views] == SHOWS


def test_a_dataset_is_read_while_one_of_its_groups_is_served() -> None:
    ecosystem = of_two_groups(
        assign("Work", "One", "Live", status=AssignmentStatus.DECOMMISSIONED),
        assign("Work", "Two", "Live", status=AssignmentStatus.PROVISIONING),
    )
    assert streams(ecosystem) == {"S": [B]}
    assert views(ecosystem) == SHOWS


def test_a_group_that_moves_is_served_by_both_platforms() -> None:
    ecosystem = of_two_groups(assign("Work", "One", "Live", "Other"))
    assert streams(ecosystem, 0) == streams(ecosystem, 1) == {"S": [A, B]}


def test_an_unknown_stream_is_told_with_those_there_are() -> None:
    deployment = deployments(of_two_groups(assign("Work", "One", "Live")))[0]
    with pytest.raises(NotApplied, match="runs no stream 'T'") as refused:
        deployment.stream("T")
    assert refused.value.hint is not None
    assert "streams in force: S" in refused.value.hint


def test_a_stream_has_the_owner_of_its_team() -> None:
    deployment = deployments(of_two_groups(assign("Work", "One", "Live")))[0]
    assert [stream.owner for stream in deployment.streams] == ["github.com/acme/model@main"]


def test_datastores_that_both_models_have_change_hands() -> None:
    base = of_two_groups()
    [zone] = base.zones
    [team] = zone.teams

    def with_team(changed: Team) -> Ecosystem:
        return evolve(base, zones=[evolve(zone, teams=[changed])])

    moved = evolve(team, repository=GitRepository("acme/others", branch="live"), name="Others")
    hands = [HandOver(name, "github.com/acme/model@main", "github.com/acme/others@live") for name in ("S", "Unused")]
    assert hand_overs(base, with_team(moved)) == tuple(hands)
    same = evolve(team, repository=GitRepository("git@github.com:Acme/model.git"), name="Others")
    assert hand_overs(base, with_team(same)) == hand_overs(None, base) == ()
    assert hand_overs(base, with_team(evolve(moved, datastores=team.datastores[1:]))) == tuple(hands[1:])
