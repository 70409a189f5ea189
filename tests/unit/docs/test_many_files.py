"""The model over many files that the page shows is one that works."""

from pathlib import Path

from datasurface.environment import Environment
from datasurface.operations.checkout import ModelFolder
from datasurface.operations.model import validate
from datasurface.plugins.manager import installed_plugins
from tests.unit.docs.markdown import blocks, page, text_of


def _folder(path: Path) -> Path:
    for block in blocks(page("model.md")):
        if block.mark.startswith("file: "):
            file = path / block.mark.removeprefix("file: ")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
    return path


def test_it_loads_and_has_no_finding(tmp_path: Path) -> None:
    validation = validate(ModelFolder(_folder(tmp_path)), installed_plugins(), Environment())
    assert validation.findings == ()
    assert validation.ecosystem is not None
    assert [team.name for team in validation.ecosystem.teams()] == ["team1", "team2"]


def test_a_finding_is_in_the_file_of_the_team(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    file = folder / "zones" / "usa" / "team2.py"
    file.write_text(text_of(file).replace('"Shop", "products"', '"Shop", "product"'), encoding="utf-8")
    [finding] = validate(ModelFolder(folder), installed_plugins(), Environment()).findings
    assert finding.code == "DS302"
    assert finding.source is not None
    assert (finding.source.file, finding.source.line) == ("zones/usa/team2.py", 13)


def test_every_file_of_the_layout_is_shown() -> None:
    [layout] = [block.text for block in blocks(page("model.md"), "text") if "dsg_platform_mapping.json" in block.text]
    shown = {block.mark.removeprefix("file: ") for block in blocks(page("model.md")) if block.mark.startswith("file: ")}
    assert {line.split()[0] for line in layout.splitlines()} == shown
