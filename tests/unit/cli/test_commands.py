"""The whole way through the commands, on a platform in memory."""

import io
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from datasurface.access import AccessCell, AccessReport, Seen
from datasurface.errors import StoreUnavailable
from datasurface.milestoning.oracle import ForensicTable
from tests.unit.cli.conftest import BOTH, Command, Ended, Model, assignment
from tests.unit.cli.memory_platform import MemoryPlugin, MemoryRuntime

LIVE = ("--platform", "Live", "--stream", "Store1")
STORE = ("--store", "postgresql://db/merge?credential=writer")
"""Any database will do: the plugin in memory keeps its generations in none."""


@pytest.fixture
def applied(command: Command, model: Model) -> Model:
    assert command("apply", model).code == 0
    return model


@pytest.fixture
def retired(command: Command, applied: Model) -> Model:
    """The forensic platform's only group is not served any more, and has left the mapping file; not yet applied."""
    for status in ("DECOMMISSIONING", "DECOMMISSIONED"):
        applied.assign([BOTH[0], assignment("ForensicDSG", "Forensic", status)])
        assert command("apply", applied).code == 0
    applied.assign(BOTH[:1])
    return applied


def test_a_good_model_is_valid(command: Command, model: Model) -> None:
    ended = command("validate", model)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "0 errors, 0 warnings")
    document = command("validate", model, "--json").document()
    isolation = document.pop("isolation")
    assert document == {"findings": [], "errors": 0, "warnings": 0}
    assert isinstance(isolation, dict)
    assert isolation.keys() == {"files", "network", "processes"}


def test_what_a_model_prints_is_shown_on_standard_error(command: Command, model: Model) -> None:
    model.edit("def create_ecosystem", "print('hello from the model \\x1b[31m::error::no')\n\n\ndef create_ecosystem")
    ended = command("validate", model, "--json")
    assert ended.err == "eco.py: hello from the model \ufffd[31m::error::no\n"
    assert ended.document()["errors"] == 0


def test_apply_makes_what_is_missing_and_puts_the_model_in_force(
    command: Command, model: Model, world: MemoryPlugin
) -> None:
    ended = command("apply", model)
    assert (ended.code, ended.out) == (0, "generation 1 is in force\n")
    assert "Live: created table Live_Store1_customers" in ended.err
    assert "Forensic: created view Consumer1.ForensicDSG_customers" in ended.err
    assert len(world.generations) == 1


def test_a_dry_run_says_what_apply_would_do_and_does_nothing(
    command: Command, model: Model, world: MemoryPlugin
) -> None:
    ended = command("apply", model, "--dry-run")
    assert ended.code == 0
    assert "  created table Live_Store1_customers\n" in ended.out
    assert "  created view Consumer1.ForensicDSG_customers\n" in ended.out
    assert ended.out.endswith("generation 1 would be in force; nothing was changed\n")
    document = command("apply", model, "--dry-run", "--json").document()
    assert (document["dry_run"], document["generation"], document["publishes"]) == (True, None, True)
    made: object = {"action": "created table", "object": "Live_Store1_addresses", "sql": [], "note": None, "rows": None}
    assert isinstance(document["platforms"], dict)
    assert made in document["platforms"]["Live"]
    assert (world.generations, world.tables, world.views) == ([], {}, {})


def test_a_dry_run_on_what_is_in_force_finds_nothing_to_do(command: Command, applied: Model) -> None:
    ended = command("apply", applied, "--dry-run")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "Live: nothing to do",
        "Forensic: nothing to do",
        "generation 1 stays in force; nothing was changed",
    ]


def test_a_dry_run_names_the_views_that_would_go(command: Command, retired: Model) -> None:
    ended = command("apply", retired, "--dry-run")
    assert "  removed view Consumer1.ForensicDSG_customers\n" in ended.out
    assert ended.out.endswith("generation 4 would be in force; nothing was changed\n")


def test_a_view_that_cannot_go_says_why(command: Command, retired: Model, world: MemoryPlugin) -> None:
    view, why = "Consumer1.ForensicDSG_customers", "view theirs depends on it"
    world.held[view] = why
    ended = command("apply", retired)
    assert (ended.code, f"Forensic: could not remove view {view}: {why}\n" in ended.err) == (0, True)
    found: Any = command("apply", retired, "--json").document()["platforms"]
    assert {"action": "could not remove view", "object": view, "note": why} in found["Forensic"]


