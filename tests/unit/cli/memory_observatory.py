"""The observatory of the platform in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from attrs import frozen

from datasurface.deployment import Deployment
from datasurface.milestoning.oracle import ForensicTable
from datasurface.observing import (
    Commit,
    KeyHistory,
    KeyVersion,
    ObservedBatch,
    ObservedStream,
    RowsAt,
    Run,
    Runs,
    SecondsAt,
    other_keys,
)
from datasurface.results import BatchState, BatchStatus, JobResult, JobSeconds, ResultCode

NO_TIME = JobSeconds()


@frozen
class MemoryObservatory:
    """Its batches take no time, nobody works beside who asks, and it keeps no results of batches."""

    deployment: Deployment
    log: Mapping[str, Sequence[BatchState]]
    results: Mapping[tuple[str, str, str], JobResult]
    tables: Mapping[tuple[str, str, str], ForensicTable]
    now: datetime

    def commits(self) -> Mapping[str, Commit]:
        found = {stream.key: self._committed(stream.key) for stream in self.deployment.streams}
        return {
            key: Commit(last.batch, last.started_at, last.committed_at)
            for key, states in found.items()
            for last in states[-1:]
            if last.committed_at is not None
        }

    def streams(self, keys: Collection[str] | None = None) -> Sequence[ObservedStream]:
        commits = self.commits()
        found = []
        for stream in self.deployment.streams:
            if keys is None or stream.key in keys:
                states = self.log.get(stream.key, ())
                runs = Runs(len(states), sum(state.error is not None for state in states))
                newest = states[-1] if states else None
                found.append(
                    ObservedStream(
                        stream=stream.key,
                        commit=commits.get(stream.key),
                        status=newest.status if newest else None,
                        newest=_run(newest) if newest else None,
                        is_running=False,
                        hour=runs,
                        day=runs,
                        failures_in_a_row=1 if newest is not None and newest.error else 0,
                        receipt_failures=0,
                        rows=self._rows(stream.key),
                        counts=next((it.datasets for it in self._committed(stream.key)[::-1]), {}),
                    )
                )
        return found

    def others(self) -> Mapping[str, Run]:
        names = set(other_keys(self.deployment))
        return {
            stream: Run(run_id, result.batch, result.code, self.now, result.seconds, result.error)
            for (platform, stream, run_id), result in self.results.items()
            if platform == self.deployment.platform.name and stream in names
        }

    def batches(self, stream: str, *, before: int | None = None, last: int = 100) -> Sequence[ObservedBatch]:
        states = [state for state in self.log.get(stream, ()) if before is None or state.batch < before]
        return [ObservedBatch(state, f"run {state.batch}", NO_TIME, 0, {}) for state in states[: -last - 1 : -1]]

    def rows_over_time(self, stream: str, since: datetime, *, points: int = 200) -> Sequence[RowsAt]:
        return [RowsAt(self.now, self._rows(stream))] if self._committed(stream) and points and since < self.now else []

    def seconds_over_time(self, stream: str, since: datetime, *, points: int = 200) -> Sequence[SecondsAt]:
        times = [at for state in self._committed(stream) if (at := state.committed_at) is not None and at >= since]
        return [SecondsAt(at, 1, NO_TIME, 0.0) for at in times[-points:]]

    def key_history(self, stream: str, dataset: str, key: Sequence[str], *, last: int = 200) -> KeyHistory:
        table = self.tables[self.deployment.platform.name, stream, dataset]
        [data] = [data for data in self.deployment.stream(stream).datasets if data.name == dataset]
        columns = tuple(column.name for column in data.columns)
        found = [each for each in table.versions if tuple(map(str, each.key)) == tuple(key)]
        versions = tuple(
            KeyVersion(
                each.batch_in,
                None if each.is_live else each.batch_out,
                None,
                None,
                {name: None if value is None else str(value) for name, value in zip(columns, each.row, strict=True)},
                (),
            )
            for each in sorted(found, key=lambda each: -each.batch_in)[:last]
        )
        return KeyHistory(stream, dataset, tuple(key), columns, (), True, versions, len(found) <= last)

    def _committed(self, stream: str) -> Sequence[BatchState]:
        return [state for state in self.log.get(stream, ()) if state.status is BatchStatus.COMMITTED]

    def _rows(self, stream: str) -> Mapping[str, int]:
        return {
            dataset: sum(version.is_live for version in table.versions)
            for (platform, key, dataset), table in self.tables.items()
            if platform == self.deployment.platform.name and key == stream
        }


def _run(state: BatchState) -> Run:
    code = ResultCode.ERROR if state.error else ResultCode.DONE
    return Run(f"run {state.batch}", state.batch, code, state.started_at, NO_TIME, state.error)
