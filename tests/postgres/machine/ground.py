# ruff: noqa: S608 every name in these statements stands in this file or went through the quoting function
"""A dataset whose model changes at work: its table at the source, and what both platforms have of it."""

from collections.abc import Mapping
from typing import cast

from attrs import define, evolve

from datasurface.deployment import Deployment
from datasurface.milestoning.rows import LIVE as NEVER_CLOSED
from datasurface.milestoning.rows import Version
from datasurface.results import BatchStatus
from datasurface_yellow.runtime import YellowRuntime
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.store.types import source_type
from tests.postgres.machine.model import FIRST, Meaning, Model
from tests.support.pipeline import FORENSIC
from tests.support.stage import STORE, Rows, Stage, TextRow

NAME = "things"
THINGS = FIRST.dataset(NAME)


@define
class Ground:
    """The producer's table and the model in force.

    Attributes:
        former: the model that was in force before. The producer keeps its columns, beside those of the model, and
            their types.
        source: the producer's rows, with a cell for all that a row may mean; those that it has columns for are there.
    """

    stage: Stage
    model: Model = FIRST
    former: Model = FIRST
    source: Rows = ()

    @property
    def _columns(self) -> Mapping[str, tuple[int, Meaning]]:
        """The producer's columns with their places in the row."""
        both = [*enumerate(self.model.meanings), *enumerate(self.former.meanings)]
        return {meaning.name: (place, meaning) for place, meaning in both if meaning.is_active}

    def put(self, source: Rows) -> None:
        """Let the producer have these rows."""
        places = [place for place, _ in self._columns.values()]
        self.stage.put({NAME: [tuple(row[place] for place in places) for row in source]})
        self.source = source

    def force(self, model: Model) -> None:
        """Put a model in force, to which tables were brought, and let the producer have its columns."""
        pipeline = self.stage.pipeline
        pipeline.by_name = {name: _with(each, model) for name, each in pipeline.by_name.items()}
        self.former, self.model = self.model, model.applied()
        table, reader = self.stage.source_table(NAME), identifier(pipeline.access.reader.name)
        columns = ", ".join(f"{identifier(name)} {source_type(m.type)}" for name, (_, m) in self._columns.items())
        for statement in (
            f"DROP TABLE {table}",
            f"CREATE TABLE {table} ({columns})",
            f"GRANT SELECT ON {table} TO {reader}",
        ):
            execute(self.stage.producer, statement)
        self.put(self.source)

    def runtime(self, platform: str, model: Model | None = None) -> YellowRuntime:
        """The platform at work; under another model than the one in force where one is given."""
        runtime = self.stage.pipeline.runtime(platform)
        if model is None:
            return runtime
        return evolve(runtime, deployment=_with(runtime.deployment, model))

    def status(self, platform: str) -> tuple[int, BatchStatus] | None:
        """Number and status of the newest batch by the log."""
        newest = self.runtime(platform).status(STORE, last=1)
        return (newest[0].batch, newest[0].status) if newest else None

    def stored(self, platform: str) -> tuple[Version, ...]:
        """All versions in a merge table, with the values that it keeps of columns that the model has no longer."""
        out = naming.BATCH_OUT if platform == FORENSIC else str(NEVER_CLOSED)
        cells = ", ".join(f"{identifier(m.stored)}::text" if m.stored else "NULL" for m in self.model.meanings)
        found = rows(
            self.stage.consumer,
            f"SELECT {cells}, {naming.BATCH_IN}, {out} FROM {self.stage.merge_table(platform, NAME)}",
        )
        return tuple(map(self._version, found))

    def _version(self, found: tuple[object, ...]) -> Version:
        *cells, batch_in, batch_out = found
        row = cast(TextRow, tuple(cells))
        return Version(self.model.layout.key_of(row), row, cast(int, batch_in), cast(int, batch_out))


def _with(deployment: Deployment, model: Model) -> Deployment:
    """The deployment with its dataset as another model has it."""
    dataset = model.dataset(NAME)
    streams = tuple(evolve(stream, datasets=(dataset,)) for stream in deployment.streams)
    views = tuple(evolve(view, dataset=dataset) for view in deployment.views)
    return evolve(deployment, streams=streams, views=views)
