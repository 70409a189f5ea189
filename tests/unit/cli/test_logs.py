"""Standard error as a log for machines, and jobs that are told to a catalogue of lineage."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.openlineage import understood
from tests.unit.cli.conftest import Command, Model
from tests.unit.cli.memory_platform import MemoryPlugin

STORE = ("--store", "postgresql://db/merge?credential=writer")
CONTEXT = {"platform", "stream", "run_id", "batch", "generation", "commit"}
INGEST = ("ingest", *STORE, "--platform", "Live", "--stream", "Store1", "--run-id", "r1")


@pytest.fixture
def applied(command: Command, model: Model) -> Model:
    assert command("apply", model).code == 0
    return model


def lines(text: str) -> list[dict[str, Any]]:
    """Each line as the object that it must be, with what it is about."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all({"time", "level", "event"} | CONTEXT <= line.keys() for line in found)
    return found


@pytest.mark.usefixtures("applied")
def test_every_line_of_a_batch_says_what_it_is_about(command: Command) -> None:
    ended = command(*INGEST, "--log-format", "json", "--json")
    assert ended.code == 0
    assert ended.document()["result"] == "DONE"
    found = lines(ended.err)
    assert [line["event"] for line in found] == ["started", "written", "written", "ended"]
    assert {(it["platform"], it["stream"], it["run_id"], it["generation"]) for it in found} == {
        ("Live", "Store1", "r1", 1)
    }
    assert [line["batch"] for line in found] == [None, 1, 1, 1]
    assert (found[1]["dataset"], found[1]["inserted"]) == ("customers", 2)
    assert (found[-1]["result"], found[-1]["level"]) == ("DONE", "info")


@pytest.mark.usefixtures("applied")
def test_a_batch_that_failed_is_an_error_with_its_hint(
    command: Command, world: MemoryPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    del world.source["addresses"]
    monkeypatch.setenv("DATASURFACE_LOG", "json")
    ended = command(*INGEST)
    assert ended.code == 1
    errors = [line for line in lines(ended.err) if line["level"] == "error"]
    assert errors[0]["error"]["message"] == "no such table addresses"
    assert errors[1]["hint"] is not None
    assert {line["batch"] for line in errors} == {1}


@pytest.mark.usefixtures("applied")
def test_errors_before_a_job_and_warnings_are_lines_too(command: Command, model: Model) -> None:
    ended = command("ingest", *STORE, "--platform", "Live", "--stream", "None", "--log-format", "json")
    [line] = lines(ended.err)
    assert (ended.code, line["level"], line["platform"], line["stream"]) == (1, "error", "Live", "None")
    model.edit('Column("name", VarChar(100))', 'Column("name", VarChar(101))')
    ended = command("ingest", model, "--platform", "Live", "--stream", "Store1", "--log-format", "json")
    assert next(line["level"] for line in lines(ended.err)) == "warning"
    after = command("ingest", *STORE, "--platform", "Live", "--stream", "None")
    assert after.err.startswith("error: ")


@pytest.mark.usefixtures("applied")
def test_jobs_that_run_side_by_side_are_told_apart(command: Command) -> None:
    ended = command("run", *STORE, "--once", "--log-format", "json", "--json")
    found = lines(ended.err)
    assert {(it["platform"], it["event"]) for it in found} == {
        (platform, event) for platform in ("Live", "Forensic") for event in ("started", "written", "ended")
    }
    by_run: dict[str, set[str]] = {}
    for line in found:
        by_run.setdefault(line["run_id"], set()).add(line["platform"])
    assert sorted(map(sorted, by_run.values())) == [["Forensic"], ["Live"]]


@pytest.mark.usefixtures("applied")
def test_a_job_is_told_to_the_catalogue_that_the_environment_file_names(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "here.toml"
    file.write_text('[openlineage]\nfile = "events.jsonl"\nnamespace = "shop"\n', encoding="utf-8")
    assert command(*INGEST, "--environment", file).code == 0
    told = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    first, last = (understood(json.loads(line)) for line in told)
    assert [it.eventType.value for it in (first, last) if it.eventType] == ["START", "COMPLETE"]
    assert (first.run.runId, last.job.namespace) == (last.run.runId, "shop")
    assert {each.name for each in last.inputs or []} == {"shop.public.customers", "shop.public.addresses"}


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("told", ['url = "http://127.0.0.1:1"', 'url = "https://x"\ncredential = "none"', 'urls = "x"'])
def test_a_catalogue_that_cannot_be_told_fails_no_job(command: Command, tmp_path: Path, told: str) -> None:
    file = tmp_path / "here.toml"
    file.write_text(f"[openlineage]\n{told}\n", encoding="utf-8")
    ended = command(*INGEST, "--environment", file, "--log-format", "json", "--json")
    assert (ended.code, ended.document()["result"]) == (0, "DONE")
    assert [line["level"] for line in lines(ended.err)].count("warning") == 1


NOISY = """
import click, os, subprocess, sys, warnings
from datasurface.cli import main
from datasurface.cli.logs import logged
@click.command()
@logged()
def command():
    print("of Python", file=sys.stderr)
    warnings.warn("of a library")
    subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('of another process')"], check=True)
    os.write(2, b"\\xff of C, \\xc3\\xa9\\n" * 2000)
    print("the result")
main._MODULES["noisy"] = "__main__"
code = main.main(["noisy", "--log-format", "json"])
print("afterwards", file=sys.stderr)
sys.exit(code)
"""


def test_whatever_is_written_to_standard_error_is_a_line_of_the_log() -> None:
    done = subprocess.run([sys.executable, "-c", NOISY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "the result\n")
    *log, after = done.stderr.splitlines()
    assert after == "afterwards"
    texts = [line["text"] for line in lines("\n".join(log))]
    assert texts[0] == "of Python"
    assert any("UserWarning: of a library" in text for text in texts)
    assert "of another process" in "".join(texts)
    assert sum("of C, é" in text for text in texts) == 2000
