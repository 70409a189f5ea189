"""What a scheduler of another program needs of one stream: a flat, versioned document that stands in its configuration
row, so that it can be read with nothing but a JSON parser.

What depends on the installation and not on the model (interpreter, image, where secrets are mounted) is not here:
emitters write it into their files.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from hashlib import blake2b
from urllib.parse import quote

from attrs import asdict, field, frozen

from datasurface.deployment import CopiedGroup, Deployment, StreamConfig, TransformerConfig
from datasurface.interchange.canonical import JsonValue
from datasurface.model import Container, Credential, PlatformManaged, PostgresDatabase, Priority

FORMAT = 1
"""Of the document. A reader refuses one that it does not know; keys that it does not know it passes over."""

_LONGEST_DAG = 200
"""Airflow takes 250 characters."""
_PLAIN = re.compile(r"[A-Za-z0-9._-]+")


@frozen
class ResultTable:
    """Where the result records of a platform's jobs stand, and what opens it.

    Attributes:
        credential: the name of the secret; None where there is none.
    """

    host: str
    port: int
    database: str
    schema: str
    table: str
    credential: str | None
    sslmode: str | None = None
    sslrootcert: str | None = None


@frozen
class OrchestratedJob:
    """One kind of job: what runs, when, for whom, and where its result record will be.

    Attributes:
        dag: the name under which a scheduler knows it; letters, digits, ``.``, ``_``, ``-``, and the same for ever.
        kind: ``ingestion``, ``transformation`` or ``copies``.
        command: words of the datasurface command line. Who runs it adds ``--store``, ``--run-id`` and ``--json``.
        schedule: a cron expression in ``timezone``, or ``every 5 seconds``; None where it only runs after others.
        after: assets, a change of one of which starts it.
        stream: under which its result records stand; of copies ``copies_key``.
        produces: assets that change when it is done.
        priority: 1 to 4, from least to most urgent.
        deadline_seconds: how old its data may be, of those who need it soonest; None where nobody says.
        owner: repository and branch, as ``github.com/acme/model@main``.
        consumers: groups that read what it makes, as ``Consumer1/LiveDSG``.
        description: Markdown.
        resources: what a pod of it asks for, as Kubernetes writes quantities; empty for the installation's own.
        credentials: names of all secrets that it needs, but that of the control database.
    """

    dag: str
    kind: str
    platform: str
    stream: str
    command: tuple[str, ...]
    schedule: str | None
    timezone: str
    results: ResultTable
    after: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    priority: int = 2
    deadline_seconds: float | None = None
    owner: str | None = None
    consumers: tuple[str, ...] = ()
    description: str = ""
    resources: Mapping[str, str] = field(factory=dict)
    credentials: tuple[str, ...] = ()
    format: int = field(default=FORMAT, kw_only=True)

    def document(self) -> dict[str, JsonValue]:
        """The job as plain JSON values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def ingestion_job(
    deployment: Deployment, stream: StreamConfig, results: ResultTable, resources: Mapping[str, str] | None = None
) -> OrchestratedJob:
    """The job that runs a stream's batches: on its platform's schedule, and of what a transformer makes after that."""
    platform = deployment.platform
    readers = (f"{view.workspace}/{view.group}" for view in deployment.views if view.stream == stream.key)
    return OrchestratedJob(
        dag=dag_name(platform.name, stream.key, "ingestion"),
        kind="ingestion",
        platform=platform.name,
        stream=stream.key,
        command=("ingest", "--platform", platform.name, "--stream", stream.key),
        schedule=platform.schedule if stream.maker is None else None,
        timezone=platform.timezone,
        results=results,
        after=() if stream.maker is None else (made_asset(stream.maker.platform, stream.maker.transformer),),
        produces=(asset(platform.name, stream.key),),
        priority=priority_of(stream.priority),
        deadline_seconds=None if stream.latency is None else (stream.latency + platform.grace).total_seconds(),
        owner=stream.owner,
        consumers=tuple(dict.fromkeys(readers)),
        description=stream.description,
        resources=resources or {},
        credentials=credential_names(stream.capture.container, platform.merge_store),
    )


def transformation_job(
    deployment: Deployment,
    config: TransformerConfig,
    results: ResultTable,
    resources: Mapping[str, str] | None = None,
) -> OrchestratedJob:
    """The job that runs a transformer, after each batch of what it reads."""
    platform = deployment.platform
    inputs = {view.stream for view in deployment.inputs_of(config)}
    read = [stream for stream in deployment.streams if stream.key in inputs]
    named = [each.name for each in (config.credential, config.code_credential) if each is not None]
    return OrchestratedJob(
        dag=dag_name(platform.name, config.name, "transformation"),
        kind="transformation",
        platform=platform.name,
        stream=transform_key(config.name),
        command=("transform", "--platform", platform.name, "--transformer", config.name),
        schedule=None,
        timezone=platform.timezone,
        results=results,
        after=tuple(asset(platform.name, key) for key in sorted(inputs)),
        produces=(made_asset(platform.name, config.name),),
        priority=max((priority_of(stream.priority) for stream in read), default=priority_of(Priority.MEDIUM)),
        owner=config.repository.owner,
        description=config.description,
        resources=resources or {},
        credentials=tuple(sorted({*credential_names(config.container, platform.merge_store), *named})),
    )


