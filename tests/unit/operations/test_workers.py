"""Jobs in real threads."""

from threading import Barrier, Event

from datasurface.operations.due import StreamName
from datasurface.operations.workers import Threads
from datasurface.results import JobResult, JobSeconds, ResultCode

A, B = StreamName("Live", "Store1"), StreamName("Forensic", "Store1")


def result() -> JobResult:
    return JobResult("P", "S", "run", 1, ResultCode.DONE, 1, None, {}, JobSeconds())


def test_jobs_work_side_by_side() -> None:
    both_are_at_work = Barrier(2, timeout=30)

    def job() -> JobResult:
        both_are_at_work.wait()
        return result()

    workers = Threads()
    workers.start(A, job)
    workers.start(B, job)
    ended = [workers.wait(30), workers.wait(30)]
    assert {finished.name for finished in ended if finished} == {A, B}
    assert [finished.outcome for finished in ended if finished] == [result()] * 2


def test_what_a_job_raises_arrives_as_its_outcome() -> None:
    def job() -> JobResult:
        raise ZeroDivisionError

    workers = Threads()
    workers.start(A, job)
    finished = workers.wait(30)
    assert finished is not None
    assert isinstance(finished.outcome, ZeroDivisionError)


def test_asking_for_the_end_wakes_who_waits_and_the_jobs_at_work_still_end() -> None:
    workers, may_end = Threads(), Event()

    def job() -> JobResult:
        may_end.wait(30)
        return result()

    workers.start(A, job)
    workers.stop()
    assert workers.wait(None) is None
    assert workers.is_stopping
    may_end.set()
    finished = workers.wait(30)
    assert finished is not None
    assert finished.name == A


def test_waiting_ends_when_the_time_is_over() -> None:
    assert Threads().wait(0.001) is None


def test_the_clock_knows_its_zone() -> None:
    assert Threads().now().tzinfo is not None
