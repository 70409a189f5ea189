"""The configuration rows of a platform: what schedulers and jobs of other programs read of each stream in force."""

from collections.abc import Mapping

from datasurface.deployment import Deployment
from datasurface.interchange.canonical import Canonical, JsonValue
from datasurface.orchestration import OrchestratedJob, ingestion_job, results_in
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import naming


def configuration_rows(deployment: Deployment, canonical: Canonical) -> Mapping[str, JsonValue]:
    """The rows by stream, each as the JSON document of column ``config``."""
    platform, jobs = canonical.document(deployment.platform, type(deployment.platform)), orchestrated_jobs(deployment)
    return {
        stream.key: {
            "ecosystem": deployment.ecosystem,
            "platform": platform,
            "stream": canonical.document(stream),
            "job": jobs[stream.key].document() if stream.key in jobs else None,
        }
        for stream in deployment.streams
    }


def orchestrated_jobs(deployment: Deployment) -> Mapping[str, OrchestratedJob]:
    """What schedulers run, by stream. Of platforms of other kinds nothing is known: where their results are, only
    their plugins know."""
    platform = deployment.platform
    if not isinstance(platform, YellowDataPlatform):
        return {}
    results = results_in(platform.merge_database, platform.schema, naming.job_result(platform.name))
    asked = platform.resources.quantities() if platform.resources is not None else {}
    return {stream.key: ingestion_job(deployment, stream, results, asked) for stream in deployment.streams}
