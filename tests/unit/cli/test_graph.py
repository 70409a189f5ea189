"""``datasurface graph``: the model as a picture, for any program that draws."""

from pathlib import Path
from xml.etree import ElementTree

from tests.unit.cli.conftest import Command, Model


def test_mermaid_is_printed_unless_another_format_is_named(command: Command, model: Model) -> None:
    ended = command("graph", model)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith('flowchart LR\n    n0["Store1<br/>')
    document = command("graph", model, "--json").document()
    assert document == {"format": "mermaid", "graph": ended.out, "output": None}


def test_a_file_is_written_and_nothing_printed(command: Command, model: Model, tmp_path: Path) -> None:
    file = tmp_path / "model.svg"
    ended = command("graph", model, "--format", "svg", "--output", str(file))
    assert (ended.code, ended.out) == (0, "")
    assert ElementTree.parse(file).getroot().get("role") == "img"  # noqa: S314 our own text


def test_as_json_the_file_is_named(command: Command, model: Model, tmp_path: Path) -> None:
    file = tmp_path / "model.dot"
    written = command("graph", model, "--format", "dot", "--json", "--output", str(file)).document()
    assert written == {"format": "dot", "graph": None, "output": str(file)}
    assert file.read_text(encoding="utf-8").startswith('digraph "Shop: from producers to consumers"')


def test_a_model_with_errors_is_drawn_with_a_warning(command: Command, model: Model) -> None:
    model.edit('sinks("customers", "addresses")', 'sinks("customers", "nobody")')
    ended = command("graph", model)
    assert ended.code == 0
    assert "warning: the model has 1 error, which `datasurface validate` names" in ended.err
    assert ended.out.startswith("flowchart LR\n")


def test_a_model_that_does_not_load_is_refused(command: Command, model: Model) -> None:
    model.edit("def create_ecosystem", "def other")
    ended = command("graph", model)
    assert (ended.code, ended.out) == (1, "")
    assert "DS006" in ended.err


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(command: Command, model: Model) -> None:
    ended = command("graph", model, "--output", "/nowhere/model.mmd")
    assert ended.code == 1
    assert "/nowhere/model.mmd" in ended.err


def test_an_unknown_format_is_wrong_usage(command: Command, model: Model) -> None:
    assert command("graph", model, "--format", "png").code == 64
