"""``forget`` and ``retention``: what they say, ask and do, on a platform in memory."""

import io
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Model
from tests.unit.cli.memory_platform import MemoryPlugin

pytestmark = pytest.mark.slow

STORE = ("--store", "postgresql://db/merge?credential=writer")
CUSTOMERS = ("--dataset", "Store1.customers")


@pytest.fixture
def merged(command: Command, model: Model, world: MemoryPlugin) -> Model:
    """Customer 1 changed once, and is gone at the source; nothing was read since."""
    assert command("apply", model).code == 0
    for rows in ([("1", "Ada"), ("2", "Grace")], [("1", "Countess"), ("2", "Grace")], [("2", "Grace")]):
        world.source["customers"] = [*rows]
        for platform in ("Live", "Forensic") if len(rows) > 1 else ():
            assert command("ingest", *STORE, "--platform", platform, "--stream", "Store1").code == 0
    return model


def _keys(world: MemoryPlugin) -> set[object]:
    tables = [table for (*_, dataset), table in world.tables.items() if dataset == "customers"]
    return {version.key for table in tables for version in table.versions}


@pytest.mark.usefixtures("merged")
def test_a_key_goes_from_every_platform_after_a_yes(
    command: Command, world: MemoryPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    asked = command("forget", *STORE, *CUSTOMERS, "--key", "1")
    assert asked.code == 1
    what = "1 key: 1 live row, 1 closed version, 0 staged rows, 0 messages"
    assert f"Forensic Store1 customers, {what} will go\n" in asked.err
    assert "  read by Consumer1/ForensicDSG: customers\n" in asked.err
    assert "nothing was erased" in asked.err
    assert _keys(world) == {("1",), ("2",)}

    done = command("forget", *STORE, *CUSTOMERS, "--key", "1", "--yes", "--vacuum")

    assert done.code == 0
    assert f"Live Store1 customers, {what} gone\n" in done.out
    assert "warning: Live: memory of Store1.customers is freed" in done.err
    assert _keys(world) == {("2",)}
    again = command("forget", *STORE, *CUSTOMERS, "--key", "1", "--yes")
    assert "Live Store1 customers, 1 key: nothing is there\n" in again.out


@pytest.mark.usefixtures("merged")
def test_one_platform_alone_and_a_dry_run(command: Command, world: MemoryPlugin) -> None:
    found = command("forget", *STORE, *CUSTOMERS, "--key", "1", "--platform", "Live", "--dry-run", "--json").document()
    assert found["dry_run"] is True
    platforms = found["platforms"]
    assert isinstance(platforms, dict)
    assert platforms.keys() == {"Live"}
    assert platforms["Live"]["live"] == 1
    assert _keys(world) == {("1",), ("2",)}


@pytest.mark.usefixtures("merged")
def test_a_key_that_the_source_has_is_refused_or_comes_back_with_a_warning(
    command: Command, world: MemoryPlugin
) -> None:
    refused = command("forget", *STORE, *CUSTOMERS, "--key", "2", "--yes")
    assert refused.code == 1
    assert "still has the key" in refused.err
    done = command("forget", *STORE, *CUSTOMERS, "--key", "2", "--yes", "--even-if-at-source")
    assert done.code == 0
    assert "warning: the source was not asked: if it has the key, the next batch brings its row back" in done.err
    assert _keys(world) == {("1",)}


@pytest.mark.usefixtures("merged")
def test_several_keys_come_from_a_file(command: Command, world: MemoryPlugin, tmp_path: Path) -> None:
    file = tmp_path / "keys.csv"
    file.write_text('"1"\n\n2\n', encoding="utf-8")
    done = command("forget", *STORE, *CUSTOMERS, "--keys", file, "--yes", "--even-if-at-source", "--json").document()
    platforms = done["platforms"]
    assert isinstance(platforms, dict)
    assert {name: found["keys"] for name, found in platforms.items()} == {"Live": 2, "Forensic": 2}
    assert _keys(world) == set()


@pytest.mark.usefixtures("merged")
def test_words_that_name_no_keys_are_wrong_usage(command: Command, tmp_path: Path) -> None:
    for words in ((), ("--key", "1", "--keys", __file__)):
        assert command("forget", *STORE, *CUSTOMERS, *words).code == 64
    file = tmp_path / "keys.csv"
    for text in (b'"1', b"\xff\xfe"):
        file.write_bytes(text)
        ended = command("forget", *STORE, *CUSTOMERS, "--keys", file)
        assert ended.code == 64
        assert "as CSV in UTF-8" in ended.err


@pytest.mark.usefixtures("merged")
def test_a_dataset_that_nobody_holds_is_refused_and_history_is_kept_for_ever(command: Command) -> None:
    ended = command("forget", *STORE, "--dataset", "Store1.persons", "--key", "1")
    assert ended.code == 1
    assert "no platform in force holds a dataset 'Store1.persons'" in ended.err
    assert "Store1.addresses, Store1.customers" in ended.err
    assert (
        "platform Forensic holds no dataset"
        in command("forget", *STORE, "--dataset", "Store1.addresses", "--key", "1", "--platform", "Forensic").err
    )

    ended = command("retention", *STORE, "--yes")
    assert ended.code == 0
    assert ended.out == "nothing is old enough\n"
    assert "Forensic Store1 customers: kept for ever\n" in ended.err


def test_old_history_goes_after_a_yes(command: Command, merged: Model, world: MemoryPlugin) -> None:
    merged.edit("latency=timedelta(minutes=10))", "latency=timedelta(minutes=10), retention=timedelta(microseconds=1))")
    assert command("apply", merged).code == 0
    dry = command("retention", *STORE, "--platform", "Forensic", "--dry-run")
    assert dry.code == 0
    assert "kept for 0:00:00.000001; 1 version that ended before batch 2 of" in dry.err
    assert "UTC would go\n" in dry.err
    assert command("retention", *STORE).code == 1
    [table] = [table for (platform, *_), table in world.tables.items() if platform == "Forensic"]
    assert len(table.versions) == 3

    done = command("retention", *STORE, "--stream", "Store1", "--yes", "--json").document()

    pruned = done["pruned"]
    assert isinstance(pruned, dict)
    assert [(found["dataset"], found["horizon"], found["versions"]) for found in pruned["Forensic"]] == [
        ("customers", 2, 1)
    ]
    [table] = [table for (platform, *_), table in world.tables.items() if platform == "Forensic"]
    assert len(table.versions) == 2
