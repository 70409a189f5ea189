"""Rows stay with the owner that they were merged for: whoever models a datastore of that name later does not show them
to its own consumers."""

import re
from pathlib import Path

import pytest
from attrs import evolve, frozen

from datasurface.errors import ApplyRefused
from datasurface.graph import deployments
from datasurface.model import AssignmentStatus, Ecosystem, GitRepository
from datasurface.operations.apply import ApplyReport, apply
from datasurface.operations.apply import plan as dry_run
from datasurface.operations.control import control_container
from datasurface.operations.jobs import InForce
from datasurface.operations.model import CheckedModel
from datasurface.operations.plan import rows_touched
from datasurface.operations.rollback import preview_rollback, rollback
from datasurface.plugins.manager import Plugins, plugin_manager
from datasurface.results import DatasetCounts
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import fetch
from tests.support.records import assert_done

PLUGINS = Plugins(plugin_manager())
PLATFORMS = (LIVE, FORENSIC)
PROVISIONED = AssignmentStatus.PROVISIONED
US, OTHERS = GitRepository("acme/us"), GitRepository("acme/others")
OWNERS = "SELECT DISTINCT owner FROM yellowlive_owner UNION SELECT DISTINCT owner FROM yellowforensic_owner"
AS_VERSION_4_LEFT_IT = ("DROP TABLE {prefix}_owner", "UPDATE {prefix}_catalog SET version = 4")
PAGE = Path(__file__).parents[3] / "docs" / "ownership.md"


def checked(model: Ecosystem) -> CheckedModel:
    return CheckedModel(model, model, deployments(model), (), None)


@frozen
class Village:
    """People and pets of one team, and who the team is."""

    pipeline: Pipeline

    def of(self, owner: GitRepository, *statuses: AssignmentStatus) -> Ecosystem:
        """The model in which the team has that repository; ``statuses`` of the assignments, one or none."""
        model = self.pipeline.model
        assignments = [
            evolve(entry, assignments=[evolve(entry.assignments[0], status=status)])
            for entry in model.assignments
            for status in statuses
        ]
        [zone] = model.zones
        [team] = zone.teams
        zones = [evolve(zone, teams=[evolve(team, repository=owner)])]
        return evolve(model, zones=zones, assignments=assignments)

    def leave(self, owner: GitRepository) -> None:
        """Take the datastore out of the model, and the consumers, step by step."""
        for status in (AssignmentStatus.DECOMMISSIONING, AssignmentStatus.DECOMMISSIONED):
            self.apply(self.of(owner, status))
        model = self.of(owner)
        [zone] = model.zones
        [team] = zone.teams
        self.apply(evolve(model, zones=[evolve(zone, teams=[evolve(team, datastores=(), workspaces=())])]))

    def apply(self, model: Ecosystem) -> ApplyReport:
        """Put a model in force."""
        credentials = self.pipeline.access.credentials
        report = apply(checked(model), PLUGINS, credentials, allow_breaking=True)
        self.pipeline.by_name = {deployment.platform.name: deployment for deployment in deployments(model)}
        return report

    def refused(self, model: Ecosystem) -> ApplyRefused:
        """How a model is refused, by an apply, a dry run and a preview; all stands as it did."""
        credentials, before = self.pipeline.access.credentials, self.stands()
        with pytest.raises(ApplyRefused) as refused:
            apply(checked(model), PLUGINS, credentials, allow_breaking=True)
        for ask in (dry_run, rows_touched):
            with pytest.raises(ApplyRefused, match=re.escape(refused.value.message)):
                ask(checked(model), PLUGINS, credentials)
        assert self.stands() == before
        return refused.value

    def stands(self) -> list[object]:
        """Views, owners, and the generation in force."""
        queries = ("SELECT viewname FROM pg_views WHERE schemaname = 'consumer1' ORDER BY 1", OWNERS)
        return [self.pipeline.query(query) for query in (*queries, "SELECT max(number) FROM datasurface_generation")]

    def in_force(self) -> InForce:
        """What commands run on."""
        credentials = self.pipeline.access.credentials
        control = PLUGINS.control_store(control_container(self.pipeline.model), credentials)
        generation = control.current()
        assert generation is not None
        return InForce(control, generation, PLUGINS, credentials)

    def run(self) -> list[DatasetCounts]:
        """A batch of people on each platform."""
        results = [self.pipeline.run(platform) for platform in PLATFORMS]
        for result in results:
            assert_done(result)
        return [result.datasets["people"] for result in results]

    def kept_for(self, owner: GitRepository) -> bool:
        """Whether all tables are that owner's, and nobody else's."""
        return self.pipeline.query(OWNERS) == [(owner.owner,)]


@pytest.fixture
def village(copied_pipeline: NewPipeline) -> Village:
    """Not ingested, and in force for us."""
    village = Village(copied_pipeline([PEOPLE, PETS], *CREATE, *fill(people=30, pets=10)))
    village.pipeline.store("TRUNCATE yellowlive_owner, yellowforensic_owner")  # the template is nobody's
    village.apply(village.of(US, PROVISIONED))
    return village


def by_hand(platform: str) -> list[str]:
    """The page's statements, for the tables of people and pets on a platform."""
    [statements] = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    on_platform = statements.replace("yellowlive", platform.lower())
    return [on_platform.replace("customers", name) for name in ("people", "pets")]


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
    for platform in PLATFORMS:
        village.pipeline.store(*by_hand(platform))
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
    assert [(step.action, step.object) for step in report.steps[LIVE]] == [("handed over table", it) for it in tables]
    assert [(step.action, step.object) for step in foreseen.steps[LIVE]] == [("handed over table", it) for it in tables]
    assert all("yellowlive_owner" in step.sql[0] for step in foreseen.steps[LIVE])
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
    for platform in PLATFORMS:
        village.pipeline.store(*by_hand(platform))
    village.apply(village.of(OTHERS, PROVISIONED))
    village.run()
    with pytest.raises(ApplyRefused, match=r"merged for github\.com/acme/others@main"):
        preview_rollback(village.in_force(), 1)
