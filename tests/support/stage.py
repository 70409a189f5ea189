# ruff: noqa: S608 every name in these statements went through the quoting function
"""A stage: a producer's tables and both platforms on them. Cells are the text that Postgres prints for them."""

from collections.abc import Mapping, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.milestoning.rows import LIVE as NEVER_CLOSED
from datasurface.milestoning.rows import Layout
from datasurface.model import Column, Dataset
from datasurface.results import JobResult, LawCheck
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.quoting import identifier, qualified
from datasurface_yellow.store.rowhash import row_hash, stored_columns
from datasurface_yellow.store.types import source_type
from tests.support.other_sources import OtherProducer
from tests.support.pipeline import FORENSIC, LIVE, Pipeline

Cell = str | None
TextRow = tuple[Cell, ...]
Rows = Sequence[TextRow]

STORE = "Store1"
PLATFORMS = (LIVE, FORENSIC)


@frozen
class Stored:
    """One row of a merge table; ``place`` (ctid and xmin) is another one when the row was written again."""

    row: TextRow
    batch_in: int
    batch_out: int
    key_hash: int
    all_hash: int
    place: str

    @property
    def is_live(self) -> bool:
        """Whether no batch has closed it."""
        return self.batch_out == NEVER_CLOSED


@frozen
class LoggedFingerprint:
    """What the batch log says of one dataset after one batch."""

    rows: int
    xor: str


