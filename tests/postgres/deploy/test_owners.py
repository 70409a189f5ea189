"""Rows stay with the owner that they were merged for: whoever models a datastore of that name later does not show them
to its own consumers."""

from pathlib import Path

import pytest
from attrs import evolve

from datasurface.errors import ApplyRefused
from datasurface.model import AssignmentStatus
from datasurface.operations.apply import plan as dry_run
from datasurface.operations.rollback import preview_rollback, rollback
from datasurface.results import DatasetCounts
from tests.postgres.deploy.village import OTHERS, PLATFORMS, PLUGINS, PROVISIONED, US, Village, checked
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.queries import fetch

AS_VERSION_4_LEFT_IT = ("DROP TABLE {prefix}_owner", "UPDATE {prefix}_catalog SET version = 4")
PAGE = Path(__file__).parents[3] / "docs" / "ownership.md"


@pytest.mark.short
def test_another_owner_does_not_get_our_rows_until_they_are_gone(village: Village) -> None:
    village.run()
    village.leave(US)
    village.pipeline.producer("UPDATE people SET name = 'theirs'", "DELETE FROM people WHERE id > 20")

    refused = village.refused(village.of(OTHERS, PROVISIONED))

    assert refused.message == (
        "rows of another owner: yellowlive_store1_people_merge and yellowlive_store1_pets_merge hold what was merged "
        "for github.com/acme/us@main, and datastore Store1 is github.com/acme/others@main's now"
    )
    page = PAGE.read_text(encoding="utf-8")
    shown = refused.message.replace("yellowlive_store1_people_merge and yellowlive_store1_pets_merge hold", "{} holds")
    assert f"error: {shown.format('yellowlive_store1_customers_merge')}\nhint: {refused.hint}\n" in page
    village.prune(village.empty(US))
    village.apply(village.of(OTHERS, PROVISIONED))
    assert village.kept_for(OTHERS)
    assert village.run() == [DatasetCounts(20, 20)] * 2
    source = fetch(village.pipeline.source, "SELECT * FROM people ORDER BY id")
    for platform, group in ((LIVE, "livedsg"), (FORENSIC, "forensicdsg")):
        view = f"TABLE consumer1.{platform.lower()}_consumer1_{group}_people_view ORDER BY id"
        assert village.pipeline.query(view) == source
        assert all(check.holds for check in village.pipeline.runtime(platform).verify("Store1"))
    assert len(village.pipeline.query("TABLE consumer1.yellowforensic_consumer1_forensicdsg_people_history")) == 20


@pytest.mark.slow
def test_we_may_come_back_to_our_rows_whatever_our_team_is_called_by_then(village: Village) -> None:
    village.run()
    village.leave(US)
    model = village.of(US, PROVISIONED)
    [zone] = model.zones
    village.apply(evolve(model, zones=[evolve(zone, teams=[evolve(zone.teams[0], name="We")])]))
    assert village.run() == [DatasetCounts(30, 0, 0, 0, 30)] * 2


@pytest.mark.slow
def test_a_datastore_in_force_is_handed_over_with_its_rows(village: Village) -> None:
    village.run()
    foreseen = dry_run(checked(village.of(OTHERS, PROVISIONED)), PLUGINS, village.pipeline.access.credentials)
    report = village.apply(village.of(OTHERS, PROVISIONED))
    tables = ["yellowlive_store1_people_merge", "yellowlive_store1_pets_merge"]
    views = [f"consumer1.yellowlive_consumer1_livedsg_{dataset}_view" for dataset in ("people", "pets")]
    expected = [*(("handed over table", it) for it in tables), *(("updated view", it) for it in views)]
    assert [(step.action, step.object) for step in report.steps[LIVE]] == expected
    assert [(step.action, step.object) for step in foreseen.steps[LIVE]] == expected
    assert all("yellowlive_owner" in step.sql[0] for step in foreseen.steps[LIVE][:2])
    assert all("acme/others" in step.sql[0] for step in foreseen.steps[LIVE][2:]), "a view says whose data it shows"
    assert village.run() == [DatasetCounts(30, 0, 0, 0, 30)] * 2
    assert not village.apply(village.of(OTHERS, PROVISIONED)).changes

    village.leave(OTHERS)
    assert "for github.com/acme/others@main" in village.refused(village.of(US, PROVISIONED)).message


@pytest.mark.slow
def test_a_datastore_that_nobody_reads_is_handed_over_too(village: Village) -> None:
    village.run()
    village.apply(village.of(US, AssignmentStatus.DECOMMISSIONING))
    village.apply(village.of(US, AssignmentStatus.DECOMMISSIONED))
    village.apply(village.of(OTHERS, AssignmentStatus.DECOMMISSIONED))
    village.apply(village.of(OTHERS))
    assert village.kept_for(OTHERS)
    village.apply(village.of(OTHERS, PROVISIONED))
    assert village.run() == [DatasetCounts(30, 0, 0, 0, 30)] * 2


@pytest.mark.slow
def test_tables_without_a_known_owner_are_the_present_owners(village: Village) -> None:
    village.run()
    for platform in PLATFORMS:
        village.pipeline.store(*(line.format(prefix=platform.lower()) for line in AS_VERSION_4_LEFT_IT))
    assert dry_run(checked(village.of(OTHERS, PROVISIONED)), PLUGINS, village.pipeline.access.credentials).changes
    village.apply(village.of(OTHERS, PROVISIONED))
    assert village.kept_for(OTHERS)
    assert village.run() == [DatasetCounts(30, 0, 0, 0, 30)] * 2


@pytest.mark.slow
def test_tables_that_no_batch_has_filled_are_anybodys(village: Village) -> None:
    village.leave(US)
    village.apply(village.of(OTHERS, PROVISIONED))
    assert village.kept_for(OTHERS)
    assert village.run() == [DatasetCounts(30, 30)] * 2


@pytest.mark.slow
def test_a_rollback_hands_back_what_nobody_has_given_up_since(village: Village) -> None:
    village.run()
    village.apply(village.of(OTHERS, PROVISIONED))
    seen = preview_rollback(village.in_force())
    assert [each.owner for each in seen.handed_over] == [US.owner]
    rollback(village.in_force(), seen)
    assert village.kept_for(US)

    village.leave(US)
    village.prune(village.empty(US))
    village.apply(village.of(OTHERS, PROVISIONED))
    village.run()
    with pytest.raises(ApplyRefused, match=r"merged for github\.com/acme/others@main"):
        preview_rollback(village.in_force(), 1)
