"""The metrics: their names, labels, units and meaning, in one table that pages, rules and dashboards are made from."""

from attrs import frozen

PREFIX = "datasurface_"
_STREAM = ("platform", "stream")
_CONSUMER = ("platform", "workspace", "group", "stream")
_TASK = ("platform", "task")


@frozen
class Metric:
    """A gauge.

    Attributes:
        labels: their values come from the model, or are named in ``meaning``: a model has as many series as streams,
            groups and tasks, however long it runs.
        unit: ``seconds``, ``rows`` and so on; ``time`` is seconds since 1970, ``0 or 1`` is no or yes.
    """

    name: str
    labels: tuple[str, ...]
    unit: str
    meaning: str


def _metric(name: str, labels: tuple[str, ...], unit: str, meaning: str) -> Metric:
    return Metric(f"{PREFIX}{name}", labels, unit, meaning)


UP = _metric(
    "up",
    ("platform",),
    "0 or 1",
    "Whether the platform's tables could be read. Of one that could not there is nothing else.",
)
OBSERVED_AT = _metric(
    "observed_timestamp_seconds",
    ("platform",),
    "time",
    "When they were read, by the clock of the merge database.",
)
GENERATION = _metric("generation", ("platform",), "number", "The generation in force.")

READ_AT = _metric(
    "stream_read_timestamp_seconds",
    _STREAM,
    "time",
    "When the newest committed batch began to read the source: the moment that the data are of.",
)
COMMITTED_AT = _metric("stream_committed_timestamp_seconds", _STREAM, "time", "When that batch was committed.")
BATCH = _metric("stream_batch", _STREAM, "number", "The number of that batch.")
LIVE_ROWS = _metric("stream_live_rows", _STREAM, "rows", "Live rows after that batch, of all datasets of the stream.")
CHANGED_ROWS = _metric(
    "stream_batch_rows",
    (*_STREAM, "change"),
    "rows",
    "What that batch did: rows `read` of the source, keys `inserted`, `updated`, `deleted`.",
)
RUNNING = _metric("stream_running", _STREAM, "0 or 1", "Whether a job or an operation has the stream now.")
JOB_AT = _metric("stream_job_timestamp_seconds", _STREAM, "time", "When the job that ended last did.")
JOB_SECONDS = _metric(
    "stream_job_seconds",
    (*_STREAM, "step"),
    "seconds",
    "Where the time of that job went: `wait` for locks, `source`, `transfer`, `merge`.",
)
JOBS = _metric("stream_jobs", (*_STREAM, "span"), "jobs", "Jobs that ended in the last hour (`1h`) and day (`1d`).")
FAILED_JOBS = _metric("stream_failed_jobs", (*_STREAM, "span"), "jobs", "How many of them failed.")
FAILURES = _metric("stream_failures_in_a_row", _STREAM, "jobs", "Jobs that failed since one that did not.")
MISMATCHES = _metric(
    "stream_receipt_failures",
    _STREAM,
    "times",
    "How often what the newest batch merged was not what the source had sent.",
)

CONSUMER_READ_AT = _metric(
    "consumer_read_timestamp_seconds",
    _CONSUMER,
    "time",
    "As `stream_read_timestamp_seconds`, by who reads it; before the first batch, when the generation came into force.",
)
CONSUMER_LATENCY = _metric("consumer_latency_seconds", _CONSUMER, "seconds", "The latency that the group asked for.")
CONSUMER_ALLOWED = _metric(
    "consumer_allowed_age_seconds",
    _CONSUMER,
    "seconds",
    "How old its data may be before they are late: the latency, the platform's grace, and one gap of its schedule.",
)

TASK_AT = _metric(
    "task_timestamp_seconds",
    _TASK,
    "time",
    "When upkeep (`verify`, `views` and so on), a refresh of copies (`copies …`) or a transformer "
    "(`transform …`) ended last.",
)
TASK_FAILED = _metric(
    "task_failed",
    _TASK,
    "0 or 1",
    "Whether it failed then. Of `verify`: a law does not hold, or could not be checked.",
)

METRICS = (
    *(UP, OBSERVED_AT, GENERATION),
    *(READ_AT, COMMITTED_AT, BATCH, LIVE_ROWS, CHANGED_ROWS, RUNNING),
    *(JOB_AT, JOB_SECONDS, JOBS, FAILED_JOBS, FAILURES, MISMATCHES),
    *(CONSUMER_READ_AT, CONSUMER_LATENCY, CONSUMER_ALLOWED),
    *(TASK_AT, TASK_FAILED),
)
"""All of them, in the order in which they are shown."""
