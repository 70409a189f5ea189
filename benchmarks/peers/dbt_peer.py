"""dbt snapshot: keeps the history of tables that are already in its database."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from benchmarks.peers.contender import Kept, Run, Site, connection_of, first_line, run_process
from benchmarks.peers.environments import Installed
from benchmarks.peers.tables import Table

CHOICES = (("dbt-core", "dbt-postgres"), ("dbt-core<1.12", "dbt-postgres"))
DISTRIBUTIONS = ("dbt-core", "dbt-postgres")

_SCHEMA = "dbt_snapshots"
_VARIABLES = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_VERSION_CHECK": "false", "DBT_USE_COLORS": "false"}


@frozen
class DbtPeer:
    """dbt with one snapshot a table."""

    installed: Installed

    name = "dbt_snapshot"
    title = "dbt snapshot"
    keeps_past = True
    reads_own_database = True

    @property
    def notes(self) -> Sequence[str]:
        """Its settings."""
        return (
            "it does not copy: the source's table is in its own database before its clock starts",
            "strategy check, since the table has no reliable updated_at; check_cols lists every column "
            "that is not key, as its documentation prefers to 'all'",
            "hard_deletes: invalidate, without which it keeps rows that are gone; unique_key lists the key's columns",
            "threads: 4, its own default for new profiles",
        )

    def prepare(self, site: Site) -> None:
        """Write the project."""
        snapshots = site.folder / "snapshots"
        snapshots.mkdir(parents=True, exist_ok=True)
        profile = {**connection_of(site.target_url, "dbname"), "schema": _SCHEMA, "threads": 4}
        # JSON is YAML, and needs no library to be written.
        _write(site.folder / "profiles.yml", {"bench": {"target": "bench", "outputs": {"bench": profile}}})
        _write(site.folder / "dbt_project.yml", {"name": "bench", "profile": "bench", "version": "1.0"})
        source = {"name": "source", "schema": site.source_schema, "tables": [{"name": t.name} for t in site.tables]}
        _write(snapshots / "sources.yml", {"sources": [source]})
        _write(snapshots / "snapshots.yml", {"snapshots": [_snapshot(table) for table in site.tables]})

    def run(
        self,
        site: Site,
        number: int,  # noqa: ARG002 by its protocol; this product counts by its clock
        tables: Sequence[str],
        limit: float,
        worker: int = 0,
    ) -> Run:
        """One ``dbt snapshot`` over the tables."""
        target = site.folder / f"target-{worker}"
        results = target / "run_results.json"
        results.unlink(missing_ok=True)
        command = [str(self.installed.folder / "bin" / "dbt"), "snapshot"]
        command += ["--project-dir", str(site.folder), "--profiles-dir", str(site.folder)]
        command += ["--target-path", str(target), "--log-path", str(site.folder / f"logs-{worker}")]
        command += ["--select", *(f"{name}_snapshot" for name in tables)]
        ended = run_process(command, {}, _VARIABLES, site.folder, limit)
        moment = datetime.now(UTC)
        if not results.exists():
            said = first_line(ended.output + ended.error)
            return Run(ended.seconds, None, dict.fromkeys(tables, said), ended.code is not None, moment)
        document = json.loads(results.read_text(encoding="utf-8"))
        errors = {
            result["unique_id"].rpartition(".")[2].removesuffix("_snapshot"): " ".join(str(result["message"]).split())
            for result in document["results"]
            if result["status"] != "success"
        }
        return Run(ended.seconds, document["elapsed_time"], errors, ended.code is not None, moment)

    def kept(self, table: str) -> Kept:
        """NULL ends what is live."""
        relation = f'"{_SCHEMA}"."{table}_snapshot"'
        return Kept(relation, "dbt_valid_from", "dbt_valid_to", "dbt_valid_to IS NULL")


def _snapshot(table: Table) -> dict[str, object]:
    config = {
        "strategy": "check",
        "unique_key": list(table.key) if len(table.key) > 1 else table.key[0],
        "check_cols": list(table.others),
        "hard_deletes": "invalidate",
    }
    return {
        "name": f"{table.name}_snapshot",
        "relation": f"source('source', '{table.name}')",
        "config": config,
    }


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
