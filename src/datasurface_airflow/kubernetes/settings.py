"""What of a cluster the model does not say: the table ``[kubernetes]`` of the environment file."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any

from attrs import Attribute, field, frozen

from datasurface.model.resources import Resources, quantity
from datasurface.schedule import BadSchedule, Schedule
from datasurface_airflow.kubernetes.names import is_label, is_subdomain

TABLE = "kubernetes"
STATEFUL_SET, EXTERNAL = "statefulset", "external"
AIRFLOW, RUN = "airflow", "run"

_IMAGE = re.compile(
    r"(?P<name>(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)

_CRON = re.compile(r"[0-9*,/-]+(?: [0-9*,/-]+){4}")
"""The expressions that Kubernetes reads as we do."""

_Validator = Callable[[Any, "Attribute[Any]", Any], None]


def _that(is_right: Callable[[str], bool], what: str) -> _Validator:
    def check(_instance: object, attribute: "Attribute[Any]", value: object) -> None:
        if value is not None and not is_right(str(value)):
            raise ValueError(f"{attribute.name}: {value!r} is {what}")

    return check


def _one_of(*words: str) -> _Validator:
    return _that(lambda value: value in words, f"not one of {', '.join(words)}")


def image_problem(image: str) -> str | None:
    """What is wrong with the name of an image; None where it names one image and no other."""
    found = _IMAGE.fullmatch(image)
    if found is None:
        return "no name of an image"
    if found["digest"] is None and found["tag"] is None:
        return "without a tag or digest, and so another image every day"
    if found["digest"] is None and found["tag"] == "latest":
        return "another image every day: name a version or a digest"
    return None


def _an_image(_instance: object, attribute: "Attribute[Any]", value: object) -> None:
    problem = None if value is None else image_problem(str(value))
    if problem:
        raise ValueError(f"{attribute.name}: {value!r} is {problem}")


def _a_cron(_instance: object, attribute: "Attribute[Any]", value: object) -> None:
    try:
        Schedule(str(value)).check()
        is_cron = _CRON.fullmatch(str(value)) is not None
    except BadSchedule:
        is_cron = False
    if not is_cron:
        raise ValueError(f"{attribute.name}: {value!r} is no cron expression of five fields")


def _a_size(_instance: object, attribute: "Attribute[Any]", value: object) -> None:
    try:
        quantity("storage", str(value))
    except ValueError as error:
        raise ValueError(f"{attribute.name}: {error}") from error


def _resources(_instance: object, attribute: "Attribute[Any]", value: Mapping[str, str]) -> None:
    try:
        Resources(**value)
    except TypeError:
        raise ValueError(f"{attribute.name}: it takes cpu, memory, cpu_limit, memory_limit") from None
    except ValueError as error:
        raise ValueError(f"{attribute.name}: {error}") from error


def _cidrs(text: str) -> tuple[str, ...]:
    return tuple(str(ip_network(part.strip())) for part in text.split(","))


def _of_hosts(_instance: object, attribute: "Attribute[Any]", value: Mapping[str, str]) -> None:
    for host, cidrs in value.items():
        try:
            _cidrs(cidrs)
        except ValueError as error:
            raise ValueError(f'{attribute.name}: "{host}": {error}; write as in "203.0.113.7/32"') from error


def _ranges(_instance: object, attribute: "Attribute[Any]", value: object) -> None:
    try:
        _cidrs(str(value)) if value is not None else ()
    except ValueError as error:
        raise ValueError(f'{attribute.name}: {error}; write as in "10.96.0.1/32"') from error


def _secret_names(_instance: object, attribute: "Attribute[Any]", value: Mapping[str, str]) -> None:
    for credential, secret in value.items():
        if not is_subdomain(secret):
            raise ValueError(f'{attribute.name}: "{credential}": {secret!r} is no name of a Kubernetes secret')


_LABEL = _that(is_label, "no name that Kubernetes takes: a-z, 0-9 and -, at most 63")
_SUBDOMAIN = _that(is_subdomain, "no name that Kubernetes takes: a-z, 0-9, - and dots, at most 253")
_CREDENTIAL = _that(bool, "no credential's name")


def _port(_instance: object, attribute: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, int) or not 0 < value < 65536:
        raise ValueError(f"{attribute.name}: {value!r} is no port")


@frozen
class KubernetesSettings:
    """How a model runs in this cluster.

    Attributes:
        image: has DataSurface; with a tag or, better, a digest.
        pull_policy: of all images, as Kubernetes writes it.
        pull_secret: opens the registry.
        namespace: of what belongs to no platform: applying the model, and the database server.
        cluster_domain: the end of the cluster's own host names.
        scheduler: what starts jobs: ``airflow``; or ``run``, a pod of ``datasurface run`` for each platform, without
            Airflow.
        database: ``statefulset``: a PostgreSQL server in the cluster; ``external``: there is one.
        database_image: of that server.
        database_resources: of that server, as ``resources``.
        storage_class: of its volume; without it the cluster's own.
        storage_size: of its volume, in production.
        dev_storage_size: the same in dev.
        resources: of jobs of platforms that name none: a table of cpu, memory, cpu_limit and memory_limit.
        repository: where the cluster clones the model from; without it the ecosystem's.
        repository_credential: lets git in.
        apply_schedule: when a new commit is looked for; cron, in UTC.
        reconcile_schedule: when views are put right; cron, in UTC.
        maintenance_schedule: when old history goes and the laws are proved, where there is no Airflow; cron, in UTC.
        store_credential: opens the control database for jobs, which only read it; without it that of the model.
        ca_config_map: of certificates that connections are checked with, mounted at ``/etc/datasurface/ca``.
        cidrs: a table: by the name of a host outside of the cluster its addresses, as
            ``203.0.113.7/32, 203.0.113.8/32``.
        secrets: a table: the Kubernetes secret of a credential, where it has another name.
        simulator_container: the database that the simulator changes, in dev; without it there is no simulator.
        simulator_user: its login.
        simulator_credential: of which the secret has the password of that login.
        airflow_namespace: where the Helm chart is installed.
        airflow_release: the name under which it is.
        airflow_image: has Airflow and the DAG files; without it the chart's own.
        airflow_executor: what runs tasks: LocalExecutor, CeleryExecutor or KubernetesExecutor.
        kubernetes_api: addresses of the API server, as pods see them; without it Airflow is not let to it.
        kubernetes_api_port: its port.
    """

    image: str = field(validator=_an_image)
    pull_policy: str = field(default="Always", validator=_one_of("Always", "IfNotPresent", "Never"))
    pull_secret: str | None = field(default=None, validator=_SUBDOMAIN)
    namespace: str = field(default="datasurface", validator=_LABEL)
    cluster_domain: str = field(default="cluster.local", validator=_SUBDOMAIN)
    scheduler: str = field(default=AIRFLOW, validator=_one_of(AIRFLOW, RUN))
    database: str = field(default=EXTERNAL, validator=_one_of(STATEFUL_SET, EXTERNAL))
    database_image: str = field(default="postgres:18", validator=_an_image)
    database_resources: Mapping[str, str] = field(
        factory=lambda: {"cpu": "500m", "memory": "1Gi", "cpu_limit": "2", "memory_limit": "2Gi"}, validator=_resources
    )
    storage_class: str | None = field(default=None, validator=_SUBDOMAIN)
    storage_size: str = field(default="20Gi", validator=_a_size)
    dev_storage_size: str = field(default="2Gi", validator=_a_size)
    resources: Mapping[str, str] = field(factory=dict, validator=_resources)
    repository: str | None = None
    repository_credential: str | None = field(default=None, validator=_CREDENTIAL)
    apply_schedule: str = field(default="*/5 * * * *", validator=_a_cron)
    reconcile_schedule: str = field(default="17 * * * *", validator=_a_cron)
    maintenance_schedule: str = field(default="17 3 * * *", validator=_a_cron)
    store_credential: str | None = field(default=None, validator=_CREDENTIAL)
    ca_config_map: str | None = field(default=None, validator=_SUBDOMAIN)
    cidrs: Mapping[str, str] = field(factory=dict, validator=_of_hosts)
    secrets: Mapping[str, str] = field(factory=dict, validator=_secret_names)
    simulator_container: str | None = None
    simulator_user: str = "postgres"
    simulator_credential: str = field(default="simulator", validator=_CREDENTIAL)
    airflow_namespace: str = field(default="airflow", validator=_LABEL)
    airflow_release: str = field(default="airflow", validator=_LABEL)
    airflow_image: str | None = field(default=None, validator=_an_image)
    airflow_executor: str = field(
        default="LocalExecutor", validator=_one_of("LocalExecutor", "CeleryExecutor", "KubernetesExecutor")
    )
    kubernetes_api: str | None = field(default=None, validator=_ranges)
    kubernetes_api_port: int = field(default=443, validator=_port)

    def addresses(self, host: str) -> tuple[str, ...]:
        """The address ranges of a host outside of the cluster that are told; none where it is not."""
        told = {name.lower(): cidrs for name, cidrs in self.cidrs.items()}.get(host.lower())
        return _cidrs(told) if told is not None else ()

    @property
    def api_addresses(self) -> tuple[str, ...]:
        """The address ranges of the API server that are told."""
        return _cidrs(self.kubernetes_api) if self.kubernetes_api is not None else ()
