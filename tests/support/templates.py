"""Pipelines that many tests begin with: made and applied once a session, and copied, which takes half as long."""

from collections.abc import Sequence

from attrs import evolve, field, frozen

from datasurface.model import Dataset
from datasurface_yellow.store.quoting import identifier
from tests.support.databases import Databases, MakeDatabase
from tests.support.pipeline import Pipeline, make_pipeline


@frozen
class Templates:
    """The pipelines that were made, by what they were made from. Their roles are those of every copy."""

    databases: Databases
    _made: dict[tuple[object, ...], Pipeline] = field(factory=dict)

    def copy(self, make_database: MakeDatabase, datasets: Sequence[Dataset], *create: str) -> Pipeline:
        """A pipeline of the caller's own, applied, whose producer has done ``create``."""
        key = (*datasets, *create)
        if key not in self._made:
            databases = self.databases
            self._made[key] = make_pipeline(databases.server, databases.create, databases.role, datasets, *create)
        made = self._made[key]
        copied = evolve(
            made,
            source=make_database("customer_db", made.source.name),
            target=make_database("datasurface_merge", made.target.name),
        )
        # What a role may do with a database as a whole is not copied.
        name, writer = identifier(copied.target.name), identifier(made.access.writer.name)
        copied.store(f"GRANT CREATE, TEMPORARY ON DATABASE {name} TO {writer}")
        copied.put_in_force()
        return copied
