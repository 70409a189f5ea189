"""The play: the simulator changes the producer while both platforms follow it; then everything is caught up and
checked."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Protocol

from attrs import define, field, frozen

from datasurface.environment import credentials, read_environment
from datasurface.model import Dataset
from datasurface.operations.apply import ApplyReport, apply
from datasurface.operations.checkout import ModelFolder
from datasurface.operations.jobs import InForce, open_model, verify
from datasurface.operations.model import check
from datasurface.operations.schedule import run
from datasurface.operations.workers import Threads
from datasurface.plugins.manager import Plugins
from datasurface.results import JobResult
from datasurface_yellow.batch.records import counts_of
from datasurface_yellow.demo import checks
from datasurface_yellow.demo.consumer import ConsumerViews
from datasurface_yellow.demo.forbidden import nothing_else
from datasurface_yellow.demo.report import Check, PlatformTally
from datasurface_yellow.demo.stage import Stage
from datasurface_yellow.local.databases import CONSUMER_DB, MERGE, PRODUCER
from datasurface_yellow.simulator.changes import Change, Snapshot
from datasurface_yellow.simulator.database import read_snapshot
from datasurface_yellow.simulator.example import example_folder
from datasurface_yellow.simulator.log import read_log
from datasurface_yellow.simulator.options import SimulatorOptions
from datasurface_yellow.simulator.simulator import run_simulator
from datasurface_yellow.store.connection import closing

PLATFORMS = ("YellowLive", "YellowForensic")
MIN_PAUSE, MAX_PAUSE = 0.05, 0.6
"""Seconds between two changes of the producer."""


class Audience(Protocol):
    """Who watches: hears of everything, in any thread."""

    def applied(self, report: ApplyReport) -> None:
        """The model is in force."""
        ...

    def changed(self, change: Change) -> None:
        """The producer has changed."""
        ...

    def ingested(self, result: JobResult) -> None:
        """A job has ended."""
        ...


@define
class Tally:
    """What has happened so far."""

    changes: int = 0
    platforms: dict[str, PlatformTally] = field(factory=lambda: {name: PlatformTally() for name in PLATFORMS})


@frozen
class Play:
    """One demonstration on its stage."""

    stage: Stage
    plugins: Plugins
    audience: Audience
    tally: Tally = field(factory=Tally)

    def put_in_force(self) -> ApplyReport:
        """Validate and apply the example's model."""
        environment = read_environment(self.stage.environment_file)
        model = check(ModelFolder(example_folder()), self.plugins, environment)
        report = apply(model, self.plugins, credentials(environment))
        self.audience.applied(report)
        return report

    def perform(self, duration: timedelta, seed: int, workers: Threads) -> None:
        """Change and follow for so long, or until ``workers`` are stopped; then one more batch of every stream."""
        in_force = self._in_force()
        stop = Event()
        options = SimulatorOptions(min_interval=MIN_PAUSE, max_interval=MAX_PAUSE, seed=seed, log=self.stage.log)
        with ThreadPoolExecutor(max_workers=1) as pool:
            simulated = pool.submit(self._simulate, options, stop, workers)
            try:
                run(in_force, workers, duration=duration, on_result=self._ingested)
            finally:
                stop.set()
            simulated.result()
        run(in_force, Threads(), once=True, on_result=self._ingested)

    def _simulate(self, options: SimulatorOptions, stop: Event, workers: Threads) -> None:
        try:
            run_simulator(lambda: self.stage.connect(PRODUCER), options, self._changed, stop)
        except BaseException:
            workers.stop()  # nobody need watch a producer that does not change any more
            raise

    def check(self, initial: Snapshot) -> Sequence[Check]:
        """Everything that must hold now, read as the consumer reads it."""
        in_force = self._in_force()
        datasets = self.datasets()
        changes = read_log(self.stage.log)
        with (
            closing(self.stage.connect(PRODUCER)) as producer,
            closing(self.stage.connect(MERGE)) as merge,
            closing(self.stage.connect(CONSUMER_DB, self.stage.consumer)) as session,
        ):
            views = ConsumerViews(session)
            now = read_snapshot(producer)
            live, forensic = (
                checks.Replay.of(checks.seen_batches(merge, platform), initial, changes) for platform in PLATFORMS
            )
            found = [
                each for platform in PLATFORMS for each in checks.live_equals_producer(views, platform, datasets, now)
            ]
            found += checks.history_equals_log(views, forensic, datasets)
            found += checks.live_follows_log(live, datasets)
        return [*found, nothing_else(self.stage), *checks.laws_hold(verify(in_force))]

    def recount(self) -> None:
        """Take the tally of an earlier run from what it left: the simulator's log and the platforms' batch logs."""
        self.tally.changes = len(read_log(self.stage.log))
        with closing(self.stage.connect(MERGE)) as merge:
            for platform, tally in self.tally.platforms.items():
                for batch in checks.seen_batches(merge, platform):
                    tally.add_batch({name: counts_of(document) for name, document in batch.datasets.items()})

    def initial(self) -> Snapshot:
        """The producer before its first change."""
        with closing(self.stage.connect(PRODUCER)) as producer:
            return read_snapshot(producer)

    def datasets(self) -> Sequence[Dataset]:
        """The datasets of the example's one store."""
        return self._in_force().generation.deployments[0].streams[0].datasets

    def _in_force(self) -> InForce:
        environment = read_environment(self.stage.environment_file)
        return open_model(ModelFolder(example_folder()), self.plugins, environment, _nobody)

    def _changed(self, change: Change) -> None:
        self.tally.changes += 1
        self.audience.changed(change)

    def _ingested(self, result: JobResult) -> None:
        self.tally.platforms[result.platform].add(result)
        self.audience.ingested(result)


def _nobody(_warning: str) -> None:
    """The demonstration has just applied the model that it opens."""
