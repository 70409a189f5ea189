"""What nothing uses: told by every apply, listed and asked for before it goes."""

import io
from typing import Any

import pytest

from tests.unit.cli.conftest import BOTH, Command, Model, assignment
from tests.unit.cli.memory_platform import MemoryPlugin


def test_what_nothing_uses_is_told_and_goes_when_somebody_says_yes(
    command: Command, model: Model, world: MemoryPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("apply", model).code == 0
    for status in ("DECOMMISSIONING", "DECOMMISSIONED"):
        model.assign([BOTH[0], assignment("ForensicDSG", "Forensic", status)])
        assert command("apply", model).code == 0
    everything, read = dict(world.tables), "read in the generation in force by Consumer1/ForensicDSG (customers)"
    model.assign([BOTH[0]])

    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    refused = command("apply", model, "--prune")
    assert (refused.code, len(world.generations), world.tables) == (1, 3, everything)
    assert "  table Forensic_Store1_customers: 0 rows, 0 bytes\n" in refused.err
    assert read in refused.err
    assert "nothing was applied, and nothing dropped" in refused.err

    foreseen = command("apply", model, "--prune", "--dry-run")
    assert (foreseen.code, world.tables) == (0, everything)
    assert read in foreseen.err
    assert "  dropped table Forensic_Store1_customers\n" in foreseen.out

    told = command("apply", model)
    assert (told.code, len(world.generations), world.tables) == (0, 4, everything)
    assert "Forensic: nothing uses Store1.customers, which stays: Forensic_Store1_customers, 0 bytes" in told.err
    assert "`datasurface apply --prune` lists rows" in told.err

    document: Any = command("apply", model, "--prune", "--yes", "--json").document()
    assert world.tables.keys() == everything.keys() - {("Forensic", "Store1", "customers")}
    [gone] = document["pruned"]["Forensic"]
    assert gone == {
        "stream": "Store1",
        "store": "Store1",
        "dataset": "customers",
        "owner": "somebody",
        "tables": [{"name": "Forensic_Store1_customers", "rows": 0, "bytes": 0}],
        "consumers": [],
    }
    assert (document["unused"], document["published"]) == ({}, False)
    assert command("apply", model, "--prune").out == "generation 4 was in force already; nothing to do\n"
