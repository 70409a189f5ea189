"""What of an Airflow installation the model does not say: the table ``[airflow]`` of the environment file."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from attrs import Attribute, field, frozen

TABLE = "airflow"
N = TypeVar("N", int, float)
_PRIORITIES = ("low", "medium", "high", "critical")


def _one_of(*words: str) -> "Callable[[object, Attribute[str], str], None]":
    def check(_instance: object, attribute: "Attribute[str]", value: str) -> None:
        if value not in words:
            raise ValueError(f"{attribute.name}: it must be {' or '.join(words)}, not {value!r}")

    return check


def _at_least(least: int) -> "Callable[[object, Attribute[N], N], None]":
    def check(_instance: object, attribute: "Attribute[N]", value: N) -> None:
        if not value >= least:
            raise ValueError(f"{attribute.name}: it must be at least {least}, not {value!r}")

    return check


@frozen
class AirflowSettings:
    """How jobs run in this installation.

    Attributes:
        mode: ``local``: as processes of the Airflow workers; ``pod``: as pods of their own.
        python: local: the interpreter that has DataSurface; without it the one that emits.
        image: pod: the image that has DataSurface.
        image_pull_policy: pod: as Kubernetes writes it.
        namespace: pod: of all pods; without it each platform's own.
        ca_config_map: pod: of certificates that connections are checked with, mounted at ``/etc/datasurface/ca``.
        service_account: pod: that pods run under.
        secrets: pod: the Kubernetes secret of a credential, where it has another name.
        resources: pod: what pods ask for where the model says nothing: cpu, memory, cpu_limit, memory_limit.
        store: the URL of the control database; without it the one that the model names.
        environment_file: local: an environment file for jobs, where their secrets are in one.
        credentials: local: the folder of mounted secrets for jobs, as ``$DATASURFACE_CREDENTIALS``.
        cache: the folder in which the DAG files keep the last rows that could be read; without it
            ``$AIRFLOW_HOME/datasurface``.
        pool: of all jobs; ``pools``: of jobs of one priority (low, medium, high, critical).
        retries, retry_seconds: of a job that failed; the pause grows.
        most_in_a_row: so often a stream triggers itself again before it waits for its schedule.
        infrastructure_schedule: when a new commit is looked for and freshness checked; cron, or ``every 5 minutes``.
        maintenance_schedule: when views are reconciled, old history taken away and the laws checked.
        files: how many files make the DAGs of a platform's streams, each a share of them; without it one for every 500
            that the platform has when they are emitted.
        apply: whether the infrastructure DAG applies new commits of the model.
        repository_credential: the credential that lets git in, for ``apply``.
    """

    mode: str = field(default="local", validator=_one_of("local", "pod"))
    python: str | None = None
    image: str | None = None
    image_pull_policy: str = field(
        default="IfNotPresent",
        validator=_one_of("Always", "IfNotPresent", "Never"),
    )
    namespace: str | None = None
    ca_config_map: str | None = None
    service_account: str | None = None
    secrets: Mapping[str, str] = field(factory=dict)
    resources: Mapping[str, str] = field(factory=dict)
    store: str | None = None
    environment_file: str | None = None
    credentials: str | None = None
    cache: str | None = None
    pool: str = "default_pool"
    pools: Mapping[str, str] = field(factory=dict)
    retries: int = field(default=2, validator=_at_least(0))
    retry_seconds: float = field(default=10.0, validator=_at_least(0))
    most_in_a_row: int = field(default=100, validator=_at_least(1))
    infrastructure_schedule: str = "*/5 * * * *"
    maintenance_schedule: str = "17 3 * * *"
    files: int | None = None
    apply: bool = True
    repository_credential: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.mode == "pod" and self.image is None:
            raise ValueError('image: it is missing: mode = "pod" needs one that has DataSurface')
        if self.files is not None and self.files < 1:
            raise ValueError(f"files: it must be at least 1, not {self.files!r}")
        for priority in self.pools:
            if priority not in _PRIORITIES:
                raise ValueError(f"pools: there is no priority {priority!r}, but {', '.join(_PRIORITIES)}")
