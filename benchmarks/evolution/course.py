"""The course of a run: a forensic table with a history, then one change of its model after the other."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic

from attrs import define, field

from benchmarks.evolution.cases import BEFORE, Case
from benchmarks.evolution.measured import Measurement
from benchmarks.evolution.watch import watching
from benchmarks.merge.cases import FLOOR, percent_of
from benchmarks.merge.floor import measure_floor
from benchmarks.merge.measured import WrongWork
from benchmarks.merge.model import DATASET, FORENSIC, STREAM, WORKSPACE, model
from benchmarks.merge.servers import Servers, change_rows, floors_of, producer, session_of
from benchmarks.merge.shapes import Shape
from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.graph import deployments
from datasurface.results import DatasetCounts, JobResult, ResultCode
from datasurface.runtime import Generation
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.runtime import YellowRuntime
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, one

_NAMES = (FORENSIC, STREAM, DATASET)
_TABLES = (naming.merge_table(*_NAMES), naming.live_partition(*_NAMES), naming.history_partition(*_NAMES))
_NAME = naming.consumers_name(FORENSIC, WORKSPACE, f"{FORENSIC}Group", DATASET, "view")
_VIEW = f"{naming.workspace_schema(WORKSPACE)}.{_NAME}"
_READ = f"SELECT email FROM {_VIEW} WHERE id = 4711"  # noqa: S608


@define
class _Course:
    at: Servers
    batches: int = field(init=False, default=0)

    def runtime(self, shape: Shape) -> YellowRuntime:
        """The forensic platform under a model with the table like this."""
        in_force = deployments(model(shape, self.at.source.port, self.at.target.port, self.at.source.host))
        generation = Generation(1, in_force, None, datetime.now(UTC), "benchmark")
        deployment = generation.deployment(FORENSIC)
        assert isinstance(deployment.platform, YellowDataPlatform)
        credentials = Credentials([EnvironmentVariables(self.at.variables)])
        return YellowRuntime(deployment, deployment.platform, generation, credentials)

    def batch(self, shape: Shape) -> DatasetCounts:
        """One batch; WrongWork where it failed."""
        self.batches += 1
        result: JobResult = self.runtime(shape).run_batch(STREAM, f"batch-{self.batches}")
        if result.code is not ResultCode.DONE:
            raise WrongWork(f"batch {self.batches} ended with {result.code.name}; {result.error}")
        return result.datasets[DATASET]

    def versions(self) -> int:
        """Rows of the merge table, closed ones too."""
        with session_of(self.at.target, "merge") as session:
            found = one(session, f"SELECT count(*) FROM public.{_TABLES[0]}")  # noqa: S608
        assert found is not None
        return int(str(found[0]))


def measure(at: Servers, rows: int, run: int, history: int, cases: Sequence[Case]) -> Iterator[Measurement]:
    """All measurements of one run, one by one as they are made, on databases of its own."""
    at.create(rows, BEFORE)
    for session_at, statements in (
        (producer(at, BEFORE), ["ALTER TABLE public.customers ADD COLUMN visits int", _FILL]),
        (session_of(at.target, floors_of(BEFORE)), ["ALTER TABLE public.bare ADD COLUMN visits int"]),
    ):
        with session_at as session:
            for statement in statements:
                execute(session, statement)
    at.apply(BEFORE)
    course = _Course(at)
    course.batch(BEFORE)
    for number in range(history):
        change_rows(at, BEFORE, percent_of(rows), seed=100 * run + number)
        course.batch(BEFORE)
    at.settle(BEFORE)
    floor = measure_floor(at, FLOOR)
    for case in cases:
        yield _measure(course, run, case, floor)
    at.drop(BEFORE)


_FILL = "UPDATE public.customers SET visits = mod(id, 1000)"


def _measure(course: _Course, run: int, case: Case, floor: float) -> Measurement:
    with producer(course.at, BEFORE) as session:
        execute(session, case.producer)
    before = course.versions()
    runtime = course.runtime(case.shape)
    course.at.settle(BEFORE)
    with watching(course.at.target, f"datasurface {FORENSIC} apply", _TABLES, _READ) as watch:
        begun = monotonic()
        steps = runtime.apply()
        seconds = monotonic() - begun
    counts = course.batch(case.shape)
    if (counts.inserted, counts.updated, counts.deleted) != (0, 0, 0) or not all(
        check.holds for check in runtime.verify(STREAM)
    ):
        raise WrongWork(f"{case.title}: the next batch found {counts}, or verify does not hold")
    return Measurement(
        run=run,
        case=case,
        seconds=seconds,
        floor=floor,
        rows=before,
        new_versions=course.versions() - before,
        steps=tuple(f"{step.action} {step.object}" for step in steps),
        locks=watch.held(),
        longest_read=watch.longest_read,
    )
