"""The generations, in a schema of the file. An apply has another file locked, so that it keeps no job waiting."""

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import cast

import duckdb
from attrs import frozen

from datasurface.deployment import Deployment
from datasurface.errors import NotApplied, StoreUnavailable
from datasurface.interchange.canonical import Canonical, canonical_text
from datasurface.model import Ecosystem
from datasurface.results import PhysicalObject, Step
from datasurface.runtime import Generation, GenerationChange, PastGeneration
from datasurface_duckdb.platform import DuckDbFile
from datasurface_duckdb.statements import statement
from datasurface_duckdb.store import Row, opened, rows

SCHEMA = "ds control"
_PATIENCE = 30.0


def control_objects(file: str) -> Sequence[PhysicalObject]:
    """One table for all platforms."""
    return [PhysicalObject("table", file, SCHEMA, "generations", path="")]


@frozen
class DuckDbControlStore:
    """ControlStore in a file."""

    file: DuckDbFile
    canonical: Canonical

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep every other apply out; the lock goes with its process."""
        path = Path(f"{self.file.path}.apply")
        try:
            held = path.open("w")
        except OSError as error:
            raise StoreUnavailable(f"{path} cannot be written: {error}", hint="its folder must be writable") from error
        with held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def current(self) -> Generation | None:
        """The newest generation."""
        found = self._rows("newest")
        return self._generation(found[0]) if found else None

    def generation(self, number: int) -> Generation:
        """A generation as it was in force."""
        return self._generation(self._of(number, "generation"))

    def model_of(self, generation: int) -> Ecosystem | None:
        """The model that it was made of."""
        return self.canonical.value(json.loads(str(self._of(generation, "model")[0])), Ecosystem)

    def change_of(self, generation: int) -> GenerationChange | None:
        """The change that put it in force."""
        summary, plan, rollback_to = self._of(generation, "change_of")
        if summary is None:
            return None
        return GenerationChange(
            str(summary), None if plan is None else json.loads(str(plan)), cast("int | None", rollback_to)
        )

    def history(self, last: int) -> Sequence[PastGeneration]:
        """The newest generations, newest first."""
        return [
            PastGeneration(number, commit, datetime.fromisoformat(at), by, streams, summary, rollback_to)
            for number, commit, at, by, streams, summary, rollback_to in cast(
                "list[tuple[int, str | None, str, str, int, str | None, int | None]]",
                self._rows("history", [last]),
            )
        ]

    def restore(self, generation: Generation, *, dry_run: bool = False) -> Mapping[str, Sequence[Step]]:
        """There are no rows for schedulers."""
        return {}

    def publish(
        self,
        model: Ecosystem,
        deployments: Sequence[Deployment],
        commit: str | None,
        change: GenerationChange | None = None,
    ) -> Generation:
        """One row more."""
        now, who = datetime.now(UTC), getuser()
        values = [
            now.isoformat(),
            who,
            commit,
            canonical_text([self.canonical.document(deployment) for deployment in deployments]),
            self.canonical.text(model),
            sum(len(deployment.streams) for deployment in deployments),
            change.summary if change else None,
            canonical_text(change.plan) if change and change.plan is not None else None,
            change.rollback_to if change else None,
        ]
        with opened(self.file, _PATIENCE, creates=True) as connection:
            for sql in _sql("create_generations").split(";"):
                connection.execute(sql)
            [[number]] = rows(connection, _sql("publish"), values)
        return Generation(cast(int, number), tuple(deployments), commit, now, who)

    def _of(self, number: int, block: str) -> Row:
        found = self._rows(block, [number])
        if not found:
            raise NotApplied(f"there is no generation {number}", hint="`datasurface history` lists them")
        return found[0]

    def _rows(self, block: str, values: Sequence[object] = ()) -> list[Row]:
        """None where nothing was ever published."""
        if not Path(self.file.path).exists():
            return []
        with opened(self.file, _PATIENCE) as connection:
            try:
                return rows(connection, _sql(block), values)
            except duckdb.CatalogException:
                return []

    def _generation(self, row: Row) -> Generation:
        number, at, by, commit, documents = row
        deployments = tuple(self.canonical.value(each, Deployment) for each in json.loads(str(documents)))
        return Generation(
            cast(int, number), deployments, cast("str | None", commit), datetime.fromisoformat(str(at)), str(by)
        )


def _sql(block: str) -> str:
    return statement("platform.sql.j2", block, schema=SCHEMA)
