"""SQLMesh with models of kind SCD_TYPE_2_BY_COLUMN: keeps the history of tables that are already in its database."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import cast

from attrs import frozen

from benchmarks.peers.contender import WORKERS, Kept, Run, Site, connection_of, first_line, last_document, run_process
from benchmarks.peers.environments import Installed
from benchmarks.peers.tables import Table

CHOICES = (("sqlmesh[postgres]",), ("sqlmesh", "psycopg2-binary"))
DISTRIBUTIONS = ("sqlmesh", "sqlglot")

_PROGRAM = Path(__file__).with_name("programs") / "sqlmesh_run.py"
_SCHEMA = "sqlmesh_history"
_VARIABLES = {"SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true", "MAX_FORK_WORKERS": "1"}
_FIRST_DAY = datetime(2026, 1, 10, tzinfo=UTC)


@frozen
class SqlmeshPeer:
    """SQLMesh with a project a table, so that one that fails stops no other."""

    installed: Installed

    name = "sqlmesh_scd2"
    title = "SQLMesh SCD2"
    keeps_past = True
    reads_own_database = True

    @property
    def notes(self) -> Sequence[str]:
        """Its settings."""
        return (
            "it does not copy: the source's table is in its own database before its clock starts",
            "SCD_TYPE_2_BY_COLUMN, since the table has no updated_at; columns lists every column that is not key",
            "invalidate_hard_deletes true, without which it keeps rows that are gone",
            "types are declared by casts, as its documentation recommends",
            "cron '@daily': each run is given an execution time a day after the last; state in the same database",
        )

    def prepare(self, site: Site) -> None:
        """Write the projects."""
        for table, worker in product(site.tables, range(WORKERS)):
            models = self._project(site, table.name, worker) / "models"
            models.mkdir(parents=True, exist_ok=True)
            (models / f"{table.name}.sql").write_text(_model(table, site.source_schema), encoding="utf-8")
            connection = connection_of(site.target_url, "database")
            config = {
                "gateways": {"bench": {"connection": connection, "state_schema": f"sqlmesh_{table.name}"}},
                "default_gateway": "bench",
                "model_defaults": {"dialect": "postgres", "start": "2026-01-01"},
                "physical_schema_mapping": {f"^{_SCHEMA}$": f"sqlmesh_physical_{table.name}"},
            }
            (models.parent / "config.yaml").write_text(json.dumps(config, indent=2), encoding="utf-8")

    def run(self, site: Site, number: int, tables: Sequence[str], limit: float, worker: int = 0) -> Run:
        """One process over the projects: a plan at first, then runs."""
        day = _FIRST_DAY + timedelta(days=number)
        order = {
            "projects": {name: str(self._project(site, name, worker)) for name in tables},
            "first": number == 1,
            "execution_time": day.strftime("%Y-%m-%d %H:%M:%S"),
        }
        ended = run_process([str(self.installed.python), str(_PROGRAM)], order, _VARIABLES, site.folder, limit)
        document = last_document(ended)
        if not document:
            return Run(ended.seconds, None, dict.fromkeys(tables, first_line(ended.error)), ended.code is not None, day)
        errors = cast(Mapping[str, str], document["errors"])
        return Run(ended.seconds, cast(float, document["inside"]), errors, moment=day)

    def kept(self, table: str) -> Kept:
        """A view on the table of the environment in force; NULL ends what is live."""
        return Kept(f'"{_SCHEMA}"."{table}"', "valid_from", "valid_to", "valid_to IS NULL")

    def _project(self, site: Site, table: str, worker: int) -> Path:
        return site.folder / f"{table}-{worker}"


def _model(table: Table, schema: str) -> str:
    columns = ",\n  ".join(f'"{each.name}"::{each.sql} AS "{each.name}"' for each in table.fields)
    return (
        f"MODEL (\n  name {_SCHEMA}.{table.name},\n  kind SCD_TYPE_2_BY_COLUMN (\n"
        f"    unique_key ({', '.join(table.key)}),\n    columns [{', '.join(table.others)}],\n"
        "    invalidate_hard_deletes true\n  ),\n"
        f"  cron '@daily'\n);\n\nSELECT\n  {columns}\nFROM {schema}.{table.name}\n"
    )
