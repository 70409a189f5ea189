"""Builders: the rows of customer360, and an installation that reads them."""

import json
from pathlib import Path

from datasurface.graph import deployments
from datasurface.loader import load
from datasurface.model import Ecosystem
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.store.configuration import orchestrated_jobs
from tests.unit.mistakes.mistake import EXAMPLE


def example() -> Ecosystem:
    """The model of the example."""
    ecosystem = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert ecosystem is not None
    return ecosystem


def rows(ecosystem: Ecosystem, platform: str) -> dict[str, object]:
    """The jobs of a platform by stream, as they come out of its rows."""
    [found] = [each for each in deployments(ecosystem) if each.platform.name == platform]
    made: dict[str, object] = json.loads(
        json.dumps({stream: job.document() for stream, job in orchestrated_jobs(found).items()})
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
    }
