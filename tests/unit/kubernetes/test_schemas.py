"""Every manifest is what the schemas of Kubernetes say, in each version, and has no key that they do not know."""

import copy

import kubernetes_validate
import pytest

from datasurface_airflow.kubernetes.documents import namespace_of, table
from tests.support.length import long_or
from tests.unit.kubernetes.cluster import applied, site, transforming_in_cluster

VERSIONS = [f"1.{minor}" for minor in long_or(range(30, 38), (30, 37))]


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_valid(version: str) -> None:
    found = [
        site(transforming_in_cluster(), storage_class="fast", pull_secret="pull", ca_config_map="ca"),
        site(transforming_in_cluster(), scheduler="run"),
    ]
    each = {
        str(manifest): manifest for it in found for name in ("dev", "production") for manifest in applied(it, name).all
    }
    for manifest in each.values():
        if namespace_of(manifest) == "yellow-forensic":
            continue  # as the other platform's
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_key_that_there_is_none_of_is_seen() -> None:
    job = copy.deepcopy(next(applied(site()).of("Job")))
    table(job, "spec", "template", "spec")["hostname2"] = "x"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, VERSIONS[0], strict=True)
