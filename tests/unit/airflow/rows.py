"""Builders: the rows of customer360, and an installation that reads them."""

import json
from pathlib import Path

from attrs import evolve

from datasurface.deployment import Deployment
from datasurface.graph import deployments
from datasurface.loader import load
from datasurface.model import Copied, Credential, Ecosystem, PostgresDatabase
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.store.configuration import orchestrated_jobs
from tests.unit.mistakes.mistake import EXAMPLE


def example() -> Ecosystem:
    """The model of the example."""
    ecosystem = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert ecosystem is not None
    return ecosystem


def with_copies(ecosystem: Ecosystem, schedule: str | None) -> Deployment:
    """What YellowLive runs where its group is copied into a database of its workspace's own."""
    [found] = [each for each in deployments(ecosystem) if each.platform.name == "YellowLive"]
    own = PostgresDatabase("Own", host="own", database="own", credential=Credential("own-writer"))
    views = tuple(evolve(view, container=own, copied=Copied(schedule=schedule)) for view in found.views)
    return evolve(found, views=views)


def rows(ecosystem: Ecosystem, platform: str) -> dict[str, object]:
    """The jobs of a platform by stream, as they come out of its rows."""
    [found] = [each for each in deployments(ecosystem) if each.platform.name == platform]
    return jobs_of(found)


def jobs_of(deployment: Deployment) -> dict[str, object]:
    """The jobs of a deployment, as they come out of its rows."""
    made: dict[str, object] = json.loads(
        json.dumps({stream: job.document() for stream, job in orchestrated_jobs(deployment).items()})
    )
    return made


def installation(folder: Path) -> dict[str, object]:
    """What a DAG file of YellowLive says, as far as rows are read by it."""
    return {
        "platform": "YellowLive",
        "store": "postgresql://nowhere.invalid:1/merge?credential=control-writer",
        "schema": "public",
        "table": "yellowlive_airflow_dsg",
        "cache": str(folder),
        "files": 1,
        "file": 0,
    }
