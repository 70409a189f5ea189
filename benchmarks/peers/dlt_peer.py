"""dlt: copies tables into a database, with a choice of what it does with the rows that are there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from attrs import frozen

from benchmarks.peers.contender import Kept, Run, Site, first_line, last_document, run_process
from benchmarks.peers.environments import Installed
from benchmarks.peers.tables import Table

CHOICES = (("dlt[postgres,sql_database]", "connectorx", "pyarrow", "pandas", "numpy", "adbc-driver-postgresql"),)
DISTRIBUTIONS = ("dlt", "connectorx", "sqlalchemy")
_PROGRAM = Path(__file__).with_name("programs") / "dlt_run.py"

_VARIABLES = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DESTINATION__REPLACE_STRATEGY": "insert-from-staging"}

_STRATEGIES: Mapping[str, Sequence[str]] = {
    "scd2": (
        "strategy scd2: its documentation's way to keep a history from full extracts; absent rows are retired",
        "no merge_key, which would keep absent rows from being retired",
    ),
    "delete-insert": (
        "merge with its default strategy delete-insert and the source's key as primary_key",
        "documented: rows that are gone at the source stay, unless the source marks them with a hard_delete column",
    ),
    "replace": ("replace with the strategy insert-from-staging, so that readers never see an empty table",),
}

_FAST = (
    "backend connectorx, by its documentation the fastest for PostgreSQL",
    "loader_file_format parquet with the ADBC driver, one of two ways that it calls fast for Arrow tables; the other, "
    "csv, took half as long again when we tried",
)
_EXACT = ("backend sqlalchemy, by its documentation the one that represents data types correctly, if the slowest",)


@frozen
class DltPeer:
    """dlt with one write disposition.

    Attributes:
        fast: the backend recommended for large tables; otherwise the one recommended for exact types.
    """

    installed: Installed
    strategy: str
    fast: bool

    reads_own_database = False

    @property
    def name(self) -> str:
        """In the JSON document."""
        return f"dlt_{self.strategy.replace('-', '_')}"

    @property
    def title(self) -> str:
        """For people."""
        return f"dlt {self.strategy}"

    @property
    def keeps_past(self) -> bool:
        """Only one strategy does."""
        return self.strategy == "scd2"

    @property
    def notes(self) -> Sequence[str]:
        """Its settings."""
        hash_note = ("row_version_column_name with add_row_hash_to_table, as documented for scd2 with Arrow tables",)
        return (
            *_STRATEGIES[self.strategy],
            *(_FAST if self.fast else _EXACT),
            *(hash_note if self.fast and self.keeps_past else ()),
            "reflection_level full_with_precision",
        )

    def prepare(self, site: Site) -> None:
        """Its first run makes all it needs."""
        site.folder.mkdir(parents=True, exist_ok=True)

    def run(
        self,
        site: Site,
        number: int,  # noqa: ARG002 by its protocol; this product counts by its clock
        tables: Sequence[str],
        limit: float,
        worker: int = 0,
    ) -> Run:
        """One process that runs a pipeline for each table."""
        order = {
            "source_url": site.source_url,
            "source_schema": site.source_schema,
            "target_url": site.target_url,
            "pipelines": str(site.folder / f"pipelines-{worker}"),
            "strategy": self.strategy,
            "backend": "connectorx" if self.fast else "sqlalchemy",
            "tables": [self._ordered(site.table(name)) for name in tables],
        }
        ended = run_process([str(self.installed.python), str(_PROGRAM)], order, _VARIABLES, site.folder, limit)
        moment = datetime.now(UTC)
        document = last_document(ended)
        if not document:
            return Run(
                ended.seconds, None, dict.fromkeys(tables, first_line(ended.error)), ended.code is not None, moment
            )
        inside, errors = cast(float, document["inside"]), cast(Mapping[str, str], document["errors"])
        return Run(ended.seconds, inside, errors, moment=moment)

    def kept(self, table: str) -> Kept:
        """It calls a table as the source does, and NULL ends what is live."""
        relation = f'"{self._dataset(table)}"."{table}"'
        if not self.keeps_past:
            return Kept(relation)
        return Kept(relation, "_dlt_valid_from", "_dlt_valid_to", "_dlt_valid_to IS NULL")

    def _ordered(self, table: Table) -> dict[str, object]:
        return {"name": table.name, "key": list(table.key), "dataset": self._dataset(table.name)}

    def _dataset(self, table: str) -> str:
        return f"{self.name}_{table}"
