"""From rows to flows: what a DAG is made of, read and checked without Airflow. One that is wrong is one broken flow."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from .databases import Database

FORMAT = 1
"""Of the document ``job`` in a row."""

_EVERY = re.compile(r"every\s+(\d+(?:\.\d+)?)\s*(second|minute|hour)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_NAME = re.compile(r"[A-Za-z0-9._-]{1,250}")
_PRIORITIES = ("low", "medium", "high", "critical")


class BadRow(Exception):
    """A row cannot be read; the message says what of it."""


class Results(NamedTuple):
    """Where the result records of a platform stand."""

    at: Database
    schema: str
    table: str


class Flow(NamedTuple):
    """What one DAG runs.

    Attributes:
        cron: an expression of five fields in ``timezone``; None where it goes by ``every``, or by ``after`` alone.
        priority: 1 to 4.
        deadline: how old its data may be.
    """

    dag: str
    kind: str
    platform: str
    stream: str
    command: tuple[str, ...]
    cron: str | None
    every: timedelta | None
    timezone: str
    after: tuple[str, ...]
    produces: tuple[str, ...]
    priority: int
    deadline: timedelta | None
    owner: str | None
    consumers: tuple[str, ...]
    description: str
    resources: Mapping[str, str]
    credentials: tuple[str, ...]
    results: Results

    @property
    def urgency(self) -> str:
        """The priority in the model's words."""
        return _PRIORITIES[self.priority - 1]


class BrokenFlow(NamedTuple):
    """A row of which no DAG can be made, which an operator should see."""

    dag: str
    stream: str
    reason: str


def flows(platform: str, rows: Mapping[str, object]) -> Iterator[Flow | BrokenFlow]:
    """A flow for each row, in the order of the rows; of two with one name the second is broken, under another."""
    taken: set[str] = set()
    for stream, job in rows.items():
        try:
            flow: Flow | BrokenFlow = flow_of(job)
        except BadRow as error:
            flow = BrokenFlow(_broken_name(platform, stream, job), stream, str(error))
        if flow.dag in taken:
            flow = BrokenFlow(f"{flow.dag}_{_hash(stream)}", stream, f"another row has the DAG's name {flow.dag}, too")
        taken.add(flow.dag)
        yield flow


def flow_of(job: object) -> Flow:
    """The flow of a row's ``job``; BadRow where it is none."""
    if job is None:
        raise BadRow("the row has no job: an earlier version of DataSurface wrote it; run `datasurface apply` once")
    if not isinstance(job, dict):
        raise BadRow("its job is no object")
    if job.get("format") != FORMAT:
        raise BadRow(
            f"its job has format {job.get('format')!r}, and these DAG files know {FORMAT}: run `datasurface emit "
            "airflow` with the version that applied the model"
        )
    name = _of(job, "dag", str)
    if not _NAME.fullmatch(name):
        raise BadRow(f"dag: {name!r} is no name of a DAG")
    cron, every = schedule_of(_of(job, "schedule", (str, type(None))))
    seconds = _of(job, "deadline_seconds", (int, float, type(None)))
    return Flow(
        dag=name,
        kind=_of(job, "kind", str),
        platform=_of(job, "platform", str),
        stream=_of(job, "stream", str),
        command=_texts(job, "command"),
        cron=cron,
        every=every,
        timezone=_zone(_of(job, "timezone", str)),
        after=_texts(job, "after"),
        produces=_texts(job, "produces"),
        priority=min(max(_of(job, "priority", int), 1), len(_PRIORITIES)),
        deadline=None if seconds is None else timedelta(seconds=seconds),
        owner=_of(job, "owner", (str, type(None))),
        consumers=_texts(job, "consumers"),
        description=_of(job, "description", str),
        resources=_table(job, "resources"),
        credentials=_texts(job, "credentials"),
        results=_results(_of(job, "results", dict)),
    )


