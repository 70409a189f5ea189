"""The pods that Airflow starts are as those of the manifests, but for what Airflow itself says of them."""

import pytest

from datasurface_airflow.factory.pod_spec import component_of, pod_spec
from datasurface_airflow.kubernetes import pods
from datasurface_airflow.kubernetes.documents import Document, name_of, namespace_of, table, tables
from datasurface_airflow.kubernetes.plan import RECONCILE
from datasurface_yellow.store.configuration import orchestrated_jobs
from tests.unit.kubernetes.cluster import applied, site, transforming_in_cluster


@pytest.mark.parametrize("ca", [None, "certificates"])
def test_pods_of_airflow_and_of_manifests_are_alike(ca: str | None) -> None:
    found = site(ca_config_map=ca)
    work = next(each for each in found.works if each.component == RECONCILE)
    installation: dict[str, object] = {"resources": {}, "secrets": {}, "ca_config_map": ca, "store": found.store}
    ours = pod_spec(installation, work.resources.quantities(), work.credentials)
    theirs = pods.pod_spec(found, work)
    [one], [other] = tables(ours, "containers"), tables(theirs, "containers")
    for key in ("volumes", "securityContext", "automountServiceAccountToken", "enableServiceLinks"):
        assert ours[key] == theirs[key], key
    for key in ("volumeMounts", "securityContext", "resources"):
        assert one[key] == other[key], key
    assert {str(each["name"]): each["value"] for each in tables(one, "env")} == {
        "DATASURFACE_STORE": found.store,
        **{str(each["name"]): each["value"] for each in tables(other, "env")},
    }


def test_the_pods_of_every_job_have_a_policy_of_their_component() -> None:
    found = site(transforming_in_cluster())
    policies = {name_of(each) for each in applied(found).of("NetworkPolicy") if namespace_of(each) == "yellow-live"}
    [live] = [each for each in found.request.deployments if each.transformers]
    components = {job.kind: component_of(job.command) for job in orchestrated_jobs(live).values()}
    assert components == {"ingestion": "job", "transformation": "transform"}
    assert component_of(["views", "refresh"]) == component_of(["maintain"]) == "job"
    assert {f"allow-{each}" for each in components.values()} <= policies


def test_what_a_pod_may_write_has_an_end_below_what_it_may_have_of_the_disk() -> None:
    made: Document = pod_spec({"resources": {}, "secrets": {}, "ca_config_map": None, "store": "s"}, {}, ["a"])
    sizes = [table(each, "emptyDir")["sizeLimit"] for each in tables(made, "volumes") if "emptyDir" in each]
    [container] = tables(made, "containers")
    assert sizes == ["1Gi", "1Gi"]
    assert table(container, "resources", "limits")["ephemeral-storage"] == "3Gi"