@frozen
class Stage:
    """One model at work, with its tables in a schema of their own."""

    schema: str
    datasets: Sequence[Dataset]
    pipeline: Pipeline
    producer: Connection
    consumer: Connection
    other: OtherProducer | None = None
    """The producer's database, where it is no PostgreSQL one."""

    def dataset(self, name: str) -> Dataset:
        """The dataset of that name."""
        return next(dataset for dataset in self.datasets if dataset.name == name)

    def layout(self, name: str) -> Layout:
        """Where the key of a dataset is."""
        return Layout.of(self.dataset(name).columns)

    def put(self, snapshot: Mapping[str, Rows]) -> None:
        """Let the producer's tables hold these rows and no others, in one transaction."""
        if self.other is not None:
            self.other.put(snapshot)
            return
        execute(self.producer, "BEGIN")
        for name, held in snapshot.items():
            table = self.source_table(name)
            execute(self.producer, f"TRUNCATE {table}")
            if held:
                cells = {f"c{number}": cell for number, cell in enumerate(cell for row in held for cell in row)}
                places = iter(cells)
                values = ", ".join("(" + ", ".join(f"%({next(places)})s" for _ in row) + ")" for row in held)
                execute(self.producer, f"INSERT INTO {table} VALUES {values}", cells)
        execute(self.producer, "COMMIT")

    def produce(self, name: str, statement: str) -> None:
        """Let the producer run a statement on one of its tables, for which ``{table}`` stands."""
        execute(self.producer, statement.replace("{table}", self.source_table(name)))

    def run(self, platform: str, *, allow_deletes: bool = True, budget: float | None = None) -> JobResult:
        """One job of the stream."""
        return self.pipeline.run(platform, allow_deletes=allow_deletes, budget=budget)

    def verify(self, platform: str) -> Sequence[LawCheck]:
        """The engine's own check of its tables."""
        return self.pipeline.runtime(platform).verify(STORE)

    def source_rows(self, name: str) -> list[TextRow]:
        """What the producer's table holds, as values of the model's types, in any order."""
        columns = self.dataset(name).columns
        texts = ", ".join(f"{identifier(column.name)}::{source_type(column.type)}::text" for column in columns)
        return cast("list[TextRow]", rows(self.producer, f"SELECT {texts} FROM {self.source_table(name)}"))

    def stored(self, platform: str, name: str) -> list[Stored]:
        """All rows of the merge table, in any order."""
        batch_out = naming.BATCH_OUT if platform == FORENSIC else str(NEVER_CLOSED)
        found = rows(
            self.consumer,
            f"SELECT {self._texts(name)}, {naming.BATCH_IN}, {batch_out}, {naming.KEY_HASH}, {naming.ALL_HASH}, "
            f"concat(tableoid, ctid, xmin) FROM {self.merge_table(platform, name)}",
        )
        width = len(self.dataset(name).columns)
        return [
            Stored(cast(TextRow, row[:width]), *cast("tuple[int, int, int, int, str]", row[width:])) for row in found
        ]

    def source_hashes(self, name: str) -> dict[TextRow, int]:
        """The row hashes as the producer's server computes them."""
        return self._hashes(self.producer, name, self.source_table(name))

    def target_hashes(self, platform: str, name: str) -> dict[TextRow, int]:
        """The row hashes of the live rows as the merge database's server computes them."""
        live = f" WHERE {naming.BATCH_OUT} = {NEVER_CLOSED}" if platform == FORENSIC else ""
        return self._hashes(self.consumer, name, self.merge_table(platform, name), live)

    def _hashes(self, session: Connection, name: str, table: str, where: str = "") -> dict[TextRow, int]:
        hashed = row_hash(stored_columns(self.dataset(name)), "t")
        found = rows(session, f"SELECT {hashed}, {self._texts(name)} FROM {table} t{where}")
        return {cast(TextRow, row[1:]): cast(int, row[0]) for row in found}

    def as_of(self, name: str, batch: int) -> list[TextRow]:
        """The rows of the forensic table as of a batch, as a consumer would ask for them."""
        query = (
            f"SELECT {self._texts(name)} FROM {self.merge_table(FORENSIC, name)} "
            f"WHERE %(batch)s BETWEEN {naming.BATCH_IN} AND {naming.BATCH_OUT}"
        )
        return cast("list[TextRow]", rows(self.consumer, query, {"batch": batch}))

    def fingerprint(self, platform: str, name: str, batch: int) -> LoggedFingerprint | None:
        """What the log of a batch says of the rows that it left; None where it says nothing."""
        log = qualified(self.schema, naming.batch_metrics(platform))
        query = (
            "SELECT (found ->> 'rows')::int, found ->> 'xor' FROM ("
            f"SELECT datasets -> %(name)s -> 'fingerprint' AS found FROM {log} WHERE batch = %(batch)s"
            ") logged WHERE found IS NOT NULL"
        )
        found = rows(self.consumer, query, {"name": name, "batch": batch})
        return LoggedFingerprint(*cast("tuple[int, str]", found[0])) if found else None

    def staged_batches(self, platform: str, name: str) -> list[int]:
        """The batches that have rows in staging."""
        query = f"SELECT DISTINCT {naming.BATCH} FROM {self.staging_table(platform, name)}"
        return [cast(int, row[0]) for row in rows(self.consumer, query)]

    def tamper(self, table: str, statement: str, **values: object) -> int:
        """Change the merge database behind the engine's back; the number of rows that were changed.

        ``{table}`` in the statement stands for the table.
        """
        return execute(self.consumer, statement.replace("{table}", table), values)

    def tamper_with_cell(self, platform: str, name: str, row: Stored, column: Column, cell: Cell) -> int:
        """Put another cell into one row of a merge table; the number of rows that were changed."""
        change = f"SET {identifier(column.name)} = %(cell)s::{source_type(column.type)}"
        where = "WHERE concat(m.tableoid, m.ctid, m.xmin) = %(place)s"
        table = self.merge_table(platform, name)
        return self.tamper(table, f"UPDATE {{table}} m {change} {where}", cell=cell, place=row.place)

    def source_table(self, name: str) -> str:
        """The producer's table, quoted."""
        return qualified(self.schema, name)

    def merge_table(self, platform: str, name: str) -> str:
        """The merge table, quoted."""
        return qualified(self.schema, naming.merge_table(platform, STORE, name))

    def staging_table(self, platform: str, name: str) -> str:
        """The staging table, quoted."""
        return qualified(self.schema, naming.staging_table(platform, STORE, name))

    def _texts(self, name: str) -> str:
        return ", ".join(f"{identifier(column.name)}::text" for column in self.dataset(name).columns)