def test_apply_again_does_nothing(command: Command, applied: Model, world: MemoryPlugin) -> None:
    ended = command("apply", applied)
    assert (ended.code, ended.out) == (0, "generation 1 was in force already; nothing to do\n")
    document = command("apply", applied, "--json").document()
    assert document == {
        "generation": 1,
        "commit": None,
        "published": False,
        "changed": False,
        "platforms": {"Live": [], "Forensic": []},
        "pruned": {},
        "unused": {},
    }
    assert len(world.generations) == 1


def test_apply_brings_back_a_view_that_was_lost_without_a_new_generation(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    world.views["Live"].discard("Consumer1.LiveDSG_customers")
    ended = command("apply", applied)
    assert (ended.code, ended.out) == (0, "generation 1 was in force already; what was missing is there again\n")


def test_a_changed_model_is_a_new_generation_and_nothing_is_dropped(
    command: Command, retired: Model, world: MemoryPlugin
) -> None:
    document = command("apply", retired, "--json").document()
    assert (document["generation"], document["published"]) == (4, True)
    assert ("Forensic", "Store1", "customers") in world.tables
    ended = command("ingest", retired, "--platform", "Forensic", "--stream", "Store1")
    assert ended.code == 1
    assert "platform Forensic runs no stream 'Store1'" in ended.err


def test_a_change_from_a_repository_that_does_not_own_it_is_refused_before_anything_is_done(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    applied.edit('"Store1",', '"Store1",\n    description="Mine now",')
    words = ("apply", applied, "--change-source", "https://github.com/other/model@main")
    ended = command(*words)
    assert (ended.code, ended.out, len(world.generations)) == (1, "", 1)
    assert ended.err.splitlines() == [
        "error: unauthorised: changed zones/USA/teams/team1/datastores/Store1: description: acme/model@main owns this, "
        "and https://github.com/other/model@main asks for it",
        "hint: make it in a pull request from acme/model@main",
        "error: the model in force stays: 1 change refused",
        "hint: `datasurface plan` shows every change, and whose it is",
    ]
    assert command(*words, "--dry-run").code == 1
    document = command(*words, "--json").document()
    assert isinstance(document["refusals"], list)
    assert len(document["refusals"]) == 1

    ended = command("apply", applied, "--change-source", "git@github.com:Acme/model.git@main")
    assert (ended.code, ended.out) == (0, "generation 2 is in force\n")


def test_a_first_check_in_is_made_by_the_ecosystem_s_repository(command: Command, model: Model) -> None:
    ended = command("apply", model, "--change-source", "acme/other@main")
    assert ended.code == 1
    assert "acme/other@main asks for 5 changes of what acme/model@main owns (in platforms/Live, " in ended.err
    assert command("apply", model, "--change-source", "acme/model@main").code == 0


def test_what_would_break_a_consumer_is_refused_unless_it_is_allowed(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    applied.edit(', Column("name", VarChar(100))', "")
    ended = command("apply", applied)
    assert (ended.code, ended.out, len(world.generations)) == (1, "", 1)
    assert "error: breaking CC" in ended.err
    assert "affects 1 workspace of 1 team: Consumer1 (team1)" in ended.err
    assert "; --allow-breaking applies it all the same" in ended.err
    assert command("apply", applied, "--dry-run").code == 1
    ended = command("apply", applied, "--allow-breaking")
    assert (ended.code, ended.out) == (0, "generation 2 is in force\n")
    assert command("plan", applied).code == 0


def test_a_status_that_jumps_is_refused_with_its_line(command: Command, applied: Model, world: MemoryPlugin) -> None:
    applied.assign([BOTH[0], assignment("ForensicDSG", "Forensic", "DECOMMISSIONED")])
    ended = command("apply", applied)
    assert (ended.code, len(world.generations)) == (1, 1)
    assert (
        "error: transition: group 'ForensicDSG' of 'Consumer1' on 'Forensic': the status may not go from PROVISIONED "
        "to DECOMMISSIONED (dsg_platform_mapping.json:1)\nhint: allowed next: DECOMMISSIONING\n"
    ) in ended.err


def test_a_source_without_a_branch_is_wrong_usage(command: Command, model: Model) -> None:
    ended = command("apply", model, "--change-source", "git@github.com:acme/model.git")
    assert ended.code == 64
    assert "the source of a change names no branch" in ended.err
    assert "write REPOSITORY@BRANCH" in ended.err


def test_ingest_prints_the_result_record_of_its_run_id(command: Command, applied: Model) -> None:
    ended = command("ingest", *STORE, *LIVE, "--run-id", "run-7", "--json")
    assert ended.code == 0
    assert ended.err == ""
    assert ended.document() == {
        "platform": "Live",
        "stream": "Store1",
        "run_id": "run-7",
        "batch": 1,
        "result": "DONE",
        "code": 0,
        "generation": 1,
        "commit": None,
        "datasets": {
            "customers": {"read": 2, "inserted": 2, "updated": 0, "deleted": 0, "unchanged": 0},
            "addresses": {"read": 1, "inserted": 1, "updated": 0, "deleted": 0, "unchanged": 0},
        },
        "seconds": {"wait": 0.0, "source": 0.0, "transfer": 0.0, "merge": 0.0},
        "error": None,
    }


def test_ingest_gives_every_run_an_id_of_its_own(command: Command, applied: Model) -> None:
    first, second = (command("ingest", *STORE, *LIVE, "--json").document()["run_id"] for _ in range(2))
    assert first
    assert first != second


def test_a_batch_that_is_refused_ends_with_1_and_says_why(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    world.source["customers"] *= 2
    ended = command("ingest", *STORE, *LIVE, "--json")
    assert ended.code == 1
    document = ended.document()
    assert (document["result"], document["code"], document["batch"]) == ("ERROR", -1, 1)
    assert document["error"] == {"type": "RefusedSnapshot", "message": ANY, "dataset": None, "hint": ANY}
    assert "error: the snapshot was refused" in ended.err
    assert "hint: " in ended.err


def test_a_refused_batch_goes_on_by_itself_once_its_cause_is_gone(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    rows = list(world.source["customers"])
    command("ingest", *STORE, *LIVE)
    world.source["customers"] = []
    assert command("ingest", *STORE, *LIVE).code == 1
    assert command("ingest", *STORE, *LIVE, "--allow-deletes").code == 0
    world.source["customers"] = rows
    ended = command("ingest", *STORE, *LIVE)
    assert ended.code == 0
    assert "Live Store1 batch 3: DONE" in ended.out


def test_batch_status_shows_the_newest_batches_first(command: Command, applied: Model, world: MemoryPlugin) -> None:
    for _ in range(3):
        command("ingest", *STORE, *LIVE)
    document = command("batch", "status", *STORE, *LIVE, "--last", "2", "--json").document()
    batches: Any = document["batches"]
    assert (document["platform"], document["stream"]) == ("Live", "Store1")
    assert [(batch["batch"], batch["status"]) for batch in batches] == [(3, "COMMITTED"), (2, "COMMITTED")]
    assert batches[0].keys() == {
        *("stream", "batch", "status", "started_at", "committed_at"),
        *("datasets", "error", "generation", "commit", "reason"),
    }
    del world.source["customers"]
    command("ingest", *STORE, *LIVE)
    shown = command("batch", "status", *STORE, *LIVE)
    assert shown.code == 0
    assert "batch 4: no such table" in shown.out


@pytest.mark.parametrize("answer", [io.StringIO("n\n"), io.StringIO(), None], ids=["no", "end", "closed"])
def test_reset_asks_first(
    command: Command,
    applied: Model,
    world: MemoryPlugin,
    monkeypatch: pytest.MonkeyPatch,
    answer: io.StringIO | None,
) -> None:
    del world.source["customers"]
    command("ingest", *STORE, *LIVE)
    monkeypatch.setattr("sys.stdin", answer)
    ended = command("batch", "reset", *STORE, *LIVE)
    assert ended.code == 1
    assert ended.err.endswith("error: nothing was reset\nhint: answer y, or say --yes\n")
    ended = command("batch", "reset", *STORE, *LIVE, "--yes")
    assert (ended.code, ended.out) == (0, "Live Store1 batch 1: reset, STARTED\n")


def test_rollback_says_what_it_will_do_and_does_it_after_a_yes(
    command: Command, applied: Model, world: MemoryPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("ingest", *STORE, *LIVE)
    world.source["customers"] = [("1", "Augusta Ada"), ("3", "Barbara")]
    command("ingest", *STORE, *LIVE)
    plan = (
        "rollback of Live Store1 to batch 1: batch 2\n"
        "  customers: 2 -> 2 live rows; 2 versions reopened, 2 removed\n"
        "  addresses: 1 -> 1 live rows; 0 versions reopened, 0 removed\n"
        "  read by Consumer1/LiveDSG: customers, addresses\n"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ended = command("batch", "rollback", *STORE, *LIVE, "--to", "1")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(plan)
    assert ended.err.endswith("error: nothing was rolled back\nhint: answer y, or say --yes\n")

    ended = command("batch", "rollback", *STORE, *LIVE, "--to", "1", "--yes")

    assert ended.err == plan
    assert (ended.code, ended.out) == (0, "Live Store1 batch 2: ROLLED_BACK (rolled back to batch 1)\n")
    ended = command("batch", "replay", *STORE, *LIVE, "--yes")
    assert (ended.code, ended.out) == (0, "Live Store1 batch 3: COMMITTED (replay of batch 2)\n")
    assert command("batch", "replay", *STORE, *LIVE, "--yes").code == 1


def test_batch_status_shows_a_stream_that_is_in_force_no_longer(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    command("ingest", *STORE, *LIVE)
    world.batches["Live", "Gone"] = world.batches["Live", "Store1"]

    ended = command("batch", "status", *STORE, "--platform", "Live", "--stream", "Gone")

    assert ended.code == 0
    assert "COMMITTED" in ended.out


def test_repair_says_what_it_will_do_and_lets_the_next_batch_do_it(command: Command, applied: Model) -> None:
    assert command("batch", "repair", *STORE, *LIVE, "--yes").code == 1
    command("ingest", *STORE, *LIVE)

    ended = command("batch", "repair", *STORE, *LIVE, "--yes")

    assert ended.err == (
        "repair of Live Store1: batch 2\n"
        "  customers: 2 live rows, all compared with the source by the next batch\n"
        "  addresses: 1 live row, all compared with the source by the next batch\n"
        "  read by Consumer1/LiveDSG: customers, addresses\n"
    )
    assert (ended.code, ended.out) == (0, "Live Store1 batch 2: STARTED (repair)\n")
    document: Any = command("batch", "repair", *STORE, *LIVE, "--yes", "--json").document()
    assert document.keys() == {"platform", "stream", "plan", "batches"}
    assert (document["plan"]["action"], document["plan"]["batches"]) == ("repair", [2])
    assert [(batch["batch"], batch["reason"]) for batch in document["batches"]] == [(2, "repair")]


def test_a_rollback_as_json_has_the_plan_and_the_batches(command: Command, applied: Model) -> None:
    command("ingest", *STORE, *LIVE)
    document: Any = command("batch", "rollback", *STORE, *LIVE, "--to", "0", "--yes", "--json").document()
    assert document.keys() == {"platform", "stream", "plan", "batches"}
    assert document["plan"] == {
        "action": "rollback",
        "stream": "Store1",
        "batches": [1],
        "to": 0,
        "datasets": {
            "customers": {"rows_before": 2, "rows_after": 0, "reopened": 0, "removed": 2, "staged": 0},
            "addresses": {"rows_before": 1, "rows_after": 0, "reopened": 0, "removed": 1, "staged": 0},
        },
        "consumers": [{"workspace": "Consumer1", "group": "LiveDSG", "views": ["customers", "addresses"]}],
    }
    assert [(batch["batch"], batch["status"]) for batch in document["batches"]] == [(1, "ROLLED_BACK")]


def test_reset_refuses_a_committed_batch(command: Command, applied: Model) -> None:
    command("ingest", *STORE, *LIVE)
    ended = command("batch", "reset", *STORE, *LIVE, "--yes")
    assert ended.code == 1
    assert "no uncommitted batch" in ended.err


def test_tables_are_shown_where_the_width_of_the_terminal_is_not_known(
    command: Command, applied: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("ingest", *STORE, *LIVE)
    monkeypatch.setenv("COLUMNS", "0")
    assert "COMMITTED" in command("batch", "status", *STORE, *LIVE).out


def test_verify_shows_a_row_per_law_and_dataset_and_fails_when_one_does_not_hold(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    command("run", *STORE, "--once")
    ended = command("verify", *STORE)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "3 checks, 0 broken")
    table = world.tables["Live", "Store1", "customers"]
    world.tables["Live", "Store1", "customers"] = ForensicTable((*table.versions, table.versions[0]))
    ended = command("verify", *STORE)
    assert ended.code == 1
    assert "Store1.customers L1: ('1',): 2 live versions" in ended.out
    document = command("verify", *STORE, "--json").document()
    checks: Any = document["checks"]
    assert (document["holds"], document["broken"]) == (False, 1)
    assert checks[0] == {
        "platform": "Live",
        "law": "L1",
        "statement": "A key has at most one live version.",
        "stream": "Store1",
        "dataset": "customers",
        "holds": False,
        "checked": 3,
        "detail": "('1',): 2 live versions",
    }
    assert command("verify", *STORE, "--platform", "Forensic").code == 0


def test_access_check_shows_a_row_per_role_and_fails_when_something_differs(
    command: Command, applied: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = command("access", "check", *STORE, "--platform", "Live", "--credential", "checker")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "2 cells, 0 differences")
    wrong = AccessCell("reader", "public.t", "c", "SELECT", Seen.DENIED, Seen.ALLOWED, "by hand")
    away = AccessReport("Theirs", errors=(StoreUnavailable("Theirs is away", hint="wait"),))
    reports = [AccessReport("Mine", (wrong,), {"reader": "login"}, {"somebody": "x may not become it"}), away]
    monkeypatch.setattr(MemoryRuntime, "check_access", lambda _runtime, _credential=None: reports)
    ended = command("access", "check", *STORE, "--platform", "Live")
    assert ended.code == 1
    assert "Mine: reader: SELECT public.t.c should be denied, is allowed (by hand)" in ended.out
    assert ended.out.splitlines()[-1] == "1 cell, 1 difference, 1 error"
    assert "Mine: role somebody was not checked: x may not become it" in ended.err
    assert "error: Theirs is away\nhint: wait" in ended.err
    document = command("access", "check", *STORE, "--platform", "Live", "--json").document()
    assert (document["holds"], document["differences"]) == (False, 1)
    cell = {"role": "reader", "object": "public.t", "column": "c", "operation": "SELECT", "expected": "denied"}
    assert document["platforms"] == {
        "Live": {
            "databases": [
                {
                    "database": "Mine",
                    "roles": {"reader": "login"},
                    "unchecked": {"somebody": "x may not become it"},
                    "errors": [],
                },
                {
                    "database": "Theirs",
                    "roles": {},
                    "unchecked": {},
                    "errors": [{"type": "StoreUnavailable", "message": "Theirs is away", "hint": "wait"}],
                },
            ],
            "cells": [{"database": "Mine", **cell, "observed": "allowed", "holds": False, "detail": "by hand"}],
        }
    }
    monkeypatch.setattr(MemoryRuntime, "check_access", lambda _runtime, _credential=None: [away])
    ended = command("access", "check", *STORE, "--json")
    assert (ended.code, ended.document()["holds"], ended.document()["differences"]) == (1, False, 0)


def test_views_reconcile_says_what_it_did_to_which_view(command: Command, applied: Model, world: MemoryPlugin) -> None:
    world.views["Live"] = {"Consumer1.LiveDSG_customers", "Consumer1.Old"}
    ended = command("views", "reconcile", *STORE)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "Live: 1 created / 0 updated / 1 unchanged / 1 removed / 0 waiting / 0 failed",
        "  created Consumer1.LiveDSG_addresses",
        "  removed Consumer1.Old",
        "Forensic: 0 created / 0 updated / 1 unchanged / 0 removed / 0 waiting / 0 failed",
    ]
    document = command("views", "reconcile", *STORE, "--platform", "Live", "--json").document()
    kinds: dict[str, list[str]] = {kind: [] for kind in ("created", "updated", "removed", "waiting", "failed")}
    unchanged = ["Consumer1.LiveDSG_addresses", "Consumer1.LiveDSG_customers"]
    assert document == {"well": True, "platforms": {"Live": {**kinds, "unchanged": unchanged, "reasons": {}}}}


def test_views_list_says_how_each_stands(command: Command, applied: Model, world: MemoryPlugin) -> None:
    assert command("views", "list", *STORE).code == 0
    world.views["Live"] = {"Consumer1.LiveDSG_customers", "Consumer1.Old"}
    ended = command("views", "list", *STORE)
    assert ended.code == 1
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["Consumer1.LiveDSG_addresses", "missing"] in lines
    assert ["Consumer1.Old", "unwanted"] in lines
    ended = command("views", "list", *STORE, "--platform", "Live", "--json")
    platforms: Any = ended.document()["platforms"]
    assert (ended.code, ended.document()["well"]) == (1, False)
    assert [(view["name"], view["state"], view["path"] is None) for view in platforms["Live"]] == [
        ("Consumer1.LiveDSG_addresses", "missing", False),
        ("Consumer1.LiveDSG_customers", "stands", False),
        ("Consumer1.Old", "unwanted", True),
    ]


def test_objects_are_listed_without_anything_applied(command: Command, model: Model, world: MemoryPlugin) -> None:
    ended = command("objects", model)
    assert (ended.code, world.generations) == (0, [])
    assert "4 objects" in ended.out
    objects: Any = command("objects", model, "--json").document()["objects"]
    path = "zones/USA/teams/team1/datastores/Store1"
    assert objects[0] == {"kind": "list", "database": "memory", "schema": None, "name": ANY, "path": ""}
    assert [(each["name"], each["path"]) for each in objects[1:]] == [
        ("Live_Store1_customers", path),
        ("Live_Store1_addresses", path),
        ("Forensic_Store1_customers", path),
    ]


def test_run_once_runs_one_batch_of_every_stream(command: Command, applied: Model) -> None:
    document = command("run", *STORE, "--once", "--json").document()
    streams: Any = document["streams"]
    assert document["well"] is True
    assert sorted((stream["platform"], stream["stream"], stream["jobs"], stream["failed"]) for stream in streams) == [
        ("Forensic", "Store1", 1, 0),
        ("Live", "Store1", 1, 0),
    ]
    assert {stream["last"]["batch"] for stream in streams} == {1}
    ended = command("run", *STORE, "--once")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "2 streams, 2 jobs, 0 failed")


def test_run_of_one_platform_says_that_it_lives(command: Command, applied: Model, tmp_path: Path) -> None:
    heartbeat = tmp_path / "heartbeat"
    ended = command("run", *STORE, "--once", "--platform", "Live", "--heartbeat", str(heartbeat))
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "1 stream, 1 job, 0 failed")
    assert heartbeat.exists()
    assert command("run", *STORE, "--once", "--platform", "Neither").code == 1


def test_run_fails_when_the_last_batch_of_a_stream_failed(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    del world.source["addresses"]
    ended = command("run", *STORE, "--once")
    assert (ended.code, ended.out.splitlines()[-1]) == (1, "2 streams, 2 jobs, 1 failed")
    assert "    no such table addresses\n    hint: create it\n" in ended.out


def test_run_ends_well_at_a_signal_once_its_batches_are_done(
    command: Command, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_batch = MemoryRuntime.run_batch

    def run_batch_and_signal(runtime: MemoryRuntime, stream: str, run_id: str, **words: Any) -> object:
        os.kill(os.getpid(), signal.SIGTERM)
        return run_batch(runtime, stream, run_id, **words)

    model.assign(BOTH[:1])
    command("apply", model)
    monkeypatch.setattr(MemoryRuntime, "run_batch", run_batch_and_signal)
    ended = command("run", *STORE)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "1 stream, 1 job, 0 failed")
    assert "finishing the batches at work" in ended.err
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_jobs_run_what_is_in_force_and_say_when_the_model_in_hand_is_another(
    command: Command, applied: Model, world: MemoryPlugin
) -> None:
    applied.assign(BOTH[:1])
    ended = command("ingest", applied, "--platform", "Forensic", "--stream", "Store1", "--json")
    assert ended.code == 0
    assert "the model in hand is not the one that was applied; generation 1, which is in force, is used" in ended.err
    applied.edit('"Store1",', '"Store 1",')
    ended = command("ingest", applied, "--platform", "Forensic", "--stream", "Store1", "--json")
    assert ended.code == 0
    assert "the model in hand has errors" in ended.err


def test_no_table_is_wider_than_80_columns(command: Command, applied: Model, world: MemoryPlugin) -> None:
    commands: Sequence[Sequence[object]] = [
        ["ingest", *STORE, *LIVE],
        ["batch", "status", *STORE, *LIVE],
        ["verify", *STORE],
        ["views", "reconcile", *STORE],
        ["access", "check", *STORE],
        ["run", *STORE, "--once"],
    ]
    for words in commands:
        ended: Ended = command(*words)
        assert ended.code == 0
        assert max(map(len, ended.out.splitlines())) <= 80, ended.out
