"""``datasurface emit``: an emitter's files in a folder that is replaced whole, and holds nothing of others."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from attrs import define, field, frozen

from datasurface.cli.main import main
from datasurface.emitting import EmitRequest, Emitter, read_settings
from datasurface.plugins.discovery import HookManager
from datasurface.plugins.hookspecs import hookimpl
from datasurface.plugins.manager import Plugins
from tests.unit.cli.conftest import Command, Ended, Model
from tests.unit.cli.memory_platform import MemoryPlugin


@frozen
class PrinterSettings:
    """What a printer has to be told."""

    paper: str = "A4"
    copies: int = 1
    speed: float | None = None
    trays: tuple[str, ...] = ()
    names: Mapping[str, str] = field(factory=dict)


@define
class Printer:
    """Emits a page per platform."""

    seen: list[PrinterSettings] = field(factory=list)

    @hookimpl
    def emitters(self) -> Sequence[Emitter]:
        return [Emitter("printer", "pages", self._render)]

    def _render(self, request: EmitRequest) -> Mapping[str, str]:
        self.seen.append(read_settings(request, "printer", PrinterSettings))
        pages = {f"pages/{each.platform.name}.txt": f"{len(each.streams)} streams\n" for each in request.deployments}
        return {**pages, "all.txt": f"{request.ecosystem.name} on {self.seen[-1].paper}\n"}


@pytest.fixture
def printer() -> Printer:
    return Printer()


@pytest.fixture
def command(world: MemoryPlugin, printer: Printer, capsys: pytest.CaptureFixture[str]) -> Command:
    manager = HookManager()
    manager.register(world)
    manager.register(printer)

    def run(*words: object) -> Ended:
        code = main([str(word) for word in words], Plugins(manager))
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run


def _files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".datasurface-emit.json")
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_files_stand_in_the_folder_and_those_that_are_gone_go(command: Command, model: Model, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = command("emit", "printer", model, "--output", out, "--json")
    assert first.code == 0, first.err
    paths = ["all.txt", "pages/Forensic.txt", "pages/Live.txt"]
    assert first.document() == {"output": str(out), "files": paths, "changed": paths}
    assert _files(out) == {
        "all.txt": "Shop on A4\n",
        "pages/Live.txt": "1 streams\n",
        "pages/Forensic.txt": "1 streams\n",
    }
    (out / "pages" / "__pycache__").mkdir()  # who reads modules there leaves it
    assert command("emit", "printer", model, "--output", out, "--json").document()["changed"] == []

    model.assign([])
    forensic = 'MemoryPlatform("Forensic", milestoning=Milestoning.FORENSIC, schedule="*/10 * * * *", store=memory),'
    model.edit(f"            {forensic}\n", "")
    changed = command("emit", "printer", model, "--output", out)
    assert changed.code == 0, changed.err
    assert changed.out == f"{out}: 2 files, 2 changed\n    pages/Forensic.txt\n    pages/Live.txt\n"
    assert _files(out) == {"all.txt": "Shop on A4\n", "pages/Live.txt": "0 streams\n"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "out"], "nothing else is left"


@pytest.mark.parametrize("whose", ["another's", "changed", "added", "other writer"])
def test_what_is_somebodys_is_left_alone(command: Command, model: Model, tmp_path: Path, whose: str) -> None:
    out = tmp_path / "out"
    if whose == "another's":
        out.mkdir()
        (out / "mine.py").write_text("mine")
    else:
        assert command("emit", "printer", model, "--output", out).code == 0
        if whose == "other writer":
            record = out / ".datasurface-emit.json"
            record.write_text(record.read_text().replace('"printer"', '"plotter"'))
        else:
            (out / ("all.txt" if whose == "changed" else "mine.py")).write_text("mine")
    before = _files(out)
    model.edit('"Shop",', '"Other",')
    ended = command("emit", "printer", model, "--output", out)
    assert ended.code == 64
    assert str(out) in ended.err
    assert _files(out) == before


def test_what_a_killed_call_left_is_cleared_up(command: Command, model: Model, tmp_path: Path) -> None:
    (tmp_path / ".out.emit").mkdir()
    (tmp_path / ".out.emit" / "half").write_text("half")
    assert command("emit", "printer", model, "--output", tmp_path / "out").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "out"]


def test_settings_come_from_the_emitters_own_table(
    command: Command, model: Model, printer: Printer, tmp_path: Path
) -> None:
    file = tmp_path / "there.toml"
    file.write_text('[printer]\npaper = "A3"\nspeed = 2\ntrays = ["one"]\n[printer.names]\nred = "rot"\n')
    assert command("emit", "printer", model, "--output", tmp_path / "out", "--environment", file).code == 0
    assert printer.seen[-1] == PrinterSettings("A3", speed=2, trays=("one",), names={"red": "rot"})
    assert command("validate", model, "--environment", file).code == 0, "other commands take the file, too"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[printer]\npapre = 'A3'", "[printer] papre: there is no such key"),
        ("[printer]\ncopies = '2'", "[printer] copies: it must be a whole number, not '2'"),
        ("[printer]\ncopies = true", "[printer] copies: it must be a whole number, not True"),
        ("[printer]\nspeed = 'fast'", "[printer] speed: it must be a number, not 'fast'"),
        ("[printer]\ntrays = [1]", "[printer] trays: it must be an array of strings, not [1]"),
        ("[printer]\nnames = 'red'", "[printer] names: it must be a table of strings, not 'red'"),
        ("printer = 3", "printer: it must be a table"),
        ("[plotter]\npaper = 'A3'", "[plotter]: there is no such part"),
    ],
)
def test_a_wrong_setting_is_one_error_and_nothing_is_written(
    command: Command, model: Model, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "there.toml"
    file.write_text(text)
    ended = command("emit", "printer", model, "--output", tmp_path / "out", "--environment", file)
    assert ended.code == 1
    assert f"environment file {file}: {message}" in ended.err
    assert not (tmp_path / "out").exists()


def test_an_emitter_that_nobody_brings_is_told(command: Command, model: Model, tmp_path: Path) -> None:
    ended = command("emit", "print", model, "--output", tmp_path / "out")
    assert ended.code == 64
    assert "nothing emits 'print'" in ended.err
    assert "did you mean 'printer'?" in ended.err
