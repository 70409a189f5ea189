"""Logs of jobs for machines: one JSON object a line, each with the platform, the stream, the run, the batch and the
generation that it is about. Nothing of Python's own logging is touched."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import TextIO

from attrs import asdict, define, field

from datasurface.orchestration import copies_key, transform_key
from datasurface.results import CopyResult, JobResult, ResultCode, TransformResult
from datasurface.watching import JobKind, Result, StartedJob

_CONTEXT = ("platform", "stream", "run_id", "batch", "generation", "commit")
_OF_AN_END = frozenset({"result", "code", "way", "code_commit", "seconds", "error"})


@define
class JsonLog:
    """Writes lines, from any thread.

    Attributes:
        out: where they go; each is flushed.
        follows: whether there is one job at a time, so that a line of no job's is about the newest one.
        context: what lines are about that do not say it themselves.
    """

    out: TextIO
    follows: bool = True
    context: Mapping[str, object] = field(factory=dict)
    _lock: Lock = field(factory=Lock, init=False)

    def write(self, level: str, event: str, **values: object) -> None:
        """A line. What it is about is None where nobody knows."""
        about = {key: values.get(key, self.context.get(key)) for key in _CONTEXT}
        more = {key: value for key, value in values.items() if key not in about}
        line = {"time": datetime.now(UTC).isoformat(), "level": level, "event": event, **about, **more}
        text = json.dumps(line, ensure_ascii=False, default=str)
        with self._lock:
            try:
                self.out.write(f"{text}\n")
                self.out.flush()
            except (OSError, ValueError):  # nobody listens any more; the job goes on
                return

    def started(self, job: StartedJob) -> None:
        """A job begins."""
        about = _about(job)
        if self.follows:
            self.context = about
        self.write("info", "started", kind=job.kind.value, **about)

    def ended(self, job: StartedJob, result: Result) -> None:
        """A job is over: a line for each dataset or copy that it wrote, and one for how it ended."""
        about = {**_about(job), "batch": result.batch if isinstance(result, JobResult) else None}
        if self.follows:
            self.context = about
        for values in _written(result):
            self.write("info", "written", kind=job.kind.value, **{**about, **values})
        failed = result.code is ResultCode.ERROR
        self.write("error" if failed else "info", "ended", kind=job.kind.value, **about, **_end(result))


def _about(job: StartedJob) -> dict[str, object]:
    return {
        "platform": job.platform,
        "stream": _stream(job),
        "run_id": job.run_id,
        "batch": None,
        "generation": job.generation,
        "commit": job.commit,
    }


def _stream(job: StartedJob) -> str:
    """Under which the result records of the job stand."""
    match job.kind:
        case JobKind.INGESTION:
            return job.name
        case JobKind.TRANSFORMATION:
            return transform_key(job.name)
        case JobKind.COPIES:
            groups = job.deployment.copied_groups
            found = (copies_key(it) for it in groups if f"{it.workspace}/{it.group}" == job.name)
            return next(found, job.name)


def _written(result: Result) -> list[dict[str, object]]:
    match result:
        case JobResult():
            return [{"dataset": name, **asdict(counts)} for name, counts in result.datasets.items()]
        case TransformResult():
            return [{"dataset": name, **asdict(rows)} for name, rows in result.outputs.items()]
        case CopyResult():
            return [{**copy.document(), "view": copy.name} for copy in result.copies]


def _end(result: Result) -> dict[str, object]:
    document = result.document()
    return {
        key: document[key] for key in ("result", "code", "way", "code_commit", "seconds", "error") if key in document
    }
