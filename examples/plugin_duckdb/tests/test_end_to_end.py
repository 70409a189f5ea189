"""From a producer's file to what a consumer reads in DuckDB, by the commands that all platforms have."""

import ast
import shutil
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from subprocess import PIPE

import duckdb
import pytest
from attrs import evolve
from corner import MODEL, SHOP, Corner

import datasurface_duckdb
from datasurface import types
from datasurface.errors import StoreUnavailable
from datasurface.model import SqliteDatabase
from datasurface.operations.jobs import ingest
from datasurface.results import BatchStatus, ViewState
from datasurface_duckdb import DuckDbDataPlatform, DuckDbFile
from datasurface_duckdb.plugin import read_catalogue
from datasurface_duckdb.runtime import DuckDbRuntime
from datasurface_duckdb.store import opened

NOW = "FROM analysts.now_products ORDER BY id"
HISTORY = "SELECT name, price, ds_surf_batch_in, ds_surf_batch_out FROM analysts.past_products_history ORDER BY ALL"
LIVE = 2147483647


def test_a_group_is_served_from_the_producer_to_the_consumer(corner: Corner) -> None:
    assert '"Live"' in corner.run("apply", "--dry-run", "--json")
    assert not corner.lake.exists()
    corner.run("apply")
    corner.run("run", "--once")
    assert corner.read(NOW) == [(1, "tea", Decimal("2.50"), True), (2, "cup", Decimal("7.00"), False)]
    assert corner.read("FROM analysts.now_sales ORDER BY product") == [
        (1, date(2026, 1, 31), 3, datetime(2026, 2, 1, 0, 0, 0, 250000)),
        (2, date(2026, 2, 1), 1, None),
    ]
    corner.change("UPDATE products SET price = 3 WHERE id = 1; DELETE FROM products WHERE id = 2")
    done = corner.json("ingest", "--platform", "Forensic", "--stream", "Shop", "--allow-deletes")
    assert done["datasets"] == {"products": {"read": 1, "inserted": 0, "updated": 1, "deleted": 1, "unchanged": 0}}
    assert corner.read(HISTORY) == [
        ("cup", Decimal("7.00"), 1, 1),
        ("tea", Decimal("2.50"), 1, 1),
        ("tea", Decimal("3.00"), 2, LIVE),
    ]
    checks = corner.json("verify")["checks"]
    assert isinstance(checks, list)
    assert len(checks) == 12
    assert all(check["holds"] for check in checks)
    assert "generation 1 was in force already" in corner.run("apply")
    assert "analysts.now_products" in corner.run("views", "list")
    assert "generation 1" in corner.run("history")
    assert corner.run("objects").count("Lake") == 8


def test_a_source_that_is_not_what_the_model_says_changes_nothing_and_heals(corner: Corner) -> None:
    corner.run("apply")
    in_force = corner.in_force()
    assert ingest(in_force, "Live", "Shop").error is None
    before = corner.read(NOW)
    for change, error in (
        ("UPDATE products SET price = 2.555 WHERE id = 1", "RefusedData"),
        ("UPDATE sales SET day = 'yesterday'", "RefusedData"),
        ("DELETE FROM products", "RefusedData"),
        ("ALTER TABLE products DROP COLUMN name", "SourceDrift"),
        ("DROP TABLE sales", "SourceDrift"),
    ):
        corner.change(change)
        failed = ingest(in_force, "Live", "Shop")
        assert failed.error is not None
        assert failed.error.type == error, change
        assert "2.555" not in failed.error.message
        assert corner.read(NOW) == before
        [newest, *_] = in_force.runtime("Live").status("Shop")
        assert (newest.status, newest.error) == (BatchStatus.STARTED, failed.error)
        corner.change("DROP TABLE products; DROP TABLE IF EXISTS sales")
        corner.change(SHOP.read_text(encoding="utf-8"))
        assert ingest(in_force, "Live", "Shop").batch == newest.batch