def schedule_of(text: str | None) -> tuple[str | None, timedelta | None]:
    """A cron expression or a span; BadRow where it is neither."""
    if text is None:
        return None, None
    match = _EVERY.fullmatch(text.strip())
    if match:
        span = timedelta(seconds=float(match[1]) * _SECONDS[match[2].lower()])
        if not span:
            raise BadRow(f"schedule: '{text}' waits for nothing")
        return None, span
    if len(text.split()) != 5:
        raise BadRow(f"schedule: '{text}' is neither a cron expression of five fields nor as 'every 5 minutes'")
    return text, None


def page_of(flow: Flow) -> str:
    """What an operator reads of a DAG, as Markdown."""
    when = flow.cron or (f"every {flow.every.total_seconds():g} seconds" if flow.every else "")
    lines = {
        "runs": f"`datasurface {' '.join(flow.command)}`",
        "when": " or ".join(
            [*([f"`{when}` ({flow.timezone})"] if when else []), *(f"after `{name}`" for name in flow.after)]
        ),
        "owner": _link(flow.owner) if flow.owner else "not known",
        "consumers": ", ".join(flow.consumers) or "none yet",
        "data may be as old as": f"{flow.deadline.total_seconds():g} seconds" if flow.deadline else "nobody says",
        "priority": flow.urgency,
        "result records": f"`{flow.results.schema}.{flow.results.table}` in `{flow.results.at.database}` on "
        f"`{flow.results.at.host}:{flow.results.at.port}`",
    }
    table = "\n".join(f"| {key} | {_in_cell(value)} |" for key, value in lines.items())
    more = f"{flow.description.strip()}\n\n" if flow.description.strip() else ""
    return (
        f"### {flow.platform}, {flow.kind} of {flow.stream}\n\n{more}| | |\n|---|---|\n{table}\n\n"
        f"`job` {'refreshes the copies' if flow.kind == 'copies' else 'runs once'}; `decide` reads its result record: "
        "done, again at once, or failed.\n"
    )


def _link(owner: str) -> str:
    place, _, branch = owner.rpartition("@")
    if re.fullmatch(r"(github|gitlab)\.com/[\w.-]+/[\w./-]+", place) and re.fullmatch(r"[\w./-]+", branch):
        return f"[{owner}](https://{place}/tree/{branch})"
    return owner


def _in_cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _of(job: Mapping[str, object], key: str, kinds: type | tuple[type, ...]) -> Any:
    if key not in job:
        raise BadRow(f"{key}: it is missing")
    value = job[key]
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise BadRow(f"{key}: {value!r} is not what it should be")
    return value


def _texts(job: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = _of(job, key, list)
    if not all(isinstance(each, str) for each in value):
        raise BadRow(f"{key}: {value!r} is no list of texts")
    return tuple(value)


def _table(job: Mapping[str, object], key: str) -> Mapping[str, str]:
    value = _of(job, key, dict)
    if not all(isinstance(each, str) for each in value.values()):
        raise BadRow(f"{key}: {value!r} is no table of texts")
    return dict(value)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise BadRow(f"timezone: '{name}' is not known where Airflow runs") from None
    return name


def _results(found: Mapping[str, object]) -> Results:
    optional = (str, type(None))
    return Results(
        Database(
            _of(found, "host", str),
            _of(found, "port", int),
            _of(found, "database", str),
            _of(found, "credential", optional),
            _of(found, "sslmode", optional),
            _of(found, "sslrootcert", optional),
        ),
        _of(found, "schema", str),
        _of(found, "table", str),
    )


def _broken_name(platform: str, stream: str, job: object) -> str:
    """The name that the DAG had, or would have: its history stays where an operator looks for it."""
    name = job.get("dag") if isinstance(job, dict) else None
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    plain = f"{platform.lower()}__{stream}_ingestion"
    if _NAME.fullmatch(plain):
        return plain
    return f"{re.sub(r'[^A-Za-z0-9._-]', '_', plain)[:200]}_{_hash(stream)}"


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()
