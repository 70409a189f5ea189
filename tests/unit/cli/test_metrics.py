"""``datasurface metrics``: on the terminal, for machines, and as a file for a collector."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Model
from tests.unit.cli.memory_platform import MemoryPlugin

STORE = ("--store", "postgresql://db/merge?credential=writer")


@pytest.fixture
def ran(command: Command, model: Model, world: MemoryPlugin) -> Model:
    """Applied; and the producer has lost a table."""
    assert command("apply", model).code == 0
    del world.source["addresses"]
    return model


def _lines(text: str) -> dict[str, str]:
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


@pytest.mark.usefixtures("ran")
def test_it_prints_what_prometheus_reads(command: Command) -> None:
    assert command("ingest", *STORE, "--platform", "Live", "--stream", "Store1").code == 1
    ended = command("metrics", *STORE)
    assert ended.code == 0, ended.err
    found = _lines(ended.out)
    assert found['datasurface_up{platform="Live"}'] == "1.0"
    assert found['datasurface_stream_failures_in_a_row{platform="Live",stream="Store1"}'] == "1.0"
    assert found['datasurface_stream_failures_in_a_row{platform="Forensic",stream="Store1"}'] == "0.0"
    allowed = [value for name, value in found.items() if name.startswith("datasurface_consumer_allowed_age_seconds{")]
    assert allowed == ["120.0", "1200.0"], "a minute of latency and one to the next start; ten and ten"


@pytest.mark.usefixtures("ran")
def test_a_file_is_replaced_and_a_platform_can_be_chosen(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "collected" / "datasurface.prom"
    file.parent.mkdir()
    file.write_text("old")
    ended = command("metrics", *STORE, "--platform", "Live", "--textfile", file)
    assert (ended.code, ended.out) == (0, "")
    found = _lines(file.read_text())
    assert 'datasurface_up{platform="Live"}' in found
    assert 'datasurface_up{platform="Forensic"}' not in found
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.usefixtures("ran")
def test_machines_get_one_document(command: Command) -> None:
    document = command("metrics", *STORE, "--json", "--platform", "Live").document()
    assert document["well"] is True
    metrics = document["metrics"]
    assert isinstance(metrics, list)
    assert metrics[0] == {"name": "datasurface_up", "labels": {"platform": "Live"}, "value": 1.0}
