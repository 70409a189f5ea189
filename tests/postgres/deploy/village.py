"""A datastore of people and pets, in force on both platforms, whose team and consumers come and go."""

import re
from typing import Any

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
from datasurface.operations.unused import Found
from datasurface.plugins.manager import installed_plugins
from datasurface.results import DatasetCounts
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done

PLUGINS = installed_plugins()
PLATFORMS = (LIVE, FORENSIC)
PROVISIONED = AssignmentStatus.PROVISIONED
US, OTHERS = GitRepository("acme/us"), GitRepository("acme/others")
OWNERS = "SELECT DISTINCT owner FROM yellowlive_owner UNION SELECT DISTINCT owner FROM yellowforensic_owner"


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

    def empty(self, owner: GitRepository) -> Ecosystem:
        """The model without the datastore and its consumers."""
        model = self.of(owner)
        [zone] = model.zones
        [team] = zone.teams
        return evolve(model, zones=[evolve(zone, teams=[evolve(team, datastores=(), workspaces=())])])

    def leave(self, owner: GitRepository) -> ApplyReport:
        """Take the datastore out of the model, and the consumers, step by step; what the last apply did."""
        for status in (AssignmentStatus.DECOMMISSIONING, AssignmentStatus.DECOMMISSIONED):
            self.apply(self.of(owner, status))
        return self.apply(self.empty(owner))

    def foresee(self, model: Ecosystem, **options: Any) -> ApplyReport:
        """What an apply that prunes would do."""
        credentials = self.pipeline.access.credentials
        return dry_run(checked(model), PLUGINS, credentials, allow_breaking=True, prune=True, **options)

    def prune(self, model: Ecosystem) -> ApplyReport:
        """Put a model in force, and drop what it does not use."""
        return self.apply(model, self.foresee(model).pruned)

    def apply(self, model: Ecosystem, prune: Found | None = None) -> ApplyReport:
        """Put a model in force."""
        credentials = self.pipeline.access.credentials
        report = apply(checked(model), PLUGINS, credentials, allow_breaking=True, prune=prune)
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
