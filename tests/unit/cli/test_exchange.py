"""``export`` and ``import``: contracts as files, and the text of a model's part."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.unit.cli.conftest import Command, Model


def exported(command: Command, model: Model, folder: Path) -> Path:
    assert command("export", "odcs", model, "--output", folder).code == 0
    return folder / "Store1.odcs.yaml"


def test_one_datastore_is_written_to_standard_output(command: Command, model: Model) -> None:
    ended = command("export", "odcs", model, "--version", "3.2.1")
    assert (ended.code, ended.err) == (0, "")
    contract: dict[str, Any] = yaml.safe_load(ended.out)
    assert (contract["id"], contract["version"], contract["domain"]) == ("Shop.Store1", "3.2.1", "USA")
    assert [sla["property"] for sla in contract["slaProperties"]] == ["latency", "latency"]
    assert command("export", "odcs", model, "--version", "3.2.1", "--json").document() == contract


def test_datastores_are_written_to_a_file_each(command: Command, model: Model, tmp_path: Path) -> None:
    ended = command("export", "odcs", model, "--output", tmp_path / "contracts" / "of us", "--json")
    file = tmp_path / "contracts" / "of us" / "Store1.odcs.yaml"
    assert ended.document() == {"contracts": {"Store1": str(file)}}
    assert ended.err == f"wrote {file}\n"
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["name"] == "Store1"


def test_a_datastore_that_the_model_does_not_have_is_wrong_usage(command: Command, model: Model) -> None:
    ended = command("export", "odcs", model, "--datastore", "store1")
    assert (ended.code, ended.err) == (
        64,
        "error: the model has no datastore 'store1'\nhint: did you mean 'Store1'?\n",
    )


def test_a_model_with_errors_is_not_exported(command: Command, model: Model, tmp_path: Path) -> None:
    model.edit('sinks=store.sinks("customers")', 'sinks=store.sinks("customer")')
    ended = command("export", "odcs", model, "--output", tmp_path / "contracts")
    assert ended.code == 1
    assert "error: the model has 1 error" in ended.err
    assert not (tmp_path / "contracts").exists()


def test_what_was_exported_is_imported_and_loads_in_its_model(command: Command, model: Model, tmp_path: Path) -> None:
    contract = exported(command, model, tmp_path)
    ended = command("import", "odcs", contract, "--output", model.folder / "store1.py")
    assert (ended.code, ended.out) == (0, "")
    written = model.folder / "store1.py"
    assert ended.err == f"wrote {written}: import store1 from it in eco.py, and put it into the datastores of a team\n"
    model.edit("consumer = Workspace(", "from store1 import store1\n\nassert store1 == store\nconsumer = Workspace(")
    model.edit("datastores=[store]", "datastores=[store1]")
    assert command("validate", model).out == "0 errors, 0 warnings\n"


def test_an_import_writes_over_nothing(command: Command, model: Model, tmp_path: Path) -> None:
    contract = exported(command, model, tmp_path)
    before = (model.folder / "eco.py").read_text(encoding="utf-8")
    ended = command("import", "odcs", contract, "--output", model.folder / "eco.py")
    assert ended.code == 64
    assert "eco.py exists already" in ended.err
    assert (model.folder / "eco.py").read_text(encoding="utf-8") == before


def test_nothing_is_written_through_a_link(command: Command, model: Model, tmp_path: Path) -> None:
    contract = exported(command, model, tmp_path)
    (tmp_path / "link.py").symlink_to(tmp_path / "elsewhere")
    ended = command("import", "odcs", contract, "--output", tmp_path / "link.py")
    assert (ended.code, "link.py exists already" in ended.err) == (64, True)
    contract.unlink()
    contract.symlink_to(tmp_path / "elsewhere")
    ended = command("export", "odcs", model, "--output", tmp_path)
    assert (ended.code, "Store1.odcs.yaml is a link" in ended.err) == (64, True)
    assert not (tmp_path / "elsewhere").exists()


def test_a_name_that_no_datastore_can_have_is_wrong_usage(command: Command) -> None:
    ended = command("import", "sql", "sqlite:///nowhere.db", "--name", "../x")
    assert ended.code == 64
    assert ended.err == "error: '../x' cannot be the name of a datastore\nhint: as in --name x\n"


HOSTILE = "\x1b[2J\n::error::x\u2028"


def test_text_of_others_moves_no_cursor_and_begins_no_line(command: Command, tmp_path: Path) -> None:
    contract = tmp_path / "c.json"
    document = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "S", "version": "1", "status": HOSTILE}
    contract.write_text(json.dumps(document), encoding="utf-8")
    read = command("import", "odcs", contract)
    contract.write_text(json.dumps({**document, HOSTILE: 1}), encoding="utf-8")
    refused = command("import", "odcs", contract)
    assert (read.code, refused.code) == (0, 1)
    for printed in (read.err, refused.err):
        assert "\\x1b[2J" in printed
        assert all(line.isprintable() and not line.startswith("::") for line in printed.split("\n"))


def test_what_an_import_left_out_is_a_warning_and_a_comment(command: Command, tmp_path: Path) -> None:
    contract = tmp_path / "c.yaml"
    contract.write_text("{apiVersion: v3.1.0, kind: DataContract, id: S, version: '1', tenant: Acme}", encoding="utf-8")
    ended = command("import", "odcs", contract)
    assert ended.code == 0
    assert "warning: the contract: tenant has no place in a model and was left out\n    hint: keep" in ended.err
    assert "# the contract: tenant has no place in a model and was left out; keep the contract for it" in ended.out
    document = command("import", "odcs", contract, "--json").document()
    assert document.keys() == {"variable", "text", "remarks"}
    assert (document["variable"], document["text"]) == ("s", ended.out)
    assert {"where", "message", "hint"} == document["remarks"][0].keys()  # type: ignore[index]


def test_a_file_that_is_no_contract_is_one_error(command: Command, model: Model, tmp_path: Path) -> None:
    ended = command("import", "odcs", model.folder / "eco.py")
    assert (ended.code, ended.err.count("\n")) == (1, 2)
    assert ended.err.startswith("error: eco.py is no ")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert command("import", "odcs", tmp_path / "binary").code == 64
    missing = command("import", "odcs", tmp_path / "none.yaml")
    assert (missing.code, "No such file" in missing.err) == (1, True)
