"""``datasurface emit kubernetes``: manifests as a kustomize base with overlays for dev and production, values for
Airflow's chart where that is the scheduler, and a page that says what is still to be done by hand."""

from collections.abc import Iterator, Mapping, Sequence

from datasurface.emitting import EmitRequest, refused
from datasurface_airflow.factory.pod_spec import JOB, TRANSFORM
from datasurface_airflow.kubernetes import access, network, server, workloads
from datasurface_airflow.kubernetes.airflow_values import values
from datasurface_airflow.kubernetes.applied import Around, Manifests
from datasurface_airflow.kubernetes.checklist import checklist, needed_secrets
from datasurface_airflow.kubernetes.checks import check
from datasurface_airflow.kubernetes.documents import Document, document, yaml_text
from datasurface_airflow.kubernetes.names import labels
from datasurface_airflow.kubernetes.plan import SIMULATOR, Site, site_of
from datasurface_airflow.kubernetes.settings import TABLE
from datasurface_airflow.kubernetes.toml_text import toml_text
from datasurface_airflow.kubernetes.workloads import instance_labels

DEV, PRODUCTION = "dev", "production"


def render(request: EmitRequest) -> Mapping[str, str]:
    """The files by their paths.

    Raises:
        EnvironmentFileError: a setting, a namespace or a host cannot be used in a cluster, or what would be written
            does not fit together.
    """
    site = site_of(request)
    for overlay in (DEV, PRODUCTION):
        for problem in check(Manifests(manifests(site, overlay), around(site))):
            raise refused(request, TABLE, problem.where, problem.what, "correct the setting, or the model")
    folders = {"base": _base(site), **{f"overlays/{name}": _overlay(site, name) for name in (DEV, PRODUCTION)}}
    files = {"README.md": checklist(site)}
    if site.has_airflow:
        files["airflow/values.yaml"] = yaml_text([values(site)])
    for folder, written in folders.items():
        beside = [] if folder == "base" else ["../../base"]
        files[f"{folder}/kustomization.yaml"] = yaml_text([_kustomization([*beside, *written])])
        files |= {f"{folder}/{name}": yaml_text(found) for name, found in written.items()}
    return files


def manifests(site: Site, overlay: str) -> list[Document]:
    """What ``kubectl apply -k`` makes of an overlay."""
    found = (*_base(site).values(), *_overlay(site, overlay).values())
    return [each for documents in found for each in documents]


def around(site: Site) -> Around:
    """What the manifests of a site may take for granted."""
    settings = site.settings
    elsewhere = (JOB, TRANSFORM, SIMULATOR)
    pods = [(work.namespace, instance_labels(work)) for work in site.works if work.component in elsewhere]
    accounts = set()
    if site.has_airflow:
        pods.append((settings.airflow_namespace, {"tier": "airflow", "component": access.airflow_component(site)}))
        accounts.add((settings.airflow_namespace, access.airflow_account(site)))
    secrets = {(namespace, name) for namespace, names in needed_secrets(site).items() for name in names}
    maps = {(namespace, settings.ca_config_map or "") for namespace in site.namespaces}
    return Around(
        secrets=frozenset(secrets),
        config_maps=frozenset(maps),
        accounts=frozenset(accounts),
        pods=tuple(pods),
    )


def _base(site: Site) -> dict[str, Sequence[Document]]:
    files: dict[str, Sequence[Document]] = {"namespaces.yaml": list(access.namespaces(site))}
    for namespace in sorted(site.platforms):
        files[f"platform-{namespace}.yaml"] = list(_of_platform(site, namespace))
    files["system.yaml"] = list(_of_system(site))
    if site.has_airflow:
        files["airflow.yaml"] = list(network.policies(site, site.settings.airflow_namespace))
    return files


def _overlay(site: Site, name: str) -> dict[str, Sequence[Document]]:
    files: dict[str, Sequence[Document]] = {}
    if site.has_server:
        size = site.settings.dev_storage_size if name == DEV else site.settings.storage_size
        budget = [server.disruption_budget(site)] if name == PRODUCTION else []
        files["postgres.yaml"] = [*server.server(site, size), *budget]
    simulated = list(workloads.simulator(site)) if name == DEV else []
    if simulated:
        files["simulator.yaml"] = simulated
    return files


def _of_platform(site: Site, namespace: str) -> Iterator[Document]:
    yield access.job_account(site, namespace)
    if site.has_airflow:
        yield from access.pod_launcher(site, namespace)
    yield from network.policies(site, namespace)
    yield from workloads.workloads(site, namespace)


def _of_system(site: Site) -> Iterator[Document]:
    namespace = site.settings.namespace
    yield access.job_account(site, namespace)
    yield document(
        "v1",
        "ConfigMap",
        "environment",
        namespace,
        labels=labels("settings"),
        data={"environment.toml": toml_text(site.request.bindings)},
    )
    if site.has_server:
        yield server.account(site)
        yield server.service(site)
    yield from network.policies(site, namespace)
    yield from workloads.workloads(site, namespace)


def _kustomization(resources: Sequence[str]) -> Document:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(resources),
    }
