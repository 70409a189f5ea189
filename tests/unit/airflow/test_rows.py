"""Rows outlive an outage of the control database, and nothing that lies on disk is believed unread."""

import json
from collections.abc import Mapping
from pathlib import Path

import psycopg2
import pytest

from datasurface_airflow.factory.databases import Database, NoSecret, database_of, secret
from datasurface_airflow.factory.rows import Kept, NoRows, read_rows
from tests.unit.airflow.rows import installation

ROWS: Mapping[str, object] = {"B": {"format": 1}, "A": None}


def _away() -> Mapping[str, object]:
    raise psycopg2.OperationalError("could not connect")


def test_rows_come_in_order_and_stay_for_when_the_database_is_away(tmp_path: Path) -> None:
    at = installation(tmp_path / "not yet there")
    assert list(read_rows(at, lambda: ROWS).by_stream) == ["A", "B"]
    found = read_rows(at, _away)
    assert (found.by_stream, list(found.by_stream)) == (dict(ROWS), ["A", "B"])
    assert "could not connect" in found.problems[0]
    assert read_rows(at, dict).by_stream == {}, "none is an answer, too"
    assert read_rows(at, _away).by_stream == {}


def test_a_file_that_is_so_already_is_left_alone(tmp_path: Path) -> None:
    at = installation(tmp_path)
    read_rows(at, lambda: ROWS)
    [file] = tmp_path.iterdir()
    before = file.stat().st_ino
    read_rows(at, lambda: dict(sorted(ROWS.items())))
    assert [each.stat().st_ino for each in tmp_path.iterdir()] == [before]
    read_rows(at, lambda: {"A": None})
    assert [each.stat().st_ino for each in tmp_path.iterdir()] != [before]


@pytest.mark.parametrize("harm", ["torn", "changed", "no text", "empty", "gone", "of another place"])
def test_a_file_that_cannot_be_read_is_told_and_costs_nothing_while_the_database_is_there(
    tmp_path: Path, harm: str
) -> None:
    at = installation(tmp_path)
    read_rows(at, lambda: ROWS)
    file = Kept.of(at).path
    content = file.read_bytes()
    if harm == "gone":
        file.unlink()
    elif harm == "of another place":
        file.rename(Kept.of({**at, "table": "other"}).path)
        at = {**at, "table": "other"}
    else:
        harmed = {
            "torn": content[:-3],
            "changed": content.replace(b'"A"', b'"C"'),
            "no text": b"\xff\n{}",
            "empty": b"",
        }
        file.write_bytes(harmed[harm])
    with pytest.raises(NoRows, match=r"could not connect; and there are no rows of before: .+"):
        read_rows(at, _away)
    assert read_rows(at, lambda: ROWS) == (dict(sorted(ROWS.items())), ())
    assert read_rows(at, _away).by_stream == dict(ROWS)


def test_a_folder_that_cannot_be_written_is_told_and_not_fatal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = read_rows(installation(tmp_path / "file"), lambda: ROWS)
    assert list(found.by_stream) == ["A", "B"]
    assert "cannot be kept" in found.problems[0]


def test_the_rows_of_two_installations_lie_side_by_side(tmp_path: Path) -> None:
    at = installation(tmp_path)
    other = {**at, "store": "postgresql://elsewhere:1/merge?credential=control-writer"}
    read_rows(at, lambda: ROWS)
    read_rows(other, lambda: {"Z": 1})
    assert list(read_rows(at, _away).by_stream) == ["A", "B"]
    assert list(read_rows(other, _away).by_stream) == ["Z"]


def test_secrets_are_found_as_the_contract_says(tmp_path: Path) -> None:
    mounted = tmp_path / "merge-writer"
    mounted.mkdir()
    (mounted / "username").write_text("u\n")
    (mounted / "password").write_text("p\n")
    folder = {"DATASURFACE_CREDENTIALS": str(tmp_path)}
    assert secret("merge-writer", folder) == ("u", "p")
    assert secret("merge-writer", {**folder, "MERGE_WRITER_USER": "v", "MERGE_WRITER_PASSWORD": "q"}) == ("v", "q")
    with pytest.raises(NoSecret, match="set OTHER_USER and OTHER_PASSWORD where Airflow runs, or mount"):
        secret("other", folder)


def test_a_store_is_read_from_its_url() -> None:
    url = "postgresql://[::1]:5433/my%2Fdata?credential=a-b&sslmode=verify-full&sslrootcert=%2Fca.pem"
    assert database_of(url) == Database("::1", 5433, "my/data", "a-b", "verify-full", "/ca.pem")
    assert json.dumps(database_of("postgresql://db/merge?credential=c")) == '["db", 5432, "merge", "c", null, null]'