def test_a_job_waits_for_whoever_has_the_file_and_then_says_so(applied: Corner) -> None:
    file = DuckDbFile("Lake", path=str(applied.lake))
    holding = f"import duckdb, sys; x = duckdb.connect({file.path!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holding], stdin=PIPE, stdout=PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreUnavailable, match="another process has Lake"), opened(file, patience=0):
            pass
        holder.communicate("")
    with opened(file, patience=0) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_views_stand_as_long_as_their_group_is_in_the_model_and_tables_longer(corner: Corner) -> None:
    corner.run("apply")
    deployment = corner.in_force().generation.deployment("Live")
    platform = deployment.platform
    assert isinstance(platform, DuckDbDataPlatform)
    views = "SELECT view_name FROM duckdb_views() WHERE starts_with(view_name, 'now_') ORDER BY ALL"
    no_longer_filled = evolve(deployment, streams=())
    assert DuckDbRuntime(no_longer_filled, None, platform).apply() == []
    assert DuckDbRuntime(no_longer_filled, None, platform).remove_views().removed == ()
    assert corner.read(views) == [("now_products",), ("now_sales",)]
    gone = DuckDbRuntime(evolve(deployment, streams=(), views=deployment.views[:1]), None, platform)
    assert gone.list_views()[1].state is ViewState.UNWANTED
    assert gone.remove_views().removed == ("analysts.now_sales",)
    assert corner.read(views) == [("now_products",)]
    assert corner.read("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'Shop.sales'") == [(1,)]


def test_what_the_platform_cannot_do_is_found_before_it_is_applied(corner: Corner, tmp_path: Path) -> None:
    model = shutil.copytree(MODEL, tmp_path / "model")
    eco = (model / "eco.py").read_text(encoding="utf-8")
    eco = eco.replace('Column("counted", Timestamp())', 'Column("PIECES", Json())').replace("Timestamp", "Json")
    (model / "eco.py").write_text(eco.replace("/srv/lake/lake.duckdb", "lake.duckdb"), encoding="utf-8")
    found = corner.json("validate", model=model, code=1)
    assert {finding["code"] for finding in found["findings"]} == {"DU102", "DU103"}  # type: ignore[attr-defined]  # likewise
    (corner.folder / "here.toml").write_text("", encoding="utf-8")
    found = corner.json("validate", model=model, code=1)
    assert {finding["code"] for finding in found["findings"]} == {"DU001"}  # type: ignore[attr-defined]  # likewise


def test_an_operation_that_it_has_not_is_refused_with_its_name(applied: Corner) -> None:
    refused = applied.json("batch", "rollback", "--platform", "Live", "--stream", "Shop", "--to", "0", "--yes", code=1)
    assert "DuckDbDataPlatform, which never takes batches back" in str(refused)


def test_a_change_of_its_settings_is_judged_by_its_rules(applied: Corner, tmp_path: Path) -> None:
    model = shutil.copytree(MODEL, tmp_path / "model")
    eco = (model / "eco.py").read_text(encoding="utf-8")
    (model / "eco.py").write_text(eco.replace("file=lake)", "file=lake, patience=5)", 1), encoding="utf-8")
    assert "DC102" in applied.run("plan", "--json", model=model, code=2)
    applied.run("apply", model=model)
    control = applied.in_force().control
    kept = control.change_of(2)
    assert kept is not None
    assert kept.summary == control.history(1)[0].summary
    assert "DC102" in str(kept.plan)


def test_scripts_for_the_shell_read_what_consumers_read(applied: Corner, tmp_path: Path) -> None:
    applied.run("emit", "duckdb", "--output", str(tmp_path / "out"))
    script = (tmp_path / "out" / "Live.sql").read_text(encoding="utf-8")
    with duckdb.connect() as shell:
        for sql in filter(None, map(str.strip, script.split(";"))):
            shell.execute(sql)
        assert shell.fetchall() == []  # nothing was ingested


def test_the_tables_of_a_producer_are_found(corner: Corner) -> None:
    found = read_catalogue(SqliteDatabase("Shop", path=str(corner.folder / "shop.db")), ["sales", "returns"])
    assert found is not None
    [sales] = found.tables
    assert sales.key == ("product", "day")
    assert [(each.name, each.type, each.nullable) for each in sales.columns] == [
        ("product", types.Integer(), False),
        ("day", types.Date(), False),
        ("pieces", types.Integer(), False),
        ("counted", types.Timestamp(), True),
    ]
    assert [remark.where for remark in found.remarks] == ["returns"]
    assert read_catalogue(DuckDbFile("Lake", path="/lake"), []) is None


def test_a_command_of_its_own_counts_what_consumers_see(applied: Corner) -> None:
    assert applied.say("duckdb-views", str(applied.lake)).splitlines()[0] == "analysts.now_products: 0 rows"


def test_the_package_imports_nothing_of_the_platform_that_comes_with_datasurface() -> None:
    folder = Path(datasurface_duckdb.__file__).parent
    imported = {
        name
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert not [name for name in imported if name.startswith("datasurface_yellow")]
    assert "duckdb" in imported
