"""What the page shows, as it is read: what is in force, and each platform at a moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from attrs import Factory, define, evolve, field

from datasurface.errors import NotApplied
from datasurface.model import Ecosystem
from datasurface.monitoring.measure import Moment, Seen
from datasurface.observing import Observatory
from datasurface.operations.jobs import InForce
from datasurface.operations.metrics import look
from datasurface_monitor.kept import Kept
from datasurface_monitor.views.overview import Overview, PlatformNow, StreamRow, overview, rows_of

Find = Callable[[], InForce]
"""What is in force; NotApplied where nothing is."""


@define
class Source:
    """Reads for the pages, and keeps for a moment what takes long."""

    find: Find
    _found: InForce | None = field(default=None, init=False)
    _models: dict[int, Ecosystem | None] = field(factory=dict, init=False)
    _in_force: Kept[InForce] = field(init=False, default=Factory(lambda self: Kept(self._read), takes_self=True))
    _overview: Kept[Overview] = field(init=False, default=Factory(lambda self: Kept(self._look), takes_self=True))

    def in_force(self) -> InForce:
        """What is in force; NotApplied where nothing is."""
        return self._in_force.get()[0]

    def overview(self) -> tuple[Overview, datetime]:
        """All platforms, and when they were so."""
        return self._overview.get()

    def model(self) -> Ecosystem:
        """The model in force, its platforms as they are bound to this environment; NotApplied where an earlier version
        applied it, which kept none."""
        in_force = self.in_force()
        number = in_force.generation.number
        if number not in self._models:
            model = in_force.control.model_of(number)
            self._models = {number: None if model is None else _bound(model, in_force)}
        model = self._models[number]
        if model is None:
            raise NotApplied(
                f"generation {number} was applied by an earlier version, which kept no models",
                hint="apply the model again with this version; nothing else changes by that",
            )
        return model

    @contextmanager
    def observe(self, platform: str) -> Iterator[Observatory]:
        """A platform to look at; NotApplied where none of that name is in force."""
        with self.in_force().runtime(platform).observe() as seen:
            yield seen

    def row(self, platform: str, stream: str, seen: Observatory) -> StreamRow:
        """A stream as it is in what is looked at; NotApplied where it is not in force."""
        generation = self.in_force().generation
        whole = generation.deployment(platform)
        part = evolve(
            whole,
            streams=(whole.stream(stream),),
            views=tuple(view for view in whole.views if view.stream == stream),
        )
        moment = Moment(seen.now, seen.streams({stream}), {})
        [row] = rows_of(_shown(Seen(part, generation.number, generation.applied_at, moment)))
        return row

    def _read(self) -> InForce:
        """Again only where another generation came into force: a large one takes long to read."""
        if self._found is None:
            self._found = self.find()
            return self._found
        control = self._found.control
        newest = control.history(1)
        if newest and newest[0].number != self._found.generation.number:
            generation = control.current()
            if generation is not None:
                self._found = InForce(control, generation, self._found.plugins, self._found.credentials)
        return self._found

    def _look(self) -> Overview:
        return overview([_shown(seen) for seen in look(self.in_force())])


def _bound(model: Ecosystem, in_force: InForce) -> Ecosystem:
    bound = {it.platform.name: it.platform for it in in_force.generation.deployments}
    return evolve(model, platforms=[bound.get(it.name, it) for it in model.platforms])


def _shown(seen: Seen) -> PlatformNow:
    """A platform as it is; one that cannot be reached keeps no other from being shown."""
    if seen.moment is None:
        return PlatformNow(seen.deployment, failure=seen.trouble)
    moment = seen.moment
    return PlatformNow(seen.deployment, moment.at, tuple(moment.streams), tuple(seen.objectives()), moment.others)
