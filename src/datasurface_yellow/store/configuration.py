"""The configuration rows of a platform: what schedulers and jobs of other programs read of each stream, transformer and
copied group in force."""

from collections.abc import Mapping

from datasurface.deployment import Deployment
from datasurface.interchange.canonical import Canonical, JsonValue
from datasurface.orchestration import (
    OrchestratedJob,
    copies_job,
    copies_key,
    ingestion_job,
    results_in,
    transform_key,
    transformation_job,
)
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import naming


def configuration_rows(deployment: Deployment, canonical: Canonical) -> Mapping[str, JsonValue]:
    """The rows by stream, by ``transform_key`` and by ``copies_key``: the JSON of column ``config``."""
    platform, jobs = canonical.document(deployment.platform, type(deployment.platform)), orchestrated_jobs(deployment)
    described: dict[str, dict[str, JsonValue]] = {
        **{stream.key: {"stream": canonical.document(stream)} for stream in deployment.streams},
        **{transform_key(each.name): {"transformer": canonical.document(each)} for each in deployment.transformers},
        **{copies_key(each): {"copies": f"{each.workspace}/{each.group}"} for each in deployment.copied_groups},
    }
    return {
        key: {
            "ecosystem": deployment.ecosystem,
            "platform": platform,
            **document,
            "job": jobs[key].document() if key in jobs else None,
        }
        for key, document in described.items()
    }


def orchestrated_jobs(deployment: Deployment) -> Mapping[str, OrchestratedJob]:
    """What schedulers run, by the keys of the rows. Of platforms of other kinds nothing is known: where their results
    are, only their plugins know."""
    platform = deployment.platform
    if not isinstance(platform, YellowDataPlatform):
        return {}
    results = results_in(platform.merge_database, platform.schema, naming.job_result(platform.name))
    asked = platform.resources.quantities() if platform.resources is not None else {}
    return {
        **{stream.key: ingestion_job(deployment, stream, results, asked) for stream in deployment.streams},
        **{
            transform_key(each.name): transformation_job(deployment, each, results, asked)
            for each in deployment.transformers
        },
        **{copies_key(each): copies_job(deployment, each, results, asked) for each in deployment.copied_groups},
    }
