"""Seals: what the batch log says that each batch left of a dataset. They are of hashes, so when these are made anew the
log is, after it was seen to hold."""

from attrs import frozen

from datasurface.errors import ApplyRefused
from datasurface.milestoning.strategy import Fingerprint
from datasurface_yellow.batch.records import Records
from datasurface_yellow.deploy.evolution import Evolution
from datasurface_yellow.store.connection import execute, one, rows
from datasurface_yellow.store.horizons import read_horizons
from datasurface_yellow.store.rowhash import hashed_columns
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


@frozen
class Seals:
    """The log of one stream about one dataset, whose hashes are about to be those of ``table``. Nothing here commits.

    Attributes:
        evolution: the way to ``table``, of which nothing is done yet when the seals are taken.
        number: tells apart the seals of one transaction.
    """

    records: Records
    table: MergeTable
    evolution: Evolution
    number: int

    def take(self) -> int:
        """Compute all hashes, the old ones too, and compare them with the log; how many rows there are.

        ApplyRefused where they differ: a hash that is made anew would hide what somebody changed.
        """
        session, first = self.records.session, self._first()
        execute(session, self._sql("create_seals"))
        found = one(session, self._sql("state"))
        count, broken = (int(str(each)) for each in found or (0, 0))
        if broken:
            raise self._refused(f"{broken} rows were changed behind the engine's back")
        if first is None and count:
            raise self._refused("no committed batch says where its rows come from")
        wrong = [str(batch) for (batch,) in rows(session, self._sql("not_held"), {**self._key, "first": first or 0})]
        if wrong:
            raise self._refused(f"its rows are not what batch {', '.join(wrong)} left")
        return count

    def renew(self) -> bool:
        """Let the log speak of the new hashes; False where no batch is in it."""
        first = self._first()
        if first is None:
            return False
        parameters = {**self._key, "first": first, "recipe": self.table.recipe}
        execute(self.records.session, self._sql("seal_again"), parameters)
        return True

    def last(self) -> Fingerprint:
        """What the last batch left, by the log."""
        return self.records.last_fingerprints([self.table.name])[self.table.name]

    def _first(self) -> int | None:
        """The first batch that the table can answer for; None where the log has none with the dataset."""
        found = one(self.records.session, self._sql("last_with"), self._key)
        if found is None or found[0] is None:
            return None
        if not self.table.is_forensic:
            return int(str(found[0]))
        return read_horizons(self.records.session, self.records.names, self.records.stream).get(self.table.name, 0)

    def _refused(self, why: str) -> ApplyRefused:
        return ApplyRefused(
            f"the hashes of table {self.table.merge} cannot be made anew: {why}",
            hint="`datasurface verify` names what is wrong; mend it under the model in force, then apply again",
        )

    @property
    def _key(self) -> dict[str, object]:
        return {"stream": self.records.stream, "dataset": self.table.name}

    def _sql(self, name: str) -> str:
        names, seals = self.records.names, f"ds_surf_seals_{self.number}"
        changes = {"t": self.table, "e": self.evolution, "hashed": hashed_columns(self.evolution.hashed)}
        return statement("batch", "seals.sql.j2", name, names=names, schema=names.schema, seals=seals, **changes)