class Task(Enum):
    """What can be done for a platform."""

    APPLY = "apply"
    """Look for a new commit of the model, and apply it: to all platforms."""
    VIEWS = "views"
    """Make the consumers' views be those in force."""
    VERIFY = "verify"
    """Check the laws on all tables."""
    RETENTION = "retention"
    """Take away history that nobody needs any longer."""
    FRESHNESS = "freshness"
    """Look whether the data of a stream are older than its consumers accept."""


def task_key(task: Task) -> str:
    """Under which a task's result records stand, among those of the streams."""
    return f"@{task.value}"


def transform_key(transformer: str) -> str:
    """Under which the rows and the result records of a transformer stand beside those of streams, whose keys begin with
    a letter."""
    return f"@transform {transformer}"


def made_asset(platform: str, transformer: str) -> str:
    """The asset that changes when a transformer has run."""
    return asset(platform, transform_key(transformer))


def copies_job(
    deployment: Deployment, copied: CopiedGroup, results: ResultTable, resources: Mapping[str, str] | None = None
) -> OrchestratedJob:
    """The job that refreshes the copies of a group: on its own schedule, else after each batch of what it shows."""
    platform = deployment.platform
    streams = [deployment.stream(key) for key in copied.streams]
    views = [view for view in deployment.views if (view.workspace, view.group) == (copied.workspace, copied.group)]
    words = ("--platform", platform.name, "--workspace", copied.workspace, "--group", copied.group)
    return OrchestratedJob(
        dag=dag_name(platform.name, _copies_name(copied), "copies"),
        kind="copies",
        platform=platform.name,
        stream=copies_key(copied),
        command=("views", "refresh", *words),
        schedule=copied.schedule,
        timezone=platform.timezone,
        results=results,
        after=() if copied.schedule is not None else tuple(asset(platform.name, key) for key in copied.streams),
        produces=(asset(platform.name, copies_key(copied)),),
        priority=max(priority_of(stream.priority) for stream in streams),
        consumers=(f"{copied.workspace}/{copied.group}",),
        resources=resources or {},
        credentials=credential_names(
            platform.merge_store, *(view.container for view in views if not isinstance(view.container, PlatformManaged))
        ),
    )


def copies_key(copied: CopiedGroup) -> str:
    """Under which the row of a group's copies stands, and their result records: a stream's name begins otherwise."""
    return f"@copies {_copies_name(copied)}"


def _copies_name(copied: CopiedGroup) -> str:
    """``Consumer1.LiveDSG``; where a name has more than letters, digits, ``-`` and ``_``, as parts of a URL."""
    names = (copied.workspace, copied.group)
    if all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names):
        return ".".join(names)
    return "/".join(quote(name, safe="") for name in names)


def dag_name(platform: str, name: str, kind: str) -> str:
    """``yellowlive__Store1_ingestion``. Names with other characters than schedulers take, and those that could be cut
    at another place, get a hash of what they were."""
    plain = f"{platform.lower()}__{name}_{kind}"
    if _PLAIN.fullmatch(plain) and len(plain) <= _LONGEST_DAG and plain.count("__") == 1 and "___" not in plain:
        return plain
    digest = blake2b(repr((platform.lower(), name, kind)).encode(), digest_size=4).hexdigest()
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", f"{platform.lower()}__{name}")
    return f"{stem[: _LONGEST_DAG - len(kind) - 10]}_{digest}_{kind}"


def asset(platform: str, name: str) -> str:
    """What a scheduler calls the data that a job makes, as ``datasurface/yellowlive/Store1``; ASCII."""
    return "/".join(["datasurface", *(_as_ascii(part) for part in (platform.lower(), name))])


def priority_of(priority: Priority) -> int:
    """1 to 4, from least to most urgent."""
    return list(Priority).index(priority) + 1


def credential_names(*containers: Container) -> tuple[str, ...]:
    """The names of the secrets that open some containers, each once, in order."""
    return tuple(sorted({name for container in containers for name in _credentials_of(container)}))


def results_in(container: PostgresDatabase, schema: str, table: str) -> ResultTable:
    """A table of result records in a database of PostgreSQL."""
    return ResultTable(
        host=container.host,
        port=container.port,
        database=container.database,
        schema=schema,
        table=table,
        credential=container.credential.name if container.credential else None,
        sslmode=container.sslmode,
        sslrootcert=container.sslrootcert,
    )


def _credentials_of(container: Container) -> Iterator[str]:
    credential = getattr(container, "credential", None)
    if isinstance(credential, Credential):
        yield credential.name


def _as_ascii(text: str) -> str:
    return "".join(
        each if _PLAIN.fullmatch(each) else "".join(f"%{byte:02X}" for byte in each.encode()) for each in text
    )
