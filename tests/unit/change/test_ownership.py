"""Who has to agree to a change; the cases that the mutation of a whole model does not tell apart."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from attrs import evolve

from datasurface.change.diff import diff
from datasurface.change.ownership import change_source, owners, unauthorised
from datasurface.errors import UsageError
from datasurface.model import Ecosystem, GitRepository, GovernanceZone, Team
from tests.unit.lint.models import model, store

TOP, ZONE, TEAM, OTHER = (GitRepository(f"acme/{name}") for name in ("top", "zone", "team", "other"))


def of(*teams: Team, repository: GitRepository = ZONE) -> Ecosystem:
    zones = [GovernanceZone("zone", repository=repository, teams=teams)]
    return evolve(model(zones=zones, assignments=[]), repository=TOP)


FULL = Team("full", repository=TEAM, datastores=[store("Store1")])


def who(old: Ecosystem, new: Ecosystem) -> list[tuple[GitRepository, ...]]:
    return [owners(change) for change in diff(old, new)]


def test_a_team_that_is_handed_over_and_changed_at_once_needs_its_zone_and_who_it_was() -> None:
    taken = evolve(FULL, repository=OTHER, description="Mine")
    assert who(of(FULL), of(taken)) == [(ZONE,), (TEAM,)]
    assert who(of(evolve(FULL, repository=OTHER)), of(taken)) == [(OTHER,)]


def test_a_zone_is_handed_over_by_the_ecosystem_and_the_ecosystem_by_itself() -> None:
    assert who(of(FULL), of(FULL, repository=OTHER)) == [(TOP,)]
    assert who(of(FULL), evolve(of(FULL), repository=OTHER)) == [(TOP,)]


def test_a_team_is_removed_by_its_zone_once_it_has_nothing() -> None:
    assert who(of(FULL), of()) == [(ZONE, TEAM)]
    assert who(of(evolve(FULL, datastores=[])), of()) == [(ZONE,)]
    for source, missing in ((ZONE, TEAM), (TEAM, ZONE)):
        (refusal,) = unauthorised(diff(of(FULL), of()), source)
        assert refusal.owner == missing
    (refusal,) = unauthorised(diff(of(FULL), of()), ZONE)
    assert refusal.message == "removed zones/zone/teams/full: acme/team@main owns this, and acme/zone@main asks for it"
    assert refusal.hint == "let acme/team@main take away what it has there first, or hand it to another owner"


def test_a_zone_is_removed_with_the_consent_of_each_owner_in_it_once() -> None:
    twin = evolve(FULL, name="twin", repository=GitRepository("https://github.com/acme/team.git"))
    assert who(of(FULL, twin), evolve(of(), zones=[])) == [(TOP, ZONE, TEAM)]
    assert who(of(), evolve(of(), zones=[])) == [(TOP,)]


def test_a_team_gets_another_name_from_its_zone_but_nothing_else_with_it() -> None:
    renamed = evolve(FULL, name="fuller")
    assert who(of(FULL), of(renamed)) == [(ZONE,), (ZONE,)]
    assert who(of(FULL), of(evolve(renamed, description="Mine"))) == [(ZONE, TEAM), (ZONE,)]
    assert who(of(FULL), of(evolve(renamed, repository=OTHER))) == [(ZONE, TEAM), (ZONE,)]
    beside = evolve(FULL, name="beside")
    assert who(of(FULL, beside), of(beside)) == [(ZONE, TEAM)], "it was there before"


def calls(do: Callable[[], object]) -> int:
    """How many functions of Python run: a measure of work that no busy machine changes."""
    count = 0

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count


def test_the_work_for_renamed_teams_grows_as_they_do() -> None:
    def work(number: int) -> int:
        old, new = (of(*(evolve(FULL, name=f"{word}{n}") for n in range(number))) for word in ("old", "new"))
        changes = diff(old, new)
        assert len(changes) == 2 * number
        return calls(lambda: [owners(change) for change in changes])

    assert work(80) < 3 * work(40)


def test_what_a_new_team_brings_is_its_zone_s_to_add() -> None:
    assert who(of(), of(FULL)) == [(ZONE,)]


def test_how_a_repository_is_spelled_makes_no_difference_and_its_branch_does() -> None:
    changes = diff(of(FULL), of(evolve(FULL, description="Ours")))
    assert not unauthorised(changes, GitRepository("ssh://git@github.com/acme/team"))
    assert unauthorised(changes, evolve(TEAM, branch="other"))


def test_no_message_holds_a_password() -> None:
    changes = diff(of(FULL), of(evolve(FULL, description="Ours")))
    (refusal,) = unauthorised(changes, GitRepository("https://me:secret@github.com/acme/other"))
    assert refusal.message == (
        "changed zones/zone/teams/full: description: acme/team@main owns this, "
        "and https://github.com/acme/other@main asks for it"
    )


def test_the_source_of_a_change_names_repository_and_branch() -> None:
    assert change_source("git@github.com:acme/model.git@fix") == GitRepository(
        "git@github.com:acme/model.git", branch="fix"
    )


@pytest.mark.parametrize("text", ["acme/model", "acme/model@", "@main", "", "git@github.com:acme/model", "a\0b@main"])
def test_another_source_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(UsageError, match="the source of a change names no") as refused:
        change_source(text)
    assert str(refused.value.hint).startswith("write REPOSITORY@BRANCH")
